#pragma once

#include <xgrad/ops/statistics.hpp>

#include <limits>

namespace xgrad
{

// Ops that skip NaN
//
// These reductions leave out what is NaN, and no gradient flows to it. They take axes and keepdims as those of
// ops/reduction.hpp do, or no axes to reduce all elements. Along axes that have only NaN, sums are 0, products 1 and
// all others NaN. All throw ShapeError if an axis does not exist or is named twice.

/** The array with numbers in place of NaN and the infinities: y = x, but `nan` for NaN, `positive` for ∞ and `negative`
 *  for −∞, by default 0 and the largest numbers. Gradient: g where x is finite. */
template <class T>
Variable<T> nan_to_num(const Variable<T>& x, Number<T> nan = 0, Number<T> positive = std::numeric_limits<T>::max(),
                       Number<T> negative = std::numeric_limits<T>::lowest());

/** The sum of the elements that are not NaN: y = Σ x. Gradient: g, 0 for NaN. */
template <class T>
Variable<T> nansum(const Variable<T>& x, const Axes& axes, bool keepdims = false);

/** The product of the elements that are not NaN: y = Π x. Gradient: g times the product of the others, 0 for NaN. */
template <class T>
Variable<T> nanprod(const Variable<T>& x, const Axes& axes, bool keepdims = false);

/** The mean of the n elements that are not NaN: y = Σ x / n. Gradient: g/n, 0 for NaN. */
template <class T>
Variable<T> nanmean(const Variable<T>& x, const Axes& axes, bool keepdims = false);

/** The variance of the n elements that are not NaN: y = Σ (x − mean x)²/(n − ddof).
 *  Gradient: 2·g·(x − mean x)/(n − ddof), 0 for NaN. */
template <class T>
Variable<T> nanvar(const Variable<T>& x, const Axes& axes, const VarianceOptions& options = {});

/** The standard deviation of the n elements that are not NaN: y = √(Σ (x − mean x)²/(n − ddof)).
 *  Gradient: g·(x − mean x)/((n − ddof)·y), 0 for NaN and where y = 0. */
template <class T>
Variable<T> nanstd(const Variable<T>& x, const Axes& axes, const VarianceOptions& options = {});

/** The largest of the elements that are not NaN: y = max x. Gradient: g for that element, for the first one of equals.
 *  @throws ShapeError if there is nothing to reduce */
template <class T>
Variable<T> nanmax(const Variable<T>& x, const Axes& axes, bool keepdims = false);

/** The smallest of the elements that are not NaN: y = min x. Gradient: g for that element, for the first one of equals.
 *  @throws ShapeError if there is nothing to reduce */
template <class T>
Variable<T> nanmin(const Variable<T>& x, const Axes& axes, bool keepdims = false);

/** The sums so far along an axis, with 0 for NaN: y[…, i, …] = Σ_{k≤i} x[…, k, …]. Gradient: the sums of g from the
 * end, 0 for NaN. */
template <class T>
Variable<T> nancumsum(const Variable<T>& x, Axis axis);

/** The products so far along an axis, with 1 for NaN: y[…, i, …] = Π_{k≤i} x[…, k, …]. Gradient: that of `cumprod`, 0
 *  for NaN. */
template <class T>
Variable<T> nancumprod(const Variable<T>& x, Axis axis);

// clang-format off
template <class T> Variable<T> nansum(const Variable<T>& x) { return nansum(x, Axes::all(x.dimension())); }
template <class T> Variable<T> nanprod(const Variable<T>& x) { return nanprod(x, Axes::all(x.dimension())); }
template <class T> Variable<T> nanmean(const Variable<T>& x) { return nanmean(x, Axes::all(x.dimension())); }
template <class T> Variable<T> nanvar(const Variable<T>& x) { return nanvar(x, Axes::all(x.dimension())); }
template <class T> Variable<T> nanstd(const Variable<T>& x) { return nanstd(x, Axes::all(x.dimension())); }
template <class T> Variable<T> nanmax(const Variable<T>& x) { return nanmax(x, Axes::all(x.dimension())); }
template <class T> Variable<T> nanmin(const Variable<T>& x) { return nanmin(x, Axes::all(x.dimension())); }
template <class T> Variable<T> nancumsum(const Variable<T>& x) { return nancumsum(flatten(x), 0); }
template <class T> Variable<T> nancumprod(const Variable<T>& x) { return nancumprod(flatten(x), 0); }
// clang-format on

} // namespace xgrad
