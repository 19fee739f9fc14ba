#pragma once
// The functions by which the ops' source files compute values, in an operand's own storage if nobody else needs it. Not
// for users.

#include <xgrad/graph/record.hpp>
#include <xgrad/kernels/elementwise/broadcast.hpp>
#include <xgrad/kernels/pieces.hpp>
#include <xgrad/kernels/table.hpp>

#include <algorithm>

namespace xgrad::detail
{

/** The attributes of an op that moves elements and computes nothing. */
inline Attributes moves() { return {.flop = 0}; }

/** A result of the shape of x: in the storage of x if nobody else holds it, else fresh. x keeps its shape and origin.
 */
template <class T>
Variable<T> result_in_place_of(Variable<T>& x)
{
    return Access::is_only_holder(x) ? stop_gradient(x) : uninitialized<T>(x.shape());
}

/** The elements of x, to be changed in part: x itself if nobody else holds it, else a copy. */
template <class T>
Variable<T> changeable(Variable<T>& x)
{
    const T* from = x.data();
    Variable<T> y = result_in_place_of(x);
    if (y.data() != from)
        std::copy_n(from, y.size(), y.mutable_data());
    return y;
}

/** f(x) of each element. */
template <class T>
Variable<T> map(kernels::Unary f, Variable<T>& x, T a = 0, T b = 0)
{
    const T* from = x.data();
    const std::size_t count = x.size();
    Variable<T> y = result_in_place_of(x);
    T* const to = y.mutable_data();
    kernels::for_pieces_of_elements(count, [&](std::size_t begin, std::size_t n) {
        kernels::table<T>().unary(f, from + begin, to + begin, n, a, b);
    });
    return y;
}

/** The gradient for x of y = f(x), in one pass, from g and from x or y, whichever the rule of f reads. */
template <class T>
Variable<T> map_gradient(kernels::Unary f, Variable<T>& g, const Variable<T>& at, T a = 0, T b = 0)
{
    const T* from = g.data();
    Variable<T> x = result_in_place_of(g);
    const T* const place = at.data();
    T* const to = x.mutable_data();
    kernels::for_pieces_of_elements(x.size(), [&](std::size_t begin, std::size_t n) {
        kernels::table<T>().unary_gradient(f, from + begin, place + begin, to + begin, n, a, b);
    });
    return x;
}

/** g·f′(x) for y = f(x), where the rule of f reads y or the sign that x and y have in common: a gradient op that can be
 *  differentiated again. */
template <class T>
Variable<T> gradient_by_result(const kernels::Rising<T>& f, Variable<T> g, const Variable<T>& y);

/** x ∘ s or s ∘ x of each element and a number. */
template <class T>
Variable<T> map_with(kernels::Binary f, Variable<T>& x, T s, bool number_first = false)
{
    const T* from = x.data();
    const std::size_t count = x.size();
    Variable<T> y = result_in_place_of(x);
    T* const to = y.mutable_data();
    kernels::for_pieces_of_elements(count, [&](std::size_t begin, std::size_t n) {
        if (number_first)
            kernels::table<T>().binary(f, kernels::Operands::scalar_vector, &s, from + begin, to + begin, n);
        else
            kernels::table<T>().binary(f, kernels::Operands::vector_scalar, from + begin, &s, to + begin, n);
    });
    return y;
}

/** a ∘ b with broadcasting. */
template <class T>
Variable<T> zip(const char* op, kernels::Binary f, Variable<T>& a, Variable<T>& b)
{
    const T *pa = a.data(), *pb = b.data();
    const bool same = a.shape() == b.shape();
    const Shape shape = same ? a.shape() : kernels::broadcast_shapes(op, a.shape(), b.shape());
    Variable<T> y = a.shape() == shape && Access::is_only_holder(a)   ? result_in_place_of(a)
                    : b.shape() == shape && Access::is_only_holder(b) ? result_in_place_of(b)
                                                                      : uninitialized<T>(shape);
    kernels::binary_broadcast(f, pa, a.shape(), pb, b.shape(), y.mutable_data(), shape);
    return y;
}

} // namespace xgrad::detail
