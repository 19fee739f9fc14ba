#pragma once
// How the ops' source files compute values: in an operand's own storage when nobody else needs it. Not for users.

#include <xgrad/graph/record.hpp>
#include <xgrad/ops/kernels/broadcast.hpp>
#include <xgrad/ops/kernels/table.hpp>

#include <initializer_list>

namespace xgrad::detail
{

/** The storage of x as an array of its own if nobody else holds it, else fresh storage. x keeps its shape. */
template <class T>
Array<T> result_in_place_of(Variable<T>& x)
{
    if (Array<T>* owned = x.reusable())
        return Array<T>(std::move(owned->storage()), Shape(owned->shape()),
                        typename Array<T>::strides_type(owned->strides()));
    return empty<T>(x.shape());
}

/** Whether a rule for x will be stored if an op is recorded now. */
template <class T>
bool will_need_gradient(const Variable<T>& x)
{
    return context.recording && x.requires_gradient();
}

/** f(x) of each element. `saved`: the rule reads x again, so its storage is not to be touched. */
template <class T>
Array<T> map(kernels::Unary f, Variable<T>& x, T a = 0, T b = 0, bool saved = false)
{
    const T* from = x.data();
    const std::size_t count = x.size();
    Array<T> y = saved && will_need_gradient(x) ? empty<T>(x.shape()) : result_in_place_of(x);
    kernels::table<T>().unary(f, from, y.data(), count, a, b);
    return y;
}

/** x ∘ s or s ∘ x of each element and a number. */
template <class T>
Array<T> map_with(kernels::Binary f, Variable<T>& x, T s, bool number_first = false)
{
    const T* from = x.data();
    const std::size_t count = x.size();
    Array<T> y = result_in_place_of(x);
    if (number_first)
        kernels::table<T>().binary(f, kernels::Operands::scalar_vector, &s, from, y.data(), count);
    else
        kernels::table<T>().binary(f, kernels::Operands::vector_scalar, from, &s, y.data(), count);
    return y;
}

/** a ∘ b with broadcasting. `saved_a`, `saved_b`: a rule reads that operand again. */
template <class T>
Array<T> zip(const char* op, kernels::Binary f, Variable<T>& a, Variable<T>& b, bool saved_a, bool saved_b)
{
    const T *pa = a.data(), *pb = b.data();
    const bool same = a.shape() == b.shape();
    const Shape shape = same ? a.shape() : kernels::broadcast_shapes(op, a.shape(), b.shape());
    Array<T> y = !saved_a && a.shape() == shape && a.reusable()   ? result_in_place_of(a)
                 : !saved_b && b.shape() == shape && b.reusable() ? result_in_place_of(b)
                                                                  : empty<T>(shape);
    kernels::binary_broadcast(f, pa, a.shape(), pb, b.shape(), y.data(), shape);
    return y;
}

} // namespace xgrad::detail
