#pragma once

#include <xgrad/ops/detail/functions.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <vector>

namespace xgrad
{

// Functions of functions
//
// These take functions of variables, and decide how they are differentiated. docs/functions.md shows them. A function
// takes variables, `f(a, b)`, or one list of them if the call has a list, and returns a variable or a list. It is kept
// until the backward pass is over: it captures by value, or by reference what exists for that long.
//
// Leaves that a function reads besides its arguments, such as the weights of a layer, get their gradients too. A result
// that was recorded outside of the function must be an argument: reading it is a GraphError.

/** The value of a function, of which the tape keeps only the arguments: y = f(x₁, x₂, …).
 *
 *  The backward pass computes f a second time. So the tape keeps less for more time. Values and gradients have the same
 *  bits as those of f itself. f must give the same result both times: if it draws random numbers, it makes its own
 *  generator from a seed.
 *
 *  @param f   made of ops
 *  @param xs  any shapes; instead of them there may be one list
 *  @return    as f returns it
 *
 *  Gradient: that of f, for each argument and each leaf that f reads. It can be differentiated to any order.
 *  @throws GraphError if f reads a recorded result that is not an argument, or gives another result the second time */
template <class F, class T, class... More>
auto checkpoint(const F& f, const Variable<T>& x, const More&... xs) requires(std::same_as<More, Variable<T>>&&...)
{
    constexpr std::size_t count = 1 + sizeof...(More);
    const auto of_list = [f](const Variables<T>& all) { return detail::as_list(detail::call_with<count>(f, all)); };
    return detail::as_result<decltype(f(x, xs...))>(detail::checkpoint_list<T>(of_list, {x, xs...}));
}
template <class F, class T, class A>
auto checkpoint(const F& f, const std::vector<Variable<T>, A>& xs)
{
    const auto of_list = [f](const Variables<T>& all) { return detail::as_list(f(all)); };
    return detail::as_result<decltype(f(Variables<T>()))>(detail::checkpoint_list<T>(of_list, detail::as_list(xs)));
}

/** The value of a function with a gradient of its own: y = f(x₁, x₂, …).
 *
 *  The gradient of f itself is not used. It may be missing, slow or inaccurate, or the gradient of another function may
 *  be wanted, as in a straight-through estimator.
 *
 *  @param f     returns one variable
 *  @param rule  rule(g, x₁, x₂, …) or rule(g, y, x₁, x₂, …) returns the gradient of x₁, or a list of the gradients
 *  @param xs    any shapes; instead of them there may be one list, which f and the rule get as such
 *
 *  Gradient: what the rule returns. If the rule is made of ops, it can be differentiated again.
 *  @throws GraphError if f reads a leaf or a recorded result that is not an argument
 *  @throws ShapeError if the rule returns another number of gradients, or one of another shape */
template <class F, class Rule, class T, class... More>
Variable<T> custom_gradient(const F& f, const Rule& rule, const Variable<T>& x,
                            const More&... xs) requires(std::same_as<More, Variable<T>>&&...)
{
    constexpr std::size_t count = 1 + sizeof...(More);
    constexpr bool reads_result = !std::is_invocable_v<const Rule&, Variable<T>, Variable<T>, More...>;
    return detail::custom_gradient_list<T>(
        [&](const Variables<T>& all) { return detail::as_list(detail::call_with<count>(f, all)); },
        [rule](const Variable<T>& g, const Variable<T>& y, const Variables<T>& all) {
            if constexpr (reads_result)
                return detail::as_list(detail::call_with<count>(rule, all, g, y));
            else
                return detail::as_list(detail::call_with<count>(rule, all, g));
        },
        reads_result, {x, xs...});
}
template <class F, class Rule, class T, class A>
Variable<T> custom_gradient(const F& f, const Rule& rule, const std::vector<Variable<T>, A>& xs)
{
    constexpr bool reads_result = !std::is_invocable_v<const Rule&, Variable<T>, Variables<T>>;
    return detail::custom_gradient_list<T>([&](const Variables<T>& all) { return detail::as_list(f(all)); },
                                           [rule](const Variable<T>& g, const Variable<T>& y, const Variables<T>& all) {
                                               if constexpr (reads_result)
                                                   return detail::as_list(rule(g, y, all));
                                               else
                                                   return detail::as_list(rule(g, all));
                                           },
                                           reads_result, detail::as_list(xs));
}

/** The options of `implicit` and `fixed_point`. A bound that is not given depends on the precision ε of the numbers. */
struct ImplicitOptions
{
    std::optional<double> residual = {};  ///< largest element of the residual, relative to max(1, max |y|); else √ε
    std::optional<double> tolerance = {}; ///< residual of the linear system, relative to |g|; else ε^⅔
    std::size_t iterations = 1000;        ///< largest number of steps, of the fixed point and of the linear solver each
    std::size_t restart = 50;             ///< number of steps after which the linear solver begins anew
};

/** The solution of an equation, F(y, θ₁, θ₂, …) = 0, that any solver finds.
 *
 *  The solver is not differentiated. The gradient solves one linear system by GMRES, with vector-Jacobian products of
 *  F in place of a matrix (Saad, Schultz 1986; Bai, Kolter, Koltun 2019).
 *
 *  @param solver    solver(θ₁, θ₂, …) returns y, as a variable or an array
 *  @param residual  F(y, θ₁, θ₂, …), with the shape of y, made of ops
 *  @param thetas    any shapes; instead of them there may be one list and options
 *  @return          y
 *
 *  Gradient: −(∂F/∂θ)ᵀ·u for each θ and each leaf that F reads, where (∂F/∂y)ᵀ·u = g. It can be differentiated to any
 *  order.
 *  @throws ShapeError if the residual has another shape than y
 *  @throws NumericalError if the residual is not near 0, or the linear system is not solved to the tolerance
 *  @throws GraphError if F reads a recorded result that is not an argument */
template <class Solver, class F, class T, class... More>
Variable<T> implicit(const Solver& solver, const F& residual, const Variable<T>& theta,
                     const More&... thetas) requires(std::same_as<More, Variable<T>>&&...)
{
    constexpr std::size_t count = 1 + sizeof...(More);
    return detail::implicit_list<T>(
        [&](const Variables<T>& all) { return Variable<T>(detail::call_with<count>(solver, all)); },
        [residual](const Variable<T>& y, const Variables<T>& all) {
            return detail::call_with<count>(residual, all, y);
        },
        {theta, thetas...}, {});
}
template <class Solver, class F, class T, class A>
Variable<T> implicit(const Solver& solver, const F& residual, const std::vector<Variable<T>, A>& thetas,
                     const ImplicitOptions& options = {})
{
    return detail::implicit_list<T>([&](const Variables<T>& all) { return Variable<T>(solver(all)); }, residual,
                                    detail::as_list(thetas), options);
}

/** The fixed point of a function, y = f(y, θ₁, θ₂, …), to which it leads from a start.
 *
 *  f is applied until y no longer changes. The gradient is that of `implicit` with F = y − f(y, θ).
 *
 *  @param f       f(y, θ₁, θ₂, …), with the shape of y, made of ops
 *  @param start   the first y; no gradient flows to it
 *  @param thetas  any shapes; instead of them there may be one list and options
 *  @return        y, with the shape of the start
 *
 *  Gradient: that of `implicit`.
 *  @throws ShapeError if f returns another shape
 *  @throws NumericalError if y still changes after all iterations */
template <class F, class T, class... More>
Variable<T> fixed_point(const F& f, const Variable<T>& start, const Variable<T>& theta,
                        const More&... thetas) requires(std::same_as<More, Variable<T>>&&...)
{
    constexpr std::size_t count = 1 + sizeof...(More);
    return detail::fixed_point_list<T>(
        [f](const Variable<T>& y, const Variables<T>& all) { return detail::call_with<count>(f, all, y); }, start,
        {theta, thetas...}, {});
}
template <class F, class T, class A>
Variable<T> fixed_point(const F& f, const Variable<T>& start, const std::vector<Variable<T>, A>& thetas,
                        const ImplicitOptions& options = {})
{
    return detail::fixed_point_list<T>(f, start, detail::as_list(thetas), options);
}

/** The options of `scan`. */
struct ScanOptions
{
    bool last_only = false; ///< returns the last state instead of all of them
    bool checkpoint = false; ///< keeps about 2√T states on the tape, and computes the others again in the backward pass
};

/** The states of a recurrence over the first axis of an array: s_t = step(s_{t−1}, xs[t−1]), t = 1 … T.
 *
 *  The state is a variable, or a list of variables such as the two of an LSTM. With `.checkpoint`, stretches of about
 *  √T steps are a `checkpoint` each; values and gradients keep their bits.
 *
 *  @param step   step(state, x) returns the next state, with the shapes of the state
 *  @param state  s₀, a variable or a list
 *  @param xs     (T, …), 1 or more steps; or the number of steps T, and then step(state) has no input
 *  @return       (T, …), the states stacked along a new first axis, or the last state; for a list, a list
 *
 *  Gradient: that of the steps, for the state, the inputs and each leaf that the step reads.
 *  @throws ShapeError if there are no steps, or a step returns another shape or number of states */
template <class Step, class State, class T>
auto scan(const Step& step, const State& state, const Variable<T>& xs, const ScanOptions& options = {})
{
    const auto of_list = [step](const Variables<T>& s, const Variable<T>& x) {
        return detail::as_list(step(detail::as_result<State>(s), x));
    };
    return detail::as_result<State>(detail::scan_list<T>(of_list, detail::as_list(state), xs, 0, options));
}
template <class Step, class State>
auto scan(const Step& step, const State& state, std::size_t steps, const ScanOptions& options = {})
{
    using T = typename decltype(detail::as_list(state))::value_type::value_type;
    const auto of_list = [step](const Variables<T>& s, const Variable<T>&) {
        return detail::as_list(step(detail::as_result<State>(s)));
    };
    return detail::as_result<State>(detail::scan_list<T>(of_list, detail::as_list(state), {}, steps, options));
}

} // namespace xgrad
