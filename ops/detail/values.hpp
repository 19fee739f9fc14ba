#pragma once
// How the ops' source files compute values: in an operand's own storage when nobody else needs it. Not for users.

#include <xgrad/graph/record.hpp>
#include <xgrad/kernels/elementwise/broadcast.hpp>
#include <xgrad/kernels/table.hpp>

namespace xgrad::detail
{

/** A result of the shape of x: in the storage of x if nobody else holds it, else fresh. x keeps its shape and origin.
 */
template <class T>
Variable<T> result_in_place_of(Variable<T>& x)
{
    return x.is_reusable() ? stop_gradient(x) : uninitialized<T>(x.shape());
}

/** Whether a rule for x will be stored if an op is recorded now. */
template <class T>
bool will_need_gradient(const Variable<T>& x)
{
    return context.recording && x.requires_gradient();
}

/** f(x) of each element. `saved`: the rule reads x again, so its storage is not to be touched. */
template <class T>
Variable<T> map(kernels::Unary f, Variable<T>& x, T a = 0, T b = 0, bool saved = false)
{
    const T* from = x.data();
    const std::size_t count = x.size();
    Variable<T> y = saved && will_need_gradient(x) ? uninitialized<T>(x.shape()) : result_in_place_of(x);
    kernels::table<T>().unary(f, from, y.mutable_value().data(), count, a, b);
    return y;
}

/** x ∘ s or s ∘ x of each element and a number. */
template <class T>
Variable<T> map_with(kernels::Binary f, Variable<T>& x, T s, bool number_first = false)
{
    const T* from = x.data();
    const std::size_t count = x.size();
    Variable<T> y = result_in_place_of(x);
    if (number_first)
        kernels::table<T>().binary(f, kernels::Operands::scalar_vector, &s, from, y.mutable_value().data(), count);
    else
        kernels::table<T>().binary(f, kernels::Operands::vector_scalar, from, &s, y.mutable_value().data(), count);
    return y;
}

/** a ∘ b with broadcasting. `saved_a`, `saved_b`: a rule reads that operand again. */
template <class T>
Variable<T> zip(const char* op, kernels::Binary f, Variable<T>& a, Variable<T>& b, bool saved_a, bool saved_b)
{
    const T *pa = a.data(), *pb = b.data();
    const bool same = a.shape() == b.shape();
    const Shape shape = same ? a.shape() : kernels::broadcast_shapes(op, a.shape(), b.shape());
    Variable<T> y = !saved_a && a.shape() == shape && a.reusable()   ? result_in_place_of(a)
                    : !saved_b && b.shape() == shape && b.reusable() ? result_in_place_of(b)
                                                                     : uninitialized<T>(shape);
    kernels::binary_broadcast(f, pa, a.shape(), pb, b.shape(), y.mutable_value().data(), shape);
    return y;
}

} // namespace xgrad::detail
