#pragma once

#include <xgrad/ops/window.hpp>

namespace xgrad
{

// Bouvrie's down and up: each is the transpose of the other, and so each is the other's rule. They act on the last two
// axes; any others lead.

/** The sum of each distinct block, `down` (B14).
 *
 *  y[…, i, j] = Σ_{u<n, v<m} x[…, n·i + u, m·j + v]
 *
 *  @param x      (…, H, W)
 *  @param block  n × m; n divides H and m divides W
 *  @return       (…, H/n, W/m)
 *  @throws ShapeError if the blocks do not fill the image
 *  Gradient: upsample(g, block) (B10). */
template <class T>
Variable<T> block_sum(const Variable<T>& x, Size2d block);

/** Each element repeated over a block, `up`: the Kronecker product x ⊗ 1 (B10u).
 *
 *  y[…, n·i + u, m·j + v] = x[…, i, j]
 *
 *  @param x      (…, H, W)
 *  @param block  n × m
 *  @return       (…, n·H, m·W)
 *  @throws ShapeError if the block is not 1 or more each way
 *  Gradient: block_sum(g, block). */
template <class T>
Variable<T> upsample(const Variable<T>& x, Size2d block);

} // namespace xgrad
