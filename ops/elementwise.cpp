#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/detail/formula.hpp>
#include <xgrad/ops/detail/values.hpp>
#include <xgrad/ops/elementwise.hpp>

#include <fmt/core.h>

#include <array>
#include <cmath>
#include <utility>

namespace xgrad
{

using kernels::Function;
using kernels::Unary;

namespace
{

/** A row of kernels/elementwise/functions.hpp as the ops below read it. One code for all rows keeps the library small.
 */
template <class T>
struct Row
{
    Unary f;
    const char *name, *gradient;
    Variable<T> (*rule)(const Variable<T>& g, const Variable<T>& at, T a, T b);
};

template <Unary f, class T>
inline constexpr Row<T> row = {f, Function<f>::name, Function<f>::gradient,
                               [](const Variable<T>& g, const Variable<T>& at, T a, T b) -> Variable<T> {
                                   return Function<f>::rule(g, at, a, b);
                               }};

/** The gradient for x of y = f(x), from g and from x or y: in one pass, or by the ops of the rule if observers want
 *  these. */
template <class T>
Variable<T> gradient_of(const Row<T>& f, Variable<T> g, const Variable<T>& at, T a = 0, T b = 0)
{
    if (detail::parts_are_wanted())
        return f.rule(g, at, a, b);
    const auto value = [&] { return detail::map_gradient(f.f, g, at, a, b); };
    if (!is_recording()) // an ordinary backward pass: the captures of rules would cost more than the op
        return record(f.gradient, value);
    // Gradients of gradients come from the ops of the rule. A pass for each of them would make for a long compilation.
    return record(f.gradient, value,
                  wrt_jointly(
                      [&f, a, b, inputs = std::array{g, at}](const auto& upstream) {
                          const auto rule = [&](const auto& u, const auto& v) { return f.rule(u, v, a, b); };
                          return detail::pull_back_parts(rule, upstream, inputs, std::make_index_sequence<2>());
                      },
                      g, at));
}

/** The op of a row whose rule reads the result (true) or x (false). */
template <bool reads_result, class T, class... Numbers>
Variable<T> record_row(const Row<T>& f, Variable<T> x, Numbers... numbers)
{
    const auto [a, b] = std::array<T, 2>{numbers...};
    const auto tell = [=] { return Attributes{.numbers = {numbers...}}; };
    const auto value = [&, a = a, b = b] { return detail::map(f.f, x, a, b); };
    if constexpr (reads_result)
        return record(f.name, tell, value, wrt(x, [&f, numbers...](auto g, const auto& y) {
                          return gradient_of(f, std::move(g), y, numbers...);
                      }));
    else
        return record(f.name, tell, value,
                      wrt(x, [x = x, &f, numbers...](auto g) { return gradient_of(f, std::move(g), x, numbers...); }));
}

/** The op of a row. */
template <Unary f, class T, class... Numbers>
Variable<T> function_of(Variable<T> x, Numbers... numbers)
{
    return record_row<Function<f>::reads_result>(row<f, T>, std::move(x), numbers...);
}

/** The op of a row without a rule. */
template <Unary f, class T, class... Numbers>
Variable<T> step_of(const char* op, Variable<T> x, Numbers... numbers)
{
    const auto [a, b] = std::array<T, 2>{numbers...};
    const auto tell = [=] { return Attributes{.numbers = {numbers...}}; };
    const auto value = [&, a = a, b = b] { return detail::map(f, x, a, b); };
    return record(op, tell, value, reads(x));
}

} // namespace

template <class T>
Variable<T> detail::gradient_by_result(const kernels::Rising<T>& f, Variable<T> g, const Variable<T>& y)
{
    const auto by = [&](const Row<T>& function) { return gradient_of(function, std::move(g), y, f.a, f.b); };
    switch (f.function) {
    case Unary::sigmoid:
        return by(row<Unary::sigmoid, T>);
    case Unary::tanh:
        return by(row<Unary::tanh, T>);
    case Unary::scaled_tanh:
        return by(row<Unary::scaled_tanh, T>);
    case Unary::relu:
        return by(row<Unary::relu, T>);
    case Unary::leaky_relu:
        return by(row<Unary::leaky_relu, T>);
    default:
        throw Error("[gradient_by_result] this function has no such rule");
    }
}

#define XGRAD_ROW(name, reads, value, rule)                                                                            \
    template <class T>                                                                                                 \
    Variable<T> name(Variable<T> x)                                                                                    \
    {                                                                                                                  \
        return function_of<Unary::name>(std::move(x));                                                                 \
    }
XGRAD_FUNCTIONS(XGRAD_ROW)
#undef XGRAD_ROW

#define XGRAD_ROW(name, value)                                                                                         \
    template <class T>                                                                                                 \
    Variable<T> name(Variable<T> x)                                                                                    \
    {                                                                                                                  \
        return step_of<Unary::name>(#name, std::move(x));                                                              \
    }
XGRAD_STEPS(XGRAD_ROW)
#undef XGRAD_ROW

template <class T>
Variable<T> scaled_tanh(Variable<T> x, Number<T> a, Number<T> b)
{
    if (a == 0)
        throw ShapeError("[scaled_tanh] a must not be 0");
    return function_of<Unary::scaled_tanh>(std::move(x), T(a), T(b));
}

template <class T>
Variable<T> leaky_relu(Variable<T> x, Number<T> slope)
{
    return function_of<Unary::leaky_relu>(std::move(x), T(slope));
}

template <class T>
Variable<T> elu(Variable<T> x, Number<T> a)
{
    return function_of<Unary::elu>(std::move(x), T(a));
}

template <class T>
Variable<T> clip(Variable<T> x, Number<T> low, Number<T> high)
{
    if (!(low <= high))
        throw ShapeError(fmt::format("[clip] low = {} must not be above high = {}", T(low), T(high)));
    return function_of<Unary::clip>(std::move(x), T(low), T(high));
}

template <class T>
Variable<T> pow(Variable<T> x, Number<T> p)
{
    return function_of<Unary::pow>(std::move(x), T(p));
}

template <class T>
Variable<T> polygamma(Variable<T> x, Number<T> order)
{
    if (!(order >= 0 && order < 100 && order == std::floor(T(order))))
        throw ShapeError(fmt::format("[polygamma] order {}: a whole number from 0 to 99 is needed", T(order)));
    return function_of<Unary::polygamma>(std::move(x), T(order));
}

template <class T>
Variable<T> step(Variable<T> x, Number<T> threshold)
{
    return step_of<Unary::step>("step", std::move(x), T(threshold));
}

template <class T>
Variable<T> inside(Variable<T> x, Number<T> low, Number<T> high)
{
    return step_of<Unary::inside>("inside", std::move(x), low, high);
}

#define XGRAD_FLOAT(name, ...) template Variable<float> name(Variable<float>);
#define XGRAD_DOUBLE(name, ...) template Variable<double> name(Variable<double>);
XGRAD_FUNCTIONS(XGRAD_FLOAT)
XGRAD_FUNCTIONS(XGRAD_DOUBLE)
XGRAD_STEPS(XGRAD_FLOAT)
XGRAD_STEPS(XGRAD_DOUBLE)
#undef XGRAD_FLOAT
#undef XGRAD_DOUBLE
#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> detail::gradient_by_result(const kernels::Rising<T>&, Variable<T>, const Variable<T>&);       \
    template Variable<T> scaled_tanh(Variable<T>, Number<T>, Number<T>);                                               \
    template Variable<T> leaky_relu(Variable<T>, Number<T>);                                                           \
    template Variable<T> elu(Variable<T>, Number<T>);                                                                  \
    template Variable<T> clip(Variable<T>, Number<T>, Number<T>);                                                      \
    template Variable<T> polygamma(Variable<T>, Number<T>);                                                            \
    template Variable<T> pow(Variable<T>, Number<T>);                                                                  \
    template Variable<T> step(Variable<T>, Number<T>);                                                                 \
    template Variable<T> inside(Variable<T>, Number<T>, Number<T>);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
