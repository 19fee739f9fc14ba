#pragma once
// The three faces of the correlation, and the geometries in which it is a plain product.

#include "../product/product.ipp"
#include "forward.ipp"
#include "images.ipp"
#include "input.ipp"
#include "kernel.ipp"
#include "sums.ipp"

namespace xgrad::kernels::XGRAD_ARCHITECTURE
{
namespace
{

/** Returns whether the output, or the inner dimension, has no element. */
inline bool empty(const Window& w)
{
    return w.batch == 0 || w.channels == 0 || w.maps == 0 || w.height == 0 || w.width == 0 || w.out_height == 0 ||
           w.out_width == 0 || w.kernel_height == 0 || w.kernel_width == 0;
}

/** Returns whether the kernel lies once on the whole image. Then images and kernels are the rows of matrices. */
inline bool covers_image(const Window& w)
{
    return w.out_height == 1 && w.out_width == 1 && w.pad_top == 0 && w.pad_left == 0 && w.kernel_height == w.height &&
           w.kernel_width == w.width && (w.dilation_height == 1 || w.kernel_height == 1) &&
           (w.dilation_width == 1 || w.kernel_width == 1);
}

/** Returns whether the kernel is one pixel and moves over each pixel. Then images are matrices of channels by
 *  pixels. */
inline bool is_pixelwise(const Window& w)
{
    return w.kernel_height == 1 && w.kernel_width == 1 && w.pad_top == 0 && w.pad_left == 0 &&
           w.out_height == w.height && w.out_width == w.width && (w.stride_height == 1 || w.height == 1) &&
           (w.stride_width == 1 || w.width == 1);
}

/** Returns whether some window reaches over an edge of the image. */
inline bool is_padded(const Window& w)
{
    const auto reach = [](std::size_t outputs, std::size_t stride, std::size_t kernel, std::size_t dilation) {
        return (outputs - 1) * stride + (kernel - 1) * dilation + 1;
    };
    return w.pad_top > 0 || w.pad_left > 0 ||
           reach(w.out_height, w.stride_height, w.kernel_height, w.dilation_height) > w.height ||
           reach(w.out_width, w.stride_width, w.kernel_width, w.dilation_width) > w.width;
}

/** The pixels of a plane that the piece holds, if the result has as many rows as the image. */
inline Range pixels_of_piece(const Window& w)
{
    const Range rows = w.piece.within(0, w.height);
    return {rows.begin * w.width, rows.end * w.width};
}

/** The sums y[n,o,i,j] of a correlation, which `sums` (sums.ipp) takes. */
template <class T>
void correlate(const Window& w, const T* x, const T* weights, const Sums<T>& sums)
{
    const std::size_t pixels = w.height * w.width, plane = w.out_height * w.out_width;
    const Range all_maps = {0, w.maps};
    if (empty(w)) {
        for (std::size_t n = 0; n < w.batch && w.maps * plane > 0; ++n) {
            zero_row(sums.image(w, n), w.maps * plane);
            sums.take(w, n, all_maps, {0, w.out_height});
        }
        return;
    }
    const std::size_t channels = w.channels / w.groups, maps = w.maps / w.groups, row = channels * pixels;
    if (covers_image(w)) {
        for (std::size_t g = 0; g < w.groups; ++g)
            product(Product{w.batch, maps, row, false, true, w.groups * row, row, w.maps, false}, x + g * row,
                    weights + g * maps * row, sums.image(w, 0) + g * maps);
        for (std::size_t n = 0; n < w.batch; ++n)
            sums.take(w, n, all_maps, {0, 1});
    } else if (is_pixelwise(w)) {
        const Range piece = pixels_of_piece(w);
        for (std::size_t n = 0; n < w.batch; ++n) {
            for (std::size_t g = 0; g < w.groups; ++g)
                product(Product{maps, piece.size(), channels, false, false, channels, pixels, pixels, false},
                        weights + g * maps * channels, x + (n * w.groups + g) * row + piece.begin,
                        sums.image(w, n) + g * maps * pixels + piece.begin);
            sums.take(w, n, all_maps, w.piece.within(0, w.height));
        }
    } else {
        const ImageCorrelation s = forward_of_images(w);
        // Padding is zeros that a weight is multiplied by; images in the lanes leave them out.
        const bool same = !is_padded(w) || all_finite(weights, w.maps * channels * w.kernel_height * w.kernel_width);
        const std::size_t images = same ? images_in_lanes<T>(s, w.batch, ticks_of_windows<T>(w)) : 0;
        correlate_images(s, w.groups, images, false, x, weights, sums);
        Window rest = w;
        rest.batch -= images;
        if (rest.batch > 0)
            correlate_windows(rest, x + images * w.groups * row, weights, sums.after(w, images));
    }
}

template <class T>
void correlate2d(const Window& w, const T* x, const T* weights, T* y)
{
    correlate(w, x, weights, Sums<T>(y));
}

template <class T>
void convolution_layer(const Window& w, const Finish<T>& end, const T* x, const T* weights)
{
    if (end.halves() && (w.out_height < 2 || w.out_width < 2))
        return; // no block
    correlate(w, x, weights, Sums<T>(end));
}

template <class T>
void correlate2d_input(const Window& w, const T* g, const T* weights, T* x)
{
    const std::size_t pixels = w.height * w.width;
    if (empty(w))
        return zero_row(x, w.batch * w.channels * pixels);
    const std::size_t channels = w.channels / w.groups, maps = w.maps / w.groups, row = channels * pixels;
    if (covers_image(w)) {
        for (std::size_t i = 0; i < w.groups; ++i)
            product(Product{w.batch, row, maps, false, false, w.maps, row, w.groups * row, false}, g + i * maps,
                    weights + i * maps * row, x + i * row);
    } else if (is_pixelwise(w)) {
        const Range piece = pixels_of_piece(w);
        for (std::size_t i = 0; i < w.batch * w.groups; ++i)
            product(Product{channels, piece.size(), maps, true, false, channels, pixels, pixels, false},
                    weights + i % w.groups * maps * channels, g + i * maps * pixels + piece.begin,
                    x + i * row + piece.begin);
    } else {
        const ImageCorrelation s = input_of_images(w);
        const bool can = w.stride_height == 1 && w.stride_width == 1;
        const std::size_t images = can ? images_in_lanes<T>(s, w.batch, ticks_of_spreading<T>(w)) : 0;
        correlate_images(s, w.groups, images, true, g, weights, Sums<T>(x));
        Window rest = w;
        rest.batch -= images;
        if (rest.batch > 0)
            spread_windows(rest, g + images * w.maps * s.source_plane(), weights, x + images * w.groups * row);
    }
}

template <class T>
void correlate2d_kernel(const Window& w, const T* x, const T* g, T* weights)
{
    const std::size_t pixels = w.height * w.width;
    if (empty(w))
        return zero_row(weights,
                        w.groups == 0 ? 0 : w.maps * (w.channels / w.groups) * w.kernel_height * w.kernel_width);
    const std::size_t channels = w.channels / w.groups, maps = w.maps / w.groups, row = channels * pixels;
    if (covers_image(w)) {
        for (std::size_t i = 0; i < w.groups; ++i) {
            const Range piece = w.piece.within(i * maps, (i + 1) * maps);
            product(Product{piece.size(), row, w.batch, true, false, w.maps, w.groups * row, row, false},
                    g + piece.begin, x + i * row, weights + piece.begin * row);
        }
    } else if (is_pixelwise(w)) {
        for (std::size_t i = 0; i < w.batch * w.groups; ++i) {
            const std::size_t group = i % w.groups;
            const Range piece = w.piece.within(group * maps, (group + 1) * maps);
            product(Product{piece.size(), channels, pixels, false, true, pixels, pixels, channels, i >= w.groups},
                    g + (i / w.groups * w.maps + piece.begin) * pixels, x + i * row, weights + piece.begin * channels);
        }
    } else
        correlate_outputs(w, x, g, weights);
}

} // namespace
} // namespace xgrad::kernels::XGRAD_ARCHITECTURE
