#pragma once

#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/detail/formula.hpp>
#include <xgrad/ops/elementwise.hpp>

#include <concepts>

namespace xgrad
{

// Formulas
//
// An elementwise function is its formula. To fuse a chain of elementwise steps, write it as one formula:
//
//     auto y = elementwise("wavelet", [](auto x) { return x * exp(-x * x); }, x);
//     auto z = elementwise("biased_tanh", [](auto u, auto b) { return tanh(u + b); }, u, b);

/** The elementwise function of one to twelve inputs that a formula gives. No derivative is written.
 *
 *  y = f(x₁, x₂, …), with the inputs broadcast
 *
 *  The formula may use + − · /, numbers, the functions of Elementwise, `maximum`, `minimum`, `pow`, the comparisons
 *  < <= > >=, and `where(condition, a, b)`. It is evaluated on lanes, a register of elements at a time: the value takes
 *  one pass over the elements, and the gradients of all inputs take one pass with dual numbers. It is evaluated on
 *  variables where gradients are recorded, for higher orders, and in derivations. Its kinks are those of its functions
 *  (docs/kinks.md).
 *
 *  @param op       its name in errors and drawings, a string literal
 *  @param formula  generic, with a parameter `auto` for each input; its captures are kept by value
 *  @param xs       any shapes that can be broadcast
 *
 *  Gradient: g·∂f/∂xₖ for xₖ, summed over the axes that were repeated.
 *  @throws ShapeError if the shapes cannot be broadcast */
template <class F, class T, class... More>
Variable<T> elementwise(const char* op, const F& formula, const Variable<T>& x,
                        const More&... xs) requires(std::same_as<More, Variable<T>>&&...)
{
    constexpr std::size_t count = 1 + sizeof...(More);
    static_assert(count <= kernels::most_inputs, "elementwise takes one to twelve inputs");
    if constexpr (count <= kernels::most_inputs && detail::is_formula<F, T, count>()) {
        if (detail::parts_are_wanted())
            return formula(x, xs...);
        const auto value = [&] { return detail::formula_value<F, T, count>(op, formula, {&x, &xs...}); };
        return detail::record_formula(op, value, formula, x, xs...);
    } else {
        return x;
    }
}

} // namespace xgrad
