#pragma once
// Logarithms, powers and roots, and the inverses of the hyperbolic functions, of one SIMD register: see vector.hpp, and
// trigonometric.hpp for why none is inlined.

#include <xgrad/kernels/elementwise/doubles.hpp>
#include <xgrad/kernels/elementwise/exponential.hpp>

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
    return zero_stays<T>(x, xsimd::log1p(x));
}

template <class T>
Vector<T> softplus(Vector<T> x)
{
    const Vector<T> zero(T(0));
    return xsimd::select(x > zero, x, zero) + log1p<T>(exp<T>(-xsimd::abs(x)));
}

/** The coefficient of zⁿ in (log((1 + s)/(1 − s)) / s), z = s². */
template <class T>
constexpr T logarithm_coefficient(int n)
{
    return T(2) / static_cast<T>(2 * n + 1);
}

constexpr double logarithm_of_2 = 0x1.62e42fefa39efp-1;

/** 2ᵉ·m for a positive x, with m from √½ to √2. */
template <class Register>
struct Scaled
{
    Register exponent, mantissa;
};

template <class Register>
Scaled<Register> scaled(Register x)
{
    using T = typename Register::value_type;
    using Bits = xsimd::as_integer_t<Register>;
    using Integer = typename Bits::value_type;
    constexpr int mantissa = is_float<T> ? 23 : 52;
    constexpr Integer bias = is_float<T> ? 127 : 1023;
    constexpr T two_to_mantissa = is_float<T> ? T(0x1p23) : T(0x1p52), bits_of_it = static_cast<T>(mantissa + 2);
    const auto is_tiny = x < Register(std::numeric_limits<T>::min());
    const auto bits = __builtin_bit_cast(Bits, xsimd::select(is_tiny, x * Register(4 * two_to_mantissa), x));
    const Bits root_of_half(__builtin_bit_cast(Integer, T(0.70710678118654752)));
    // never negative, so a shift may be arithmetic or not
    const Bits shifted = bits - root_of_half + Bits(bias << mantissa), biased = shifted >> mantissa;
    const Bits magic(__builtin_bit_cast(Integer, two_to_mantissa));
    const Register exponent = __builtin_bit_cast(Register, biased | magic) - Register(two_to_mantissa + T(bias));
    const Bits change = (biased - Bits(bias)) << mantissa;
    return {exponent - xsimd::select(is_tiny, Register(bits_of_it), Register(T(0))),
            __builtin_bit_cast(Register, bits - change)};
}

/** A factor as a sum. The product of its first part and an exponent, or an `upper_part`, is exact. */
template <class T>
struct Factor
{
    T first, second;
};

/** log₂ or log₁₀: exponent·log 2 + log m, each times a factor. */
template <class T>
Vector<T> logarithm(Vector<T> x, Factor<T> factor, Factor<T> factor_of_exponent)
{
    using V = Vector<T>;
    const V zero(T(0)), infinite(std::numeric_limits<T>::infinity());
    const Scaled<V> parts = scaled(x);
    const V f = parts.mantissa - V(T(1)), s = f / (f + V(T(2))), z = s * s, half = V(T(0.5)) * f * f;
    const V rest = s * vector::fma(z, series < T, logarithm_coefficient<T>, 1, is_float<T> ? 4 : 10 > (z), half);
    const V high = upper_part(f - half), low = (f - high) - half + rest;
    const V first = parts.exponent * V(factor_of_exponent.first), second = high * V(factor.first);
    const V sum = first + second;
    const V small =
        vector::fma(low + high, V(factor.second),
                    vector::fma(low, V(factor.first),
                                vector::fma(parts.exponent, V(factor_of_exponent.second), (first - sum) + second)));
    const V y = xsimd::select(x > zero, sum + small,
                              xsimd::select(x == zero, -infinite, V(std::numeric_limits<T>::quiet_NaN())));
    return xsimd::select(x == infinite, x, y);
}

/** The logarithm to base 2, within 1 ulp. */
template <class T>
[[gnu::noinline]] Vector<T> log2(Vector<T> x)
{
    constexpr Factor<T> one = {1, 0};
    if constexpr (is_float<T>)
        return logarithm<T>(x, {0x1.715p+0f, 0x1.1d94aep-14f}, one);
    else
        return logarithm<T>(x, {0x1.71547652p+0, 0x1.705fc2eefa2p-33}, one);
}

/** The logarithm to base 10, within 1 ulp. */
template <class T>
[[gnu::noinline]] Vector<T> log10(Vector<T> x)
{
    if constexpr (is_float<T>)
        return logarithm<T>(x, {0x1.bcbp-2f, 0x1.ec549cp-16f}, {0x1.344p-2f, 0x1.3509f8p-18f});
    else
        return logarithm<T>(x, {0x1.bcb7b152p-2, 0x1.b9438ca9aadd5p-36}, {0x1.34413509f78p-2, 0x1.fef311f12b358p-46});
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

/** The inverse of sinh, within 2 ulp: log1p(a + a²/(1 + √(1 + a²))) of the magnitude a. */
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

/** The inverse of cosh for x ≥ 1, within 2 ulp: log1p(t + √(2t + t²)) for t = x − 1. */
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
