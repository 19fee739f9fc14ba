#pragma once

#include <xgrad/ops/shape.hpp>

#include <concepts>
#include <initializer_list>
#include <span>
#include <string_view>

namespace xgrad
{

// Tensor products
//
// These are sums of products over axes of several arrays. They are made of permutations and `matmul`, and so are their
// gradients: that of an einsum is an einsum.

/** The sum of products that an equation names, as `einsum` of NumPy: `einsum("bij,bjk->bik", a, b)`.
 *
 *  y[output letters] = Σ_{other letters} x₁[letters of x₁] · x₂[letters of x₂] · …
 *
 *  A letter stands for an axis. One that is repeated in an operand takes the diagonal: `einsum("ii->i", a)`. Three dots
 *  stand for any axes, which are broadcast. Without "->" the output has the dots, then all letters that occur once, in
 *  alphabetical order.
 *
 *  @param equation  the letters of the axes of each operand, and those of the result
 *  @param xs        one array or more
 *
 *  Gradient: the einsum of g and the other operands, with the letters of x_k for the output.
 *  @throws ShapeError if the equation cannot be read, or a letter stands for two extents */
template <class T>
Variable<T> einsum(std::string_view equation, std::span<const Variable<T>> xs);

/** The sum of products over the last n axes of a and the first n of b: y[i…, j…] = Σ_k a[i…, k…] · b[k…, j…].
 *  Gradients: `tensordot` of g and b for a; `tensordot` of a and g for b.
 *  @throws ShapeError if these axes differ */
template <class T>
Variable<T> tensordot(const Variable<T>& a, const Variable<T>& b, std::size_t n = 2);

/** The sum of products over some axes of a and as many of b: y[i…, j…] = Σ_k a[i…, k…] · b[k…, j…], with the axes k
 *  wherever they are. Gradients: `tensordot` of g and b for a; `tensordot` of a and g for b.
 *  @throws ShapeError if these axes differ */
template <class T>
Variable<T> tensordot(const Variable<T>& a, const Variable<T>& b, const Axes& axes_of_a, const Axes& axes_of_b);

/** The product over the last axis of a and the last but one of b, or its only one: y[i…, j…] = Σ_k a[i…, k] · b[j…, k,
 * l]. A scalar multiplies all elements. Gradients: `tensordot` of g and b for a; `tensordot` of a and g for b.
 *  @throws ShapeError if these extents differ */
template <class T>
Variable<T> dot(const Variable<T>& a, const Variable<T>& b);

/** The product of all elements: y = Σ a_i·b_i, counted in row-major order. Gradients: g·b for a; g·a for b.
 *  @throws ShapeError if the sizes differ */
template <class T>
Variable<T> vdot(const Variable<T>& a, const Variable<T>& b);

/** The cross product of the vectors along the last axis, which has extent 3: y = a × b. Of vectors of extent 2 it is
 * the number y = a₀·b₁ − a₁·b₀. Leading axes are broadcast. Gradients: b × g for a; g × a for b.
 *  @throws ShapeError for other extents */
template <class T>
Variable<T> cross(const Variable<T>& a, const Variable<T>& b);

// clang-format off
template <class T> Variable<T> einsum(std::string_view equation, std::initializer_list<Variable<T>> xs) { return einsum(equation, std::span<const Variable<T>>(xs.begin(), xs.size())); }
template <class T, class... More> Variable<T> einsum(std::string_view equation, const Variable<T>& x, const More&... xs) requires(std::same_as<More, Variable<T>>&&...) { return einsum(equation, {x, xs...}); }
// clang-format on

} // namespace xgrad
