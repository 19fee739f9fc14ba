#pragma once
// Vectors of the width that this file is compiled for. They are compiler extensions: nothing here can become a shared
// inline function, which would carry one instruction set's code into another's.

#include <cstddef>
#include <utility>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace xgrad::kernels::XGRAD_ARCHITECTURE
{
namespace
{

#if defined(__AVX512F__)
constexpr std::size_t vector_bytes = 64;
constexpr int vector_registers = 32;
#elif defined(__AVX2__)
constexpr std::size_t vector_bytes = 32;
constexpr int vector_registers = 16;
#else
constexpr std::size_t vector_bytes = 16;
constexpr int vector_registers = 16;
#endif

template <class T>
struct SimdOf;
template <>
struct SimdOf<float>
{
    typedef float Type __attribute__((vector_size(vector_bytes)));
};
template <>
struct SimdOf<double>
{
    typedef double Type __attribute__((vector_size(vector_bytes)));
};
template <class T>
using Simd = typename SimdOf<T>::Type;

template <class T>
constexpr std::size_t lanes = vector_bytes / sizeof(T);

template <class T>
Simd<T> load_vector(const T* p)
{
    Simd<T> v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
}

template <class T>
void store_vector(T* p, Simd<T> v)
{
    __builtin_memcpy(p, &v, sizeof v);
}

/** Keeps the compiler from loading v again, as an operand, at each of its uses. */
template <class V>
void keep_in_register([[maybe_unused]] V& v)
{
#if defined(__x86_64__)
    asm("" : "+v"(v));
#endif
}

/** Loads and stores the first lanes of a vector without touching memory beyond them; the others load as 0. */
template <class T>
struct First;

#if defined(__AVX512F__)

template <>
struct First<float>
{
    explicit First(std::size_t count) : mask(static_cast<__mmask16>((1U << count) - 1U)) {}
    Simd<float> load(const float* p) const { return _mm512_maskz_loadu_ps(mask, p); }
    void store(float* p, Simd<float> v) const { _mm512_mask_storeu_ps(p, mask, v); }
    __mmask16 mask;
};

template <>
struct First<double>
{
    explicit First(std::size_t count) : mask(static_cast<__mmask8>((1U << count) - 1U)) {}
    Simd<double> load(const double* p) const { return _mm512_maskz_loadu_pd(mask, p); }
    void store(double* p, Simd<double> v) const { _mm512_mask_storeu_pd(p, mask, v); }
    __mmask8 mask;
};

#elif defined(__AVX2__)

template <>
struct First<float>
{
    explicit First(std::size_t count)
        : mask(
              _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)))
    {}
    Simd<float> load(const float* p) const { return _mm256_maskload_ps(p, mask); }
    void store(float* p, Simd<float> v) const { _mm256_maskstore_ps(p, mask, v); }
    __m256i mask;
};

template <>
struct First<double>
{
    explicit First(std::size_t count)
        : mask(_mm256_cmpgt_epi64(_mm256_set1_epi64x(static_cast<long long>(count)), _mm256_setr_epi64x(0, 1, 2, 3)))
    {}
    Simd<double> load(const double* p) const { return _mm256_maskload_pd(p, mask); }
    void store(double* p, Simd<double> v) const { _mm256_maskstore_pd(p, mask, v); }
    __m256i mask;
};

#else

template <class T>
struct First
{
    explicit First(std::size_t n) : count(n) {}
    Simd<T> load(const T* p) const
    {
        if (count == lanes<T>)
            return load_vector(p);
        Simd<T> v = {};
        for (std::size_t i = 0; i < count; ++i)
            v[i] = p[i];
        return v;
    }
    void store(T* p, Simd<T> v) const
    {
        if (count == lanes<T>)
            return store_vector(p, v);
        for (std::size_t i = 0; i < count; ++i)
            p[i] = v[i];
    }
    std::size_t count;
};

#endif

template <class T>
void copy_row(const T* from, T* to, std::size_t n)
{
    for (; n >= lanes<T>; n -= lanes<T>, from += lanes<T>, to += lanes<T>)
        store_vector(to, load_vector(from));
    const First<T> rest(n);
    rest.store(to, rest.load(from));
}

template <class T>
void zero_row(T* to, std::size_t n)
{
    for (; n >= lanes<T>; n -= lanes<T>, to += lanes<T>)
        store_vector(to, Simd<T>{});
    First<T>(n).store(to, Simd<T>{});
}

/** Returns whether no element is NaN or infinite. */
template <class T>
bool all_finite(const T* x, std::size_t n)
{
    Simd<T> zeros[4] = {}; // 0·x is NaN if x is not finite
    for (; n >= 4 * lanes<T>; n -= 4 * lanes<T>, x += 4 * lanes<T>)
        for (std::size_t i = 0; i < 4; ++i)
            zeros[i] += T(0) * load_vector(x + i * lanes<T>);
    for (; n >= lanes<T>; n -= lanes<T>, x += lanes<T>)
        zeros[0] += T(0) * load_vector(x);
    zeros[1] += T(0) * First<T>(n).load(x);
    const Simd<T> all = (zeros[0] + zeros[1]) + (zeros[2] + zeros[3]);
    bool finite = true;
    for (std::size_t l = 0; l < lanes<T>; ++l)
        finite = finite && all[l] == 0;
    return finite;
}

// One step of a perfect shuffle. log2(lanes) steps over all rows transpose a square.
template <class T, std::size_t... I>
void interleave(Simd<T> a, Simd<T> b, Simd<T>& low, Simd<T>& high, std::index_sequence<I...>)
{
    low = __builtin_shufflevector(a, b, static_cast<int>(I / 2 + I % 2 * lanes<T>)...);
    high = __builtin_shufflevector(a, b, static_cast<int>(I / 2 + I % 2 * lanes<T> + lanes<T> / 2)...);
}

