#pragma once

#include <xgrad/ops/shape.hpp>

namespace xgrad
{

// Sums and differences along an axis
//
// These ops run along one axis; without an axis `cumsum` and `cumprod` run through all elements in row-major order, and
// give a vector. All throw ShapeError if there is no such axis.

/** The sums of the elements so far, of all in row-major order: y_i = Σ_{k≤i} x_k. Gradient: the sums of g from the end,
 *  Σ_{k≥i} g_k. */
template <class T>
Variable<T> cumsum(const Variable<T>& x);

/** The sums of the elements so far along an axis: y[…, i, …] = Σ_{k≤i} x[…, k, …]. Gradient: the sums of g from the
 * end, Σ_{k≥i} g[…, k, …]. */
template <class T>
Variable<T> cumsum(const Variable<T>& x, Axis axis);

/** The products of the elements so far, of all in row-major order: y_i = Π_{k≤i} x_k.
 *  Gradient: Σ_{k≥i} g_k·Π_{l≤k, l≠i} x_l, right where some elements are 0, too. */
template <class T>
Variable<T> cumprod(const Variable<T>& x);

/** The products of the elements so far along an axis: y[…, i, …] = Π_{k≤i} x[…, k, …].
 *  Gradient: Σ_{k≥i} g_k·Π_{l≤k, l≠i} x_l, right where some elements are 0, too. */
template <class T>
Variable<T> cumprod(const Variable<T>& x, Axis axis);

/** The differences of neighbours along an axis, taken n times: y[…, i, …] = x[…, i + 1, …] − x[…, i, …]. The extent
 *  shrinks by n, to 0 at least. Gradient: the negative differences of g with a 0 before and after it. */
template <class T>
Variable<T> diff(const Variable<T>& x, std::size_t n = 1, Axis axis = -1);

/** The integral along an axis by the trapezoidal rule, for samples at distance dx:
 *  y = Σ_i dx·(f[…, i, …] + f[…, i + 1, …])/2. Gradient: g·dx, half of it at both ends. */
template <class T>
Variable<T> trapz(const Variable<T>& f, Number<T> dx = 1, Axis axis = -1);

/** The integral along an axis by the trapezoidal rule, for samples at the places x:
 *  y = Σ_i (x_{i+1} − x_i)·(f[…, i, …] + f[…, i + 1, …])/2. The places have the shape of f, or are a vector along the
 *  axis. Gradients: g·(x_{i+1} − x_{i−1})/2 for f; g·(f_{i−1} − f_{i+1})/2 for x; half of it at both ends.
 *  @throws ShapeError if the places have another shape */
template <class T>
Variable<T> trapz(const Variable<T>& f, const Variable<T>& x, Axis axis = -1);

} // namespace xgrad
