#pragma once
// The evaluation of a formula: on lanes, on duals, on variables. Not for users.

#include <xgrad/kernels/elementwise/formula.hpp>
#include <xgrad/ops/detail/functions.hpp>
#include <xgrad/ops/reduction.hpp>

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

namespace xgrad
{

namespace detail
{

/** The lanes that a formula gets for an input. */
template <class T, std::size_t>
struct LanesFor
{
    using Type = kernels::Lanes<T>;
};

/** Returns whether a formula can be called with that many lanes. */
template <class F, class T, std::size_t... k>
constexpr bool takes(std::index_sequence<k...>)
{
    return std::is_invocable_v<const F&, typename LanesFor<T, k>::Type...>;
}

template <class F, class T, std::size_t... count>
constexpr bool takes_any(std::index_sequence<count...>)
{
    return (takes<F, T>(std::make_index_sequence<count>()) || ...);
}

template <class F, class T, std::size_t... k>
std::invoke_result_t<const F&, typename LanesFor<T, k>::Type...> formula_result(std::index_sequence<k...>);

/** Returns whether a formula can be used with that many inputs. If not, a static_assert says why. */
template <class F, class T, std::size_t count>
consteval bool is_formula()
{
    using Inputs = std::make_index_sequence<count>;
    if constexpr (takes<F, T>(Inputs())) {
        constexpr bool is_value = std::is_same_v<decltype(formula_result<F, T>(Inputs())), kernels::Lanes<T>>;
        static_assert(is_value, "elementwise: the formula must return a value made of its inputs; a comparison chooses "
                                "by where(x > 0, a, b)");
        return is_value;
    } else {
        constexpr bool is_generic = takes_any<F, T>(std::make_index_sequence<kernels::most_inputs + 4>());
        static_assert(!is_generic, "elementwise: the formula takes another number of inputs than it is given");
        static_assert(is_generic,
                      "elementwise: the formula must be generic, with a parameter `auto` for each input, as "
                      "[](auto x, auto b) { return tanh(x + b); }, and call by plain names what formulas "
                      "have: exp(x), not std::exp(x) or xgrad::exp(x)");
        return false;
    }
}

template <class T, std::size_t count>
kernels::FormulaInputs<T, count> formula_inputs(const std::array<const Variable<T>*, count>& xs, const Shape& shape)
{
    kernels::FormulaInputs<T, count> inputs{{}, {}, shape};
    for (std::size_t k = 0; k < count; ++k) {
        inputs.elements[k] = xs[k]->data();
        inputs.shapes[k] = &xs[k]->shape();
    }
    return inputs;
}

/** The value of a formula, in one pass. */
template <class F, class T, std::size_t count>
Variable<T> formula_value(const char* op, const F& formula, const std::array<const Variable<T>*, count>& xs)
{
    Shape shape = xs[0]->shape();
    for (const Variable<T>* x : xs)
        if (x->shape() != shape)
            shape = kernels::broadcast_shapes(op, shape, x->shape());
    Variable<T> y = uninitialized<T>(shape);
    kernels::evaluate(formula, formula_inputs(xs, shape), y.mutable_data());
    return y;
}

/** The gradients for the inputs that `needed` has a bit for, in one pass; the others are empty. */
template <unsigned needed, class F, class T, std::size_t count>
Variables<T> formula_gradients(const F& formula, const Variable<T>& g, const std::array<const Variable<T>*, count>& xs)
{
    std::array<const Variable<T>*, count + 1> read;
    *std::copy(xs.begin(), xs.end(), read.begin()) = &g;
    Variables<T> gradients(count);
    std::array<T*, std::popcount(needed)> targets;
    for (std::size_t k = 0, next = 0; k < count; ++k)
        if (needed & (1u << k)) {
            gradients[k] = uninitialized<T>(g.shape());
            targets[next++] = gradients[k].mutable_data();
        }
    kernels::differentiate<needed, T, count>(formula, formula_inputs(read, g.shape()), targets);
    for (std::size_t k = 0; k < count; ++k)
        if (gradients[k].has_value())
            gradients[k] = sum_to(std::move(gradients[k]), xs[k]->shape());
    return gradients;
}

/** The gradients for inputs that are known only as it runs. One input has a pass of its own; for several, one pass
 *  gives all gradients. A pass for each subset would make for long compilations. */
template <std::size_t k, class F, class T, std::size_t count>
Variables<T> needed_gradients(unsigned needed, const F& formula, const Variable<T>& g,
                              const std::array<const Variable<T>*, count>& xs)
{
    if (needed == 1u << k)
        return formula_gradients<1u << k>(formula, g, xs);
    if constexpr (k + 1 < count)
        return needed_gradients<k + 1>(needed, formula, g, xs);
    else
        return formula_gradients<(1u << count) - 1>(formula, g, xs);
}

/** The gradients for the inputs that need one, from the ops that the formula stands for. If recording is on, they can
 *  be differentiated again. */
template <class F, class T, std::size_t count, std::size_t... k>
Variables<T> pull_back_parts(const F& formula, const Variable<T>& g, const std::array<Variable<T>, count>& xs,
                             std::index_sequence<k...>)
{
    const auto parts = [&](const Variables<T>& us) { return Variables<T>{formula(us[k]...)}; };
    return pull_back_function<T>(parts, {xs[k]...}, {}, {g});
}

/** The gradients for the inputs that need one: in one pass, or from the ops that the formula stands for if recording is
 *  on. */
template <class F, class T, std::size_t count, std::size_t... k>
Variables<T> pull_back_formula(const F& formula, const Variable<T>& g, const std::array<Variable<T>, count>& xs,
                               std::index_sequence<k...> inputs)
{
    if (is_recording())
        return pull_back_parts(formula, g, xs, inputs);
    const unsigned needed = ((xs[k].requires_gradient() ? 1u << k : 0u) | ...);
    return needed_gradients<0, F, T, count>(needed, formula, g, {&xs[k]...});
}

/** An op whose value comes from elsewhere, and whose gradients come from its formula. */
template <class Value, class F, class T, class... More>
Variable<T> record_formula(const char* op, Value&& value, const F& formula, const Variable<T>& x, const More&... xs)
{
    return record(op, std::forward<Value>(value),
                  wrt_jointly(
                      [formula, inputs = std::array<Variable<T>, 1 + sizeof...(More)>{x, xs...}](const auto& g) {
                          return pull_back_formula(formula, g, inputs, std::make_index_sequence<1 + sizeof...(More)>());
                      },
                      x, xs...));
}

} // namespace detail

} // namespace xgrad
