#pragma once

#include <xgrad/ops/reduction.hpp>

namespace xgrad
{

// Norms
//
// Norms of the vectors along some axes, or of all elements. They scale before they square, so no norm of finite
// elements overflows that a number can hold. Each says its gradient where the norm is 0. All throw ShapeError if an
// axis does not exist or is named twice.

/** The number of elements that are not 0: y = Σ [x ≠ 0]. Gradient: none, y is a constant. */
template <class T>
Variable<T> norm_l0(const Variable<T>& x, const Axes& axes, bool keepdims = false);

/** The sum of the absolute values: y = Σ |x|. Gradient: g·sign x, 0 at 0. */
template <class T>
Variable<T> norm_l1(const Variable<T>& x, const Axes& axes, bool keepdims = false);

/** The sum of the squares: y = Σ x². Gradient: 2·g·x. */
template <class T>
Variable<T> norm_sq(const Variable<T>& x, const Axes& axes, bool keepdims = false);

/** The Euclidean norm: y = √(Σ x²). Gradient: g·x/y, 0 where y = 0. */
template <class T>
Variable<T> norm_l2(const Variable<T>& x, const Axes& axes, bool keepdims = false);

/** The largest absolute value: y = max |x|, 0 for no elements. Gradient: g·sign x for the first such element. */
template <class T>
Variable<T> norm_linf(const Variable<T>& x, const Axes& axes, bool keepdims = false);

/** The sum of powers: y = Σ |x|ᵖ. Gradient: g·p·|x|ᵖ⁻¹·sign x, 0 at 0 for p > 1. */
template <class T>
Variable<T> norm_lp_to_p(const Variable<T>& x, Number<T> p, const Axes& axes, bool keepdims = false);

/** The p-norm: y = (Σ |x|ᵖ)^(1/p), the largest absolute value for p = ∞. Gradient: g·(|x|/y)ᵖ⁻¹·sign x, 0 where y = 0.
 *  @throws ShapeError unless p > 0 */
template <class T>
Variable<T> norm_lp(const Variable<T>& x, Number<T> p, const Axes& axes, bool keepdims = false);

/** The norm of a matrix, or of each of a stack, that the l1 norm of vectors induces: y = maxⱼ Σᵢ |x_ij|.
 *  Gradient: g·sign x in the first column with that sum.
 *  @throws ShapeError if x has fewer than two axes */
template <class T>
Variable<T> norm_induced_l1(const Variable<T>& x);

/** The norm of a matrix, or of each of a stack, that the largest absolute value of vectors induces: y = maxᵢ Σⱼ |x_ij|.
 *  Gradient: g·sign x in the first row with that sum.
 *  @throws ShapeError if x has fewer than two axes */
template <class T>
Variable<T> norm_induced_linf(const Variable<T>& x);

// clang-format off
template <class T> Variable<T> norm_l0(const Variable<T>& x) { return norm_l0(x, Axes::all(x.dimension())); }
template <class T> Variable<T> norm_l1(const Variable<T>& x) { return norm_l1(x, Axes::all(x.dimension())); }
template <class T> Variable<T> norm_sq(const Variable<T>& x) { return norm_sq(x, Axes::all(x.dimension())); }
template <class T> Variable<T> norm_l2(const Variable<T>& x) { return norm_l2(x, Axes::all(x.dimension())); }
template <class T> Variable<T> norm_linf(const Variable<T>& x) { return norm_linf(x, Axes::all(x.dimension())); }
template <class T> Variable<T> norm_lp_to_p(const Variable<T>& x, Number<T> p) { return norm_lp_to_p(x, p, Axes::all(x.dimension())); }
template <class T> Variable<T> norm_lp(const Variable<T>& x, Number<T> p) { return norm_lp(x, p, Axes::all(x.dimension())); }
// clang-format on

} // namespace xgrad
