#include "kernels.hpp"
#include <xgrad/kernels/table.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

using namespace xgrad;
using namespace xgrad::kernels;
using xgrad::test::on_every_architecture;
using xgrad::test::uniform;

namespace
{

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

} // namespace

TEST_CASE_TEMPLATE("sum, dot and maximum equal plain loops for every length", T, float, double)
{
    const auto a = uniform<T>(20'000, -1, 1, 3), b = uniform<T>(20'000, -1, 1, 4);
    const double tolerance = sizeof(T) == 4 ? 1e-6 : 1e-14;
    std::vector<std::size_t> sizes = {1023, 1024, 4095, 4096, 4097, 8193, 19'999};
    for (std::size_t n = 0; n <= 130; ++n)
        sizes.push_back(n);
    on_every_architecture([&] {
        for (const std::size_t n : sizes) {
            CAPTURE(n);
            long double total = 0, product = 0;
            T largest = T(-infinity);
            for (std::size_t i = 0; i < n; ++i) {
                total += static_cast<long double>(a[i]);
                product += static_cast<long double>(a[i]) * static_cast<long double>(b[i]);
                largest = a[i] > largest ? a[i] : largest;
            }
            const double scale = tolerance * std::sqrt(double(n) + 1);
            CHECK(std::abs(double(table<T>().sum(a.data(), n)) - double(total)) <= scale);
            CHECK(std::abs(double(table<T>().dot(a.data(), b.data(), n)) - double(product)) <= scale);
            CHECK(table<T>().maximum(a.data(), n) == largest);
        }
    });
}

TEST_CASE_TEMPLATE("maximum finds a NaN or the largest element at every place", T, float, double)
{
    on_every_architecture([&] {
        for (std::size_t n = 1; n <= 130; ++n) {
            CAPTURE(n);
            std::vector<T> x(n, T(-2));
            std::size_t wrong = 0;
            for (std::size_t i = 0; i < n; ++i) {
                x[i] = T(not_a_number);
                wrong += !std::isnan(table<T>().maximum(x.data(), n));
                x[i] = T(infinity);
                wrong += table<T>().maximum(x.data(), n) != T(infinity);
                x[i] = T(-1);
                wrong += table<T>().maximum(x.data(), n) != T(-1);
                x[i] = T(-2);
            }
            CHECK(wrong == 0);
        }
    });
}

TEST_CASE_TEMPLATE("the place of the maximum is that of the first one, or of the first NaN", T, float, double)
{
    std::vector<std::size_t> sizes = {4095, 4096, 4097, 8192, 8193, 20'000};
    for (std::size_t n = 1; n <= 130; ++n)
        sizes.push_back(n);
    on_every_architecture([&] {
        for (const std::size_t n : sizes) {
            CAPTURE(n);
            std::vector<T> x(n, T(-infinity));
            CHECK(table<T>().place_of_maximum(x.data(), n) == 0);
            std::size_t wrong = 0;
            for (std::size_t i = n; i-- > 0; i -= std::min(i, n / 150)) { // each one is before the others
                x[i] = 1;
                wrong += table<T>().place_of_maximum(x.data(), n) != i;
            }
            for (std::size_t i = 0; i < n; ++i)
                x[i] = T(i * 7919 % n); // small and large numbers in turns
            x[n / 3] = T(n);
            wrong += table<T>().place_of_maximum(x.data(), n) != n / 3;
            x[n - 1] = T(not_a_number);
            wrong += table<T>().place_of_maximum(x.data(), n) != n - 1;
            x[n / 2] = T(not_a_number);
            wrong += table<T>().place_of_maximum(x.data(), n) != n / 2;
            CHECK(wrong == 0);
        }
    });
}

TEST_CASE("a sum of ten million floats keeps its accuracy")
{
    const std::vector<float> x(10'000'000, 0.1f);
    const double exact = 1e7 * double{0.1f};
    on_every_architecture([&] {
        CHECK(std::abs(table<float>().sum(x.data(), x.size()) - exact) <= 1e-6 * exact);
        CHECK(std::abs(table<float>().dot(x.data(), x.data(), x.size()) - exact * double{0.1f}) <= 1e-7 * exact);
    });
}

TEST_CASE_TEMPLATE("softmax and log_softmax equal the definition, in place too", T, float, double)
{
    const double tolerance = sizeof(T) == 4 ? 3e-6 : 1e-14;
    for (const double shift : {0.0, 1000.0, -1000.0})
        for (const std::size_t columns : {1u, 2u, 3u, 7u, 10u, 16u, 17u, 33u, 100u, 130u, 1024u, 1025u}) {
            const std::size_t rows = columns == 17 || columns == 33 ? 35 : 5;
            const auto x = uniform<T>(rows * columns, shift - 5, shift + 5);
            on_every_architecture([&] {
                CAPTURE(columns);
                std::vector<T> y(x.size()), logs = x;
                table<T>().softmax(x.data(), y.data(), rows, columns);
                table<T>().log_softmax(logs.data(), logs.data(), rows, columns);
                for (std::size_t row = 0; row < rows; ++row) {
                    long double total = 0;
                    const long double offset = static_cast<long double>(shift);
                    for (std::size_t j = 0; j < columns; ++j)
                        total += std::exp(static_cast<long double>(x[row * columns + j]) - offset);
                    for (std::size_t j = 0; j < columns; ++j) {
                        const std::size_t i = row * columns + j;
                        const long double log_y = static_cast<long double>(x[i]) - offset - std::log(total);
                        CHECK(std::abs(double(logs[i]) - double(log_y)) <= 10 * tolerance);
                        CHECK(std::abs(double(y[i]) - double(std::exp(log_y))) <= tolerance);
                    }
                }
            });
        }
}

TEST_CASE_TEMPLATE("softmax gives an impossible class 0 and lets NaN through", T, float, double)
{
    on_every_architecture([&] {
        const T x[] = {T(0), T(-infinity), T(0), T(0), T(not_a_number), T(0)};
        T y[6];
        table<T>().softmax(x, y, 2, 3);
        CHECK(y[0] == T(0.5));
        CHECK(y[1] == 0);
        for (int i = 3; i < 6; ++i)
            CHECK(std::isnan(y[i]));
        table<T>().log_softmax(x, y, 2, 3);
        CHECK(y[0] == doctest::Approx(-std::log(2.0)));
        CHECK(y[1] == T(-infinity));
        for (int i = 3; i < 6; ++i)
            CHECK(std::isnan(y[i]));
    });
}
