#pragma once
// What the tests of bench/gradbench share: an eval's results, and derivatives of plain loops by dual numbers.

#include "bench/dual_number.hpp"
#include "bench/gradbench/protocol.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace xgrad::test
{

using gradbench::json;
using Numbers = std::vector<double>;
using Duals = std::vector<DualNumber>;

inline json result(const gradbench::Eval& eval, const std::string& function, const json& input)
{
    for (const gradbench::Function& each : eval.functions)
        if (each.name == function) {
            const gradbench::Computation computation = each.prepare(input);
            computation.compute();
            computation.compute(); // a second time must give the same
            return computation.output();
        }
    FAIL("no function " << function);
    return {};
}

inline Numbers flat(const json& lists)
{
    if (!lists.is_array())
        return {lists.get<double>()};
    Numbers all;
    for (const json& each : lists)
        for (const double x : flat(each))
            all.push_back(x);
    return all;
}

inline void check_close(const json& found, const Numbers& expected, double tolerance = 1e-11)
{
    const Numbers numbers = flat(found);
    REQUIRE(numbers.size() == expected.size());
    double largest = 1e-300;
    for (const double x : expected)
        largest = std::max(largest, std::abs(x));
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CAPTURE(i);
        CHECK(std::abs(numbers[i] - expected[i]) <= tolerance * largest);
    }
}

using Function = std::function<Duals(const Duals&)>;

/** ∂f/∂x, row by row. */
inline Numbers jacobian(const Function& f, const Numbers& x)
{
    Duals at(x.begin(), x.end());
    const std::size_t rows = f(at).size();
    Numbers matrix(rows * x.size());
    for (std::size_t k = 0; k < x.size(); ++k) {
        at[k].slope = 1;
        const Duals y = f(at);
        for (std::size_t i = 0; i < rows; ++i)
            matrix[i * x.size() + k] = y[i].slope;
        at[k].slope = 0;
    }
    return matrix;
}

inline Numbers values(const Function& f, const Numbers& x)
{
    Numbers result;
    for (const DualNumber& y : f(Duals(x.begin(), x.end())))
        result.push_back(y.value);
    return result;
}

class Draw
{
  public:
    explicit Draw(unsigned seed) : generator_(seed) {}
    Numbers numbers(std::size_t n, double low = -1, double high = 1)
    {
        Numbers x(n);
        for (double& each : x)
            each = std::uniform_real_distribution(low, high)(generator_);
        return x;
    }
    json matrix(std::size_t rows, std::size_t columns, double low = -1, double high = 1)
    {
        json lists = json::array();
        for (std::size_t i = 0; i < rows; ++i)
            lists.push_back(numbers(columns, low, high));
        return lists;
    }

  private:
    std::mt19937_64 generator_;
};

} // namespace xgrad::test
