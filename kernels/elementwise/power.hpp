#pragma once
// Powers of one SIMD register: see vector.hpp, and trigonometric.hpp for why they are not inlined.

#include <xgrad/kernels/elementwise/logarithm.hpp>

#include <limits>

namespace xgrad::kernels::vector
{

/** The number high + low, with twice the digits of a double. */
template <class Register>
struct Sum
{
    Register high, low;
};

/** a + b for |a| ≥ |b|. */
inline Sum<Doubles> exact_sum(Doubles a, Doubles b)
{
    const Doubles high = a + b;
    return {high, b - (high - a)};
}

#if defined(__FMA__) || defined(__AVX512F__)
constexpr bool products_are_fused = true;
#else
constexpr bool products_are_fused = false;
#endif

/** a·b, if products are fused with sums. */
inline Sum<Doubles> exact_product(Doubles a, Doubles b)
{
    const Doubles high = a * b;
    return {high, vector::fma(a, b, -high)};
}

inline Sum<Doubles> operator*(Sum<Doubles> a, Sum<Doubles> b)
{
    const Sum<Doubles> product = exact_product(a.high, b.high);
    return exact_sum(product.high, vector::fma(a.high, b.low, vector::fma(a.low, b.high, product.low)));
}

/** log x for a positive, finite x, with 65 bits: 2s + ⅔s³ + s⁵·p(s²) with s = (m − 1)/(m + 1). */
inline Sum<Doubles> exact_logarithm(Doubles x)
{
    const Scaled<Doubles> parts = scaled(x);
    const Doubles one(1.), two(2.), f = parts.mantissa - one, sum = parts.mantissa + one;
    const Doubles rest_of_sum = parts.mantissa - (sum - one), quotient = f / sum;
    const Sum<Doubles> back = exact_product(quotient, sum);
    const Sum<Doubles> s = {quotient, (((f - back.high) - back.low) - quotient * rest_of_sum) / sum};
    const Sum<Doubles> square = s * s, cube = square * s;
    const Sum<Doubles> third = cube * Sum<Doubles>{Doubles(0x1.5555555555555p-1), Doubles(0x1.5555555555555p-55)};
    const Doubles rest = cube.high * square.high * series<double, logarithm_coefficient<double>, 2, 11>(square.high);
    const Sum<Doubles> near = exact_sum(two * s.high, third.high);
    const Doubles low = two * s.low + (near.low + (third.low + rest));
    // log 2 with so few bits in its first part that the product is exact
    const Sum<Doubles> far = exact_sum(parts.exponent * Doubles(0x1.62e42fefa38p-1), near.high);
    const Doubles tail = vector::fma(parts.exponent, Doubles(0x1.ef35793c7673p-45), low);
    return exact_sum(far.high, far.low + tail);
}

/** xᵖ for a positive, finite x and |p| < 2⁵¹. */
template <class T>
Doubles power_of_positive(Doubles x, Doubles p)
{
    if constexpr (is_float<T>) {
        const Scaled<Doubles> parts = scaled(x);
        const Doubles f = parts.mantissa - Doubles(1.), s = f / (f + Doubles(2.)), z = s * s;
        const Doubles near = s * series<double, logarithm_coefficient<double>, 0, 8>(z);
        return exp_of_sum<double>(p * vector::fma(parts.exponent, Doubles(logarithm_of_2), near), Doubles(0.));
    } else {
        const Sum<Doubles> logarithm = exact_logarithm(x), product = exact_product(p, logarithm.high);
        const auto is_moderate = xsimd::abs(product.high) < Doubles(1000.); // else the result is 0 or infinite
        const Doubles low = vector::fma(p, logarithm.low, product.low);
        return exp_of_sum<double>(product.high, xsimd::select(is_moderate, low, Doubles(0.)));
    }
}

/** The C library's power. */
template <class T>
T power(T x, T exponent)
{
    if constexpr (is_float<T>)
        return __builtin_powf(x, exponent);
    else
        return __builtin_pow(x, exponent);
}

/** xᵖ, within 1.5 ulp. The C library computes it where x or p is infinite or NaN, or p very large, and without fused
 *  products, where it is faster. */
template <class T>
[[gnu::noinline]] Vector<T> pow(Vector<T> x, Vector<T> p)
{
    if constexpr (!products_are_fused)
        return each_pair<T>(x, p, power<T>);
    const auto power_of_doubles = [](Doubles d, Doubles q) {
        const Doubles zero(0.), one(1.), magic(rounder<double>), infinite(std::numeric_limits<double>::infinity());
        const Doubles a = xsimd::abs(d), half = Doubles(0.5) * q;
        const auto is_whole = (q + magic) - magic == q, is_even = (half + magic) - magic == half;
        const auto is_negative = xsimd::copysign(one, d) < zero;
        Doubles y = power_of_positive<T>(a, q);
        y = xsimd::select(a == zero, xsimd::select(q > zero, zero, xsimd::select(q < zero, infinite, one)), y);
        y = xsimd::select(is_negative && is_whole && !is_even, xsimd::copysign(y, d), y);
        y = xsimd::select(is_negative && !is_whole && a != zero, Doubles(std::numeric_limits<double>::quiet_NaN()), y);
        const auto is_usual = a < infinite && xsimd::abs(q) < Doubles(0x1p51);
        if (!xsimd::all(is_usual))
            y = xsimd::select(is_usual, y, each_pair<double>(d, q, power<double>));
        return y;
    };
    return by_doubles<T>(power_of_doubles, x, p);
}

/** √(a² + b²), within 1.5 ulp; infinite if either is. */
template <class T>
[[gnu::noinline]] Vector<T> hypot(Vector<T> a, Vector<T> b)
{
    const auto length = [](Doubles u, Doubles v) {
        const Doubles infinite(std::numeric_limits<double>::infinity()), one(1.);
        u = xsimd::abs(u);
        v = xsimd::abs(v);
        const auto is_infinite = u == infinite || v == infinite;
        Doubles scale = one, back = one; // squares would be 0 or infinite
        if constexpr (!is_float<T>) {
            const auto is_large = u > Doubles(0x1p500) || v > Doubles(0x1p500);
            const auto is_small = u < Doubles(0x1p-400) && v < Doubles(0x1p-400);
            scale = xsimd::select(is_large, Doubles(0x1p-600), xsimd::select(is_small, Doubles(0x1p600), one));
            back = xsimd::select(is_large, Doubles(0x1p600), xsimd::select(is_small, Doubles(0x1p-600), one));
        }
        u = u * scale;
        v = v * scale;
        return xsimd::select(is_infinite, infinite, xsimd::sqrt(vector::fma(u, u, v * v)) * back);
    };
    return by_doubles<T>(length, a, b);
}

} // namespace xgrad::kernels::vector
