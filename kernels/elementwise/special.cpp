#include <xgrad/kernels/elementwise/special.hpp>

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace xgrad::kernels::special
{

namespace
{

// Sums are taken in long double: their parts are larger than they.
using Long = long double;

constexpr Long pi = 3.14159265358979323846264338327950288L;

/** dⁿ/dxⁿ of π·cot πx. It is a polynomial in c = cot πx, since c' = −π(1 + c²). */
Long cotangent_derivative(int n, Long x)
{
    std::vector<Long> polynomial{0, pi};
    for (int order = 0; order < n; ++order) {
        std::vector<Long> next(polynomial.size() + 1);
        for (std::size_t power = 1; power < polynomial.size(); ++power) {
            const Long slope = -pi * static_cast<Long>(power) * polynomial[power];
            next[power - 1] += slope;
            next[power + 1] += slope;
        }
        polynomial = next;
    }
    const Long c = 1 / std::tan(pi * (x - std::round(x)));
    Long value = 0;
    for (std::size_t power = polynomial.size(); power-- > 0;)
        value = value * c + polynomial[power];
    return value;
}

Long factorial(int n) { return n < 2 ? 1 : static_cast<Long>(n) * factorial(n - 1); }

/** The asymptotic series, for x ≥ 16 + n. */
Long series(int n, Long x)
{
    // The Bernoulli numbers B₂, B₄, ….
    constexpr Long bernoulli[] = {1.L / 6,  -1.L / 30,     1.L / 42, -1.L / 30,
                                  5.L / 66, -691.L / 2730, 7.L / 6,  -3617.L / 510};
    if (n == 0) {
        Long sum = std::log(x) - 0.5L / x, power = 1;
        for (int k = 1; k <= 8; ++k)
            sum -= bernoulli[k - 1] / (2 * k * (power *= x * x));
        return sum;
    }
    // (−1)ⁿ⁺¹·((n − 1)!/xⁿ + n!/(2xⁿ⁺¹) + Σ B₂ₖ·(2k + n − 1)!/((2k)!·x²ᵏ⁺ⁿ))
    Long sum = 1 / static_cast<Long>(n) + 0.5L / x, factor = 1 / x; // over n!/xⁿ
    for (int k = 1; k <= 8; ++k) {
        factor *= (k == 1 ? n + 1.L : (2 * k + n - 2.L) * (2 * k + n - 1.L)) / ((2 * k - 1.L) * (2 * k));
        factor /= k == 1 ? x : x * x;
        sum += bernoulli[k - 1] * factor;
    }
    return (n % 2 == 0 ? -1 : 1) * sum * factorial(n) * std::pow(x, -n);
}

} // namespace

double log_gamma(double x)
{
    int sign = 0;
    return ::lgamma_r(x, &sign);
}

double polygamma(double order, double x)
{
    const int n = order >= 0 && order < 100 ? static_cast<int>(order) : -1;
    if (n != order || std::isnan(x) || (x <= 0 && x == std::floor(x)))
        return std::numeric_limits<double>::quiet_NaN();
    if (std::isinf(x))
        return n == 0 ? x : 0;
    const bool reflected = x < 0;
    Long place = reflected ? 1 - static_cast<Long>(x) : static_cast<Long>(x), sum = 0;
    for (; place < 16 + n; ++place)
        sum += std::pow(place, -(n + 1));
    Long value = series(n, place) - (n % 2 == 0 ? sum : -sum) * factorial(n);
    if (reflected)
        value = (n % 2 == 0 ? value : -value) - cotangent_derivative(n, x);
    return static_cast<double>(value);
}

} // namespace xgrad::kernels::special
