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

/** Checks a function on every instruction set, at every `stride`-th float. */
void check_floats(const FunctionRow& row, std::uint32_t stride)
{
    constexpr std::size_t block = std::size_t{1} << 16;
    std::vector<float> x;
    for (std::uint64_t bits = 0; bits < std::uint64_t{1} << 32; bits += stride) {
        const auto pattern = static_cast<std::uint32_t>(bits);
        float value;
        std::memcpy(&value, &pattern, sizeof value);
        x.push_back(value);
        if (x.size() == block) {
            check_accuracy(row, x);
            x.clear();
        }
    }
    check_accuracy(row, x);
}

bool is_precise(const FunctionRow& row) { return row.ulp > 0 && row.ulp <= 2; }

} // namespace

TEST_CASE("functions of floats are within 2 ulp over 200,000 floats")
{
    for (const FunctionRow& row : function_rows())
        if (is_precise(row))
            check_floats(row, 20'929);
}

TEST_CASE("ln Γ and its first two derivatives are within 1 ulp for positive floats")
{
    std::vector<float> x;
    for (std::uint32_t bits = 1; bits < 0x7f80'0000; bits += 20'929)
        x.push_back(__builtin_bit_cast(float, bits));
    for (FunctionRow row : function_rows())
        if (row.function == Unary::lgamma || row.function == Unary::digamma || row.function == Unary::polygamma) {
            row.ulp = 1;
            check_accuracy(row, x);
        }
}

// xgrad_tests --no-skip --test-case="*over all floats": some hours
TEST_CASE("functions of floats are within 2 ulp over all floats" * doctest::skip())
{
    for (const FunctionRow& row : function_rows())
        if (is_precise(row)) {
            MESSAGE(row.name);
            check_floats(row, 1);
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
                            wrong += !(ulps(to[i], static_cast<long double>(expected)) <=
                                       (each.function == Binary::power ? 2 : 0));
                        }
                        wrong += alias == 0 && y[n] != T(77);
                    }
            CHECK(wrong == 0);
        });
}

TEST_CASE_TEMPLATE("power follows the C library for negative bases, zeros and infinities", T, float, double)
{
    const std::vector<double> bases = {-2, -1, -0.0, 0, 0.5, 1, 3, -7.5, 1e-310, infinity, -infinity, not_a_number};
    const std::vector<double> exponents = {-3,       -2,        -1,           -0.5,   -0.0,  0,      0.5,       1,
                                           1.5,      2,         2.5,          1. / 3, 3,     4,      7,         300,
                                           infinity, -infinity, not_a_number, -5,     -1e17, 0x1p53, 0x1p52 + 1};
    on_every_architecture([&] {
        for (const double base : bases)
            for (const double exponent : exponents) {
                const T x = static_cast<T>(base), p = static_cast<T>(exponent);
                T by_number = 0, by_array = 0;
                table<T>().unary(Unary::pow, &x, &by_number, 1, p, 0);
                table<T>().binary(Binary::power, Operands::vector_vector, &x, &p, &by_array, 1);
                const long double exact = std::pow(static_cast<long double>(x), static_cast<long double>(p));
                CAPTURE(x);
                CAPTURE(p);
                for (const T y : {by_number, by_array}) {
                    CHECK(ulps(y, exact) <= 2);
                    CHECK((std::isnan(y) || std::signbit(y) == std::signbit(exact)));
                }
            }
    });
}

TEST_CASE_TEMPLATE("powers are within 2 ulp for bases and exponents of every size", T, float, double)
{
    constexpr std::size_t count = 20'000;
    std::vector<T> x = of_every_exponent<T>(count), p = uniform<T>(count, -20, 20, 3), y(count);
    for (std::size_t i = 0; i < count; i += 2) // near 1, so that large exponents come to a finite power
        x[i] = 1 + x[i] / (1 + std::abs(x[i])) / 64, p[i] *= 100;
    for (std::size_t i = 0; i < count; i += 7)
        p[i] = std::round(p[i]);
    on_every_architecture([&] {
        table<T>().binary(Binary::power, Operands::vector_vector, x.data(), p.data(), y.data(), count);
        double worst = 0;
        for (std::size_t i = 0; i < count; ++i)
            worst =
                std::max(worst, ulps(y[i], std::pow(static_cast<long double>(x[i]), static_cast<long double>(p[i]))));
        CHECK(worst <= 2);
    });
}

TEST_CASE_TEMPLATE("powers, roots and logarithms that are whole numbers are exact", T, float, double)
{
    constexpr T largest = 2 / std::numeric_limits<T>::epsilon();
    on_every_architecture([] {
        for (T base = 1; base <= 100; ++base) {
            T power = 1;
            for (T exponent = 0; power <= largest; ++exponent, power *= base) {
                T y = 0;
                table<T>().binary(Binary::power, Operands::vector_vector, &base, &exponent, &y, 1);
                CHECK(y == power);
                if (base == 1)
                    break;
                const auto check = [&](Unary function, T x, T expected) {
                    table<T>().unary(function, &x, &y, 1, 0, 0);
                    CHECK(y == expected);
                };
                if (exponent == 3)
                    check(Unary::cbrt, -power, -base);
                if (base == 2)
                    check(Unary::log2, power, exponent), check(Unary::exp2, exponent, power);
                if (base == 10)
                    check(Unary::log10, power, exponent);
            }
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
