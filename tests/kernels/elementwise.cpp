#include "functions.hpp"
#include "kernels.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/kernels/table.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

using namespace xgrad;
using namespace xgrad::kernels;
using xgrad::test::function_rows;
using xgrad::test::FunctionRow;
using xgrad::test::on_every_architecture;
using xgrad::test::uniform;

namespace
{

bool reads_result(Unary function)
{
    switch (function) {
#define XGRAD_ROW(name, ...)                                                                                           \
    case Unary::name:                                                                                                  \
        return Function<Unary::name>::reads_result;
        XGRAD_FUNCTIONS(XGRAD_ROW)
        XGRAD_FUNCTIONS_OF_NUMBERS(XGRAD_ROW)
#undef XGRAD_ROW
    default:
        return false;
    }
}

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

template <class T>
bool same_bits(T a, T b)
{
    return std::memcmp(&a, &b, sizeof(T)) == 0;
}

/** The distance of `value` from the exact result in units of the last place of T. */
template <class T>
double ulps(T value, long double exact)
{
    const T rounded = static_cast<T>(exact);
    if (std::isnan(rounded) || std::isnan(value))
        return std::isnan(rounded) && std::isnan(value) ? 0 : infinity;
    if (std::isinf(rounded) || std::isinf(value))
        return rounded == value ? 0 : infinity;
    const T magnitude = std::max(std::abs(rounded), std::numeric_limits<T>::min());
    const T ulp = std::nextafter(magnitude, std::numeric_limits<T>::infinity()) - magnitude;
    return static_cast<double>(std::abs(static_cast<long double>(value) - exact) / static_cast<long double>(ulp));
}

/** Numbers of every exponent and both signs, subnormal ones, zeros, infinities and NaN among them. */
template <class T>
std::vector<T> of_every_exponent(std::size_t n)
{
    std::mt19937_64 engine(7);
    std::vector<T> values = {T(0), T(-0.0), T(infinity), T(-infinity), T(not_a_number), T(1), T(-1)};
    while (values.size() < n) {
        using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
        const Bits bits = static_cast<Bits>(engine());
        T value;
        std::memcpy(&value, &bits, sizeof(T));
        if (!std::isnan(value)) // some NaNs are signalling, and their pow(x, 0) is not 1
            values.push_back(value);
    }
    return values;
}

template <class T>
void check_accuracy(const FunctionRow& row, const std::vector<T>& x)
{
    std::vector<long double> exact(x.size());
    std::transform(x.begin(), x.end(), exact.begin(), [&](T v) { return row.value(static_cast<long double>(v)); });
    on_every_architecture([&] {
        std::vector<T> y(x.size());
        table<T>().unary(row.function, x.data(), y.data(), x.size(), static_cast<T>(row.a), static_cast<T>(row.b));
        double worst = 0;
        T where = 0;
        for (std::size_t i = 0; i < x.size(); ++i)
            if (const double distance = ulps(y[i], exact[i]); distance > worst) {
                worst = distance;
                where = x[i];
            }
        CAPTURE(row.name);
        CAPTURE(where);
        CHECK(worst <= row.ulp);
    });
}

} // namespace

