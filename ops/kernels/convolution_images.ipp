#pragma once
// Correlation with as many images as there are lanes side by side: the pixels of all of them are one vector, so no
// shape wastes lanes, and what lies outside the image is left out of the sums instead of multiplied by 0. It takes two
// transpositions, which the other way (convolution_forward.ipp) saves.

#include "product_tile.ipp"
#include "scratch.ipp"
#include <xgrad/ops/kernels/geometry.hpp>

namespace xgrad::kernels::XGRAD_ARCHITECTURE
{
namespace
{

/** One direction: output q meets source q·stride + t·dilation − pad with tap t. */
struct Direction
{
    std::size_t source, outputs, taps, stride, dilation;
    std::ptrdiff_t pad;

    std::ptrdiff_t at(std::size_t q, std::size_t t) const
    {
        return static_cast<std::ptrdiff_t>(q * stride + t * dilation) - pad;
    }
    bool inside(std::size_t q, std::size_t t) const
    {
        const std::ptrdiff_t i = at(q, t);
        return i >= 0 && i < static_cast<std::ptrdiff_t>(source);
    }
    std::size_t first_tap(std::size_t q) const
    {
        std::size_t t = 0;
        while (t < taps && !inside(q, t))
            ++t;
        return t;
    }
    std::size_t end_tap(std::size_t q) const
    {
        std::size_t t = taps;
        while (t > 0 && !inside(q, t - 1))
            --t;
        return t;
    }
};

/** What forward and input gradient have in common: `channels` of the source make `maps` of the result. */
struct ImageCorrelation
{
    Direction down, across;
    std::size_t channels, maps;         // of one group
    std::size_t all_channels, all_maps; // of all groups: how far images are apart

