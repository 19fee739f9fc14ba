#pragma once
// The forward pass: y[o][q] = Σ_{c,u,v} w[o,c,u,v] · plane(c, v)[q + offset(u)], where row u of the kernel is ahead by
// offset(u). It is a matrix product whose rows of B overlap.

#include "planes.ipp"

namespace xgrad::kernels::XGRAD_ARCHITECTURE
{
namespace
{

/** Packs w (maps, channels, kh, kw) as the tiles read it: one tile of maps after the other, taps in the order u, c,
 *  v. */
template <class T>
void pack_weights(const Planes& p, const Cut& map_tiles, const T* w, T* to)
{
    const std::size_t kw = p.w.kernel_width, square = p.w.kernel_height * kw;
    for (std::size_t i = 0; i < map_tiles.count; ++i) {
        const T* from = w + map_tiles.begin(i) * p.taps;
        const std::size_t maps = map_tiles.length(i);
        for (std::size_t u = 0; u < p.w.kernel_height; ++u)
            for (std::size_t c = 0; c < p.channels; ++c)
                for (std::size_t v = 0; v < kw; ++v, to += maps)
                    for (std::size_t o = 0; o < maps; ++o)
                        to[o] = from[o * p.taps + c * square + u * kw + v];
    }
}

/** The sums of all images, which `sums` (sums.ipp) takes block by block. */
template <class T, class Sums>
void correlate_windows(const Window& w, const T* x, const T* weights, const Sums& sums)
{
    const std::size_t block = block_rows(w, sizeof(T)), kh = w.kernel_height, kw = w.kernel_width;
    const Planes p(w, block);
    const Range piece = w.piece.within(0, w.out_height);
    const Cut map_tiles(p.maps, rows_of_windows);
    const bool packed = w.batch * p.out_plane >= 512;
    T* planes = scratch<Purpose::planes_of_convolution, T>(p.size() + lanes<T>);
    T* pack = packed ? scratch<Purpose::weights_of_convolution, T>(p.maps * p.taps) : nullptr;
    const std::size_t run_count = packed ? kh : kh * p.channels;
    Run* runs = scratch<Purpose::runs_of_convolution, Run>(run_count);
    for (std::size_t u = 0; u < kh; ++u)
        for (std::size_t c = 0; c < p.channels; ++c) {
            const std::size_t first = packed ? u * p.channels * kw : (c * kh + u) * kw;
            if (!packed || c == 0)
                runs[packed ? u : c * kh + u] = {static_cast<std::ptrdiff_t>(first),
                                                 static_cast<std::ptrdiff_t>(p.start(c, u, 0)),
                                                 packed ? p.channels * kw : kw};
        }
    Tile<T> tile;
    tile.runs = runs;
    tile.run_count = run_count;
    tile.a_row = packed ? 1 : static_cast<std::ptrdiff_t>(p.taps);
    tile.b_step = static_cast<std::ptrdiff_t>(p.plane);
    tile.c_row = static_cast<std::ptrdiff_t>(p.out_plane);
    tile.accumulate = false;
    for (std::size_t g = 0; g < w.groups; ++g) {
        const T* group_weights = weights + g * p.maps * p.taps;
        if (packed)
            pack_weights(p, map_tiles, group_weights, pack);
        for (std::size_t n = 0; n < w.batch; ++n)
            for (std::size_t first = piece.begin; first < piece.end; first += block) {
                lay_out(p, first, x + (n * w.channels + g * p.channels) * w.height * w.width, planes);
                T* out = sums.image(w, n) + g * p.maps * p.out_plane + first * w.out_width;
                const std::size_t rows = piece.end - first < block ? piece.end - first : block;
                const std::size_t columns = rows * w.out_width;
                const Cut column_tiles = cut_columns<T>(columns, map_tiles);
                for (std::size_t h = 0; h < column_tiles.count; ++h) {
                    const std::size_t begin = column_tiles.begin(h) * lanes<T>;
                    const std::size_t vectors = place_columns(tile, column_tiles, h, columns, planes + begin);
                    for (std::size_t i = 0; i < map_tiles.count; ++i) {
                        const std::size_t from = map_tiles.begin(i), maps = map_tiles.length(i);
                        tile.a = packed ? pack + from * p.taps : group_weights + from * p.taps;
                        tile.a_step = packed ? static_cast<std::ptrdiff_t>(maps) : 1;
                        tile.c = out + from * p.out_plane + begin;
                        tiles<T>[maps - 1][vectors - 1](tile);
                    }
                }
                sums.take(w, n, {g * p.maps, (g + 1) * p.maps}, {first, first + rows});
            }
    }
}

/** The estimated clock ticks of an image: multiply-adds of vectors, some of them half empty, and copied rows. */
template <class T>
double ticks_of_windows(const Window& w)
{
    const std::size_t channels = w.channels / w.groups, rows = channels * w.kernel_width * w.height;
    const std::size_t multiply =
        w.maps / w.groups * channels * w.kernel_height * w.kernel_width * vectors_in<T>(w.out_height * w.out_width);
    return static_cast<double>(multiply) * 0.55 + static_cast<double>(rows * (vectors_in<T>(w.out_width) + 3));
}

} // namespace
} // namespace xgrad::kernels::XGRAD_ARCHITECTURE
