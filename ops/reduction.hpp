#pragma once

#include <xgrad/ops/shape.hpp>

namespace xgrad
{

// Reductions over all axes or over some of them. With keepdims the reduced axes stay, with extent 1. All throw
// ShapeError if an axis does not exist or is named twice. g is the upstream gradient, y the result.

/** The sum over all elements: a scalar of shape (). Gradient: g, repeated to the shape of x. */
template <class T>
Variable<T> sum(const Variable<T>& x);

/** The sum over the given axes. Gradient: g, repeated along them. */
template <class T>
Variable<T> sum(const Variable<T>& x, const Axes& axes, bool keepdims = false);

/** The mean over all elements. Gradient: g/n, repeated. @throws ShapeError if x is empty */
template <class T>
Variable<T> mean(const Variable<T>& x);

/** The mean over the given axes. */
template <class T>
Variable<T> mean(const Variable<T>& x, const Axes& axes, bool keepdims = false);

/** The largest element, NaN if any is. Gradient: g to it, to the first one of equals. @throws ShapeError if x is empty
 */
template <class T>
Variable<T> max(const Variable<T>& x);

/** The largest element along the given axes. */
template <class T>
Variable<T> max(const Variable<T>& x, const Axes& axes, bool keepdims = false);

/** ln Σ eˣ over all elements, without overflow. Gradient: g·e^(x − y). */
template <class T>
Variable<T> log_sum_exp(const Variable<T>& x);

/** ln Σ eˣ over the given axes. */
template <class T>
Variable<T> log_sum_exp(const Variable<T>& x, const Axes& axes, bool keepdims = false);

/** The position along an axis of the largest element, the first one of equals. It has no gradient. */
template <class T>
Labels argmax(const Variable<T>& x, Axis axis = -1);

/** x repeated to a shape that its own broadcasts to. Gradient: sum_to(g, shape of x). */
template <class T>
Variable<T> broadcast_to(const Variable<T>& x, const Shape& shape);

/** The sum over what broadcasting to the shape of x would repeat: the transpose of broadcast_to. x itself if the shape
 *  is its own. Gradient: broadcast_to(g, shape of x). */
template <class T>
Variable<T> sum_to(const Variable<T>& x, const Shape& shape);

} // namespace xgrad
