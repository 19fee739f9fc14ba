#pragma once

#include <xgrad/ops/detail/derivatives.hpp>

#include <vector>

namespace xgrad
{

// Derivatives
//
// These are the derivatives of functions of variables, each on a tape of its own. x may be any variable: its value is
// the point at which the derivative is taken. The result is a constant, on which no tape depends.

/** The matrix of first derivatives, J = ∂y/∂x, of y = f(x).
 *
 *  J[i…, k…] = ∂y[i…]/∂x[k…]
 *
 *  There is one backward sweep for each element of y. If x has less than half as many elements, the backward pass is
 *  recorded, and there is one sweep for each element of x instead.
 *
 *  @param f  returns one variable
 *  @param x  any shape; or a list of variables, which f gets as such
 *  @return   the axes of y and then those of x; for a list, a vector of such arrays
 *
 *  Gradient: none. */
template <class F, class T>
Array<T> jacobian(F&& f, const Variable<T>& x)
{
    const PauseRecording independent_of_outer_tapes;
    Tape tape;
    const Variable<T> leaf = as_leaf(x), y = f(leaf);
    return detail::columns_of(detail::jacobian_of<T>(tape, {y}, {leaf}), y.shape(), x.shape(), 0);
}
template <class F, class T, class A>
std::vector<Array<T>> jacobian(F&& f, const std::vector<Variable<T>, A>& xs)
{
    const PauseRecording independent_of_outer_tapes;
    Tape tape;
    Variables<T> leaves;
    for (const Variable<T>& x : xs)
        leaves.push_back(as_leaf(x));
    const Variable<T> y = f(leaves);
    const Array<T> matrix = detail::jacobian_of<T>(tape, {y}, leaves);
    std::vector<Array<T>> parts;
    std::size_t begin = 0;
    for (const Variable<T>& x : xs) {
        parts.push_back(detail::columns_of(matrix, y.shape(), x.shape(), begin));
        begin += x.size();
    }
    return parts;
}

/** The matrix of second derivatives, H = ∂²E/∂x∂x, of a loss E = loss(x).
 *
 *  H[i…, k…] = ∂²E/∂x[i…]∂x[k…]
 *
 *  The gradient is recorded once, and there is one sweep for each element of x.
 *
 *  @param loss  returns a scalar
 *  @param x     any shape; or the parameters of a model, and then loss() has no argument
 *  @return      the axes of x twice; for parameters a matrix, whose rows are all elements of all parameters in order
 *
 *  Gradient: none. */
template <class F, class T>
Array<T> hessian(F&& loss, const Variable<T>& x)
{
    const PauseRecording independent_of_outer_tapes;
    Tape tape;
    const Variable<T> leaf = as_leaf(x);
    const Variable<T> gradient = tape.gradient<T>(loss(leaf), leaf, {.record = true, .unused_is_zero = true});
    return detail::columns_of(detail::jacobian_of<T>(tape, {gradient}, {leaf}), x.shape(), x.shape(), 0);
}
template <class F, class T>
Array<T> hessian(F&& loss, const Parameters<T>& parameters)
{
    const PauseRecording independent_of_outer_tapes;
    Tape tape;
    const Variables<T> gradients = tape.gradient<T>(loss(), parameters, {.record = true, .unused_is_zero = true});
    return detail::jacobian_of(tape, gradients, parameters.variables());
}

/** The derivative of y = f(x) in one direction, u = J·v with J = ∂y/∂x.
 *
 *  u[i…] = Σ_k ∂y[i…]/∂x[k…]·v[k…]
 *
 *  It is the derivative of the backward sweep, which is linear in its upstream gradient.
 *
 *  @param f  returns one variable
 *  @param x  any shape
 *  @param v  the shape of x
 *  @return   the shape of y
 *
 *  Gradient: none.
 *  @throws ShapeError if v has another shape than x */
template <class F, class T>
Variable<T> jacobian_vector_product(F&& f, const Variable<T>& x, const Variable<T>& v)
{
    const PauseRecording independent_of_outer_tapes;
    Tape tape;
    const Variable<T> leaf = as_leaf(x);
    return detail::jacobian_vector_product_of<T>(tape, f(leaf), leaf, v);
}

/** The product of a loss's second derivatives and a vector, u = H·v with H = ∂²E/∂x∂x, without the matrix.
 *
 *  u[i…] = Σ_k ∂²E/∂x[i…]∂x[k…]·v[k…]
 *
 *  @param loss  returns a scalar
 *  @param x     any shape; or the parameters of a model, and then loss() has no argument and vs is a list
 *  @param v     the shape of x
 *  @return      the shape of x; a list for parameters
 *
 *  Gradient: none.
 *  @throws ShapeError if v has another shape than x */
template <class F, class T>
Variable<T> hessian_vector_product(F&& loss, const Variable<T>& x, const Variable<T>& v)
{
    const Variable<T> leaf = as_leaf(x);
    const Parameters<T> all = {{"x", leaf}};
    return std::move(hessian_vector_product([&] { return loss(leaf); }, all, Variables<T>{v}).front());
}
template <class F, class T>
Variables<T> hessian_vector_product(F&& loss, const Parameters<T>& parameters, const Variables<T>& vs)
{
    const PauseRecording independent_of_outer_tapes;
    Tape tape;
    const Variables<T> gradients = tape.gradient<T>(loss(), parameters, {.record = true, .unused_is_zero = true});
    return tape.vector_jacobian_product(gradients, vs, parameters.variables(), {.unused_is_zero = true});
}

} // namespace xgrad
