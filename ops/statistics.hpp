#pragma once

#include <xgrad/ops/reduction.hpp>

namespace xgrad
{

// Statistics
//
// These reductions are made of those of ops/reduction.hpp, and take axes and keepdims as they do. Without axes they
// reduce all elements to a scalar: `variance(x)`. All throw ShapeError if an axis does not exist or is named twice.

/** The smallest element along some axes: y = min x, NaN if any is. Gradient: g for that element, for the first one of
 *  equals.
 *  @throws ShapeError if there is nothing to reduce */
template <class T>
Variable<T> min(const Variable<T>& x, const Axes& axes, bool keepdims = false);

/** The position of the smallest element along an axis, of the first one of equals: x[…, y, …] = min x.
 *  Gradient: none, y are Labels.
 *  @throws ShapeError if there is nothing to reduce */
template <class T>
Labels argmin(const Variable<T>& x, Axis axis = -1);

/** The product over some axes: y = Π x. Gradient: g times the product of the others. */
template <class T>
Variable<T> prod(const Variable<T>& x, const Axes& axes, bool keepdims = false);

/** The options of a variance: `{.ddof = 1}` divides by n − 1, which estimates the variance of what was sampled. */
struct VarianceOptions
{
    std::size_t ddof = 0; ///< the number that is taken from that of the elements ("delta degrees of freedom")
    bool keepdims = false;
};

/** The variance over some axes, of n elements each: y = Σ (x − mean x)²/(n − ddof).
 *  Gradient: 2·g·(x − mean x)/(n − ddof).
 *  @throws ShapeError unless n > ddof */
template <class T>
Variable<T> variance(const Variable<T>& x, const Axes& axes, const VarianceOptions& options = {});

/** The standard deviation over some axes, of n elements each: y = √(Σ (x − mean x)²/(n − ddof)).
 *  Gradient: g·(x − mean x)/((n − ddof)·y), 0 where y = 0.
 *  @throws ShapeError unless n > ddof */
template <class T>
Variable<T> stddev(const Variable<T>& x, const Axes& axes, const VarianceOptions& options = {});

/** The weighted mean along some axes: y = Σ w·x / Σ w. The weights have the shape of x, or are a vector along the only
 *  axis. Gradients: g·w/Σw for x; g·(x − y)/Σw for w.
 *  @throws ShapeError if the weights have another shape */
template <class T>
Variable<T> average(const Variable<T>& x, const Variable<T>& weights, const Axes& axes, bool keepdims = false);

/** The covariance of the rows of a matrix: y_ij = Σ_k (x_ik − mean x_i)·(x_jk − mean x_j)/(n − ddof), for x of shape
 *  (m, n), m quantities with n samples each. Gradient: (g + gᵀ)·(x − mean x)/(n − ddof), less its mean.
 *  @throws ShapeError unless x is a matrix with n > ddof */
template <class T>
Variable<T> cov(const Variable<T>& x, std::size_t ddof = 1);

/** The number of elements along some axes that are not 0: y = Σ [x ≠ 0]. Gradient: none, y is a constant. */
template <class T>
Variable<T> count_nonzero(const Variable<T>& x, const Axes& axes, bool keepdims = false);

/** The disjunction along some axes: y = 1 if an element is not 0, else 0. Gradient: none, y is a constant. */
template <class T>
Variable<T> any(const Variable<T>& x, const Axes& axes, bool keepdims = false);

/** The conjunction along some axes: y = 1 if no element is 0, else 0. Gradient: none, y is a constant. */
template <class T>
Variable<T> all(const Variable<T>& x, const Axes& axes, bool keepdims = false);

// clang-format off
template <class T> Variable<T> min(const Variable<T>& x) { return min(x, Axes::all(x.dimension())); }
template <class T> Variable<T> prod(const Variable<T>& x) { return prod(x, Axes::all(x.dimension())); }
template <class T> Variable<T> variance(const Variable<T>& x) { return variance(x, Axes::all(x.dimension())); }
template <class T> Variable<T> stddev(const Variable<T>& x) { return stddev(x, Axes::all(x.dimension())); }
template <class T> Variable<T> count_nonzero(const Variable<T>& x) { return count_nonzero(x, Axes::all(x.dimension())); }
template <class T> Variable<T> any(const Variable<T>& x) { return any(x, Axes::all(x.dimension())); }
template <class T> Variable<T> all(const Variable<T>& x) { return all(x, Axes::all(x.dimension())); }
template <class T> Variable<T> average(const Variable<T>& x, const Variable<T>& weights) { return average(x, weights, Axes::all(x.dimension())); }
// clang-format on

} // namespace xgrad
