#pragma once

#include <xgrad/ops/window.hpp>

namespace xgrad
{

// Pooling of each channel of (N, C, H, W) images over sliding windows: (N, C, H', W'), H' as of a convolution (G6).
// What padding adds counts as absent. All throw ShapeError if x is not of rank 4 or the window does not fit.

/** The largest element of each window, NaN if any is (H-max, N27).
 *  Gradient: g to the place of the maximum, to the first one of equals in row-major order (H-S4). */
template <class T>
Variable<T> max_pool2d(const Variable<T>& x, const PoolingOptions& options = {});

/** The mean of each window (H-mean, N27).
 *  @param count_padding  divide by the window's full size everywhere; else by the number of elements inside the image
 *  Gradient: g divided alike and spread over the window. */
template <class T>
Variable<T> mean_pool2d(const Variable<T>& x, const PoolingOptions& options = {}, bool count_padding = false);

} // namespace xgrad
