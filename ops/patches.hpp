#pragma once

#include <xgrad/ops/window.hpp>

namespace xgrad
{

// Patches
//
// `patches` cuts images into patches (im2col) and `patches_sum` adds patches up to images (col2im). Each is the
// transpose of the other, and so each is the other's rule. The images of the batch come last. So a pixel of all of them
// moves as one run of memory, and the patches at one position are a matrix. ops/window.hpp explains the other
// letters.

/** The way in which a window slides over images: `{.padding = Padding::same, .stride = 2, .dilation = {1, 2}}`. By
 *  default there is no padding, and the numbers are 1. */
struct PatchOptions
{
    Padding padding = Padding::valid;
    Size2d stride = 1;
    Size2d dilation = 1;
};

/** The patch that a window covers at each of its positions, with zeros outside of the image. At each position
 *  `correlate2d(x, w)` is the matrix w (O, C·K_h·K_w) times the patches.
 *
 *  y[i·W' + j, (c·K_h + u)·K_w + v, n] = x[n,c, i·s+u·d−p, j·s+v·d−p]
 *
 *  @param x     images (N, C, H, W)
 *  @param size  K_h × K_w
 *  @return      (H'·W', C·K_h·K_w, N)
 *
 *  Gradient: `patches_sum(g, H × W, size, options)`.
 *  @throws ShapeError if x is not of rank 4 or the window does not fit
 *
 *  Source: B12. */
template <class T>
Variable<T> patches(const Variable<T>& x, Size2d size, const PatchOptions& options = {});

/** The images that patches add up to, each at the place that it was cut from.
 *
 *  y[n,c,a,b] = Σ_{i,j,u,v: i·s+u·d−p = a, j·s+v·d−p = b} p[i·W' + j, (c·K_h + u)·K_w + v, n]
 *
 *  @param p      (H'·W', C·K_h·K_w, N)
 *  @param image  H × W
 *  @param size   K_h × K_w
 *  @return       (N, C, H, W)
 *
 *  Gradient: `patches(g, size, options)`.
 *  @throws ShapeError if p is not what `patches` makes of images and windows of these sizes */
template <class T>
Variable<T> patches_sum(const Variable<T>& p, Size2d image, Size2d size, const PatchOptions& options = {});

} // namespace xgrad
