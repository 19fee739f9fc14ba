#pragma once
// Logarithms, powers and roots, and the inverses of the hyperbolic functions, of one SIMD register: see vector.hpp, and
// trigonometric.hpp for why none is inlined.

#include <xgrad/kernels/elementwise/doubles.hpp>
#include <xgrad/kernels/elementwise/exponential.hpp>

#include <cstdint>
#include <limits>

namespace xgrad::kernels::vector
{

// The next two are xsimd's. They are not inlined: the code around them would decide which of their products and sums
// the compiler fuses, and an element's value would depend on its position.

template <class T>
[[gnu::noinline]] Vector<T> log(Vector<T> x)
{
    if constexpr (is_float<T>)
        return xsimd::log(x);
    // xsimd's is wrong for subnormal doubles.
    const auto tiny = x < Vector<T>(std::numeric_limits<T>::min());
    const Vector<T> scaled = xsimd::select(tiny, x * Vector<T>(T(0x1p54)), x);
    return xsimd::log(scaled) - xsimd::select(tiny, Vector<T>(T(37.42994775023704531)), Vector<T>(T(0)));
}

template <class T>
[[gnu::noinline]] Vector<T> log1p(Vector<T> x)
{
    return xsimd::select(x == Vector<T>(T(0)), x, xsimd::log1p(x)); // −0 stays −0
}

template <class T>
Vector<T> softplus(Vector<T> x)
{
    const Vector<T> zero(T(0));
    return xsimd::select(x > zero, x, zero) + log1p<T>(exp<T>(-xsimd::abs(x)));
}

/** The coefficient of zⁿ in (log((1 + s)/(1 − s)) / s), z = s². */
template <class T>
constexpr double logarithm_coefficient(int n)
{
    return 2. / (2 * n + 1);
}

constexpr double logarithm_of_2 = 0x1.62e42fefa39efp-1;
constexpr int bits_of_mantissa = 52, bias_of_exponent = 1023;

/** 2ᵉ·m for a positive x, with m from √½ to √2. */
template <class Register>
struct Scaled
{
    Register exponent, mantissa;
};

inline Scaled<Doubles> scaled(Doubles x)
{
    const auto is_tiny = x < Doubles(std::numeric_limits<double>::min());
    const auto bits = __builtin_bit_cast(DoubleBits, xsimd::select(is_tiny, x * Doubles(0x1p54), x));
    const DoubleBits root_of_half(std::int64_t{0x3fe6a09e667f3bcd});
    // never negative, so a shift may be arithmetic or not
    const DoubleBits shifted = bits - root_of_half + DoubleBits(std::int64_t{bias_of_exponent} << bits_of_mantissa);
    const DoubleBits biased = shifted >> bits_of_mantissa;
    const DoubleBits magic(std::int64_t{0x433} << bits_of_mantissa); // 2⁵²
    const Doubles exponent = __builtin_bit_cast(Doubles, biased | magic) - Doubles(0x1p52 + bias_of_exponent);
    const DoubleBits change = (biased - DoubleBits(std::int64_t{bias_of_exponent})) << bits_of_mantissa;
    return {exponent - xsimd::select(is_tiny, Doubles(54.), Doubles(0.)), __builtin_bit_cast(Doubles, bits - change)};
}

/** log₂ or log₁₀: exponent·log 2 + log m, each times a factor that is a sum, with few bits in its first part. */
template <class T>
Doubles logarithm(Doubles x, const double (&factor)[2], const double (&factor_of_exponent)[2])
{
    const Doubles zero(0.), infinite(std::numeric_limits<double>::infinity());
    const Scaled<Doubles> parts = scaled(x);
    const Doubles f = parts.mantissa - Doubles(1.), s = f / (f + Doubles(2.)), z = s * s, half = Doubles(0.5) * f * f;
    const Doubles rest =
        s * vector::fma(z, series < double, logarithm_coefficient<T>, 1, is_float<T> ? 6 : 10 > (z), half);
    Doubles y;
    if constexpr (is_float<T>) {
        y = vector::fma(parts.exponent, Doubles(factor_of_exponent[0]),
                        (f - (half - rest)) * Doubles(factor[0] + factor[1]));
    } else {
        const Doubles high = upper_part(f - half), low = (f - high) - half + rest;
        const Doubles first = parts.exponent * Doubles(factor_of_exponent[0]), second = high * Doubles(factor[0]);
        const Doubles sum = first + second;
        const Doubles small = vector::fma(
            low + high, Doubles(factor[1]),
            vector::fma(low, Doubles(factor[0]),
                        vector::fma(parts.exponent, Doubles(factor_of_exponent[1]), (first - sum) + second)));
        y = sum + small;
    }
    y = xsimd::select(x > zero, y,
                      xsimd::select(x == zero, -infinite, Doubles(std::numeric_limits<double>::quiet_NaN())));
    return xsimd::select(x == infinite, x, y);
}

/** The logarithm to base 2, within 1 ulp. */
template <class T>
[[gnu::noinline]] Vector<T> log2(Vector<T> x)
{
    constexpr static double factor[] = {0x1.71547652p+0, 0x1.705fc2eefa2p-33}, one[] = {1, 0};
    return by_doubles<T>([](Doubles d) { return logarithm<T>(d, factor, one); }, x);
}

/** The logarithm to base 10, within 1 ulp. */
template <class T>
[[gnu::noinline]] Vector<T> log10(Vector<T> x)
{
    constexpr static double factor[] = {0x1.bcb7b152p-2, 0x1.b9438ca9aadd5p-36};
    constexpr static double of_exponent[] = {0x1.34413509f78p-2, 0x1.fef311f12b358p-46};
    return by_doubles<T>([](Doubles d) { return logarithm<T>(d, factor, of_exponent); }, x);
}

/** The cube root, within 1 ulp: a cubic polynomial, then Halley's steps t ← t·(t³ + 2a)/(2t³ + a). */
template <class T>
[[gnu::noinline]] Vector<T> cbrt(Vector<T> x)
{
    const auto root = [](Doubles d) {
        const Doubles a = xsimd::abs(d), magic(rounder<double>);
        const Scaled<Doubles> parts = scaled(a);
        const Doubles third = vector::fma(parts.exponent, Doubles(1. / 3), magic) - magic;
        // m·2ʳ with r = −1, 0 or 1, so from 0.35 to 2.83
        const Doubles m = parts.mantissa * power_of_two<double>(vector::fnma(third, Doubles(3.), parts.exponent));
        Doubles t =
            vector::fma(vector::fma(vector::fma(Doubles(0.037015), m, Doubles(-0.245018)), m, Doubles(0.729086)), m,
                        Doubles(0.482011)); // within 0.6 %
        for (int step = 0; step < 2; ++step) {
            const Doubles cube = t * t * t;
            t = t * ((cube + m + m) / (cube + cube + m));
        }
        if constexpr (!is_float<T>) {
            t = upper_part(t); // its square is exact
            const Doubles quotient = m / (t * t);
            t = vector::fma(t, (quotient - t) / (t + t + quotient), t);
        }
        const Doubles y = t * power_of_two<double>(third);
        return xsimd::copysign(xsimd::select(a > Doubles(0.) && a <= Doubles(std::numeric_limits<double>::max()), y, a),
                               d);
    };
    return by_doubles<T>(root, x);
}

/** The inverse of sinh, within 2.5 ulp: log1p(a + a²/(1 + √(1 + a²))) of the magnitude a. */
template <class T>
[[gnu::noinline]] Vector<T> asinh(Vector<T> x)
{
    const auto inverse = [](Doubles d) {
        const Doubles one(1.), a = xsimd::abs(d), square = a * a;
        const auto is_huge = a > Doubles(0x1p28);
        const Doubles inner = xsimd::select(is_huge, a - one, a + square / (one + xsimd::sqrt(one + square)));
        const Doubles y = log1p<double>(inner) + xsimd::select(is_huge, Doubles(logarithm_of_2), Doubles(0.));
        return xsimd::copysign(y, d);
    };
    return by_doubles<T>(inverse, x);
}

/** The inverse of cosh for x ≥ 1, within 2.5 ulp: log1p(t + √(2t + t²)) for t = x − 1. */
template <class T>
[[gnu::noinline]] Vector<T> acosh(Vector<T> x)
{
    const auto inverse = [](Doubles d) {
        const Doubles t = d - Doubles(1.), zero(0.);
        const auto is_huge = d > Doubles(0x1p28);
        const Doubles inner = xsimd::select(is_huge, t, t + xsimd::sqrt(vector::fma(t, t, t + t)));
        const Doubles y = log1p<double>(inner) + xsimd::select(is_huge, Doubles(logarithm_of_2), zero);
        return xsimd::select(t < zero, Doubles(std::numeric_limits<double>::quiet_NaN()), y);
    };
    return by_doubles<T>(inverse, x);
}

/** The inverse of tanh, within 2 ulp: ½·log1p(2a + 2a²/(1 − a)) of the magnitude a. */
template <class T>
[[gnu::noinline]] Vector<T> atanh(Vector<T> x)
{
    const auto inverse = [](Doubles d) {
        const Doubles one(1.), a = xsimd::abs(d), twice = a + a;
        const Doubles inner = xsimd::select(a < Doubles(0.5), twice + twice * a / (one - a), twice / (one - a));
        return xsimd::copysign(Doubles(0.5) * log1p<double>(inner), d);
    };
    return by_doubles<T>(inverse, x);
}

} // namespace xgrad::kernels::vector
