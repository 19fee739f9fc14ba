#pragma once
// Forward: y[o][q] = Σ_{c,u,v} w[o,c,u,v] · plane(c, v)[q + what u is ahead], a product whose rows of B overlap.

#include "planes.ipp"

namespace xgrad::kernels::XGRAD_ARCHITECTURE
{
namespace
{

/** Packs w (maps, channels, kh, kw) as the tiles read it: block of maps after block, taps in the order u, c, v. */
template <class T>
void pack_weights(const Planes& p, const Parts& blocks, const T* w, T* to)
{
    const std::size_t kw = p.w.kernel_width, square = p.w.kernel_height * kw;
    for (std::size_t i = 0; i < blocks.count; ++i) {
        const T* from = w + blocks.begin(i) * p.taps;
        const std::size_t maps = blocks.length(i);
        for (std::size_t u = 0; u < p.w.kernel_height; ++u)
            for (std::size_t c = 0; c < p.channels; ++c)
                for (std::size_t v = 0; v < kw; ++v, to += maps)
                    for (std::size_t o = 0; o < maps; ++o)
                        to[o] = from[o * p.taps + c * square + u * kw + v];
    }
}

template <class T>
void correlate_windows(const Window& w, const T* x, const T* weights, T* y)
{
    const std::size_t strip = strip_rows(w, sizeof(T)), kh = w.kernel_height, kw = w.kernel_width;
    const Planes p(w, strip);
    const Range part = w.part.within(0, w.out_height);
    const Parts blocks(p.maps, rows_of_windows);
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
            pack_weights(p, blocks, group_weights, pack);
        for (std::size_t n = 0; n < w.batch; ++n)
            for (std::size_t first = part.begin; first < part.end; first += strip) {
                lay_out(p, first, x + (n * w.channels + g * p.channels) * w.height * w.width, planes);
                T* out = y + (n * w.maps + g * p.maps) * p.out_plane + first * w.out_width;
                const std::size_t rows = part.end - first < strip ? part.end - first : strip;
                const std::size_t columns = rows * w.out_width;
                const Parts groups = tile_columns<T>(columns, blocks);
                for (std::size_t h = 0; h < groups.count; ++h) {
                    const std::size_t begin = groups.begin(h) * lanes<T>;
                    const std::size_t vectors = place_columns(tile, groups, h, columns, planes + begin);
                    for (std::size_t i = 0; i < blocks.count; ++i) {
                        const std::size_t from = blocks.begin(i), maps = blocks.length(i);
                        tile.a = packed ? pack + from * p.taps : group_weights + from * p.taps;
                        tile.a_step = packed ? static_cast<std::ptrdiff_t>(maps) : 1;
                        tile.c = out + from * p.out_plane + begin;
                        tiles<T>[maps - 1][vectors - 1](tile);
                    }
                }
            }
    }
}

/** The clock ticks that an image takes: multiply-adds of vectors, some of them half empty, and copied rows. */
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