template <class T, std::size_t... I>
Simd<T> even_lanes(Simd<T> a, Simd<T> b, std::index_sequence<I...>)
{
    return __builtin_shufflevector(a, b, static_cast<int>(2 * I)...);
}

/** The lanes of n elements at a distance of 2. They lie in pairs of neighbouring vectors. The last pair may not be read
 *  beyond its last element. */
template <class T>
struct EverySecond
{
    explicit EverySecond(std::size_t n)
        : whole((n - 1) / lanes<T> * lanes<T>),
          some(n - whole),
          low(2 * (n - whole) <= lanes<T> ? 2 * (n - whole) - 1 : lanes<T>),
          high(2 * (n - whole) <= lanes<T> ? 0 : 2 * (n - whole) - 1 - lanes<T>)
    {}
    std::size_t whole;
    First<T> some, low, high;
};

/** to[r·to_row + j] = from[r·from_row + 2·j] for r < rows and j < n. */
template <class T>
void copy_every_second(const T* from, std::size_t from_row, T* to, std::size_t to_row, std::size_t rows, std::size_t n)
{
    constexpr std::make_index_sequence<lanes<T>> all;
    const EverySecond<T> s(n);
    for (std::size_t r = 0; r < rows; ++r, from += from_row, to += to_row) {
        for (std::size_t j = 0; j < s.whole; j += lanes<T>)
            store_vector(to + j, even_lanes<T>(load_vector(from + 2 * j), load_vector(from + 2 * j + lanes<T>), all));
        const T* last = from + 2 * s.whole;
        s.some.store(to + s.whole, even_lanes<T>(s.low.load(last), s.high.load(last + lanes<T>), all));
    }
}

/** to[r·to_row + 2·j] += from[r·from_row + j] for r < rows and j < n. */
template <class T>
void add_to_every_second(const T* from, std::size_t from_row, T* to, std::size_t to_row, std::size_t rows,
                         std::size_t n)
{
    constexpr std::make_index_sequence<lanes<T>> all;
    const EverySecond<T> s(n);
    Simd<T> low, high;
    for (std::size_t r = 0; r < rows; ++r, from += from_row, to += to_row) {
        for (std::size_t j = 0; j < s.whole; j += lanes<T>) {
            T* t = to + 2 * j;
            interleave<T>(load_vector(from + j), Simd<T>{}, low, high, all);
            store_vector(t, load_vector(t) + low);
            store_vector(t + lanes<T>, load_vector(t + lanes<T>) + high);
        }
        T* t = to + 2 * s.whole;
        interleave<T>(s.some.load(from + s.whole), Simd<T>{}, low, high, all);
        s.low.store(t, s.low.load(t) + low);
        s.high.store(t + lanes<T>, s.high.load(t + lanes<T>) + high);
    }
}

/** The vector whose lane i is the sum of the lanes of v[i]. Overwrites v, which holds as many vectors as a vector has
 *  lanes. */
template <class T>
Simd<T> sums_of_lanes(Simd<T>* v)
{
    for (std::size_t half = lanes<T> / 2; half > 0; half /= 2)
        for (std::size_t i = 0; i < half; ++i) {
            Simd<T> low, high;
            interleave<T>(v[i], v[i + half], low, high, std::make_index_sequence<lanes<T>>{});
            v[i] = low + high;
        }
    return v[0];
}

/** to[j·to_row + i] = from[i·from_row + j], or += with `accumulate`, for i < rows and j < columns, both at most
 *  `lanes`. With `pad`, whole vectors are stored, with 0 from `rows` on. */
template <class T>
void transpose_square(const T* from, std::size_t from_row, std::size_t rows, std::size_t columns, T* to,
                      std::size_t to_row, bool pad, bool accumulate)
{
    constexpr std::size_t w = lanes<T>;
    Simd<T> a[w], b[w];
    const First<T> row(columns), column(pad ? w : rows);
    if (rows == w)
        for (std::size_t i = 0; i < w; ++i)
            a[i] = row.load(from + i * from_row);
    else
        for (std::size_t i = 0; i < w; ++i)
            a[i] = i < rows ? row.load(from + i * from_row) : Simd<T>{};
    for (std::size_t stage = w; stage > 1; stage /= 2) {
        for (std::size_t i = 0; i < w / 2; ++i)
            interleave<T>(a[i], a[i + w / 2], b[2 * i], b[2 * i + 1], std::make_index_sequence<w>{});
        for (std::size_t i = 0; i < w; ++i)
            a[i] = b[i];
    }
    for (std::size_t j = 0; j < columns; ++j)
        column.store(to + j * to_row, accumulate ? a[j] + column.load(to + j * to_row) : a[j]);
}

/** The transposition of any number of rows and columns. With `pad`, `to_row` has room for `rows` rounded up to whole
 *  vectors. */
template <class T>
void transpose(const T* from, std::size_t from_row, std::size_t rows, std::size_t columns, T* to, std::size_t to_row,
               bool pad, bool accumulate)
{
    constexpr std::size_t w = lanes<T>;
    for (std::size_t j = 0; j < columns; j += w)
        for (std::size_t i = 0; i < rows; i += w)
            transpose_square(from + i * from_row + j, from_row, rows - i < w ? rows - i : w,
                             columns - j < w ? columns - j : w, to + j * to_row + i, to_row, pad, accumulate);
}

} // namespace
} // namespace xgrad::kernels::XGRAD_ARCHITECTURE