TEST_CASE_TEMPLATE("unary functions are accurate where they are used", T, float, double)
{
    for (const FunctionRow& row : function_rows())
        check_accuracy(row, uniform<T>(20'000, row.low, row.high));
}

TEST_CASE_TEMPLATE("unary functions are accurate for numbers of every size, infinities and NaN", T, float, double)
{
    const auto x = of_every_exponent<T>(20'000);
    for (const FunctionRow& row : function_rows())
        check_accuracy(row, x);
}

namespace
{

/** The largest error of tanh and exp in ulp, over every `stride`-th float on every instruction set. */
double worst_of_floats(Unary function, std::uint32_t stride)
{
    constexpr std::size_t block = std::size_t{1} << 16;
    double worst = 0;
    std::vector<float> x, y(block);
    std::vector<double> exact(block);
    const auto check = [&] {
        std::transform(x.begin(), x.end(), exact.begin(),
                       [&](float v) { return function == Unary::tanh ? std::tanh(double{v}) : std::exp(double{v}); });
        on_every_architecture([&] {
            table<float>().unary(function, x.data(), y.data(), x.size(), 0, 0);
            for (std::size_t i = 0; i < x.size(); ++i)
                worst = std::max(worst, ulps(y[i], static_cast<long double>(exact[i])));
        });
        x.clear();
    };
    for (std::uint64_t bits = 0; bits < std::uint64_t{1} << 32; bits += stride) {
        const auto pattern = static_cast<std::uint32_t>(bits);
        float value;
        std::memcpy(&value, &pattern, sizeof value);
        x.push_back(value);
        if (x.size() == block)
            check();
    }
    check();
    return worst;
}

} // namespace

TEST_CASE("float tanh and exp are within 1.5 ulp over a million floats")
{
    CHECK(worst_of_floats(Unary::tanh, 4093) <= 1.5);
    CHECK(worst_of_floats(Unary::exp, 4093) <= 1.5);
}

// xgrad_tests --no-skip --test-case="*over all floats"
TEST_CASE("float tanh and exp are within 1.5 ulp over all floats" * doctest::skip())
{
    for (const Unary function : {Unary::tanh, Unary::exp}) {
        const double worst = worst_of_floats(function, 1);
        MESSAGE(std::string(function == Unary::tanh ? "tanh: " : "exp: ") << worst << " ulp");
        CHECK(worst <= 1.5);
    }
}

TEST_CASE_TEMPLATE("the gradients of unary functions are those of the calculus book, in place too", T, float, double)
{
    for (const FunctionRow& row : function_rows()) {
        if (row.steps)
            continue;
        CAPTURE(row.name);
        const auto x = uniform<T>(131, row.low, row.high), g = uniform<T>(131, -2, 2, 2);
        on_every_architecture([&] {
            for (std::size_t n = 0; n <= 131; ++n) {
                std::vector<T> y(n), gradient(g.begin(), g.begin() + static_cast<std::ptrdiff_t>(n));
                table<T>().unary(row.function, x.data(), y.data(), n, T(row.a), T(row.b));
                const std::vector<T>& at = reads_result(row.function) ? y : x;
                table<T>().unary_gradient(row.function, gradient.data(), at.data(), gradient.data(), n, T(row.a),
                                          T(row.b));
                std::size_t wrong = 0;
                for (std::size_t i = 0; i < n; ++i) {
                    const double expected = double(g[i]) * double(row.slope(static_cast<long double>(x[i])));
                    const double scale = std::max(1.0, std::abs(expected)) * (sizeof(T) == 4 ? 2e-6 : 1e-14);
                    wrong += !(std::abs(double(gradient[i]) - expected) <= scale);
                }
                CHECK(wrong == 0);
            }
        });
    }
}

TEST_CASE("every function of one element has a row among what it is tested with")
{
    for (int f = 0; f <= static_cast<int>(Unary::inside); ++f) {
        const auto is_of_f = [&](const FunctionRow& row) { return static_cast<int>(row.function) == f; };
        const auto& rows = function_rows();
        CHECK_MESSAGE(std::any_of(rows.begin(), rows.end(), is_of_f), "no row for function ", f);
    }
}

TEST_CASE_TEMPLATE("an element's value does not depend on its position, its neighbours or the length", T, float, double)
{
    const auto x = uniform<T>(131, 0.01, 8);
    for (const FunctionRow& row : function_rows())
        on_every_architecture([&] {
            CAPTURE(row.name);
            const auto apply = [&](const T* from, T* to, std::size_t n) {
                table<T>().unary(row.function, from, to, n, T(row.a), T(row.b));
            };
            std::vector<T> alone(x.size());
            for (std::size_t i = 0; i < x.size(); ++i)
                apply(&x[i], &alone[i], 1);
            std::size_t wrong = 0;
            for (std::size_t n = 0; n <= 130; ++n) {
                std::vector<T> y(n + 2, T(77)), in_place(x.begin(), x.end());
                apply(x.data() + 1, y.data() + 1, n);
                apply(in_place.data() + 1, in_place.data() + 1, n);
                for (std::size_t i = 1; i <= n; ++i)
                    wrong += !same_bits(y[i], alone[i]) || !same_bits(in_place[i], alone[i]);
                wrong += y.front() != T(77) || y.back() != T(77);
            }
            CHECK(wrong == 0);
        });
}

TEST_CASE_TEMPLATE("signed zeros keep their sign where the function does", T, float, double)
{
    on_every_architecture([&] {
        for (const Unary function : {Unary::tanh, Unary::sqrt, Unary::sin, Unary::sign}) {
            CAPTURE(static_cast<int>(function));
            const T x[] = {T(-0.0), T(0)};
            T y[2];
            table<T>().unary(function, x, y, 2, T(0), T(0));
            CHECK(std::signbit(y[0]));
            CHECK_FALSE(std::signbit(y[1]));
        }
    });
}

TEST_CASE_TEMPLATE("binary functions equal plain loops for every length and kind of operands", T, float, double)
{
    struct Case
    {
        Binary function;
        std::function<T(T, T)> expected;
    };
    const std::vector<Case> cases = {
        {Binary::add, [](T a, T b) { return a + b; }},
        {Binary::subtract, [](T a, T b) { return a - b; }},
        {Binary::multiply, [](T a, T b) { return a * b; }},
        {Binary::divide, [](T a, T b) { return a / b; }},
        {Binary::maximum, [](T a, T b) { return std::isnan(a)   ? a
                                                : std::isnan(b) ? b
                                                : a > b         ? a
                                                                : b; }},
        {Binary::minimum, [](T a, T b) { return std::isnan(a)   ? a
                                                : std::isnan(b) ? b
                                                : a < b         ? a
                                                                : b; }},
        {Binary::power, [](T a, T b) { return std::pow(a, b); }},
        {Binary::greater, [](T a, T b) { return T(a > b); }},
        {Binary::greater_or_equal, [](T a, T b) { return T(a >= b); }},
    };
    auto a = uniform<T>(131, -3, 3, 1), b = uniform<T>(131, -3, 3, 2);
    for (std::size_t i = 3; i < a.size(); i += 17) {
        a[i] = T(not_a_number);
        b[i + 1 < b.size() ? i + 1 : i] = T(not_a_number);
        b[i - 1] = a[i - 1]; // equal operands
        b[i - 2] = T(infinity);
    }
    for (const Case& each : cases)
        on_every_architecture([&] {
            CAPTURE(static_cast<int>(each.function));
            std::size_t wrong = 0;
            for (std::size_t n = 0; n <= 130; ++n)
                for (const auto operands : {Operands::vector_vector, Operands::vector_scalar, Operands::scalar_vector})
                    for (int alias = 0; alias < 3; ++alias) {
                        std::vector<T> left = a, right = b, y(n + 1, T(77));
                        T* to = alias == 1 ? left.data() : alias == 2 ? right.data() : y.data();
                        if ((alias == 1 && operands == Operands::scalar_vector) ||
                            (alias == 2 && operands == Operands::vector_scalar))
                            continue;
                        table<T>().binary(each.function, operands, left.data(), right.data(), to, n);
                        for (std::size_t i = 0; i < n; ++i) {
                            const T expected = each.expected(a[operands == Operands::scalar_vector ? 0 : i],
                                                             b[operands == Operands::vector_scalar ? 0 : i]);
                            wrong += !(to[i] == expected || (std::isnan(to[i]) && std::isnan(expected)));
                        }
                        wrong += alias == 0 && y[n] != T(77);
                    }
            CHECK(wrong == 0);
        });
}

TEST_CASE("power follows the C library for negative bases, zeros and infinities")
{
    const double bases[] = {-2, -1, -0.0, 0, 0.5, 1, 3, infinity, -infinity, not_a_number};
    on_every_architecture([&] {
        for (const double base : bases)
            for (const double exponent : {-3.0, -2.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, infinity, not_a_number}) {
                double y = 0;
                table<double>().unary(Unary::pow, &base, &y, 1, exponent, 0);
                const double expected = std::pow(base, exponent);
                const bool agree = y == expected || (std::isnan(y) && std::isnan(expected));
                CAPTURE(base);
                CAPTURE(exponent);
                CHECK(agree);
            }
    });
}

TEST_CASE("an instruction set that does not exist is an error that names the choices")
{
    const std::string before = architecture();
    try {
        use_architecture("abacus");
        FAIL("accepted");
    } catch (const Error& error) {
        const std::string message = error.what();
        CHECK(message.find("'abacus'") != std::string::npos);
        CHECK(message.find("baseline") != std::string::npos);
    }
    CHECK(architecture() == before);
}
