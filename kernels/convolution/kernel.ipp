#pragma once
// The kernel gradient:
//   w[o,c,u,v] = Σ_{n,i,j} g[n,o,i,j] · x[n, c, i·stride + u·dilation − pad, j·stride + v·dilation − pad].
// One way has the channels next to each other, so that the (v, c) that meet one output are a run of memory and fill the
// lanes. The other way, for few channels, has outputs in the lanes: dot products of g and the forward planes.

#include "../product/dot.ipp"
#include "planes.ipp"

namespace xgrad::kernels::XGRAD_ARCHITECTURE
{
namespace
{

/** The part of the padded image that the windows cover, with the channels innermost. */
struct Pixels
{
    explicit Pixels(const Planes& p)
        : height((p.w.out_height - 1) * p.w.stride_height + (p.w.kernel_height - 1) * p.w.dilation_height + 1),
          width((p.w.out_width - 1) * p.w.stride_width + (p.w.kernel_width - 1) * p.w.dilation_width + 1),
          row(width * p.channels)
    {}
    std::size_t height, width, row;
};

template <class T>
void lay_out_pixels(const Planes& p, const Pixels& pixels, const T* x, T* to)
{
    const Window& w = p.w;
    const Inside columns(w.width, pixels.width, 1, -static_cast<std::ptrdiff_t>(w.pad_left));
    for (std::size_t i = 0; i < pixels.height; ++i, to += pixels.row) {
        const std::size_t h = i - w.pad_top;
        if (i < w.pad_top || h >= w.height || columns.begin == columns.end) {
            zero_row(to, pixels.row);
            continue;
        }
        zero_row(to, columns.begin * p.channels);
        zero_row(to + columns.end * p.channels, (pixels.width - columns.end) * p.channels);
        transpose(x + h * w.width + columns.begin - w.pad_left, w.height * w.width, p.channels,
                  columns.end - columns.begin, to + columns.begin * p.channels, p.channels, false, false);
    }
}

/** The runs of (v, c) that one row of the kernel has: one, or one for each v if dilation parts them. */
struct LaneRuns
{
    explicit LaneRuns(const Planes& p)
        : count(p.w.dilation_width == 1 ? 1 : p.w.kernel_width),
          length(p.channels * (p.w.dilation_width == 1 ? p.w.kernel_width : 1))
    {}
    std::size_t count, length;
};

template <class T>
void kernel_gradient_by_channels(const Planes& p, const T* x, const T* g, T* weights)
{
    const Window& w = p.w;
    const Pixels pixels(p);
    const LaneRuns lane_runs(p);
    const std::size_t per_run = vectors_in<T>(lane_runs.length), per_row = lane_runs.count * per_run;
    const std::size_t vectors = w.kernel_height * per_row, result_row = vectors * lanes<T>;
    T* pixel = scratch<Purpose::planes_of_convolution, T>(pixels.height * pixels.row + lanes<T>);
    T* result = scratch<Purpose::result_of_convolution, T>(p.maps * result_row);
    Run* runs = scratch<Purpose::runs_of_convolution, Run>(w.out_height);
    for (std::size_t i = 0; i < w.out_height; ++i)
        runs[i] = {static_cast<std::ptrdiff_t>(i * w.out_width),
                   static_cast<std::ptrdiff_t>(i * w.stride_height * pixels.row), w.out_width};
    const auto start = [&](std::size_t vector) {
        const std::size_t u = vector / per_row, s = vector % per_row / per_run, rest = vector % per_run;
        return u * w.dilation_height * pixels.row + s * w.dilation_width * p.channels + rest * lanes<T>;
    };
    const Cut map_tiles(p.maps, rows_of_windows);
    const Cut column_tiles = cut_columns<T>(result_row, map_tiles);
    Tile<T> tile;
    tile.runs = runs;
    tile.run_count = w.out_height;
    tile.a_row = static_cast<std::ptrdiff_t>(p.out_plane);
    tile.a_step = 1;
    tile.b_step = static_cast<std::ptrdiff_t>(w.stride_width * p.channels);
    tile.c_row = static_cast<std::ptrdiff_t>(result_row);
    tile.last = lanes<T>;
    for (std::size_t n = 0; n < w.batch; ++n) {
        lay_out_pixels(p, pixels, x + n * w.channels * w.height * w.width, pixel);
        tile.accumulate = n > 0;
        for (std::size_t h = 0; h < column_tiles.count; ++h) {
            for (std::size_t t = 0; t < column_tiles.length(h); ++t)
                tile.b[t] = pixel + start(column_tiles.begin(h) + t);
            for (std::size_t i = 0; i < map_tiles.count; ++i) {
                tile.a = g + (n * w.maps + map_tiles.begin(i)) * p.out_plane;
                tile.c = result + map_tiles.begin(i) * result_row + column_tiles.begin(h) * lanes<T>;
                tiles<T>[map_tiles.length(i) - 1][column_tiles.length(h) - 1](tile);
            }
        }
    }
    for (std::size_t o = 0; o < p.maps; ++o)
        for (std::size_t c = 0; c < p.channels; ++c)
            for (std::size_t u = 0; u < w.kernel_height; ++u)
                for (std::size_t v = 0; v < w.kernel_width; ++v) {
                    const std::size_t s = lane_runs.count == 1 ? 0 : v;
                    const std::size_t lane = lane_runs.count == 1 ? v * p.channels + c : c;
                    *weights++ = result[o * result_row + (u * per_row + s * per_run) * lanes<T> + lane];
                }
}

template <class T>
void kernel_gradient_by_outputs(const Planes& p, std::size_t block, const T* x, const T* g, T* weights)
{
    const Window& w = p.w;
    const std::size_t padded = vectors_in<T>(p.taps) * lanes<T>;
    T* planes = scratch<Purpose::planes_of_convolution, T>(p.size() + lanes<T>);
    auto* sums = scratch<Purpose::result_of_convolution, Simd<T>>(p.maps * padded);
    const T** tap = scratch<Purpose::runs_of_convolution, const T*>(p.taps);
    for (std::size_t i = 0; i < p.maps * padded; ++i)
        sums[i] = Simd<T>{};
    const Cut map_tiles(p.maps, most_dot_rows);
    const Cut column_tiles(p.taps, most_dot_columns(map_tiles.largest()));
    for (std::size_t c = 0, k = 0; c < p.channels; ++c)
        for (std::size_t u = 0; u < w.kernel_height; ++u)
            for (std::size_t v = 0; v < w.kernel_width; ++v)
                tap[k++] = planes + p.start(c, u, v);
    for (std::size_t n = 0; n < w.batch; ++n)
        for (std::size_t first = 0; first < w.out_height; first += block) {
            lay_out(p, first, x + n * w.channels * w.height * w.width, planes);
            const std::size_t rows = w.out_height - first < block ? w.out_height - first : block;
            for (std::size_t h = 0; h < column_tiles.count; ++h)
                for (std::size_t i = 0; i < map_tiles.count; ++i)
                    dot_tiles<T>[map_tiles.length(i) - 1][column_tiles.length(h) - 1](
                        rows * w.out_width, g + (n * w.maps + map_tiles.begin(i)) * p.out_plane + first * w.out_width,
                        p.out_plane, tap + column_tiles.begin(h),
                        sums + map_tiles.begin(i) * padded + column_tiles.begin(h), padded);
        }
    for (std::size_t o = 0; o < p.maps; ++o)
        for (std::size_t k = 0; k < p.taps; k += lanes<T>) {
            const First<T> some(p.taps - k < lanes<T> ? p.taps - k : lanes<T>);
            some.store(weights + o * p.taps + k, sums_of_lanes<T>(sums + o * padded + k));
        }
}

template <class T>
void correlate_outputs(const Window& w, const T* x, const T* g, T* weights)
{
    const std::size_t block = block_rows(w, sizeof(T));
    const Planes p(w, block);
    const LaneRuns lane_runs(p);
    // The cost of each way: multiply-adds of vectors, laying out, and adding up lanes.
    const std::size_t by_channels =
        w.batch * (p.maps * w.kernel_height * lane_runs.count * vectors_in<T>(lane_runs.length) * p.out_plane +
                   p.channels * w.height * w.width / 2);
    const std::size_t by_outputs = w.batch * (p.maps * p.taps * (vectors_in<T>(p.out_plane) + 2) +
                                              p.channels * w.kernel_width * w.out_height * 4) +
                                   p.maps * p.taps * 6;
    for (std::size_t group = 0; group < w.groups; ++group) {
        const Range piece = w.piece.within(group * p.maps, (group + 1) * p.maps);
        if (piece.size() == 0)
            continue;
        Planes some = p;
        some.maps = piece.size();
        const T* channels = x + group * p.channels * w.height * w.width;
        const T* maps = g + piece.begin * p.out_plane;
        if (by_channels < by_outputs)
            kernel_gradient_by_channels(some, channels, maps, weights + piece.begin * p.taps);
        else
            kernel_gradient_by_outputs(some, block, channels, maps, weights + piece.begin * p.taps);
    }
}

} // namespace
} // namespace xgrad::kernels::XGRAD_ARCHITECTURE
