#pragma once
// Correlation with images in the lanes. As many images as there are lanes lie side by side: a pixel of all of them is
// one vector, so no shape wastes lanes. What lies outside the image is left out of the sums instead of multiplied by 0.
// It takes two transpositions, which the other way (forward.ipp) saves.

#include "../scratch.ipp"
#include "../simd.ipp"
#include <xgrad/kernels/geometry.hpp>

namespace xgrad::kernels::XGRAD_ARCHITECTURE
{
namespace
{

/** One direction of a correlation: output q meets source q·stride + t·dilation − pad with tap t. */
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

/** The geometry that forward pass and input gradient share: `channels` of the source make `maps` of the result. */
struct ImageCorrelation
{
    Direction down, across;
    std::size_t channels, maps;         // of one group
    std::size_t all_channels, all_maps; // of all groups: the distance between images

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

/** The geometry of the input gradient with stride 1: a correlation of g with the kernel turned by 180°. */
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

/** The smallest number of rows whose pixels fill squares. Few rows are still in the first cache when they go back to
 *  their images. */
template <class T>
std::size_t rows_that_fill_squares(const Direction& down, const Direction& across)
{
    const std::size_t twos = across.outputs & -across.outputs; // the power of two that divides the width
    const std::size_t fill = twos < lanes<T> ? lanes<T> / twos : 1;
    return fill < down.outputs ? fill : down.outputs;
}

/** The distances between pixels and between channels of the source in the lanes, in vectors. */
struct Apart
{
    std::size_t pixel, channel;
};

/** At most as many images of a batch as there are lanes, and the first map of a group. */
struct Chunk
{
    std::size_t first, images, map;
};

/** The chunk that begins with image n of a batch. */
template <class T>
Chunk chunk_of(const ImageCorrelation& s, std::size_t n, std::size_t batch, std::size_t group)
{
    return {n, batch - n < lanes<T> ? batch - n : lanes<T>, group * s.maps};
}

/** Brings pixels of images in the lanes back to the images, which lie at a distance. */
template <class T>
void from_lanes(const T* pixels, std::size_t count, std::size_t images, T* to, std::size_t distance)
{
    constexpr std::size_t w = lanes<T>;
    for (std::size_t q = 0; q < count; q += w)
        transpose_square(pixels + q * w, w, count - q < w ? count - q : w, images, to + q, distance, false, false);
}

/** Correlates one group of a chunk: source (images, all_channels, …). make_row(i, in, to, pitch) makes row i of each
 *  map, with the maps `pitch` vectors apart. The sums (sums.ipp) take the rows. */
template <class T, class MakeRow, class Sums>
void correlate_chunk(const ImageCorrelation& s, Apart apart, const Chunk& chunk, const T* source, MakeRow make_row,
                     const Sums& sums)
{
    constexpr std::size_t w = lanes<T>;
    const std::size_t pixels = s.source_plane(), needed = sums.rows_needed(s);
    const std::size_t width = s.across.outputs, together = sums.rows_together(s), pitch = together * width;
    T* in = scratch<Purpose::planes_of_convolution, T>(pixels * s.channels * w);
    T* out = scratch<Purpose::result_of_convolution, T>(s.maps * pitch * w);
    for (std::size_t c = 0; c < s.channels; ++c)
        for (std::size_t q = 0; q < pixels; q += w)
            transpose_square(source + c * pixels + q, s.all_channels * pixels, chunk.images,
                             pixels - q < w ? pixels - q : w, in + (q * apart.pixel + c * apart.channel) * w,
                             apart.pixel * w, true, false);
    for (std::size_t first = 0; first < needed; first += together) {
        const Range rows = {first, needed - first < together ? needed : first + together};
        for (std::size_t i = 0; i < rows.size(); ++i)
            make_row(first + i, in, out + i * width * w, pitch);
        sums.take(s, chunk, rows, out, pitch);
    }
}

} // namespace
} // namespace xgrad::kernels::XGRAD_ARCHITECTURE
