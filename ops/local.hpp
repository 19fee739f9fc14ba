#pragma once

#include <xgrad/ops/patches.hpp>
#include <xgrad/ops/shape.hpp>

namespace xgrad
{

// Local connections
//
// These are convolutions whose kernels change from place to place. An output position (j, k) has a bank of kernels
// (O, C, K_h, K_w) of its own, or shares it with every t-th position. If all share one, it is `correlate2d`.
// docs/local-connections.md shows the whole family, with grouped convolution. ops/window.hpp explains the other
// letters.

/** The sums of a locally connected layer, with a kernel for each output unit.
 *
 *  y[n,o,j,k] = Σ_{c,u,v} x[n,c, j·s+u·d−p, k·s+v·d−p] · w[j,k,o,c,u,v]
 *
 *  @param x  images (N, C, H, W)
 *  @param w  kernels (H', W', O, C, K_h, K_w), a bank for each output position
 *  @return   (N, O, H', W')
 *
 *  Gradients, at each position, with P the patches of x there: `patches_sum` of wᵀ·g for x; g·Pᵀ for w.
 *  @throws ShapeError if the kernels do not fit or the channels do not match
 *  @throws ShapeError unless there is one bank of kernels for each output position
 *
 *  Source: N8. */
template <class T>
Variable<T> locally_connected2d(const Variable<T>& x, const Variable<T>& w, const PatchOptions& options = {});

/** The sums of a tiled convolution, whose banks of kernels take turns. With one tile it is `correlate2d`, with as many
 *  as outputs `locally_connected2d`.
 *
 *  y[n,o,j,k] = Σ_{c,u,v} x[n,c, j·s+u·d−p, k·s+v·d−p] · w[j mod t_h, k mod t_w, o,c,u,v]
 *
 *  @param x  images (N, C, H, W)
 *  @param w  kernels (t_h, t_w, O, C, K_h, K_w)
 *  @return   (N, O, H', W')
 *
 *  Gradients, at each position, with P the patches of x there: `patches_sum` of wᵀ·g for x; Σ g·Pᵀ over the positions
 *  that share a bank for w.
 *  @throws ShapeError if the kernels do not fit or the channels do not match
 *  @throws ShapeError if along an axis there is no tile or there are more tiles than outputs
 *
 *  Source: N9. */
template <class T>
Variable<T> tiled2d(const Variable<T>& x, const Variable<T>& w, const PatchOptions& options = {});

/** The t slices of x along an axis over and over, until there are `extent`.
 *
 *  y[…, i, …] = x[…, i mod t, …]
 *
 *  Gradient: for each slice the sum of g over its copies.
 *  @throws ShapeError if there is no such axis or no slice
 *
 *  Source: N9. */
template <class T>
Variable<T> cycle(const Variable<T>& x, std::size_t extent, Axis axis);

} // namespace xgrad
