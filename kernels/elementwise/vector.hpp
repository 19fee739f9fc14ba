#pragma once
// Functions of one SIMD register that xsimd does not have, or not well enough: its exp flushes subnormal results to 0
// and overflows at 88.4 instead of 88.7. Call everything as `vector::…`: a plain exp(x) would also find xsimd's by the
// type of its argument.
//
// Files compiled for different instruction sets include this one. Each function on registers has one among its types.
// That type has the instruction set in it, so no two of them have the same symbol.

#include <xsimd/xsimd.hpp>

#include <cstddef>
#include <utility>

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

#ifdef __AVX512F__
// xsimd 8 has none of these for AVX-512: it multiplies, then adds.
inline Vector<float> fma(Vector<float> a, Vector<float> b, Vector<float> c) { return _mm512_fmadd_ps(a, b, c); }
inline Vector<double> fma(Vector<double> a, Vector<double> b, Vector<double> c) { return _mm512_fmadd_pd(a, b, c); }
inline Vector<float> fnma(Vector<float> a, Vector<float> b, Vector<float> c) { return _mm512_fnmadd_ps(a, b, c); }
inline Vector<double> fnma(Vector<double> a, Vector<double> b, Vector<double> c) { return _mm512_fnmadd_pd(a, b, c); }
#else
/** a·b + c, rounded once where the instruction set has that. */
template <class Register>
Register fma(Register a, Register b, Register c)
{
    return xsimd::fma(a, b, c);
}

/** c − a·b, rounded once where the instruction set has that. */
template <class Register>
Register fnma(Register a, Register b, Register c)
{
    return xsimd::fnma(a, b, c);
}
#endif

/** 1/n! */
template <class T>
constexpr T reciprocal_factorial(int n)
{
    double factorial = 1;
    for (int k = 2; k <= n; ++k)
        factorial *= k;
    return static_cast<T>(1 / factorial);
}

/** Σ coefficient(k)·xᵏ⁻ⁿ for k = n … last, by Horner's scheme. */
template <class T, T (*coefficient)(int), int n, int last>
Vector<T> series(Vector<T> x)
{
    constexpr T c = coefficient(n);
    if constexpr (n == last)
        return Vector<T>(c);
    else
        return vector::fma(series<T, coefficient, n + 1, last>(x), x, Vector<T>(c));
}

/** A number that rounds a small number to an integer when added to it. The integer is then in the lowest bits. */
template <class T>
constexpr T rounder = is_float<T> ? T(0x1.8p23) : T(0x1.8p52);

/** 2ᵏ for an integer k that is the exponent of a normal number. */
template <class T>
Vector<T> power_of_two(Vector<T> k)
{
    constexpr int bias = is_float<T> ? 127 : 1023, mantissa = is_float<T> ? 23 : 52;
    using Bits = xsimd::as_integer_t<Vector<T>>;
    const auto bits = __builtin_bit_cast(Bits, k + Vector<T>(rounder<T> + T(bias)));
    return __builtin_bit_cast(Vector<T>, bits << mantissa);
}

/** The number without the last bits of its mantissa, so that its square is exact. */
template <class Register>
Register upper_part(Register x)
{
    using Bits = xsimd::as_integer_t<Register>;
    using Integer = typename Bits::value_type;
    constexpr int last = sizeof(Integer) == 4 ? 13 : 32;
    return __builtin_bit_cast(Register,
                              __builtin_bit_cast(Bits, x) & Bits(static_cast<Integer>(~((Integer{1} << last) - 1))));
}

/** min(max(x, low), high); NaN stays. */
template <class T>
Vector<T> clip(Vector<T> x, Vector<T> low, Vector<T> high)
{
    return xsimd::select(x < low, low, xsimd::select(x > high, high, x));
}

/** The vector of GCC and Clang that is such a register. */
template <class T>
struct ElementsOf
{
    using Type [[gnu::vector_size(sizeof(Vector<T>))]] = T;
};
template <class T>
using Elements = typename ElementsOf<T>::Type;

/** The register with its elements moved to the left by `distance`, in a circle. */
template <class T, std::size_t distance, std::size_t... i>
Vector<T> turned(Vector<T> x, std::index_sequence<i...>)
{
    const auto elements = __builtin_bit_cast(Elements<T>, x);
    return __builtin_bit_cast(
        Vector<T>, __builtin_shufflevector(elements, elements, static_cast<int>((i + distance) % sizeof...(i))...));
}

/** The elements made one by a function of two registers: each one of the left half with its partner in the right half,
 *  then again with half as many. */
template <class T, std::size_t half = Vector<T>::size / 2, class Combine>
T fold(Vector<T> x, Combine combine)
{
    x = combine(turned<T, half>(x, std::make_index_sequence<Vector<T>::size>()), x);
    if constexpr (half == 1)
        return __builtin_bit_cast(Elements<T>, x)[0];
    else
        return fold<T, half / 2>(x, combine);
}

/** The sum of the elements, in pairs. */
template <class T>
T sum(Vector<T> x)
{
    return fold<T>(x, [](Vector<T> right, Vector<T> left) { return left + right; });
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

/** The C library's function of that name, of each element. */
#define XGRAD_OF_EACH(function, x)                                                                                     \
    vector::each<T>(x, [](T element) {                                                                                 \
        if constexpr (sizeof(T) == sizeof(float))                                                                      \
            return __builtin_##function##f(element);                                                                   \
        else                                                                                                           \
            return __builtin_##function(element);                                                                      \
    })

/** y, but x where that is ±0: for functions that keep the sign of 0. */
template <class T>
Vector<T> zero_stays(Vector<T> x, Vector<T> y)
{
    return xsimd::select(x == Vector<T>(T(0)), x, y);
}

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
