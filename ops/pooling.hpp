#pragma once

#include <xgrad/base/random.hpp>
#include <xgrad/ops/shape.hpp>
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

/** The sum of the squares of each window, Σ x² (G11). Gradient: 2·g·x, summed over the windows that see x. */
template <class T>
Variable<T> square_pool2d(const Variable<T>& x, const PoolingOptions& options = {});

/** The Euclidean norm of each window, y = √(Σ x²) (N27). Gradient: g·x/y, 0 in a window of zeros. */
template <class T>
Variable<T> l2_pool2d(const Variable<T>& x, const PoolingOptions& options = {});

/** The weighted mean of each window, y = Σ w·x / Σ w, both sums over what is inside the image (N27). A window without
 *  weight gives 0.
 *  @param weights  (K_h, K_w), the window's size; 0 or more each, of any sum
 *  @throws Error if a weight is negative
 *  Gradients: x, g·w/Σ w; weights, g·(x − y)/Σ w, summed over the windows. */
template <class T>
Variable<T> weighted_pool2d(const Variable<T>& x, const Variable<T>& weights, const PoolingOptions& options = {});

/** Weights for weighted_pool2d that fall with the distance r from the window's centre: e^{−r²/2σ²}, divided by their
 *  sum (N27). A constant.
 *  @return  (K_h, K_w)
 *  @throws ShapeError if the size is not 1 or more each way or sigma not positive */
template <class T>
Variable<T> distance_weights(Size2d size, double sigma);

/** One element of each window, drawn with the probability x/Σ x (N27; Zeiler and Fergus 2013): for training. A window
 * of zeros gives 0. Takes one random number for each window.
 *  @throws Error if an element is negative
 *  Gradient: g to the place that was drawn, nowhere in a window of zeros. */
template <class T>
Variable<T> stochastic_pool2d(const Variable<T>& x, const PoolingOptions& options, Random& random);

/** What stochastic_pool2d gives on average, y = Σ p·x with p = x/Σ x, so y = Σ x²/Σ x: for evaluation. A window of
 *  zeros gives 0.
 *  @throws Error if an element is negative
 *  Gradient: g·(2x − y)/Σ x, 0 in a window of zeros. */
template <class T>
Variable<T> probability_pool2d(const Variable<T>& x, const PoolingOptions& options = {});

// Pooling of (N, C, H, W) images to a size that does not depend on theirs. All throw ShapeError if x is not of rank 4.

/** The mean of each map: (N, C) (N17). Gradient: g/(H·W), repeated. */
template <class T>
Variable<T> global_mean_pool2d(const Variable<T>& x);

/** The largest element of each map, NaN if any is: (N, C). Gradient: g to it, to the first one of equals. */
template <class T>
Variable<T> global_max_pool2d(const Variable<T>& x);

/** The means of h × w regions in proportion to the image (N23): region i has the rows from ⌊i·H/h⌋ to ⌈(i + 1)·H/h⌉ −
 * 1, columns alike. Neighbours share a row where h does not divide H.
 *  @param size  h × w, at most H × W
 *  @return      (N, C, h, w)
 *  @throws ShapeError if the size is larger than the image
 *  Gradient: g divided by the elements of the region and spread over it. */
template <class T>
Variable<T> adaptive_mean_pool2d(const Variable<T>& x, Size2d size);

/** The largest elements of the regions of adaptive_mean_pool2d, NaN if any is.
 *  Gradient: g to the place of the maximum, to the first one of equals in row-major order. */
template <class T>
Variable<T> adaptive_max_pool2d(const Variable<T>& x, Size2d size);

/** The largest of each `pieces` consecutive channels (G11, N27): y[n, c, …] = max_{k<pieces} x[n, c·pieces + k, …], NaN
 *  if any is.
 *  @param x     of any rank
 *  @param axis  that of the channels
 *  @return      the axis divided by `pieces`
 *  @throws ShapeError if `pieces` does not divide the axis
 *  Gradient: g to the largest, to the first one of equals. */
template <class T>
Variable<T> maxout(const Variable<T>& x, std::size_t pieces, Axis axis = 1);

} // namespace xgrad
