#pragma once

#include <xgrad/base/number.hpp>
#include <xgrad/graph/variable.hpp>

namespace xgrad
{

// Arithmetic
//
// These ops work on pairs of elements and broadcast their operands as NumPy does. Shapes are aligned at the last axis.
// An axis of extent 1, or a missing one, is repeated. `sum_to` adds the gradient of a repeated operand up to its shape.
// A number works like an array of shape (). All throw ShapeError if the shapes cannot be broadcast.
//
// The operators `+ - * /` are `add`, `subtract`, `multiply` and `divide`, and take a number on either side. `a > b` and
// `b < a` are `greater(a, b)`, `a >= b` and `b <= a` are `greater_equal(a, b)`. A number may also be either operand of
// `maximum`, `minimum` and the comparisons, and of what `where` chooses from. `a += b` is `a = a + b`: a becomes the
// result, and what it was before is not changed.

/** The sum: y = a + b. Gradients: g for a; g for b. Source: B4. */
template <class T>
Variable<T> add(Variable<T> a, Variable<T> b);

/** The difference: y = a − b. Gradients: g for a; −g for b. */
template <class T>
Variable<T> subtract(Variable<T> a, Variable<T> b);

/** The elementwise product: y = a·b. Gradients: g·b for a; g·a for b. */
template <class T>
Variable<T> multiply(Variable<T> a, Variable<T> b);

/** The quotient: y = a/b. Gradients: g/b for a; −g·y/b for b. */
template <class T>
Variable<T> divide(Variable<T> a, Variable<T> b);

/** The power: y = aᵇ. Gradients: g·b·aᵇ⁻¹ for a; g·y·ln a for b, 0 where a = 0. */
template <class T>
Variable<T> pow(Variable<T> a, Variable<T> b);

/** The larger of each pair: y = max(a, b), NaN if either is. Gradients: g where a ≥ b for a; g where b > a for b.
 *  Source: G11. */
template <class T>
Variable<T> maximum(Variable<T> a, Variable<T> b);

/** The smaller of each pair: y = min(a, b), NaN if either is. Gradients: g where a ≤ b for a; g where b < a for b. */
template <class T>
Variable<T> minimum(Variable<T> a, Variable<T> b);

/** The comparison: y = 1 where a > b, else 0. Gradient: none, y is a constant. */
template <class T>
Variable<T> greater(Variable<T> a, Variable<T> b);

/** The comparison: y = 1 where a ≥ b, else 0. Gradient: none, y is a constant. */
template <class T>
Variable<T> greater_equal(Variable<T> a, Variable<T> b);

/** The choice: y = a where the condition is not 0, else b. The gradient of what is not chosen is 0, even where g or a
 *  derivative of it is infinite. Gradients: where(condition, g, 0) for a; where(condition, 0, g) for b. */
template <class T>
Variable<T> where(Variable<T> condition, Variable<T> a, Variable<T> b);

/** The negative: y = −x. Gradient: −g. */
template <class T>
Variable<T> negative(Variable<T> x);

/** The sum with a number: y = x + s. Gradient: g. */
template <class T>
Variable<T> add(Variable<T> x, Number<T> s);

/** The product with a number: y = x·s. Gradient: g·s. */
template <class T>
Variable<T> multiply(Variable<T> x, Number<T> s);

/** The quotient by a number: y = x/s. Gradient: g/s. */
template <class T>
Variable<T> divide(Variable<T> x, Number<T> s);

/** The difference from a number: y = s − x. Gradient: −g. */
template <class T>
Variable<T> subtract(Number<T> s, Variable<T> x);

/** The quotient of a number: y = s/x. Gradient: −g·y/x. */
template <class T>
Variable<T> divide(Number<T> s, Variable<T> x);

/** The power by a number: y = xᵖ. Gradient: g·p·xᵖ⁻¹, 0 for p = 0. */
template <class T>
Variable<T> pow(Variable<T> x, Number<T> p);

// clang-format off
template <class T> Variable<T> maximum(Variable<T> x, Number<T> s) { return maximum(std::move(x), constant<T>(T(s))); }
template <class T> Variable<T> maximum(Number<T> s, Variable<T> x) { return maximum(constant<T>(T(s)), std::move(x)); }
template <class T> Variable<T> minimum(Variable<T> x, Number<T> s) { return minimum(std::move(x), constant<T>(T(s))); }
template <class T> Variable<T> minimum(Number<T> s, Variable<T> x) { return minimum(constant<T>(T(s)), std::move(x)); }
template <class T> Variable<T> greater(Variable<T> x, Number<T> s) { return greater(std::move(x), constant<T>(T(s))); }
template <class T> Variable<T> greater(Number<T> s, Variable<T> x) { return greater(constant<T>(T(s)), std::move(x)); }
template <class T> Variable<T> greater_equal(Variable<T> x, Number<T> s) { return greater_equal(std::move(x), constant<T>(T(s))); }
template <class T> Variable<T> greater_equal(Number<T> s, Variable<T> x) { return greater_equal(constant<T>(T(s)), std::move(x)); }
template <class T> Variable<T> where(Variable<T> condition, Variable<T> a, Number<T> b) { return where(std::move(condition), std::move(a), constant<T>(T(b))); }
template <class T> Variable<T> where(Variable<T> condition, Number<T> a, Variable<T> b) { return where(std::move(condition), constant<T>(T(a)), std::move(b)); }
template <class T> Variable<T> where(Variable<T> condition, Number<T> a, Number<T> b) { return where(std::move(condition), constant<T>(T(a)), constant<T>(T(b))); }

template <class T> Variable<T> operator-(Variable<T> a, Variable<T> b) { return subtract(std::move(a), std::move(b)); }
template <class T> Variable<T> operator*(Variable<T> a, Variable<T> b) { return multiply(std::move(a), std::move(b)); }
template <class T> Variable<T> operator/(Variable<T> a, Variable<T> b) { return divide(std::move(a), std::move(b)); }
template <class T> Variable<T> operator-(Variable<T> x) { return negative(std::move(x)); }
template <class T> Variable<T> operator+(Variable<T> x, Number<T> s) { return add(std::move(x), s); }
template <class T> Variable<T> operator+(Number<T> s, Variable<T> x) { return add(std::move(x), s); }
template <class T> Variable<T> operator-(Variable<T> x, Number<T> s) { return add(std::move(x), -T(s)); }
template <class T> Variable<T> operator-(Number<T> s, Variable<T> x) { return subtract(s, std::move(x)); }
template <class T> Variable<T> operator*(Variable<T> x, Number<T> s) { return multiply(std::move(x), s); }
template <class T> Variable<T> operator*(Number<T> s, Variable<T> x) { return multiply(std::move(x), s); }
template <class T> Variable<T> operator/(Variable<T> x, Number<T> s) { return divide(std::move(x), s); }
template <class T> Variable<T> operator/(Number<T> s, Variable<T> x) { return divide(s, std::move(x)); }
template <class T> Variable<T> operator>(Variable<T> a, Variable<T> b) { return greater(std::move(a), std::move(b)); }
template <class T> Variable<T> operator>(Variable<T> a, Number<T> b) { return greater(std::move(a), b); }
template <class T> Variable<T> operator>(Number<T> a, Variable<T> b) { return greater(a, std::move(b)); }
template <class T> Variable<T> operator>=(Variable<T> a, Variable<T> b) { return greater_equal(std::move(a), std::move(b)); }
template <class T> Variable<T> operator>=(Variable<T> a, Number<T> b) { return greater_equal(std::move(a), b); }
template <class T> Variable<T> operator>=(Number<T> a, Variable<T> b) { return greater_equal(a, std::move(b)); }
template <class T> Variable<T> operator<(Variable<T> a, Variable<T> b) { return greater(std::move(b), std::move(a)); }
template <class T> Variable<T> operator<(Variable<T> a, Number<T> b) { return greater(b, std::move(a)); }
template <class T> Variable<T> operator<(Number<T> a, Variable<T> b) { return greater(std::move(b), a); }
template <class T> Variable<T> operator<=(Variable<T> a, Variable<T> b) { return greater_equal(std::move(b), std::move(a)); }
template <class T> Variable<T> operator<=(Variable<T> a, Number<T> b) { return greater_equal(b, std::move(a)); }
template <class T> Variable<T> operator<=(Number<T> a, Variable<T> b) { return greater_equal(std::move(b), a); }

template <class T, class B> Variable<T>& operator+=(Variable<T>& a, B b) { return a = std::move(a) + std::move(b); }
template <class T, class B> Variable<T>& operator-=(Variable<T>& a, B b) { return a = std::move(a) - std::move(b); }
template <class T, class B> Variable<T>& operator*=(Variable<T>& a, B b) { return a = std::move(a) * std::move(b); }
template <class T, class B> Variable<T>& operator/=(Variable<T>& a, B b) { return a = std::move(a) / std::move(b); }

template <class A, class B> Variable<A> operator+(const Variable<A>& a, const Variable<B>&) requires(!std::is_same_v<A, B>) { return detail::require_one_scalar<A, B>(), a; }
template <class A, class B> Variable<A> operator-(const Variable<A>& a, const Variable<B>&) requires(!std::is_same_v<A, B>) { return detail::require_one_scalar<A, B>(), a; }
template <class A, class B> Variable<A> operator*(const Variable<A>& a, const Variable<B>&) requires(!std::is_same_v<A, B>) { return detail::require_one_scalar<A, B>(), a; }
template <class A, class B> Variable<A> operator/(const Variable<A>& a, const Variable<B>&) requires(!std::is_same_v<A, B>) { return detail::require_one_scalar<A, B>(), a; }
// clang-format on

} // namespace xgrad
