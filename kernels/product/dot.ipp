#pragma once
// Products in which both operands are contiguous along the inner dimension: the lanes hold partial sums.

#include "tile.ipp"
#include <xgrad/kernels/geometry.hpp>

namespace xgrad::kernels::XGRAD_ARCHITECTURE
{
namespace
{

/** Adds R × V dot products of length n, lane by lane: sums[r·sums_row + t] += a[r·a_row + p]·b[t][p]. */
template <class T, int R, int V>
void dot_tile(std::size_t n, const T* a, std::size_t a_row, const T* const* b, Simd<T>* sums, std::size_t sums_row)
{
    Simd<T> sum[R][V];
    XGRAD_UNROLL
    for (int r = 0; r < R; ++r)
        XGRAD_UNROLL
    for (int t = 0; t < V; ++t)
        sum[r][t] = sums[static_cast<std::size_t>(r) * sums_row + static_cast<std::size_t>(t)];
    const auto step = [&](std::size_t p, auto load) {
        Simd<T> x[V];
        XGRAD_UNROLL
        for (int t = 0; t < V; ++t) {
            x[t] = load(b[t] + p);
            if (R > 1)
                keep_in_register(x[t]);
        }
        XGRAD_UNROLL
        for (int r = 0; r < R; ++r) {
            const Simd<T> y = load(a + static_cast<std::size_t>(r) * a_row + p);
            XGRAD_UNROLL
            for (int t = 0; t < V; ++t)
                sum[r][t] += y * x[t];
        }
    };
    std::size_t p = 0;
    for (; p + lanes<T> <= n; p += lanes<T>)
        step(p, [](const T* from) { return load_vector(from); });
    if (p < n) {
        const First<T> rest(n - p);
        step(p, [&rest](const T* from) { return rest.load(from); });
    }
    XGRAD_UNROLL
    for (int r = 0; r < R; ++r)
        XGRAD_UNROLL
    for (int t = 0; t < V; ++t)
        sums[static_cast<std::size_t>(r) * sums_row + static_cast<std::size_t>(t)] = sum[r][t];
}

template <class T>
using DotTile = void (*)(std::size_t n, const T* a, std::size_t a_row, const T* const* b, Simd<T>* sums,
                         std::size_t sums_row);

// At most 8 columns with one row and 5 (3 where registers are few) with two or three; the rest of the table is empty.
constexpr std::size_t most_dot_rows = 3;
constexpr std::size_t most_dot_columns(std::size_t rows) { return rows == 1 ? 8 : vector_registers == 32 ? 5 : 3; }

/** The tiles by their size: dot_tiles<T>[rows − 1][columns − 1]. */
template <class T>
constexpr DotTile<T> dot_tiles[most_dot_rows][8] = {
    {dot_tile<T, 1, 1>, dot_tile<T, 1, 2>, dot_tile<T, 1, 3>, dot_tile<T, 1, 4>, dot_tile<T, 1, 5>, dot_tile<T, 1, 6>,
     dot_tile<T, 1, 7>, dot_tile<T, 1, 8>},
    {dot_tile<T, 2, 1>, dot_tile<T, 2, 2>, dot_tile<T, 2, 3>, dot_tile<T, 2, 4>, dot_tile<T, 2, 5>},
    {dot_tile<T, 3, 1>, dot_tile<T, 3, 2>, dot_tile<T, 3, 3>, dot_tile<T, 3, 4>, dot_tile<T, 3, 5>}};

/** C = A·Bᵀ for A (m×k) and B (n×k), both with contiguous rows. It takes as many columns at a time as there are lanes,
 *  so that their sums over the lanes are one vector. */
template <class T>
void dot_product(const Product& s, const T* a, const T* b, T* c)
{
    constexpr std::size_t w = lanes<T>;
    const Cut row_tiles(s.m, most_dot_rows);
    for (std::size_t j = 0; j < s.n; j += w) {
        const std::size_t width = s.n - j < w ? s.n - j : w;
        const First<T> some(width);
        const T* row_of_b[w];
        for (std::size_t t = 0; t < width; ++t)
            row_of_b[t] = b + (j + t) * s.ldb;
        for (std::size_t g = 0; g < row_tiles.count; ++g) {
            const std::size_t i = row_tiles.begin(g), rows = row_tiles.length(g);
            const Cut column_tiles(width, most_dot_columns(rows));
            Simd<T> sums[most_dot_rows * w] = {};
            for (std::size_t h = 0; h < column_tiles.count; ++h)
                dot_tiles<T>[rows - 1][column_tiles.length(h) - 1](
                    s.k, a + i * s.lda, s.lda, row_of_b + column_tiles.begin(h), sums + column_tiles.begin(h), w);
            for (std::size_t r = 0; r < rows; ++r) {
                T* to = c + (i + r) * s.ldc + j;
                const Simd<T> sum = sums_of_lanes<T>(sums + r * w);
                some.store(to, s.accumulate ? some.load(to) + sum : sum);
            }
        }
    }
}

} // namespace
} // namespace xgrad::kernels::XGRAD_ARCHITECTURE
