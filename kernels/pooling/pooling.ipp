#pragma once
// Maximum, mean and sum over windows of each plane, and their gradients.

#include "../simd.ipp"
#include <xgrad/kernels/table.hpp>

#include <cstdint>

namespace xgrad::kernels::XGRAD_ARCHITECTURE
{
namespace
{

/** The cells of one output's window that lie inside the plane: begin, begin + step, …, before end. */
struct Cells
{
    Cells(std::size_t extent, std::size_t kernel, std::size_t output, std::size_t stride, std::size_t dilation,
          std::size_t pad)
        : begin(output * stride), end(begin + kernel * dilation), step(dilation)
    {
        // So far both are too large by `pad`.
        if (begin < pad)
            begin += (pad - begin + step - 1) / step * step;
        begin -= pad;
        end = end > pad ? end - pad : 0;
        end = end < extent ? end : extent;
        count = begin < end ? (end - begin + step - 1) / step : 0;
    }
    std::size_t begin, end, step, count;
};

inline Cells cells_down(const Window& w, std::size_t i)
{
    return {w.height, w.kernel_height, i, w.stride_height, w.dilation_height, w.pad_top};
}

inline Cells cells_across(const Window& w, std::size_t j)
{
    return {w.width, w.kernel_width, j, w.stride_width, w.dilation_width, w.pad_left};
}

/** Returns whether windows are 2×2 and lie side by side, the usual case. */
inline bool is_halving(const Window& w)
{
    return w.kernel_height == 2 && w.kernel_width == 2 && w.stride_height == 2 && w.stride_width == 2 &&
           w.dilation_height == 1 && w.dilation_width == 1 && w.pad_top == 0 && w.pad_left == 0 &&
           2 * w.out_height <= w.height && 2 * w.out_width <= w.width;
}

/** Loads the even and the odd ones of 2·count elements. */
template <class T, std::size_t... I>
void load_pairs(const T* from, std::size_t count, Simd<T>& even, Simd<T>& odd, std::index_sequence<I...>)
{
    constexpr std::size_t w = lanes<T>;
    const bool both = 2 * count > w;
    const Simd<T> low = First<T>(both ? w : 2 * count).load(from);
    const Simd<T> high = both ? First<T>(2 * count - w).load(from + w) : Simd<T>{};
    even = __builtin_shufflevector(low, high, static_cast<int>(2 * I)...);
    odd = __builtin_shufflevector(low, high, static_cast<int>(2 * I + 1)...);
}

template <class T, class F>
void for_each_row_of_pairs(const Window& w, F f)
{
    for (std::size_t p = 0; p < w.batch * w.channels; ++p)
        for (std::size_t i = 0; i < w.out_height; ++i)
            for (std::size_t j = 0; j < w.out_width; j += lanes<T>) {
                const std::size_t count = w.out_width - j < lanes<T> ? w.out_width - j : lanes<T>;
                f(p * w.height * w.width, 2 * i * w.width + 2 * j, (p * w.out_height + i) * w.out_width + j, count);
            }
}

template <class T>
struct IndexOf;
template <>
struct IndexOf<float>
{
    typedef std::int32_t Type __attribute__((vector_size(vector_bytes)));
};
template <>
struct IndexOf<double>
{
    typedef std::int64_t Type __attribute__((vector_size(vector_bytes)));
};
template <class T>
using Index = typename IndexOf<T>::Type;

template <class T>
void store_indices(std::int32_t* to, Index<T> v, std::size_t count)
{
    if constexpr (sizeof(T) == sizeof(std::int32_t)) {
        if (count == lanes<T>)
            return static_cast<void>(__builtin_memcpy(to, &v, sizeof v));
    }
    for (std::size_t l = 0; l < count; ++l)
        to[l] = static_cast<std::int32_t>(v[l]);
}

/** Takes a value in place of the best so far where it is larger or the first NaN. */
template <class T>
void meet(Simd<T> value, Index<T> place, Simd<T>& best, Index<T>& winner)
{
    const Index<T> better = (value > best) | ((value != value) & (best == best));
    best = better ? value : best;
    winner = better ? place : winner;
}

template <class T, std::size_t... I>
void max_pool_halving(const Window& w, const T* x, T* y, std::int32_t* winner, std::index_sequence<I...> lane)
{
    using Whole = decltype(Index<T>{}[0] + Index<T>{}[0]);
    const std::size_t outputs = w.batch * w.channels * w.out_height * w.out_width;
    for_each_row_of_pairs<T>(w, [&](std::size_t plane, std::size_t cell, std::size_t output, std::size_t count) {
        const Index<T> first = Index<T>{static_cast<std::int32_t>(2 * I)...} + static_cast<Whole>(cell);
        Simd<T> best, right, lower[2];
        load_pairs(x + plane + cell, count, best, right, lane);
        load_pairs(x + plane + cell + w.width, count, lower[0], lower[1], lane);
        Index<T> at = first;
        meet<T>(right, first + 1, best, at);
        meet<T>(lower[0], first + static_cast<Whole>(w.width), best, at);
        meet<T>(lower[1], first + static_cast<Whole>(w.width + 1), best, at);
        First<T>(count).store(y + output, best);
        // Whole vectors are faster. Their surplus lanes land on outputs that are written later, if there are any.
        store_indices<T>(winner + output, at, output + lanes<T> <= outputs ? lanes<T> : count);
    });
}

template <class T>
void max_pool2d(const Window& w, const T* x, T* y, std::int32_t* winner)
{
    if (is_halving(w))
        return max_pool_halving(w, x, y, winner, std::make_index_sequence<lanes<T>>{});
    for (std::size_t p = 0; p < w.batch * w.channels; ++p, x += w.height * w.width)
        for (std::size_t i = 0; i < w.out_height; ++i) {
            const Cells down = cells_down(w, i);
            for (std::size_t j = 0; j < w.out_width; ++j) {
                const Cells across = cells_across(w, j);
                // A window that is all padding has no winner.
                T best = -static_cast<T>(__builtin_inf());
                std::int32_t at = -1;
                for (std::size_t h = down.begin; h < down.end; h += down.step)
                    for (std::size_t v = across.begin; v < across.end; v += across.step) {
                        const T value = x[h * w.width + v];
                        if (at < 0 || value > best || (value != value && best == best)) {
                            best = value;
                            at = static_cast<std::int32_t>(h * w.width + v);
                        }
                    }
                *y++ = best;
                *winner++ = at;
            }
        }
}

template <class T>
Index<T> load_indices(const std::int32_t* from, std::size_t count)
{
    Index<T> v = {};
    if constexpr (sizeof(T) == sizeof(std::int32_t)) {
        const Simd<T> bits = First<T>(count).load(reinterpret_cast<const T*>(from));
        __builtin_memcpy(&v, &bits, sizeof v);
    } else {
        for (std::size_t l = 0; l < count; ++l)
            v[l] = from[l];
    }
    return v;
}

/** Stores count elements of `even` and of `odd` in turns. */
template <class T>
void store_pairs(T* to, std::size_t count, Simd<T> even, Simd<T> odd)
{
    Simd<T> low, high;
    interleave<T>(even, odd, low, high, std::make_index_sequence<lanes<T>>{});
    const std::size_t left = 2 * count < lanes<T> ? 2 * count : lanes<T>;
    First<T>(left).store(to, low);
    First<T>(2 * count - left).store(to + lanes<T>, high);
}

template <class T, std::size_t... I>
void scatter_halving(const Window& w, const T* g, const std::int32_t* winner, T* x, std::index_sequence<I...>)
{
    using Whole = decltype(Index<T>{}[0] + Index<T>{}[0]);
    for_each_row_of_pairs<T>(w, [&](std::size_t plane, std::size_t cell, std::size_t output, std::size_t count) {
        const Simd<T> value = First<T>(count).load(g + output);
        const Index<T> at = load_indices<T>(winner + output, count) - Index<T>{static_cast<std::int32_t>(2 * I)...};
        for (std::size_t row = 0; row < 2; ++row) {
            const std::size_t left = cell + row * w.width;
            store_pairs<T>(x + plane + left, count, at == static_cast<Whole>(left) ? value : Simd<T>{},
                           at == static_cast<Whole>(left + 1) ? value : Simd<T>{});
        }
    });
}

template <class T>
void scatter_planes(const Window& w, const T* g, const std::int32_t* winner, T* x)
{
    if (is_halving(w)) {
        // No window reaches the last row or column of an odd extent.
        if (w.height % 2 != 0 || w.width % 2 != 0)
            zero_row(x, w.batch * w.channels * w.height * w.width);
        return scatter_halving(w, g, winner, x, std::make_index_sequence<lanes<T>>{});
    }
    const std::size_t plane = w.height * w.width, outputs = w.out_height * w.out_width;
    zero_row(x, w.batch * w.channels * plane);
    for (std::size_t p = 0; p < w.batch * w.channels; ++p, x += plane, g += outputs, winner += outputs)
        for (std::size_t q = 0; q < outputs; ++q)
            if (winner[q] >= 0)
                x[winner[q]] += g[q];
}

template <class T>
void gather_planes(const Window& w, const T* x, const std::int32_t* winner, T* y)
{
    const std::size_t plane = w.height * w.width, outputs = w.out_height * w.out_width;
    for (std::size_t p = 0; p < w.batch * w.channels; ++p, x += plane, y += outputs, winner += outputs)
        for (std::size_t q = 0; q < outputs; ++q)
            y[q] = winner[q] >= 0 ? x[winner[q]] : T(0);
}

/** The number that a window's sum is divided by. */
template <class T>
T number_of(Divisor divisor, const Window& w, const Cells& down, const Cells& across)
{
    const std::size_t inside = down.count * across.count;
    return static_cast<T>(divisor == Divisor::window                 ? w.kernel_height * w.kernel_width
                          : divisor == Divisor::inside && inside > 0 ? inside
                                                                     : 1);
}

template <class T>
void mean_pool2d(const Window& w, Divisor divisor, const T* x, T* y)
{
    if (is_halving(w)) {
        const T factor = divisor == Divisor::one ? T(1) : T(0.25);
        return for_each_row_of_pairs<T>(
            w, [&](std::size_t plane, std::size_t cell, std::size_t output, std::size_t count) {
                Simd<T> a, b, c, d;
                load_pairs(x + plane + cell, count, a, b, std::make_index_sequence<lanes<T>>{});
                load_pairs(x + plane + cell + w.width, count, c, d, std::make_index_sequence<lanes<T>>{});
                First<T>(count).store(y + output, ((a + b) + (c + d)) * factor);
            });
    }
    for (std::size_t p = 0; p < w.batch * w.channels; ++p, x += w.height * w.width)
        for (std::size_t i = 0; i < w.out_height; ++i) {
            const Cells down = cells_down(w, i);
            for (std::size_t j = 0; j < w.out_width; ++j) {
                const Cells across = cells_across(w, j);
                T sum = 0;
                for (std::size_t h = down.begin; h < down.end; h += down.step)
                    for (std::size_t v = across.begin; v < across.end; v += across.step)
                        sum += x[h * w.width + v];
                *y++ = sum / number_of<T>(divisor, w, down, across);
            }
        }
}

template <class T>
void mean_pool2d_input(const Window& w, Divisor divisor, const T* g, T* x)
{
    zero_row(x, w.batch * w.channels * w.height * w.width);
    // Windows that do not overlap store their part, so that −0 stays −0.
    const bool apart = w.stride_height >= w.kernel_height && w.stride_width >= w.kernel_width &&
                       w.dilation_height == 1 && w.dilation_width == 1;
    if (is_halving(w)) {
        const T factor = divisor == Divisor::one ? T(1) : T(0.25);
        return for_each_row_of_pairs<T>(
            w, [&](std::size_t plane, std::size_t cell, std::size_t output, std::size_t count) {
                const Simd<T> part = First<T>(count).load(g + output) * factor;
                for (std::size_t row = 0; row < 2; ++row)
                    store_pairs(x + plane + cell + row * w.width, count, part, part);
            });
    }
    for (std::size_t p = 0; p < w.batch * w.channels; ++p, x += w.height * w.width)
        for (std::size_t i = 0; i < w.out_height; ++i) {
            const Cells down = cells_down(w, i);
            for (std::size_t j = 0; j < w.out_width; ++j) {
                const Cells across = cells_across(w, j);
                const T part = *g++ / number_of<T>(divisor, w, down, across);
                for (std::size_t h = down.begin; h < down.end; h += down.step)
                    for (std::size_t v = across.begin; v < across.end; v += across.step)
                        x[h * w.width + v] = apart ? part : x[h * w.width + v] + part;
            }
        }
}

} // namespace
} // namespace xgrad::kernels::XGRAD_ARCHITECTURE
