#pragma once

#include <xgrad/ops/shape.hpp>

namespace xgrad
{

// Reduction
//
// These ops reduce all axes to a scalar of shape (), or some axes. With keepdims the reduced axes stay, with extent 1.
// All throw ShapeError if an axis does not exist or is named twice. `broadcast_to` and `sum_to` are the moves between a
// shape and the shape that it broadcasts to.

/** The sum of all elements: y = Σ x. Gradient: g, repeated to the shape of x. Source: B11. */
template <class T>
Variable<T> sum(const Variable<T>& x);

/** The sum over some axes: y = Σ x. Gradient: g, repeated along them. Source: B11. */
template <class T>
Variable<T> sum(const Variable<T>& x, const Axes& axes, bool keepdims = false);

/** The mean of all n elements: y = Σ x / n. Gradient: g/n, repeated to the shape of x. @throws ShapeError if n = 0 */
template <class T>
Variable<T> mean(const Variable<T>& x);

/** The mean over some axes, of n elements each: y = Σ x / n. Gradient: g/n, repeated along them.
 *  @throws ShapeError if n = 0 */
template <class T>
Variable<T> mean(const Variable<T>& x, const Axes& axes, bool keepdims = false);

/** The largest of all elements: y = max x, NaN if any is. Gradient: g for that element, for the first one of equals.
 *  @throws ShapeError if x is empty
 *
 *  Source: G11. */
template <class T>
Variable<T> max(const Variable<T>& x);

/** The largest element along some axes: y = max x, NaN if any is. Gradient: g for that element, for the first one of
 *  equals.
 *  @throws ShapeError if there is nothing to reduce
 *
 *  Source: G11. */
template <class T>
Variable<T> max(const Variable<T>& x, const Axes& axes, bool keepdims = false);

/** The logarithm of the sum of all exponentials: y = ln Σ eˣ, without overflow. Gradient: g·e^(x − y). */
template <class T>
Variable<T> log_sum_exp(const Variable<T>& x);

/** The logarithm of the sum of exponentials over some axes: y = ln Σ eˣ, without overflow. Gradient: g·e^(x − y). */
template <class T>
Variable<T> log_sum_exp(const Variable<T>& x, const Axes& axes, bool keepdims = false);

/** The position of the largest element along an axis, of the first one of equals: x[…, y, …] = max x.
 *  Gradient: none, y are Labels.
 *  @throws ShapeError if there is nothing to reduce */
template <class T>
Labels argmax(const Variable<T>& x, Axis axis = -1);

/** The array repeated to a shape that its own broadcasts to: y[…, i, …] = x[…, 0, …] along a repeated axis.
 *  Gradient: `sum_to(g, shape of x)`.
 *  @throws ShapeError if the shape of x does not broadcast to it */
template <class T>
Variable<T> broadcast_to(const Variable<T>& x, const Shape& shape);

/** The sum over all that broadcasting to the shape of x would repeat: y[…, 0, …] = Σ_i x[…, i, …]. It is the transpose
 *  of `broadcast_to`, and x itself if the shape is its own. Gradient: `broadcast_to(g, shape of x)`.
 *  @throws ShapeError if the shape does not broadcast to that of x */
template <class T>
Variable<T> sum_to(const Variable<T>& x, const Shape& shape);

} // namespace xgrad
