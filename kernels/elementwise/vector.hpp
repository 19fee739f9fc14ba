#pragma once
// Functions of one SIMD register that xsimd does not have, or not well enough: its exp flushes subnormal results to 0
// and overflows at 88.4 instead of 88.7. Call everything as `vector::…`: a plain exp(x) would also find xsimd's by the
// type of its argument.
//
// Files compiled for different instruction sets include this one. Each function on registers has one among its types.
// That type has the instruction set in it, so no two of them have the same symbol.

#include <xgrad/kernels/elementwise/special.hpp>

#include <xsimd/xsimd.hpp>

#include <cstddef>
#include <limits>

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 reports the values that its AVX-512 intrinsics leave undefined on purpose.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#ifdef XSIMD_NO_SUPPORTED_ARCHITECTURE
#error "xgrad needs an instruction set that xsimd has vectors for, such as SSE2 or NEON"
#include <xgrad_needs_vectors>
#endif

namespace xgrad::kernels
{

template <class T>
using Vector = xsimd::batch<T>;

namespace vector
{

template <class T>
constexpr bool is_float = sizeof(T) == 4;

template <class T>
Vector<T> load(const T* from)
{
    return Vector<T>::load_unaligned(from);
}

/** Loads the first `count` elements, fewer than the register holds, and `pad` into the other lanes. */
template <class T>
Vector<T> load_head(const T* from, std::size_t count, T pad = 0)
{
#ifdef __AVX512F__
    if constexpr (is_float<T>)
        return _mm512_mask_loadu_ps(_mm512_set1_ps(pad), static_cast<__mmask16>((1u << count) - 1u), from);
    else
        return _mm512_mask_loadu_pd(_mm512_set1_pd(pad), static_cast<__mmask8>((1u << count) - 1u), from);
#else
    alignas(64) T buffer[Vector<T>::size];
    Vector<T>(pad).store_aligned(buffer);
    for (std::size_t i = 0; i < count; ++i)
        buffer[i] = from[i];
    return Vector<T>::load_aligned(buffer);
#endif
}

/** Stores the first `count` elements, fewer than the register holds. */
template <class T>
void store_head(Vector<T> v, T* to, std::size_t count)
{
#ifdef __AVX512F__
    if constexpr (is_float<T>)
        _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1u << count) - 1u), v);
    else
        _mm512_mask_storeu_pd(to, static_cast<__mmask8>((1u << count) - 1u), v);
#else
    alignas(64) T buffer[Vector<T>::size];
    v.store_aligned(buffer);
    for (std::size_t i = 0; i < count; ++i)
        to[i] = buffer[i];
#endif
}

/** 1/n! */
template <class T>
constexpr T reciprocal_factorial(int n)
{
    double factorial = 1;
    for (int k = 2; k <= n; ++k)
        factorial *= k;
    return static_cast<T>(1 / factorial);
}

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

/** Σ coefficient(k)·xᵏ⁻ⁿ for k = n … last, by Horner's scheme. */
template <class T, T (*coefficient)(int), int n, int last>
Vector<T> series(Vector<T> x)
{
    constexpr T c = coefficient(n);
    if constexpr (n == last)
        return Vector<T>(c);
    else
        return xsimd::fma(series<T, coefficient, n + 1, last>(x), x, Vector<T>(c));
}

/** eʳ − 1 for |r| ≤ ½ log 2; the first term left out is below 0.05 ulp. */
template <class T>
Vector<T> expm1_reduced(Vector<T> r)
{
    return xsimd::fma(r * r, series < T, reciprocal_factorial<T>, 2, is_float<T> ? 7 : 13 > (r), r);
}

/** A number that rounds a small number to an integer when added to it. The integer is then in the lowest bits. */
template <class T>
constexpr T rounder = is_float<T> ? T(0x1.8p23) : T(0x1.8p52);

/** Returns the integer nearest to x / log 2, and sets `rest` to what is left of x. */
template <class T>
Vector<T> split_off_powers_of_two(Vector<T> x, Vector<T>& rest)
{
    // log 2 in two parts; the product of the first and an exponent is exact.
    constexpr T high = is_float<T> ? T(0x1.62e4p-1) : T(0x1.62e42fefa38p-1);
    constexpr T low = is_float<T> ? T(0x1.7f7d1cf79abcap-20) : T(0x1.ef35793c7673p-45);
    const Vector<T> magic(rounder<T>);
    const Vector<T> k = xsimd::fma(x, Vector<T>(T(1.44269504088896340736)), magic) - magic;
    rest = xsimd::fnma(k, Vector<T>(low), xsimd::fnma(k, Vector<T>(high), x));
    return k;
}

/** 2ᵏ for an integer k that is the exponent of a normal number. */
template <class T>
Vector<T> power_of_two(Vector<T> k)
{
    constexpr int bias = is_float<T> ? 127 : 1023, mantissa = is_float<T> ? 23 : 52;
    using Bits = xsimd::as_integer_t<Vector<T>>;
    const auto bits = __builtin_bit_cast(Bits, k + Vector<T>(rounder<T> + T(bias)));
    return __builtin_bit_cast(Vector<T>, bits << mantissa);
}

