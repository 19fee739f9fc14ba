#pragma once
// The innermost loops of products and convolutions: a tile of C, R rows by V vectors, that stays in registers.

#include "../simd.ipp"

#include <array>
#include <cstddef>
#include <utility>

// Without it the compiler unrolls too late to keep arrays of vectors in registers.
#define XGRAD_UNROLL _Pragma("GCC unroll 16")

namespace xgrad::kernels::XGRAD_ARCHITECTURE
{
namespace
{

/** A cut of `total` things into the fewest ranges of at most `most`, which are as even as possible. */
struct Cut
{
    Cut(std::size_t total, std::size_t most)
        : count((total + most - 1) / most), size(total / count), more(total % count)
    {}
    std::size_t begin(std::size_t i) const { return i * size + (i < more ? i : more); }
    std::size_t length(std::size_t i) const { return size + (i < more ? 1 : 0); }
    std::size_t largest() const { return length(0); }
    std::size_t count, size, more;
};

/** A run of steps along the inner dimension, in each of which an operand advances by the same distance. A product has
 *  one run, a convolution one for each row of the kernel. */
struct Run
{
    std::ptrdiff_t a; // where it starts, in steps of a
    std::ptrdiff_t b; // where it starts, in elements
    std::size_t length;
};

/** c[r·c_row + t·lanes + l] = Σ a[r·a_row + p·a_step] · b[t][p·b_step + l], summed over the steps p of all runs. */
template <class T>
struct Tile
{
    const Run* runs;
    std::size_t run_count;
    const T* a;
    std::ptrdiff_t a_row, a_step;
    const T* b[8];
    std::ptrdiff_t b_step;
    T* c;
    std::ptrdiff_t c_row;
    std::size_t last; // the number of lanes of the last vector
    bool accumulate;
};

// The accumulators, the vectors of B and one of A must fit the registers: rows·V + V + 1.
constexpr int most_vectors(int rows)
{
    const int fit = (vector_registers - 1) / (rows + 1);
    const int cap = rows == 1 ? 8 : 4;
    return fit < cap ? fit : cap;
}
constexpr int most_rows = vector_registers == 32 ? 14 : 6;

template <class T, int R, int V>
void multiply_tile(const Tile<T>& tile)
{
    constexpr auto w = static_cast<std::ptrdiff_t>(lanes<T>);
    const First<T> last(tile.last);
    Simd<T> sum[R][V] = {};
    if (tile.accumulate)
        XGRAD_UNROLL
    for (int r = 0; r < R; ++r) {
        const T* c = tile.c + r * tile.c_row;
        XGRAD_UNROLL
        for (int t = 0; t < V - 1; ++t)
            sum[r][t] = load_vector(c + t * w);
        sum[r][V - 1] = last.load(c + (V - 1) * w);
    }
    const std::ptrdiff_t row = tile.a_row, step = tile.a_step, b_step = tile.b_step;
    for (std::size_t i = 0; i < tile.run_count; ++i) {
        const Run run = tile.runs[i];
        // Each pointer serves four rows: {0, 1, 2, 3}·row are reached from two registers, so that all addresses fit.
        const T* a[(R + 3) / 4];
        XGRAD_UNROLL
        for (int q = 0; q < (R + 3) / 4; ++q)
            a[q] = tile.a + run.a * step + 4 * q * row;
        const T* b[V];
        XGRAD_UNROLL
        for (int t = 0; t < V; ++t)
            b[t] = tile.b[t] + run.b;
        for (std::size_t p = 0; p < run.length; ++p) {
            Simd<T> x[V];
            XGRAD_UNROLL
            for (int t = 0; t < V - 1; ++t)
                x[t] = load_vector(b[t]);
            x[V - 1] = last.load(b[V - 1]);
            XGRAD_UNROLL
            for (int r = 0; r < R; ++r) {
                const T y = a[r / 4][r % 4 * row];
                XGRAD_UNROLL
                for (int t = 0; t < V; ++t)
                    sum[r][t] += y * x[t];
            }
            XGRAD_UNROLL
            for (int q = 0; q < (R + 3) / 4; ++q) {
                a[q] += step;
                asm("" : "+r"(a[q])); // else the compiler keeps a pointer per row, on the stack
            }
            XGRAD_UNROLL
            for (int t = 0; t < V; ++t)
                b[t] += b_step;
        }
    }
    XGRAD_UNROLL
    for (int r = 0; r < R; ++r) {
        T* c = tile.c + r * tile.c_row;
        XGRAD_UNROLL
        for (int t = 0; t < V - 1; ++t)
            store_vector(c + t * w, sum[r][t]);
        last.store(c + (V - 1) * w, sum[r][V - 1]);
    }
}

template <class T>
using TileFunction = void (*)(const Tile<T>&);

template <class T, int R, int V>
constexpr TileFunction<T> tile_function()
{
    if constexpr (V <= most_vectors(R))
        return multiply_tile<T, R, V>;
    else
        return nullptr;
}

template <class T, int R, int... V>
constexpr std::array<TileFunction<T>, 8> tile_row(std::integer_sequence<int, V...>)
{
    return {tile_function<T, R, V + 1>()...};
}

template <class T, int... R>
constexpr std::array<std::array<TileFunction<T>, 8>, most_rows> all_tiles(std::integer_sequence<int, R...>)
{
    return {tile_row<T, R + 1>(std::make_integer_sequence<int, 8>{})...};
}

/** The tiles by their size: tiles<T>[rows − 1][vectors − 1]. */
template <class T>
constexpr auto tiles = all_tiles<T>(std::make_integer_sequence<int, most_rows>{});

/** The number of vectors that n elements take. */
template <class T>
constexpr std::size_t vectors_in(std::size_t n)
{
    return (n + lanes<T> - 1) / lanes<T>;
}

/** The cut of n columns into the widest tiles that this many rows leave registers for. */
template <class T>
Cut cut_columns(std::size_t n, const Cut& row_tiles)
{
    return Cut(vectors_in<T>(n), static_cast<std::size_t>(most_vectors(static_cast<int>(row_tiles.largest()))));
}

/** Puts a tile on the i-th range of n columns; this range begins at b. Returns the number of its vectors. */
template <class T>
std::size_t place_columns(Tile<T>& tile, const Cut& column_tiles, std::size_t i, std::size_t n, const T* b)
{
    const std::size_t vectors = column_tiles.length(i), end = (column_tiles.begin(i) + vectors) * lanes<T>;
    for (std::size_t t = 0; t < vectors; ++t)
        tile.b[t] = b + t * lanes<T>;
    tile.last = end > n ? lanes<T> - (end - n) : lanes<T>;
    return vectors;
}

} // namespace
} // namespace xgrad::kernels::XGRAD_ARCHITECTURE
