#pragma once

#include <xgrad/ops/window.hpp>

namespace xgrad
{

// Resampling
//
// These ops are Bouvrie's `down` and `up`. Each is the transpose of the other, and so each is the other's rule. They
// act on the last two axes; any others lead. docs/pooling.md builds subsampling layers of them.

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

} // namespace xgrad
