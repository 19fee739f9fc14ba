#pragma once

#include <xgrad/ops/shape.hpp>

#include <initializer_list>
#include <span>
#include <utility>

namespace xgrad
{

// Sorting
//
// These ops order elements, and choose by their order. The order is stable: of equal elements the first one comes
// first. NaN counts as larger than all numbers. A gradient goes to the elements that were chosen. All throw ShapeError
// if the axes do not fit.

/** The positions of the elements along an axis in ascending order: x[…, y[i], …] ≤ x[…, y[i + 1], …], as y = 2, 0, 1
 *  for x = 5, 7, 3. Gradient: none, y are Labels. */
template <class T>
Labels argsort(const Variable<T>& x, Axis axis = -1);

/** The elements along an axis in ascending order: y = take_along_axis(x, argsort(x)). Gradient: g for each element, at
 *  its place in the order. */
template <class T>
Variable<T> sort(const Variable<T>& x, Axis axis = -1);

/** The k largest elements along an axis and their positions, in descending order: y[…, i, …] = x[…, order[i], …] with
 *  i < k. Gradient: g for the elements that were chosen, 0 for the others.
 *  @throws ShapeError if k is larger than the extent */
template <class T>
std::pair<Variable<T>, Labels> topk(const Variable<T>& x, std::size_t k, Axis axis = -1);

/** The median of all elements: y = quantile(x, 0.5). Gradient: that of the quantile.
 *  @throws ShapeError if x is empty */
template <class T>
Variable<T> median(const Variable<T>& x);

/** The median over some axes: y = quantile(x, 0.5, axes). Gradient: that of the quantile.
 *  @throws ShapeError if there is nothing to reduce */
template <class T>
Variable<T> median(const Variable<T>& x, const Axes& axes, bool keepdims = false);

/** The quantile of all n elements: y = (1 − t)·x_k + t·x_{k+1}, interpolated in their order x_0 ≤ … ≤ x_{n−1} at
 *  k + t = p·(n − 1), with 0 ≤ t < 1. It is NaN if any element is. Gradients: (1 − t)·g for x_k; t·g for x_{k+1}.
 *  @throws ShapeError if x is empty, or the probability p is not in 0 … 1 */
template <class T>
Variable<T> quantile(const Variable<T>& x, double probability);

/** The quantile over some axes: y = (1 − t)·x_k + t·x_{k+1}, interpolated as that of all elements. Gradients: (1 − t)·g
 *  for x_k; t·g for x_{k+1}.
 *  @throws ShapeError if there is nothing to reduce, or the probability is not in 0 … 1 */
template <class T>
Variable<T> quantile(const Variable<T>& x, double probability, const Axes& axes, bool keepdims = false);

/** The quantiles for several probabilities, along a new first axis: y[i, …] = quantile(x, probabilities[i], axes).
 *  Gradient: the sum of those of the quantiles. */
template <class T>
Variable<T> quantile(const Variable<T>& x, std::span<const double> probabilities, const Axes& axes,
                     bool keepdims = false);

// clang-format off
template <class T> Variable<T> quantile(const Variable<T>& x, std::initializer_list<double> probabilities, const Axes& axes, bool keepdims = false) { return quantile(x, std::span<const double>(probabilities.begin(), probabilities.size()), axes, keepdims); }
// clang-format on

} // namespace xgrad
