#pragma once
// The input gradient: the transpose of the forward product fills the planes,
//   plane(c, v)[f] = Σ_{u,o} w[o,c,u,v] · g[o][f − offset(u)],
// and each plane is then added to the columns of the image that the forward pass lays it out from.

#include "planes.ipp"

namespace xgrad::kernels::XGRAD_ARCHITECTURE
{
namespace
{

// A tile may reach this far over the end of a map, where it must meet zeros.
template <class T>
constexpr std::size_t margin = 8 * lanes<T>;

/** Packs w as the tiles read it: one tile of rows (c, v) after the other, taps in the order u, o. */
template <class T>
void pack_transposed_weights(const Planes& p, const Cut& row_tiles, const std::size_t* order, const T* w, T* to)
{
    const std::size_t kw = p.w.kernel_width, square = p.w.kernel_height * kw;
    for (std::size_t i = 0; i < row_tiles.count; ++i) {
        const std::size_t first_c = row_tiles.begin(i) / kw, first_v = row_tiles.begin(i) % kw;
        for (std::size_t k = 0; k < p.w.kernel_height; ++k)
            for (std::size_t o = 0; o < p.maps; ++o) {
                const T* from = w + o * p.taps + first_c * square + order[k] * kw;
                std::size_t v = first_v;
                for (std::size_t row = 0; row < row_tiles.length(i); ++row) {
                    *to++ = from[v];
                    if (++v == kw) {
                        v = 0;
                        from += square;
                    }
                }
            }
    }
}

/** Adds a matrix of `rows` by `n` to every `stride`-th column of another one. */
template <class T>
void add_rows(const T* from, std::size_t from_row, std::size_t stride, T* to, std::size_t to_row, std::size_t rows,
              std::size_t n)
{
    if (stride == 2)
        return add_to_every_second(from, from_row, to, to_row, rows, n);
    if (stride != 1) {
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t j = 0; j < n; ++j)
                to[r * to_row + j * stride] += from[r * from_row + j];
        return;
    }
    const std::size_t whole = n / lanes<T> * lanes<T>;
    const First<T> rest(n - whole);
    for (std::size_t r = 0; r < rows; ++r, from += from_row, to += to_row) {
        for (std::size_t j = 0; j < whole; j += lanes<T>)
            store_vector(to + j, load_vector(to + j) + load_vector(from + j));
        if (whole < n)
            rest.store(to + whole, rest.load(to + whole) + rest.load(from + whole));
    }
}

/** x[c, h, j·stride + v·dilation − pad] += plane(c, v)[r][j]. The outer loop runs over the kernel's columns, because a
 *  row of x that was stored a moment ago is slow to load at another offset. */
template <class T>
void add_planes(const Planes& p, std::size_t phase, std::size_t first, std::size_t end, const T* planes,
                std::size_t plane, T* x)
{
    const Window& w = p.w;
    const std::size_t h = first * w.stride_height + phase - w.pad_top;
    for (std::size_t v = 0; v < w.kernel_width; ++v) {
        const std::ptrdiff_t offset = column_offset(w, v);
        const Inside inside(w.width, w.out_width, w.stride_width, offset);
        if (inside.begin == inside.end)
            continue;
        const auto column = static_cast<std::ptrdiff_t>(inside.begin * w.stride_width) + offset;
        for (std::size_t c = 0; c < p.channels; ++c)
            add_rows(planes + (c * w.kernel_width + v) * plane + inside.begin, w.out_width, w.stride_width,
                     x + (c * w.height + h) * w.width + column, w.stride_height * w.width, end - first,
                     inside.end - inside.begin);
    }
}

/** The rows of one phase's planes that lie in this piece of the image and that some row of the kernel reaches. */
struct PhaseRows
{
    PhaseRows(const Planes& p, const Range& piece, std::size_t phase)
    {
        const Window& w = p.w;
        const auto down = [&](std::size_t h) {
            return h > phase ? (h - phase + w.stride_height - 1) / w.stride_height : 0;
        };
        begin = down(piece.begin + w.pad_top);
        end = down(piece.end + w.pad_top);
        const std::size_t reach = w.out_height + (w.kernel_height - 1) * w.dilation_height / w.stride_height;
        end = end < reach ? end : reach;
    }
    std::size_t begin, end;
};

/** The sum as it is written. The other ways multiply weights by zeros beside g, which is NaN for an infinite one. */
template <class T>
void spread_plainly(const Window& w, const T* g, const T* weights, T* x)
{
    const Range piece = w.piece.within(0, w.height);
    const std::size_t channels = w.channels / w.groups, maps = w.maps / w.groups;
    for (std::size_t plane = 0; plane < w.batch * w.channels; ++plane)
        zero_row(x + (plane * w.height + piece.begin) * w.width, piece.size() * w.width);
    for (std::size_t map = 0; map < w.batch * w.maps; ++map) {
        const std::size_t n = map / w.maps, o = map % w.maps;
        for (std::size_t c = 0; c < channels; ++c)
            for (std::size_t tap = 0; tap < w.kernel_height * w.kernel_width; ++tap) {
                const T weight = weights[(o * channels + c) * w.kernel_height * w.kernel_width + tap];
                const std::ptrdiff_t left = column_offset(w, tap % w.kernel_width);
                const Inside inside(w.width, w.out_width, w.stride_width, left);
                T* to = x + (n * w.channels + o / maps * channels + c) * w.height * w.width;
                for (std::size_t i = 0; i < w.out_height; ++i) {
                    // A row above the image wraps around, to a very large one.
                    const std::size_t h = i * w.stride_height + tap / w.kernel_width * w.dilation_height - w.pad_top;
                    if (h < piece.begin || h >= piece.end)
                        continue;
                    const T* from = g + (map * w.out_height + i) * w.out_width;
                    for (std::size_t j = inside.begin; j < inside.end; ++j)
                        to[h * w.width + static_cast<std::size_t>(static_cast<std::ptrdiff_t>(j * w.stride_width) +
                                                                  left)] += weight * from[j];
                }
            }
    }
}

template <class T>
void spread_windows(const Window& w, const T* g, const T* weights, T* x)
{
    if (!all_finite(weights, w.maps * (w.channels / w.groups) * w.kernel_height * w.kernel_width))
        return spread_plainly(w, g, weights, x);
    const std::size_t block = block_rows(w, sizeof(T)), kh = w.kernel_height, kw = w.kernel_width;
    const Planes p(w, block);
    const Range piece = w.piece.within(0, w.height);
    const std::size_t plane_rows = p.channels * kw, pitch = p.out_plane + margin<T>, ow = w.out_width;
    const Cut row_tiles(plane_rows, most_rows);
    T* planes = scratch<Purpose::result_of_convolution, T>(plane_rows * block * ow);
    T* maps = scratch<Purpose::planes_of_convolution, T>(margin<T> + p.maps * pitch);
    T* pack = scratch<Purpose::weights_of_convolution, T>(p.maps * p.taps);
    Run* runs = scratch<Purpose::runs_of_convolution, Run>(kh);
    auto* order = scratch<Purpose::order_of_convolution, std::size_t>(kh);
    std::size_t ordered = 0;
    for (std::size_t phase = 0; phase < p.phases; ++phase)
        for (std::size_t u = 0; u < kh; ++u)
            if (p.phase(u) == phase) {
                runs[ordered] = {static_cast<std::ptrdiff_t>(ordered * p.maps),
                                 -static_cast<std::ptrdiff_t>(p.shift(u) * ow), p.maps};
                order[ordered++] = u;
            }
    // The rows of g that this piece of the image meets.
    const std::size_t reach = (kh - 1) * w.dilation_height, top = piece.begin + w.pad_top;
    const Range met =
        Range{top > reach ? (top - reach) / w.stride_height : 0, (piece.end + w.pad_top - 1) / w.stride_height + 1}
            .within(0, w.out_height);
    zero_row(maps, margin<T>);
    Tile<T> tile;
    tile.a_row = 1;
    tile.b_step = static_cast<std::ptrdiff_t>(pitch);
    tile.accumulate = false;
    for (std::size_t group = 0; group < w.groups; ++group) {
        pack_transposed_weights(p, row_tiles, order, weights + group * p.maps * p.taps, pack);
        for (std::size_t n = 0; n < w.batch; ++n) {
            for (std::size_t o = 0; o < p.maps; ++o) {
                T* map = maps + margin<T> + o * pitch;
                copy_row(g + (n * w.maps + group * p.maps + o) * p.out_plane + met.begin * ow, map + met.begin * ow,
                         met.size() * ow);
                zero_row(map + p.out_plane, margin<T>);
            }
            T* image = x + (n * w.channels + group * p.channels) * w.height * w.width;
            for (std::size_t c = 0; c < p.channels; ++c)
                zero_row(image + (c * w.height + piece.begin) * w.width, piece.size() * w.width);
            std::size_t run_begin = 0;
            for (std::size_t phase = 0; phase < p.phases; ++phase) {
                std::size_t run_end = run_begin;
                while (run_end < kh && p.phase(order[run_end]) == phase)
                    ++run_end;
                if (run_begin == run_end)
                    continue;
                const PhaseRows rows(p, piece, phase);
                for (std::size_t first = rows.begin; first < rows.end; first += block) {
                    const std::size_t end = first + block < rows.end ? first + block : rows.end;
                    const std::size_t columns = (end - first) * ow;
                    tile.c_row = static_cast<std::ptrdiff_t>(columns);
                    const Cut column_tiles = cut_columns<T>(columns, row_tiles);
                    for (std::size_t h = 0; h < column_tiles.count; ++h) {
                        const std::size_t begin = column_tiles.begin(h) * lanes<T>, flat = first * ow + begin;
                        const std::size_t vectors =
                            place_columns(tile, column_tiles, h, columns, maps + margin<T> + flat);
                        const std::size_t top = flat / ow, bottom = (flat + vectors * lanes<T> - 1) / ow;
                        std::size_t from = run_begin, to = run_end;
                        while (from < to && p.shift(order[from]) + w.out_height <= top)
                            ++from;
                        while (from < to && p.shift(order[to - 1]) > bottom)
                            --to;
                        tile.runs = runs + from;
                        tile.run_count = to - from;
                        for (std::size_t i = 0; i < row_tiles.count; ++i) {
                            tile.a = pack + row_tiles.begin(i) * kh * p.maps;
                            tile.a_step = static_cast<std::ptrdiff_t>(row_tiles.length(i));
                            tile.c = planes + row_tiles.begin(i) * columns + begin;
                            tiles<T>[row_tiles.length(i) - 1][vectors - 1](tile);
                        }
                    }
                    add_planes(p, phase, first, end, planes, columns, image);
                }
                run_begin = run_end;
            }
        }
    }
}

/** The estimated clock ticks of an image: multiply-adds of vectors, and rows that are added up. */
template <class T>
double ticks_of_spreading(const Window& w)
{
    const std::size_t channels = w.channels / w.groups, rows = channels * w.kernel_width * w.height;
    const std::size_t multiply =
        w.maps / w.groups * channels * w.kernel_height * w.kernel_width * vectors_in<T>(w.height * w.out_width);
    return static_cast<double>(multiply) * 0.55 + static_cast<double>(rows * (2 * vectors_in<T>(w.out_width) + 4));
}

} // namespace
} // namespace xgrad::kernels::XGRAD_ARCHITECTURE