    std::size_t source_plane() const { return down.source * across.source; }
    std::size_t plane() const { return down.outputs * across.outputs; }
    std::size_t taps() const { return down.taps * across.taps; }
};

inline ImageCorrelation forward_of_images(const Window& w)
{
    return {{w.height, w.out_height, w.kernel_height, w.stride_height, w.dilation_height,
             static_cast<std::ptrdiff_t>(w.pad_top)},
            {w.width, w.out_width, w.kernel_width, w.stride_width, w.dilation_width,
             static_cast<std::ptrdiff_t>(w.pad_left)},
            w.channels / w.groups,
            w.maps / w.groups,
            w.channels,
            w.maps};
}

/** With stride 1 the input gradient is a correlation of g with the kernel turned by 180 degrees. */
inline ImageCorrelation input_of_images(const Window& w)
{
    const auto full = [](std::size_t kernel, std::size_t dilation, std::size_t pad) {
        return static_cast<std::ptrdiff_t>((kernel - 1) * dilation) - static_cast<std::ptrdiff_t>(pad);
    };
    return {
        {w.out_height, w.height, w.kernel_height, 1, w.dilation_height,
         full(w.kernel_height, w.dilation_height, w.pad_top)},
        {w.out_width, w.width, w.kernel_width, 1, w.dilation_width, full(w.kernel_width, w.dilation_width, w.pad_left)},
        w.maps / w.groups,
        w.channels / w.groups,
        w.maps,
        w.channels};
}

/** Packs block after block of maps, taps in the order u, v, c. `turned`: w is (channels, maps, …) and runs backwards.
 */
template <class T>
void pack_image_weights(const ImageCorrelation& s, const Parts& blocks, bool turned, const T* w, T* to)
{
    const std::size_t taps = s.taps();
    const std::size_t map = turned ? taps : s.channels * taps, channel = turned ? s.maps * taps : taps;
    for (std::size_t i = 0; i < blocks.count; ++i)
        for (std::size_t tap = 0; tap < taps; ++tap)
            for (std::size_t c = 0; c < s.channels; ++c) {
                const T* from = w + blocks.begin(i) * map + c * channel + (turned ? taps - 1 - tap : tap);
                for (std::size_t o = 0; o < blocks.length(i); ++o)
                    *to++ = from[o * map];
            }
}

/** The stretches of (v, c) that the outputs of row i, columns like j, meet. */
template <class T>
std::size_t image_runs(const ImageCorrelation& s, std::size_t i, std::size_t j, Run* runs)
{
    const auto pixel = static_cast<std::ptrdiff_t>(s.channels * lanes<T>);
    const auto width = static_cast<std::ptrdiff_t>(s.across.source);
    const std::size_t from = s.across.first_tap(j), to = s.across.end_tap(j);
    const std::size_t end = s.down.end_tap(i), step = s.across.dilation == 1 ? to - from : 1;
    std::size_t count = 0;
    for (std::size_t u = s.down.first_tap(i); u < end; ++u)
        for (std::size_t v = from; v < to; v += step)
            runs[count++] = {static_cast<std::ptrdiff_t>((u * s.across.taps + v) * s.channels),
                             (s.down.at(i, u) * width + s.across.at(0, v)) * pixel, step * s.channels};
    return count;
}

/** How many rows of the result are made before they go back to where their images are: the fewest whose pixels fill
 *  squares, so that they are still in the first cache. */
template <class T>
std::size_t rows_together(const Direction& down, const Direction& across)
{
    const std::size_t twos = across.outputs & -across.outputs; // the power of two that divides the width
    const std::size_t fill = twos < lanes<T> ? lanes<T> / twos : 1;
    return fill < down.outputs ? fill : down.outputs;
}

/** source (images, all_channels, …) and result (images, all_maps, …) of one group, at most `lanes` images. */
template <class T>
void correlate_image_block(const ImageCorrelation& s, const Parts& blocks, std::size_t images, const T* source,
                           const T* pack, T* result)
{
    constexpr std::size_t w = lanes<T>;
    const std::size_t pixels = s.source_plane(), plane = s.plane(), pixel = s.channels * w;
    const std::size_t width = s.across.outputs, together = rows_together<T>(s.down, s.across), part = together * width;
    T* in = scratch<Purpose::planes_of_convolution, T>(pixels * pixel);
    T* out = scratch<Purpose::result_of_convolution, T>(s.maps * part * w);
    Run* runs = scratch<Purpose::runs_of_convolution, Run>(s.taps());
    for (std::size_t c = 0; c < s.channels; ++c)
        for (std::size_t q = 0; q < pixels; q += w)
            transpose_square(source + c * pixels + q, s.all_channels * pixels, images, pixels - q < w ? pixels - q : w,
                             in + q * pixel + c * w, pixel, true, false);
    const auto widest = static_cast<std::size_t>(most_vectors(static_cast<int>(blocks.largest())));
    Tile<T> tile;
    tile.runs = runs;
    tile.a_row = 1;
    tile.b_step = static_cast<std::ptrdiff_t>(w);
    tile.c_row = static_cast<std::ptrdiff_t>(part * w);
    tile.last = w;
    tile.accumulate = false;
    const auto correlate_row = [&](std::size_t i, T* to) {
        for (std::size_t begin = 0, end; begin < width; begin = end) {
            // Columns that meet the same taps go together.
            end = begin + 1;
            while (end < width && s.across.first_tap(end) == s.across.first_tap(begin) &&
                   s.across.end_tap(end) == s.across.end_tap(begin))
                ++end;
            tile.run_count = image_runs<T>(s, i, begin, runs);
            const Parts groups(end - begin, widest);
            for (std::size_t g = 0; g < groups.count; ++g) {
                const std::size_t j = begin + groups.begin(g), vectors = groups.length(g);
                for (std::size_t t = 0; t < vectors; ++t)
                    tile.b[t] = in + (j + t) * s.across.stride * pixel;
                for (std::size_t k = 0; k < blocks.count; ++k) {
                    tile.a = pack + blocks.begin(k) * s.taps() * s.channels;
                    tile.a_step = static_cast<std::ptrdiff_t>(blocks.length(k));
                    tile.c = to + (blocks.begin(k) * part + j) * w;
                    tiles<T>[blocks.length(k) - 1][vectors - 1](tile);
                }
            }
        }
    };
    for (std::size_t first = 0; first < s.down.outputs; first += together) {
        const std::size_t rows = s.down.outputs - first < together ? s.down.outputs - first : together;
        for (std::size_t i = 0; i < rows; ++i)
            correlate_row(first + i, out + i * width * w);
        for (std::size_t o = 0; o < s.maps; ++o)
            for (std::size_t q = 0; q < rows * width; q += w)
                transpose_square(out + (o * part + q) * w, w, rows * width - q < w ? rows * width - q : w, images,
                                 result + o * plane + first * width + q, s.all_maps * plane, false, false);
    }
}

template <class T>
void correlate_images(const ImageCorrelation& s, std::size_t groups, std::size_t batch, bool turned, const T* source,
                      const T* weights, T* result)
{
    const Parts blocks(s.maps, most_rows);
    const std::size_t size = s.maps * s.channels * s.taps();
    T* pack = scratch<Purpose::weights_of_convolution, T>(size);
    for (std::size_t g = 0; g < groups; ++g) {
        pack_image_weights(s, blocks, turned, weights + g * size, pack);
        for (std::size_t n = 0; n < batch; n += lanes<T>)
            correlate_image_block(s, blocks, batch - n < lanes<T> ? batch - n : lanes<T>,
                                  source + (n * s.all_channels + g * s.channels) * s.source_plane(), pack,
                                  result + (n * s.all_maps + g * s.maps) * s.plane());
    }
}

/** How many images of the batch go this way, judged by clock ticks: none, full blocks, or all where the rest nearly
 *  fills one. `other` is what an image takes the other way. */
template <class T>
std::size_t images_in_lanes(const ImageCorrelation& s, std::size_t batch, double other)
{
    constexpr std::size_t cache = 1024 * 1024;
    const std::size_t elements = s.channels * s.source_plane() + s.maps * s.plane();
    // A border column is a tile of its own: with few maps it has too few sums to keep the multipliers busy.
    if (s.maps < 4 || batch < 2 || batch < lanes<T> * 3 / 4 || elements * lanes<T> * sizeof(T) > cache)
        return 0;
    std::size_t met = 0, rows_met = 0;
    for (std::size_t j = 0; j < s.across.outputs; ++j)
        met += s.across.end_tap(j) - s.across.first_tap(j);
    for (std::size_t i = 0; i < s.down.outputs; ++i)
        rows_met += s.down.end_tap(i) - s.down.first_tap(i);
    const double own = static_cast<double>(met * rows_met * s.channels * s.maps) / static_cast<double>(2 * lanes<T>) +
                       0.35 * static_cast<double>(elements);
    if (own >= other)
        return 0;
    const std::size_t rest = batch % lanes<T>;
    return rest * 4 >= lanes<T> * 3 ? batch : batch - rest;
}

} // namespace
} // namespace xgrad::kernels::XGRAD_ARCHITECTURE
