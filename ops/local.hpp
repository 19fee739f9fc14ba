#pragma once

#include <xgrad/ops/patches.hpp>
#include <xgrad/ops/shape.hpp>

namespace xgrad
{

// Convolutions whose kernels change from place to place. Output position (j, k) has a bank of kernels (O, C, K_h, K_w)
// of its own, or shares it with every t-th position; where all share one it is correlate2d.

/** A locally connected layer's sums: a kernel for each output unit (N8).
 *
 *  y[n,o,j,k] = Σ_{c,u,v} x[n,c, j·s+u·d−p, k·s+v·d−p] · w[j,k,o,c,u,v]
 *
 *  @param x  images (N, C, H, W)
 *  @param w  kernels (H', W', O, C, K_h, K_w), a bank for each output position
 *  @return   (N, O, H', W'), H' as of a convolution (G6)
 *  @throws ShapeError if the kernels do not fit, are not one bank for each position, or the channels do not match
 *  Gradients, through the patches P of x and at each position: kernels, g·Pᵀ; images, patches_sum of wᵀ·g. */
template <class T>
Variable<T> locally_connected2d(const Variable<T>& x, const Variable<T>& w, const PatchOptions& options = {});

/** A tiled convolution: banks of kernels that take turns (N9).
 *
 *  y[n,o,j,k] = Σ_{c,u,v} x[n,c, j·s+u·d−p, k·s+v·d−p] · w[j mod t_h, k mod t_w, o,c,u,v]
 *
 *  With one tile it is correlate2d, with as many as outputs locally_connected2d.
 *  @param x  images (N, C, H, W)
 *  @param w  kernels (t_h, t_w, O, C, K_h, K_w)
 *  @return   (N, O, H', W'), H' as of a convolution (G6)
 *  @throws ShapeError if the kernels do not fit, the channels do not match, or along an axis there is no tile or more
 *          tiles than outputs
 *  Gradients: as of locally_connected2d, summed over the positions that share a bank. */
template <class T>
Variable<T> tiled2d(const Variable<T>& x, const Variable<T>& w, const PatchOptions& options = {});

/** The slices of x along an axis over and over, until there are `extent`: slice i is slice i mod t of x. Gradient: for
 *  each slice the sum over its copies.
 *  @throws ShapeError if there is no axis or no slice */
template <class T>
Variable<T> cycle(const Variable<T>& x, std::size_t extent, Axis axis);

} // namespace xgrad