/** min(max(x, low), high); NaN stays. */
template <class T>
Vector<T> clip(Vector<T> x, Vector<T> low, Vector<T> high)
{
    return xsimd::select(x < low, low, xsimd::select(x > high, high, x));
}

/** eˣ⁺ʸ for a |y| that is small beside 1. */
template <class T>
Vector<T> exp_of_sum(Vector<T> x, Vector<T> y)
{
    // Beyond these bounds the result is 0 or infinite.
    x = clip<T>(x, Vector<T>(is_float<T> ? T(-105) : T(-746)), Vector<T>(is_float<T> ? T(89) : T(710)));
    Vector<T> r;
    const Vector<T> k = split_off_powers_of_two<T>(x, r);
    // In two steps, because 2ᵏ need not be a normal number.
    const Vector<T> magic(rounder<T>);
    const Vector<T> half = xsimd::fma(k, Vector<T>(T(0.5)), magic) - magic;
    return (expm1_reduced<T>(r + y) + Vector<T>(T(1))) * power_of_two<T>(half) * power_of_two<T>(k - half);
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
    Vector<T> y = xsimd::fma(a * square, series < T, tanh_coefficient<T>, 1, is_float<T> ? 5 : 11 > (square), a);
    const auto is_near = a < Vector<T>(T(0.3));
    if (!xsimd::all(is_near)) {
        const Vector<T> bounded = xsimd::select(a > bound, bound, a);
        Vector<T> r;
        const Vector<T> scale = power_of_two<T>(split_off_powers_of_two<T>(bounded + bounded, r));
        const Vector<T> t = xsimd::fma(expm1_reduced<T>(r), scale, scale - one);
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

/** The sum of the elements, in pairs. */
template <class T>
T sum(Vector<T> x)
{
    alignas(64) T elements[Vector<T>::size];
    x.store_aligned(elements);
    for (std::size_t half = Vector<T>::size / 2; half > 0; half /= 2)
        for (std::size_t i = 0; i < half; ++i)
            elements[i] += elements[i + half];
    return elements[0];
}

/** f of each element. Neighbours with equal bits, as padding and numbers have, are computed once. */
template <class T, class F>
Vector<T> each(Vector<T> x, F f)
{
    alignas(64) T elements[Vector<T>::size], results[Vector<T>::size];
    x.store_aligned(elements);
    for (std::size_t i = Vector<T>::size; i-- > 0;) {
        const bool again = i + 1 < Vector<T>::size && __builtin_memcmp(elements + i, elements + i + 1, sizeof(T)) == 0;
        results[i] = again ? results[i + 1] : f(elements[i]);
    }
    return Vector<T>::load_aligned(results);
}

// xsimd's pow is hundreds of ulp off and makes 0⁰ a 0. Its sin and cos bring functions with external linkage, and the
// linker could keep the copy with this file's instructions for all files.

/** The C library's function of that name, of each element. */
#define XGRAD_OF_EACH(function, x)                                                                                     \
    vector::each<T>(x, [](T element) {                                                                                 \
        if constexpr (sizeof(T) == sizeof(float))                                                                      \
            return __builtin_##function##f(element);                                                                   \
        else                                                                                                           \
            return __builtin_##function(element);                                                                      \
    })

/** The function of kernels/elementwise/special.hpp that is called, of each element e. */
#define XGRAD_BY_DOUBLES(call)                                                                                         \
    vector::each<T>(x, [=](T element) {                                                                                \
        const double e = element;                                                                                      \
        return static_cast<T>(special::call);                                                                          \
    })

/** f of each pair of elements. */
template <class T, class F>
Vector<T> each_pair(Vector<T> a, Vector<T> b, F f)
{
    alignas(64) T of_a[Vector<T>::size], of_b[Vector<T>::size];
    a.store_aligned(of_a);
    b.store_aligned(of_b);
    for (std::size_t i = 0; i < Vector<T>::size; ++i)
        of_a[i] = f(of_a[i], of_b[i]);
    return Vector<T>::load_aligned(of_a);
}

/** The C library's function of that name, of each pair of elements. */
#define XGRAD_OF_PAIRS(function, a, b)                                                                                 \
    vector::each_pair<T>(a, b, [](T of_a, T of_b) {                                                                    \
        if constexpr (sizeof(T) == sizeof(float))                                                                      \
            return __builtin_##function##f(of_a, of_b);                                                                \
        else                                                                                                           \
            return __builtin_##function(of_a, of_b);                                                                   \
    })

template <class T>
T power(T x, T exponent)
{
    if constexpr (is_float<T>)
        return __builtin_powf(x, exponent);
    else
        return __builtin_pow(x, exponent);
}

// The next two call isnan: on AVX xsimd 8 compares (a != a) as "ordered and not equal", which is false for NaN.

/** The larger one; NaN if either is. */
template <class T>
Vector<T> maximum(Vector<T> a, Vector<T> b)
{
    return xsimd::select((a > b) || xsimd::isnan(a), a, b);
}

/** The smaller one; NaN if either is. */
template <class T>
Vector<T> minimum(Vector<T> a, Vector<T> b)
{
    return xsimd::select((a < b) || xsimd::isnan(a), a, b);
}

} // namespace vector

} // namespace xgrad::kernels
