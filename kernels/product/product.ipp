#pragma once
// C = op(A)·op(B) on one thread: which way the lanes run, what is packed, how it is cut into tiles.

#include "../scratch.ipp"
#include "dot.ipp"
#include "tile.ipp"
#include <xgrad/kernels/geometry.hpp>

namespace xgrad::kernels::XGRAD_ARCHITECTURE
{
namespace
{

/** The operand whose elements are broadcast: op(A)[i][p] = data[i·row + p·step]. */
template <class T>
struct Broadcast
{
    const T* data;
    std::size_t row, step;
};

/** The operand that is loaded in vectors: element l of vector v at step p is data[v·vector + p·step + l]. If it is
 *  packed for tiles of V vectors, step = V·lanes. */
template <class T>
struct InLanes
{
    const T* data;
    std::size_t vector;
    std::size_t step; // 0: packed
};

/** Packs rows so that the tile's next step is next in memory: tile after tile, step after step, row after row. */
template <class T>
Broadcast<T> pack_rows(const Broadcast<T>& a, const Cut& row_tiles, std::size_t k, T* to)
{
    for (std::size_t i = 0; i < row_tiles.count; ++i) {
        const std::size_t r = row_tiles.length(i);
        const T* from = a.data + row_tiles.begin(i) * a.row;
        T* packed = to + row_tiles.begin(i) * k;
        if (a.row == 1)
            for (std::size_t p = 0; p < k; ++p)
                copy_row(from + p * a.step, packed + p * r, r);
        else
            for (std::size_t p = 0; p < k; p += lanes<T>)
                transpose(from + p, a.row, r, k - p < lanes<T> ? k - p : lanes<T>, packed + p * r, r, false, false);
    }
    return {to, 1, 0};
}

/** Packs n columns of op(B) for the tiles that `column_tiles` cuts them into: tile after tile, step after step. */
template <class T>
InLanes<T> pack_columns(const T* b, std::size_t ldb, bool transposed, std::size_t n, std::size_t k,
                        const Cut& column_tiles, T* to)
{
    constexpr std::size_t w = lanes<T>;
    for (std::size_t g = 0; g < column_tiles.count; ++g) {
        const std::size_t first = column_tiles.begin(g) * w, width = column_tiles.length(g) * w;
        const std::size_t columns = n - first < width ? n - first : width;
        T* packed = to + first * k;
        if (transposed) {
            transpose(b + first * ldb, ldb, columns, k, packed, width, true, false);
            continue;
        }
        const std::size_t whole = columns / w * w;
        const First<T> rest(columns - whole);
        for (std::size_t p = 0; p < k; ++p) {
            const T* from = b + p * ldb + first;
            for (std::size_t l = 0; l < whole; l += w)
                store_vector(packed + p * width + l, load_vector(from + l));
            if (whole < width)
                store_vector(packed + p * width + whole, rest.load(from + whole));
        }
    }
    return {to, k * w, 0};
}

/** Runs the tiles over a block whose operands are in place. */
template <class T>
void multiply_block(const Broadcast<T>& a, const Cut& row_tiles, const InLanes<T>& b, const Cut& column_tiles,
                    std::size_t n, std::size_t k, T* c, std::size_t ldc, bool accumulate)
{
    constexpr std::size_t w = lanes<T>;
    const Run run{0, 0, k};
    for (std::size_t g = 0; g < column_tiles.count; ++g) {
        const std::size_t first = column_tiles.begin(g);
        Tile<T> tile;
        const std::size_t vectors = place_columns(tile, column_tiles, g, n, b.data + first * b.vector);
        tile.runs = &run;
        tile.run_count = 1;
        tile.b_step = static_cast<std::ptrdiff_t>(b.step == 0 ? vectors * w : b.step);
        tile.c_row = static_cast<std::ptrdiff_t>(ldc);
        tile.accumulate = accumulate;
        for (std::size_t i = 0; i < row_tiles.count; ++i) {
            const std::size_t r = row_tiles.length(i);
            const bool packed = a.step == 0;
            tile.a = a.data + row_tiles.begin(i) * (packed ? k : a.row);
            tile.a_row = static_cast<std::ptrdiff_t>(a.row);
            tile.a_step = static_cast<std::ptrdiff_t>(packed ? r : a.step);
            tile.c = c + row_tiles.begin(i) * ldc + first * w;
            tiles<T>[r - 1][vectors - 1](tile);
        }
    }
}

// Cᵀ = op(B)ᵀ·op(A)ᵀ with the rows of A in the lanes. It is for a B whose columns are not contiguous: only A, the
// smaller one, has to be transposed.
template <class T>
void product_by_columns(const Product& s, const T* a, const T* b, T* c)
{
    const Cut column_tiles(vectors_in<T>(s.m), static_cast<std::size_t>(most_vectors(most_rows)));
    const std::size_t padded = vectors_in<T>(s.m) * lanes<T>;
    InLanes<T> in_lanes{a, lanes<T>, s.lda};
    if (!s.transpose_a)
        in_lanes =
            pack_columns(a, s.lda, true, s.m, s.k, column_tiles, scratch<Purpose::packed_columns, T>(padded * s.k));
    constexpr std::size_t block = 16 * most_rows;
    T* result = scratch<Purpose::transposed_result, T>(block * padded);
    for (std::size_t j = 0; j < s.n; j += block) {
        const std::size_t columns = s.n - j < block ? s.n - j : block;
        multiply_block(Broadcast<T>{b + j * s.ldb, s.ldb, 1}, Cut(columns, most_rows), in_lanes, column_tiles, s.m, s.k,
                       result, padded, false);
        transpose(result, padded, columns, s.m, c + j, s.ldc, false, s.accumulate);
    }
}

template <class T>
void product_by_rows(const Product& s, const T* a, const T* b, T* c)
{
    const std::size_t a_row = s.transpose_a ? 1 : s.lda, a_step = s.transpose_a ? s.lda : 1;
    constexpr std::size_t most_k = 320, most_n = 512, most_m = 16 * most_rows;
    const Cut inner_blocks(s.k, most_k), column_blocks(vectors_in<T>(s.n), most_n / lanes<T>), row_blocks(s.m, most_m);
    const bool pack_b = s.transpose_b || (s.m > 4 * most_rows && s.k * s.n > 4096);
    const bool pack_a = s.n > 8 * lanes<T> && s.m > 4 * most_rows;
    T* space_b = pack_b
                     ? scratch<Purpose::packed_columns, T>(column_blocks.largest() * lanes<T> * inner_blocks.largest())
                     : nullptr;
    T* space_a = pack_a ? scratch<Purpose::packed_rows, T>(row_blocks.largest() * inner_blocks.largest()) : nullptr;
    for (std::size_t q = 0; q < inner_blocks.count; ++q) {
        const std::size_t p = inner_blocks.begin(q), k = inner_blocks.length(q);
        for (std::size_t h = 0; h < column_blocks.count; ++h) {
            const std::size_t j = column_blocks.begin(h) * lanes<T>;
            const std::size_t end = j + column_blocks.length(h) * lanes<T>, n = (end < s.n ? end : s.n) - j;
            const Cut column_tiles = cut_columns<T>(n, Cut(s.m, most_rows));
            const T* from = b + (s.transpose_b ? j * s.ldb + p : p * s.ldb + j);
            const InLanes<T> in_lanes = pack_b ? pack_columns(from, s.ldb, s.transpose_b, n, k, column_tiles, space_b)
                                               : InLanes<T>{from, lanes<T>, s.ldb};
            for (std::size_t g = 0; g < row_blocks.count; ++g) {
                const std::size_t i = row_blocks.begin(g);
                const Cut row_tiles(row_blocks.length(g), most_rows);
                Broadcast<T> broadcast{a + i * a_row + p * a_step, a_row, a_step};
                if (pack_a)
                    broadcast = pack_rows(broadcast, row_tiles, k, space_a);
                multiply_block(broadcast, row_tiles, in_lanes, column_tiles, n, k, c + i * s.ldc + j, s.ldc,
                               s.accumulate || q > 0);
            }
        }
    }
}

enum class Way : unsigned char
{
    dot,
    columns,
    rows
};

/** Returns the cheapest of the three ways in clock ticks: two multiply-adds a tick, about 0.35 for each element that
 *  has to be transposed and, in the dot products, 3 for each sum over lanes. */
template <class T>
Way cheapest_with_transposed_b(const Product& s)
{
    const auto m = static_cast<double>(s.m), n = static_cast<double>(s.n), k = static_cast<double>(s.k);
    const auto vectors = [](std::size_t size) { return static_cast<double>(vectors_in<T>(size)); };
    const double rows = vectors(s.n) * m * k / 2 + 0.35 * n * k;
    const double columns = vectors(s.m) * n * k / 2 + 0.35 * (s.transpose_a ? 0 : m * k) + 0.35 * m * n;
    const double dot = (vectors(s.k) * 0.6 + 3) * m * n;
    if (!s.transpose_a && dot <= columns && dot <= rows)
        return Way::dot;
    return columns <= rows && s.m <= 8 * lanes<T> ? Way::columns : Way::rows;
}

template <class T>
void product(const Product& s, const T* a, const T* b, T* c)
{
    if (s.m == 0 || s.n == 0)
        return;
    if (s.k == 0) {
        for (std::size_t i = 0; i < s.m && !s.accumulate; ++i)
            zero_row(c + i * s.ldc, s.n);
        return;
    }
    if (s.n == 1 && s.m > 1 && s.ldc == 1)
        return product(Product{1, s.m, s.k, !s.transpose_b, !s.transpose_a, s.ldb, s.lda, s.m, s.accumulate}, b, a, c);
    if (!s.transpose_b)
        return product_by_rows(s, a, b, c);
    switch (cheapest_with_transposed_b<T>(s)) {
    case Way::dot:
        return dot_product(s, a, b, c);
    case Way::columns:
        return product_by_columns(s, a, b, c);
    case Way::rows:
        return product_by_rows(s, a, b, c);
    }
}

} // namespace
} // namespace xgrad::kernels::XGRAD_ARCHITECTURE
