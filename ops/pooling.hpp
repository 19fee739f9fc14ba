#pragma once

#include <xgrad/base/sample_random.hpp>
#include <xgrad/ops/shape.hpp>
#include <xgrad/ops/window.hpp>

namespace xgrad
{

// Pooling
//
// These ops pool each channel of images (N, C, H, W) over windows of any size, stride, padding and dilation. The result
// is (N, C, H', W'). Padding counts as absent. In the formulas x are the elements of a window, and n is their number.
// The gradient of an element of several windows is the sum of what they send. All throw ShapeError if x is not of rank
// 4 or the window does not fit. ops/window.hpp explains the options and the letters. docs/pooling.md says when to use
// which.

/** The largest element of each window: y = max x, NaN if any is. Gradient: g for the place of the maximum, for the
 *  first one of equals in row-major order. Source: H-max, H-S4, N27. */
template <class T>
Variable<T> max_pool2d(const Variable<T>& x, const PoolingOptions& options = {});

/** The mean of each window: y = Σ x / n. With `count_padding` n is the size of the window everywhere, else the number
 *  of elements inside the image. Gradient: g/n for each element of the window. Source: H-mean, N27. */
template <class T>
Variable<T> mean_pool2d(const Variable<T>& x, const PoolingOptions& options = {}, bool count_padding = false);

/** The sum of the squares of each window: y = Σ x². Gradient: 2·g·x. Source: G11. */
template <class T>
Variable<T> square_pool2d(const Variable<T>& x, const PoolingOptions& options = {});

/** The Euclidean norm of each window: y = √(Σ x²). Gradient: g·x/y, 0 in a window of zeros. Source: N27. */
template <class T>
Variable<T> l2_pool2d(const Variable<T>& x, const PoolingOptions& options = {});

/** The weighted mean of each window: y = Σ w·x / Σ w over what is inside the image, 0 in a window without weight. The
 *  weights w are (K_h, K_w), 0 or more each, of any sum.
 *  Gradients: g·w/Σ w for x; g·(x − y)/Σ w, summed over the windows, for the weights.
 *  @throws Error if a weight is negative
 *  @throws ShapeError if there is not one weight for each element of the window
 *
 *  Source: N27. */
template <class T>
Variable<T> weighted_pool2d(const Variable<T>& x, const Variable<T>& weights, const PoolingOptions& options = {});

/** The weights (K_h, K_w) for `weighted_pool2d` that fall with the distance r from the centre of the window:
 *  w = e^(−r²/2σ²), divided by the sum of these. Gradient: none, w is a constant.
 *  @throws ShapeError if the size is not 1 or more each way or sigma is not positive
 *
 *  Source: N27. */
template <class T>
Variable<T> distance_weights(Size2d size, double sigma);

/** The element of each window that chance draws, for training (Zeiler and Fergus 2013): y = x with probability x/Σ x,
 *  0 in a window of zeros. It takes one random number for each window, from the generator of the image's sample.
 *  Gradient: g for the place that was drawn.
 *  @throws Error if an element is negative
 *
 *  Source: N27. */
template <class T>
Variable<T> stochastic_pool2d(const Variable<T>& x, const PoolingOptions& options, SampleRandom random);

/** The mean of `stochastic_pool2d` over its draws, for evaluation: y = Σ p·x = Σ x²/Σ x with p = x/Σ x, 0 in a window
 *  of zeros. Gradient: g·(2x − y)/Σ x, 0 in a window of zeros.
 *  @throws Error if an element is negative
 *
 *  Source: N27. */
template <class T>
Variable<T> probability_pool2d(const Variable<T>& x, const PoolingOptions& options = {});

// The next ops pool images (N, C, H, W) to a size that does not depend on theirs. All throw ShapeError if x is not of
// rank 4.

/** The mean of each map, of shape (N, C): y = Σ x / (H·W). Gradient: g/(H·W), repeated over the map. Source: N17. */
template <class T>
Variable<T> global_mean_pool2d(const Variable<T>& x);

/** The largest element of each map, of shape (N, C): y = max x, NaN if any is.
 *  Gradient: g for the place of the maximum, for the first one of equals. Source: N17. */
template <class T>
Variable<T> global_max_pool2d(const Variable<T>& x);

/** The means of h × w regions in proportion to the image, of shape (N, C, h, w): y = Σ x / n. Region i has the rows
 *  from ⌊i·H/h⌋ to ⌈(i + 1)·H/h⌉ − 1, and columns likewise. Where h does not divide H, some neighbours share a row.
 *  Gradient: g/n for each of the n elements of the region.
 *  @throws ShapeError if the size is larger than the image or not 1 or more each way
 *
 *  Source: N23. */
template <class T>
Variable<T> adaptive_mean_pool2d(const Variable<T>& x, Size2d size);

/** The largest elements of the regions of `adaptive_mean_pool2d`: y = max x, NaN if any is.
 *  Gradient: g for the place of the maximum, for the first one of equals in row-major order.
 *  @throws ShapeError if the size is larger than the image or not 1 or more each way
 *
 *  Source: N23. */
template <class T>
Variable<T> adaptive_max_pool2d(const Variable<T>& x, Size2d size);

/** The largest of each `pieces` consecutive channels: y[n, c, …] = max_{k<pieces} x[n, c·pieces + k, …], NaN if any is.
 *  x may have any rank, and `axis` is that of the channels.
 *  Gradient: g for the largest, for the first one of equals.
 *  @throws ShapeError if `pieces` does not divide the axis
 *
 *  Source: G11, N27. */
template <class T>
Variable<T> maxout(const Variable<T>& x, std::size_t pieces, Axis axis = 1);

} // namespace xgrad
