#pragma once

#include <xgrad/graph/variable.hpp>

#include <type_traits>

namespace xgrad
{

// Elementwise arithmetic with NumPy's broadcasting: shapes are aligned at the last axis, an axis of extent 1 (or a
// missing one) is repeated. The gradient of a repeated operand is summed back to its shape. A number works like an
// array of shape (). All throw ShapeError if the shapes cannot be broadcast. g is the upstream gradient, y the result.

/** y = a + b. Gradients: a, g; b, g. */
template <class T>
Variable<T> add(Variable<T> a, Variable<T> b);

/** y = a − b. Gradients: a, g; b, −g. */
template <class T>
Variable<T> subtract(Variable<T> a, Variable<T> b);

/** y = a · b, elementwise. Gradients: a, g·b; b, g·a. */
template <class T>
Variable<T> multiply(Variable<T> a, Variable<T> b);

/** y = a / b, elementwise. Gradients: a, g/b; b, −g·y/b. */
template <class T>
Variable<T> divide(Variable<T> a, Variable<T> b);

/** y = aᵇ, elementwise. Gradients: a, g·b·aᵇ⁻¹; b, g·y·log a (0 where a = 0). */
template <class T>
Variable<T> pow(Variable<T> a, Variable<T> b);

/** The larger of each pair, NaN if either is. Gradient: g to the larger one; to a where they are equal. */
template <class T>
Variable<T> maximum(Variable<T> a, Variable<T> b);

/** The smaller of each pair, NaN if either is. Gradient: g to the smaller one; to a where they are equal. */
template <class T>
Variable<T> minimum(Variable<T> a, Variable<T> b);

/** 1 where a > b, else 0. A constant. */
template <class T>
Variable<T> greater(Variable<T> a, Variable<T> b);

/** 1 where a ≥ b, else 0. A constant. */
template <class T>
Variable<T> greater_equal(Variable<T> a, Variable<T> b);

/** y = −x. Gradient: −g. */
template <class T>
Variable<T> negative(Variable<T> x);

/** y = x + s. Gradient: g. */
template <class T>
Variable<T> add(Variable<T> x, std::type_identity_t<T> s);

/** y = x · s. Gradient: g·s. */
template <class T>
Variable<T> multiply(Variable<T> x, std::type_identity_t<T> s);

/** y = x / s. Gradient: g/s. */
template <class T>
Variable<T> divide(Variable<T> x, std::type_identity_t<T> s);

/** y = s − x. Gradient: −g. */
template <class T>
Variable<T> subtract(std::type_identity_t<T> s, Variable<T> x);

/** y = s / x. Gradient: −g·y/x. */
template <class T>
Variable<T> divide(std::type_identity_t<T> s, Variable<T> x);

/** y = xᵖ. Gradient: g·p·xᵖ⁻¹. */
template <class T>
Variable<T> pow(Variable<T> x, std::type_identity_t<T> p);

// clang-format off
template <class T> Variable<T> maximum(Variable<T> x, std::type_identity_t<T> s) { return maximum(std::move(x), constant<T>(s)); }
template <class T> Variable<T> minimum(Variable<T> x, std::type_identity_t<T> s) { return minimum(std::move(x), constant<T>(s)); }
template <class T> Variable<T> greater(Variable<T> x, std::type_identity_t<T> s) { return greater(std::move(x), constant<T>(s)); }
template <class T> Variable<T> greater_equal(Variable<T> x, std::type_identity_t<T> s) { return greater_equal(std::move(x), constant<T>(s)); }

template <class T> Variable<T> operator+(Variable<T> a, Variable<T> b) { return add(std::move(a), std::move(b)); }
template <class T> Variable<T> operator-(Variable<T> a, Variable<T> b) { return subtract(std::move(a), std::move(b)); }
template <class T> Variable<T> operator*(Variable<T> a, Variable<T> b) { return multiply(std::move(a), std::move(b)); }
template <class T> Variable<T> operator/(Variable<T> a, Variable<T> b) { return divide(std::move(a), std::move(b)); }
template <class T> Variable<T> operator-(Variable<T> x) { return negative(std::move(x)); }
template <class T> Variable<T> operator+(Variable<T> x, std::type_identity_t<T> s) { return add(std::move(x), s); }
template <class T> Variable<T> operator+(std::type_identity_t<T> s, Variable<T> x) { return add(std::move(x), s); }
template <class T> Variable<T> operator-(Variable<T> x, std::type_identity_t<T> s) { return add(std::move(x), -s); }
template <class T> Variable<T> operator-(std::type_identity_t<T> s, Variable<T> x) { return subtract(s, std::move(x)); }
template <class T> Variable<T> operator*(Variable<T> x, std::type_identity_t<T> s) { return multiply(std::move(x), s); }
template <class T> Variable<T> operator*(std::type_identity_t<T> s, Variable<T> x) { return multiply(std::move(x), s); }
template <class T> Variable<T> operator/(Variable<T> x, std::type_identity_t<T> s) { return divide(std::move(x), s); }
template <class T> Variable<T> operator/(std::type_identity_t<T> s, Variable<T> x) { return divide(s, std::move(x)); }
// clang-format on

} // namespace xgrad
