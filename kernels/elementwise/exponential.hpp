#pragma once
// The exponential and what is made of it, of one SIMD register: see vector.hpp.

#include <xgrad/kernels/elementwise/vector.hpp>

namespace xgrad::kernels::vector
{

/** The coefficient of x²ⁿ⁺¹ in tanh x, from tanh' = 1 − tanh². */
template <class T>
constexpr T tanh_coefficient(int n)
{
    double c[16] = {1};
    for (int k = 1; k <= n; ++k) {
        for (int i = 0; i < k; ++i)
            c[k] -= c[i] * c[k - 1 - i];
        c[k] /= 2 * k + 1;
    }
    return static_cast<T>(c[n]);
}

/** eʳ − 1 for |r| ≤ ½ log 2; the first term left out is below 0.05 ulp. */
template <class T>
Vector<T> expm1_reduced(Vector<T> r)
{
    return vector::fma(r * r, series < T, reciprocal_factorial<T>, 2, is_float<T> ? 7 : 13 > (r), r);
}

/** Returns the integer nearest to x / log 2, and sets `rest` to what is left of x. */
template <class T>
Vector<T> split_off_powers_of_two(Vector<T> x, Vector<T>& rest)
{
    // log 2 in two parts; the product of the first and an exponent is exact.
    constexpr T high = is_float<T> ? T(0x1.62e4p-1) : T(0x1.62e42fefa38p-1);
    constexpr T low = is_float<T> ? T(0x1.7f7d1cf79abcap-20) : T(0x1.ef35793c7673p-45);
    const Vector<T> magic(rounder<T>);
    const Vector<T> k = vector::fma(x, Vector<T>(T(1.44269504088896340736)), magic) - magic;
    rest = vector::fnma(k, Vector<T>(low), vector::fnma(k, Vector<T>(high), x));
    return k;
}

/** (1 + m)·2ᵏ, in two steps, because 2ᵏ need not be a normal number. */
template <class T>
Vector<T> times_power_of_two(Vector<T> m, Vector<T> k)
{
    const Vector<T> magic(rounder<T>);
    const Vector<T> half = vector::fma(k, Vector<T>(T(0.5)), magic) - magic;
    return (m + Vector<T>(T(1))) * power_of_two<T>(half) * power_of_two<T>(k - half);
}

/** eˣ⁺ʸ·2ⁿ for a |y| that is small beside 1. */
template <class T>
Vector<T> exp_of_sum(Vector<T> x, Vector<T> y, int n = 0)
{
    // Beyond these bounds the result is 0 or infinite, for n = −1, too.
    x = clip<T>(x, Vector<T>(is_float<T> ? T(-105) : T(-746)), Vector<T>(is_float<T> ? T(90) : T(711)));
    Vector<T> r;
    const Vector<T> k = split_off_powers_of_two<T>(x, r);
    return times_power_of_two<T>(expm1_reduced<T>(r + y), k + Vector<T>(T(n)));
}

template <class T>
Vector<T> exp(Vector<T> x)
{
    return exp_of_sum<T>(x, Vector<T>(T(-0.0)));
}

/** The hyperbolic tangent, by its Taylor series near 0, else t / (t + 2) with t = e²ˣ − 1. Both are computed for |x|,
 *  and are within 1.5 ulp. */
template <class T>
Vector<T> tanh(Vector<T> x)
{
    const Vector<T> one(T(1)), two(T(2)), bound(is_float<T> ? T(9.2) : T(19.2)); // from there on it rounds to 1
    const Vector<T> a = xsimd::abs(x), square = a * a;
    Vector<T> y = vector::fma(a * square, series < T, tanh_coefficient<T>, 1, is_float<T> ? 5 : 11 > (square), a);
    const auto is_near = a < Vector<T>(T(0.3));
    if (!xsimd::all(is_near)) {
        const Vector<T> bounded = xsimd::select(a > bound, bound, a);
        Vector<T> r;
        const Vector<T> scale = power_of_two<T>(split_off_powers_of_two<T>(bounded + bounded, r));
        const Vector<T> t = vector::fma(expm1_reduced<T>(r), scale, scale - one);
        y = xsimd::select(is_near, y, t / (t + two));
    }
    return xsimd::copysign(y, x);
}

/** 1 / (1 + e⁻ˣ), with the exponential of a negative number only. */
template <class T>
Vector<T> sigmoid(Vector<T> x)
{
    const Vector<T> one(T(1)), e = exp<T>(-xsimd::abs(x));
    return xsimd::select(x < Vector<T>(T(0)), e, one) / (one + e);
}

/** 2ˣ, within 1.5 ulp. */
template <class T>
[[gnu::noinline]] Vector<T> exp2(Vector<T> x)
{
    x = clip<T>(x, Vector<T>(is_float<T> ? T(-151) : T(-1076)), Vector<T>(is_float<T> ? T(129) : T(1025)));
    const Vector<T> magic(rounder<T>), k = (x + magic) - magic;
    return times_power_of_two<T>(expm1_reduced<T>((x - k) * Vector<T>(T(0.693147180559945309))), k);
}

/** eˣ − 1, within 2 ulp. */
template <class T>
[[gnu::noinline]] Vector<T> expm1(Vector<T> x)
{
    const Vector<T> two(T(2)), half(T(0.5)), one(T(1));
    const Vector<T> bounded = clip<T>(x, Vector<T>(T(-45)), Vector<T>(is_float<T> ? T(89) : T(709.9)));
    Vector<T> r;
    const Vector<T> k = split_off_powers_of_two<T>(bounded, r), scale = power_of_two<T>(k - one);
    const Vector<T> y = two * vector::fma(expm1_reduced<T>(r), scale, scale - half);
    return zero_stays<T>(x, y);
}

/** The coefficient of x²ⁿ⁺¹ in sinh x. */
template <class T>
constexpr T sinh_coefficient(int n)
{
    return reciprocal_factorial<T>(2 * n + 1);
}

/** (eˣ − e⁻ˣ)/2, within 2 ulp: by its Taylor series up to 1. */
template <class T>
[[gnu::noinline]] Vector<T> sinh(Vector<T> x)
{
    const Vector<T> a = xsimd::abs(x), square = a * a;
    Vector<T> y = vector::fma(a * square, series < T, sinh_coefficient<T>, 1, is_float<T> ? 5 : 9 > (square), a);
    const auto is_near = a < Vector<T>(T(1));
    if (!xsimd::all(is_near)) {
        const Vector<T> half = exp_of_sum<T>(a, Vector<T>(T(0)), -1);
        y = xsimd::select(is_near, y, half - Vector<T>(T(0.25)) / half);
    }
    return xsimd::copysign(y, x);
}

/** (eˣ + e⁻ˣ)/2, within 2 ulp. */
template <class T>
[[gnu::noinline]] Vector<T> cosh(Vector<T> x)
{
    const Vector<T> half = exp_of_sum<T>(xsimd::abs(x), Vector<T>(T(0)), -1);
    return half + Vector<T>(T(0.25)) / half;
}

} // namespace xgrad::kernels::vector
