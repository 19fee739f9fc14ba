#include "ops.hpp"
#include <xgrad/ops/recurrence.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

double sigma(double x) { return 1 / (1 + std::exp(-x)); }

/** a[n, k] = u[t, n, k] and Σ_j h[n, j]·w[k, j], apart. */
template <class T>
struct Sums
{
    const Array<T>&u, &w;

    double input(std::size_t t, std::size_t n, std::size_t k) const { return static_cast<double>(u(t, n, k)); }
    double state(const Array<double>& h, std::size_t n, std::size_t k) const
    {
        double sum = 0;
        for (std::size_t j = 0; j < w.shape()[1]; ++j)
            sum += static_cast<double>(w(k, j)) * h(n, j);
        return sum;
    }
};

template <class T>
Array<double> in_double(const Array<T>& x)
{
    return Array<double>(xt::cast<double>(x));
}

const std::vector<std::array<std::size_t, 3>> sizes = {{1, 1, 1}, {3, 2, 4}, {5, 3, 17}, {2, 1, 2}, {4, 0, 3}};

} // namespace

TEST_CASE_TEMPLATE("elman has the values of plain loops", T, float, double)
{
    for (const auto& size : sizes)
        for (const bool rectified : {false, true}) {
            const std::size_t steps = size[0], samples = size[1], width = size[2];
            CAPTURE(to_string(Shape{steps, samples, width}));
            const Array<T> u = numbers<T>({steps, samples, width}), w = numbers<T>({width, width}, -1, 1, 2);
            const Array<T> first = numbers<T>({samples, width}, -1, 1, 3);
            Array<T> expected = empty_array<T>({steps, samples, width});
            Array<double> h = in_double(first);
            for (std::size_t t = 0; t < steps; ++t) {
                const Array<double> before = h;
                for (std::size_t n = 0; n < samples; ++n)
                    for (std::size_t k = 0; k < width; ++k) {
                        const double a = Sums<T>{u, w}.input(t, n, k) + Sums<T>{u, w}.state(before, n, k);
                        h(n, k) = rectified ? std::max(a, 0.0) : std::tanh(a);
                        expected(t, n, k) = static_cast<T>(h(n, k));
                    }
            }
            const auto x = [](const Array<T>& array) { return constant(Array<T>(array)); };
            check_close(elman(x(u), x(w), x(first), rectified).value(), expected, 20 * few_roundings<T>);
        }
}

TEST_CASE_TEMPLATE("lstm has the values of plain loops", T, float, double)
{
    for (const auto& size : sizes) {
        const std::size_t steps = size[0], samples = size[1], width = size[2];
        CAPTURE(to_string(Shape{steps, samples, width}));
        const Array<T> u = numbers<T>({steps, samples, 4 * width}), w = numbers<T>({4 * width, width}, -1, 1, 2);
        const Array<T> first = numbers<T>({samples, width}, -1, 1, 3), cells = numbers<T>({samples, width}, -1, 1, 4);
        const Sums<T> sums{u, w};
        Array<T> expected = empty_array<T>({steps, samples, width});
        Array<double> h = in_double(first), c = in_double(cells);
        for (std::size_t t = 0; t < steps; ++t) {
            const Array<double> before = h;
            for (std::size_t n = 0; n < samples; ++n)
                for (std::size_t k = 0; k < width; ++k) {
                    const auto a = [&](std::size_t part) {
                        return sums.input(t, n, part * width + k) + sums.state(before, n, part * width + k);
                    };
                    c(n, k) = sigma(a(1)) * c(n, k) + sigma(a(0)) * std::tanh(a(2));
                    h(n, k) = sigma(a(3)) * std::tanh(c(n, k));
                    expected(t, n, k) = static_cast<T>(h(n, k));
                }
        }
        const auto x = [](const Array<T>& array) { return constant(Array<T>(array)); };
        const auto [outputs, last] = lstm(x(u), x(w), x(first), x(cells));
        check_close(outputs.value(), expected, 20 * few_roundings<T>);
        check_close(last.value(), Array<T>(xt::cast<T>(c)), 20 * few_roundings<T>);
    }
}

TEST_CASE_TEMPLATE("gru has the values of plain loops", T, float, double)
{
    for (const auto& size : sizes) {
        const std::size_t steps = size[0], samples = size[1], width = size[2];
        CAPTURE(to_string(Shape{steps, samples, width}));
        const Array<T> u = numbers<T>({steps, samples, 3 * width}), w = numbers<T>({3 * width, width}, -1, 1, 2);
        const Array<T> b = numbers<T>({3 * width}, -1, 1, 5), first = numbers<T>({samples, width}, -1, 1, 3);
        const Sums<T> sums{u, w};
        Array<T> expected = empty_array<T>({steps, samples, width});
        Array<double> h = in_double(first);
        for (std::size_t t = 0; t < steps; ++t) {
            const Array<double> before = h;
            for (std::size_t m = 0; m < samples; ++m)
                for (std::size_t k = 0; k < width; ++k) {
                    const auto p = [&](std::size_t part) {
                        return sums.state(before, m, part * width + k) + static_cast<double>(b(part * width + k));
                    };
                    const double r = sigma(sums.input(t, m, k) + p(0)), z = sigma(sums.input(t, m, width + k) + p(1));
                    const double n = std::tanh(sums.input(t, m, 2 * width + k) + r * p(2));
                    h(m, k) = (1 - z) * n + z * before(m, k);
                    expected(t, m, k) = static_cast<T>(h(m, k));
                }
        }
        const auto x = [](const Array<T>& array) { return constant(Array<T>(array)); };
        check_close(gru(x(u), x(w), x(b), x(first)).value(), expected, 20 * few_roundings<T>);
    }
}

TEST_CASE("recurrences that cannot be")
{
    const auto x = [](const Shape& shape) { return leaf<double>(shape); };
    check_shape_error([&] { elman(x({0, 2, 3}), x({3, 3}), x({2, 3})); }, {"[elman]", "no steps"});
    check_shape_error([&] { elman(x({1, 2, 3}), x({3, 2}), x({2, 3})); }, {"[elman]", "(1,2,3)", "(3,2)", "(T, N, H)"});
    check_shape_error([&] { elman(x({1, 2, 3}), x({3, 3}), x({3, 3})); }, {"[elman]"});
    check_shape_error([&] { elman(x({2, 3}), x({3, 3}), x({2, 3})); }, {"[elman]"});
    check_shape_error([&] { elman(x({1, 2, 3}), x({3, 3}), x({3})); }, {"[elman]"});
    check_shape_error([&] { lstm(x({1, 2, 8}), x({8, 2}), x({2, 2}), x({2, 3})); }, {"[lstm]", "(2,3)", "c (N, H)"});
    check_shape_error([&] { lstm(x({1, 2, 6}), x({6, 2}), x({2, 2}), x({2, 2})); }, {"[lstm]", "4H"});
    check_shape_error([&] { lstm(x({0, 2, 8}), x({8, 2}), x({2, 2}), x({2, 2})); }, {"[lstm]", "no steps"});
    check_shape_error([&] { gru(x({1, 2, 6}), x({6, 2}), x({5}), x({2, 2})); }, {"[gru]", "(5)", "b (3H)"});
    check_shape_error([&] { gru(x({0, 2, 6}), x({6, 2}), x({6}), x({2, 2})); }, {"[gru]", "no steps"});
}
