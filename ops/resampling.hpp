#pragma once

#include <xgrad/ops/window.hpp>

namespace xgrad
{

// Resampling
//
// `block_sum` and `upsample` are Bouvrie's `down` and `up`. Each is the transpose of the other, and so each is the
// other's rule. `resize` takes any size. They act on the last two axes; any others lead. docs/pooling.md builds
// subsampling layers of them.

/** The sum of each distinct block, `down`.
 *
 *  y[…, i, j] = Σ_{u<n, v<m} x[…, n·i + u, m·j + v]
 *
 *  @param x      (…, H, W)
 *  @param block  n × m; n divides H and m divides W
 *  @return       (…, H/n, W/m)
 *
 *  Gradient: `upsample(g, block)`.
 *  @throws ShapeError if the blocks do not fill the image
 *
 *  Source: B14, B10. */
template <class T>
Variable<T> block_sum(const Variable<T>& x, Size2d block);

/** The array with each element repeated over a block, `up`: the Kronecker product x ⊗ 1 with a block of ones.
 *
 *  y[…, n·i + u, m·j + v] = x[…, i, j]
 *
 *  @param x      (…, H, W)
 *  @param block  n × m
 *  @return       (…, n·H, m·W)
 *
 *  Gradient: `block_sum(g, block)`.
 *  @throws ShapeError if x has fewer than two axes or the block is not 1 or more each way
 *
 *  Source: B10u. */
template <class T>
Variable<T> upsample(const Variable<T>& x, Size2d block);

/** The way in which a resized image gets values between those of the image. */
enum class Interpolation : unsigned char
{
    nearest,         ///< the element that the place falls into
    bilinear,        ///< between the four neighbours, with pixels at the centres of squares
    bilinear_corners ///< between the four neighbours, with the corners of both images at the same places
};

/** The image in another size.
 *
 *  y[…, i, j] = Σ_{a,b} r_ia·c_jb·x[…, a, b]
 *
 *  With s = H/H', row i lies at the place i·s (nearest, rounded down), max((i + ½)·s − ½, 0) (bilinear) or
 *  i·(H − 1)/(H' − 1) (bilinear_corners). r_ia is the share of row a: 1 for the nearest one, else 1 less the distance,
 *  0 from a distance of 1 on. c is the same for columns. So does `interpolate` of PyTorch.
 *
 *  @param x     (…, H, W)
 *  @param size  H' × W'
 *  @return      (…, H', W')
 *
 *  Gradient: Σ_{i,j} r_ia·c_jb·g[…, i, j].
 *  @throws ShapeError if x has fewer than two axes or no pixels, or the size is not 1 or more each way */
template <class T>
Variable<T> resize(const Variable<T>& x, Size2d size, Interpolation interpolation = Interpolation::nearest);

/** The values at x of the function that goes straight from point to point, as `interp` of NumPy and xtensor.
 *
 *  y = (1 − s)·f_i + s·f_{i+1} with s = (x − p_i)/(p_{i+1} − p_i)
 *
 *  Before the first place y is the first value, after the last place the last one.
 *
 *  @param x       of any shape
 *  @param places  p, a vector of ascending numbers
 *  @param values  f, as many
 *  @return        of the shape of x
 *
 *  Gradients: g·(f_{i+1} − f_i)/(p_{i+1} − p_i) for x, 0 outside; −(1 − s) and −s times that for p_i and p_{i+1}; (1 −
 * s)·g and s·g for f_i and f_{i+1}.
 *  @throws ShapeError if there are no places, not as many values, or a place is not above the one before */
template <class T>
Variable<T> interp(const Variable<T>& x, const Variable<T>& places, const Variable<T>& values);

} // namespace xgrad
