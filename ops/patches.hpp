#pragma once

#include <xgrad/ops/window.hpp>

namespace xgrad
{

/** How a window slides over images: as a convolution's kernel, without groups. */
struct PatchOptions
{
    Padding padding = Padding::valid;
    Size2d stride = 1;
    Size2d dilation = 1;
};

// Cutting images into patches (im2col) and adding patches up to images (col2im): each is the transpose of the other,
// and so each is the other's rule. The images of the batch come last: a pixel of all of them moves as one run of
// memory, and the patches at one position are a matrix.

/** The patch that a window covers at each of its positions: the p_i of B12.
 *
 *  p[i·W' + j, (c·K_h + u)·K_w + v, n] = x[n,c, i·s+u·d−p, j·s+v·d−p], 0 outside of the image
 *
 *  So correlate2d(x, w) is, at each position, the matrix w (O, C·K_h·K_w) times the patches.
 *  @param x     images (N, C, H, W)
 *  @param size  K_h × K_w
 *  @return      (H'·W', C·K_h·K_w, N), H' as of a convolution (G6)
 *  @throws ShapeError if x is not of rank 4 or the window does not fit
 *  Gradient: patches_sum(g). */
template <class T>
Variable<T> patches(const Variable<T>& x, Size2d size, const PatchOptions& options = {});

/** Images with each patch added at the place that it was cut from.
 *
 *  x[n,c,a,b] = Σ p[i·W' + j, (c·K_h + u)·K_w + v, n] over i·s+u·d−p = a, j·s+v·d−p = b
 *
 *  @param p      (H'·W', C·K_h·K_w, N)
 *  @param image  H × W
 *  @param size   K_h × K_w
 *  @return       (N, C, H, W)
 *  @throws ShapeError if p is not what `patches` makes of images and windows of these sizes
 *  Gradient: patches(g). */
template <class T>
Variable<T> patches_sum(const Variable<T>& p, Size2d image, Size2d size, const PatchOptions& options = {});

} // namespace xgrad
