#pragma once

#include <cstddef>

namespace xgrad::kernels
{

/** A matrix product C (m×n) = op(A) (m×k) · op(B) (k×n), all row-major.
 *  `lda`, `ldb`, `ldc` are the distances between the rows of A, B and C as they are stored. */
struct Product
{
    std::size_t m = 0, n = 0, k = 0;
    bool transpose_a = false, transpose_b = false;
    std::size_t lda = 0, ldb = 0, ldc = 0;
    bool accumulate = false;
};

/** A range of positions from `begin` up to, but without, `end`. */
struct Range
{
    std::size_t begin = 0, end = static_cast<std::size_t>(-1);

    Range within(std::size_t first, std::size_t last) const
    {
        const auto clamped = [&](std::size_t i) { return i < first ? first : (i > last ? last : i); };
        return {clamped(begin), clamped(end)};
    }
    std::size_t size() const { return end - begin; }
};

/** A kernel that slides over a batch of images.
 *
 *  y[n,o,i,j] = Σ_{c,u,v} x[n, c, i·stride + u·dilation − pad, j·stride + v·dilation − pad] · w[o,c,u,v]
 *
 *  x is (batch, channels, height, width), w (maps, channels/groups, kernel_height, kernel_width), y (batch, maps,
 *  out_height, out_width); positions outside the image count as 0 (for pooling: as absent). Output map o reads the
 *  channels of group o / (maps/groups). For pooling maps == channels == groups. */
struct Window
{
    std::size_t batch = 1, channels = 1, height = 1, width = 1;
    std::size_t maps = 1, out_height = 1, out_width = 1;
    std::size_t kernel_height = 1, kernel_width = 1;
    std::size_t stride_height = 1, stride_width = 1;
    std::size_t dilation_height = 1, dilation_width = 1;
    std::size_t pad_top = 0, pad_left = 0; // what is padded below and to the right follows from the output's size
    std::size_t groups = 1;
    /** The piece of the result that a convolution computes: rows of each of its planes, or output maps of the kernels'
     *  gradient. The rest of the result stays as it is. */
    Range piece = {};
};

} // namespace xgrad::kernels
