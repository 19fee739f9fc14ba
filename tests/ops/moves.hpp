#pragma once
// Helpers for the tests of ops that move elements.

#include "ops.hpp"

#include <functional>

namespace xgrad::test
{

/** An array that counts 0, 1, 2, … so that every element tells where it came from. */
template <class T>
Array<T> counting(const Shape& shape)
{
    T next = 0;
    return generate<T>(shape, [&](const Index&) { return next++; });
}

/** A move of elements, of one type for all ops, so that its check is compiled once. */
template <class T>
using Move = std::function<Variable<T>(const Variable<T>&)>;

/** Checks a move of elements: its value by an oracle, and as its gradient the transposed move, ⟨g, f(x)⟩ = ⟨fᵀg, x⟩ for
 *  every unit vector x. */
template <class T, class F>
void check_move(F f, const Array<T>& x, const Array<T>& expected)
{
    check_equal(f(constant(Array<T>(x))).value(), expected);
    const Array<T> g = numbers<T>(expected.shape(), 1, 2);
    Array<T> transposed(x.shape(), T(0));
    // counting(): the value of an element of the result is its position in x; −1 for what x does not fill
    for (std::size_t i = 0; i < expected.size(); ++i)
        if (expected.data()[i] >= 0)
            transposed.data()[static_cast<std::size_t>(expected.data()[i])] += g.data()[i];
    check_close(gradients_of<T>([&](const auto& xs) { return f(xs[0]); }, {x}, g)[0], transposed);
}

} // namespace xgrad::test
