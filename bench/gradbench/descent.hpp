#pragma once
// What the evals `particle` and `saddle` have in common: derivatives in both modes, and gradient descent that is itself
// recorded if a tape listens.

#include "protocol.hpp"
#include <xgrad/xgrad.hpp>

#include <cmath>

namespace xgrad::gradbench
{

/** The way to a gradient: by columns or by rows of the Jacobian. */
enum class Mode
{
    forward,
    reverse
};

/** ∂f/∂x of a scalar f(x). An outer tape sees it. */
template <class F>
Variable<double> gradient(Mode mode, const F& f, const Variable<double>& given)
{
    const bool record = is_recording();
    const Variable<double> x = given.requires_gradient() ? given : as_leaf(given);
    Tape tape;
    const Variable<double> y = f(x);
    if (mode == Mode::reverse)
        return tape.gradient(y, x, {.record = record, .unused_is_zero = true});
    // The derivative of the backward sweep by its upstream gradient, in the direction of each element of x.
    const Variable<double> upstream = variable<double>(Array<double>(xt::ones<double>(y.shape())));
    const Variable<double> swept = tape.vector_jacobian_product(y, upstream, x, {.record = true});
    Variables<double> columns;
    for (std::size_t i = 0; i < x.size(); ++i) {
        Array<double> direction = xt::zeros<double>(x.shape());
        direction(i) = 1;
        columns.push_back(
            tape.vector_jacobian_product(swept, constant(direction), upstream, {.keep_tape = true, .record = record}));
    }
    return reshape(stack(columns), x.shape());
}

/** An eval of nested derivatives, with a function for each pair of modes: `ff`, `fr`, `rf`, `rr`. */
template <Computation (*prepare)(Mode outer, Mode inner, const json& input)>
Eval in_both_modes(const char* name)
{
    using enum Mode;
    return {name,
            {{"ff", [](const json& input) { return prepare(forward, forward, input); }},
             {"fr", [](const json& input) { return prepare(forward, reverse, input); }},
             {"rf", [](const json& input) { return prepare(reverse, forward, input); }},
             {"rr", [](const json& input) { return prepare(reverse, reverse, input); }}}};
}

inline double norm(const Variable<double>& x) { return std::sqrt(sum(square(constant(x.value()))).item()); }

/** The place of the minimum that GradBench's gradient descent finds. Ten steps that succeed double the step, one that
 *  fails halves it.
 *  @param value, gradient  functions of x, the first one a scalar */
template <class Value, class Gradient>
Variable<double> argmin(const Value& value, const Gradient& gradient, Variable<double> x)
{
    constexpr double smallest = 1e-5;
    Variable<double> slope = gradient(x), best = value(x);
    double step = 1e-5;
    for (int successes = 0; norm(slope) > smallest;) {
        if (successes == 10) {
            step *= 2;
            successes = 0;
            continue;
        }
        const Variable<double> next = x - step * slope;
        if (step * norm(slope) <= smallest)
            break;
        const Variable<double> reached = value(next);
        if (reached.item() < best.item()) {
            x = next;
            best = reached;
            slope = gradient(x);
            ++successes;
        } else {
            step /= 2;
            successes = 0;
        }
    }
    return x;
}

} // namespace xgrad::gradbench
