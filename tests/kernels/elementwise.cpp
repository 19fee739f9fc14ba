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
using xgrad::test::on_every_architecture;

namespace
{

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

template <class T>
bool same_bits(T a, T b)
{
    return std::memcmp(&a, &b, sizeof(T)) == 0;
}

template <class T>
std::vector<T> uniform(std::size_t n, double low, double high, unsigned seed = 1)
{
    std::mt19937 engine(seed);
    std::uniform_real_distribution<double> distribution(low, high);
    std::vector<T> values(n);
    for (T& value : values)
        value = static_cast<T>(distribution(engine));
    return values;
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
        if (!std::isnan(value)) // some are signalling, and pow(x, 0) of these is not 1
            values.push_back(value);
    }
    return values;
}

struct UnaryCase
{
    std::string name;
    Unary function;
    double a, b, low, high; // parameters, and where to take the arguments from
    std::function<long double(long double)> exact;
    double tolerance; // in ulp
};

const std::vector<UnaryCase>& unary_cases()
{
    using L = long double;
    static const std::vector<UnaryCase> cases = {
        {"reciprocal", Unary::reciprocal, 0, 0, -5, 5, [](L x) { return 1 / x; }, 0.51},
        {"exp", Unary::exp, 0, 0, -110, 90, [](L x) { return std::exp(x); }, 1.5},
        {"log", Unary::log, 0, 0, -1, 100, [](L x) { return std::log(x); }, 1.5},
        {"log1p", Unary::log1p, 0, 0, -1.1, 3, [](L x) { return std::log1p(x); }, 1.5},
        {"sqrt", Unary::sqrt, 0, 0, -1, 100, [](L x) { return std::sqrt(x); }, 0.51},
        {"abs", Unary::abs, 0, 0, -3, 3, [](L x) { return std::abs(x); }, 0},
        {"sign", Unary::sign, 0, 0, -3, 3, [](L x) { return x > 0   ? 1
                                                            : x < 0 ? -1
                                                                    : x; }, 0},
        {"square", Unary::square, 0, 0, -3, 3, [](L x) { return x * x; }, 0.51},
        {"sin", Unary::sin, 0, 0, -50, 50, [](L x) { return std::sin(x); }, 1},
        {"cos", Unary::cos, 0, 0, -50, 50, [](L x) { return std::cos(x); }, 1},
        {"tanh", Unary::tanh, 0, 0, -20, 20, [](L x) { return std::tanh(x); }, 1.5},
        {"sigmoid", Unary::sigmoid, 0, 0, -110, 110,
         [](L x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); }, 3},
        {"softplus", Unary::softplus, 0, 0, -110, 110,
         [](L x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }, 3},
        {"relu", Unary::relu, 0, 0, -3, 3, [](L x) { return x <= 0 ? 0 : x; }, 0},
        {"leaky_relu", Unary::leaky_relu, 0.25, 0, -3, 3, [](L x) { return x > 0 ? x : 0.25L * x; }, 0.51},
        {"power 2", Unary::power, 2, 0, -3, 3, [](L x) { return x * x; }, 1},
        {"power -3", Unary::power, -3, 0, -3, 3, [](L x) { return 1 / (x * x * x); }, 1},
        {"power 0", Unary::power, 0, 0, -3, 3, [](L) { return 1; }, 0},
        {"power 1.5", Unary::power, 1.5, 0, -3, 3, [](L x) { return std::pow(x, 1.5L); }, 1},
        {"clip", Unary::clip, -0.5, 1.5, -3, 3, [](L x) { return x < -0.5L  ? -0.5L
                                                                 : x > 1.5L ? 1.5L
                                                                            : x; }, 0},
        {"step", Unary::step, 0.5, 0, -3, 3, [](L x) { return x > 0.5L ? 1 : 0; }, 0},
        {"inside", Unary::inside, -0.5, 1.5, -3, 3, [](L x) { return x >= -0.5L && x <= 1.5L ? 1 : 0; }, 0},
    };
    return cases;
}

template <class T>
void check_accuracy(const UnaryCase& each, const std::vector<T>& x)
{
    std::vector<long double> exact(x.size());
    std::transform(x.begin(), x.end(), exact.begin(), [&](T v) { return each.exact(static_cast<long double>(v)); });
    on_every_architecture([&] {
        std::vector<T> y(x.size());
        table<T>().unary(each.function, x.data(), y.data(), x.size(), static_cast<T>(each.a), static_cast<T>(each.b));
        double worst = 0;
        T where = 0;
        for (std::size_t i = 0; i < x.size(); ++i)
            if (const double distance = ulps(y[i], exact[i]); distance > worst) {
                worst = distance;
                where = x[i];
            }
        CAPTURE(each.name);
        CAPTURE(where);
        CHECK(worst <= each.tolerance);
    });
}

} // namespace

TEST_CASE_TEMPLATE("unary functions are accurate where they are used", T, float, double)
{
    for (const UnaryCase& each : unary_cases())
        check_accuracy(each, uniform<T>(20'000, each.low, each.high));
}

TEST_CASE_TEMPLATE("unary functions are accurate for numbers of every size, infinities and NaN", T, float, double)
{
    const auto x = of_every_exponent<T>(20'000);
    for (const UnaryCase& each : unary_cases())
        check_accuracy(each, x);
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

TEST_CASE_TEMPLATE("affine and scaled_tanh use their parameters", T, float, double)
{
    const auto x = uniform<T>(101, -4, 4);
    on_every_architecture([&] {
        std::vector<T> y(x.size());
        table<T>().unary(Unary::affine, x.data(), y.data(), x.size(), T(-1.5), T(0.75));
        for (std::size_t i = 0; i < x.size(); ++i)
            CHECK(y[i] == doctest::Approx(-1.5 * double(x[i]) + 0.75).epsilon(1e-6));
        table<T>().unary(Unary::scaled_tanh, x.data(), y.data(), x.size(), T(1.7159), T(2.0 / 3));
        for (std::size_t i = 0; i < x.size(); ++i)
            CHECK(y[i] == doctest::Approx(1.7159 * std::tanh(2.0 / 3 * double(x[i]))).epsilon(1e-6));
    });
}

TEST_CASE_TEMPLATE("an element's value does not depend on its position, its neighbours or the length", T, float, double)
{
    const auto x = uniform<T>(131, 0.01, 8);
    for (const UnaryCase& each : unary_cases())
        on_every_architecture([&] {
            CAPTURE(each.name);
            const auto apply = [&](const T* from, T* to, std::size_t n) {
                table<T>().unary(each.function, from, to, n, T(each.a), T(each.b));
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
        for (const Unary function : {Unary::tanh, Unary::sqrt, Unary::sin, Unary::reciprocal, Unary::sign}) {
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
                table<double>().unary(Unary::power, &base, &y, 1, exponent, 0);
                const double expected = std::pow(base, exponent);
                const bool agree = y == expected || (std::isnan(y) && std::isnan(expected));
                CAPTURE(base);
                CAPTURE(exponent);
                CHECK(agree);
            }
    });
}

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
        for (const std::size_t columns : {1u, 2u, 3u, 7u, 10u, 16u, 17u, 33u, 100u, 130u}) {
            const std::size_t rows = 5;
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
