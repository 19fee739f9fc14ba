#pragma once

#include <xgrad/graph/tape.hpp>

namespace xgrad
{

// Derivatives of functions Variable<T> → Variable<T>, each on a tape of its own. x may be any variable: its value is
// the point at which the derivative is taken.

namespace detail
{

template <class T>
Array<T> jacobian_of(Tape& tape, const Variable<T>& y, const Variable<T>& x);
template <class T>
Variable<T> jacobian_vector_product_of(Tape& tape, const Variable<T>& y, const Variable<T>& x, const Variable<T>& v);

} // namespace detail

/** ∂y/∂x with the axes of y first, then those of x, by one backward sweep for each element of y. */
template <class F, class T>
Array<T> jacobian(F&& f, const Variable<T>& x)
{
    const PauseRecording independent_of_outer_tapes;
    Tape tape;
    const Variable<T> leaf = as_leaf(x);
    return detail::jacobian_of<T>(tape, f(leaf), leaf);
}

/** (∂y/∂x)·v, with the shape of y: the derivative of the backward sweep, which is linear in its upstream gradient.
 *  @param v  has the shape of x */
template <class F, class T>
Variable<T> jacobian_vector_product(F&& f, const Variable<T>& x, const Variable<T>& v)
{
    const PauseRecording independent_of_outer_tapes;
    Tape tape;
    const Variable<T> leaf = as_leaf(x);
    return detail::jacobian_vector_product_of<T>(tape, f(leaf), leaf, v);
}

/** (∂²loss/∂x²)·v for all parameters x of a model at once.
 *  @param loss  () → scalar
 *  @param vs    have the shapes of the parameters */
template <class F, class T>
Variables<T> hessian_vector_product(F&& loss, const Parameters<T>& parameters, const Variables<T>& vs)
{
    const PauseRecording independent_of_outer_tapes;
    Tape tape;
    const Variables<T> gradients = tape.gradient<T>(loss(), parameters, {.record = true, .unused_is_zero = true});
    return tape.vector_jacobian_product(gradients, vs, parameters.variables(), {.unused_is_zero = true});
}

/** (∂²loss/∂x²)·v, with the shape of x. @param v  has the shape of x */
template <class F, class T>
Variable<T> hessian_vector_product(F&& loss, const Variable<T>& x, const Variable<T>& v)
{
    const Variable<T> leaf = as_leaf(x);
    const Parameters<T> all = {{"x", leaf}};
    return std::move(hessian_vector_product([&] { return loss(leaf); }, all, Variables<T>{v}).front());
}

} // namespace xgrad
