#pragma once

#include <xgrad/kernels/elementwise/lanes.hpp>

#include <cstddef>
#include <type_traits>

namespace xgrad::kernels
{

/** The largest number of inputs of a formula. */
constexpr std::size_t most_inputs = 12;

/** A dual number over lanes: a value of a formula, and its slopes, which are its derivatives with respect to inputs of
 *  the formula. A formula that is computed with duals gives its gradient by the chain rule.
 *  @tparam inputs  a bit for each input that the value depends on and whose gradient is asked for */
template <class V, unsigned inputs>
struct Dual
{
    V value;
    V slopes[most_inputs]; ///< one for each input, by its number; only those of `inputs` are set
};

/** Calls f(input) for each input whose bit is set. `input` is a constant type that holds its number. */
template <unsigned inputs, unsigned first = 0, class F>
void for_each_input(const F& f)
{
    if constexpr (inputs >> first & 1)
        f(std::integral_constant<unsigned, first>());
    if constexpr (inputs >> first > 1)
        for_each_input<inputs, first + 1>(f);
}

/** The dual of y = f(a, b). One rule takes a slope of a, the other one a slope of b, to its part in the slope of y. */
template <class V, unsigned of_a, class RuleA, unsigned of_b, class RuleB>
auto chain(V value, const Dual<V, of_a>& a, const RuleA& rule_a, const Dual<V, of_b>& b, const RuleB& rule_b)
{
    Dual<V, of_a | of_b> y;
    y.value = value;
    for_each_input<of_a & ~of_b>([&](auto input) { y.slopes[input] = rule_a(a.slopes[input]); });
    for_each_input<of_b & ~of_a>([&](auto input) { y.slopes[input] = rule_b(b.slopes[input]); });
    for_each_input<of_a & of_b>(
        [&](auto input) { y.slopes[input] = rule_a(a.slopes[input]) + rule_b(b.slopes[input]); });
    return y;
}

/** The dual of y = f(x). The rule is linear: for several slopes it is evaluated once. */
template <class V, unsigned inputs, class Rule>
auto chain(V value, const Dual<V, inputs>& x, const Rule& rule)
{
    Dual<V, inputs> y;
    y.value = value;
    if constexpr ((inputs & (inputs - 1)) == 0) {
        for_each_input<inputs>([&](auto input) { y.slopes[input] = rule(x.slopes[input]); });
    } else {
        const V derivative = rule(V(1));
        for_each_input<inputs>([&](auto input) { y.slopes[input] = x.slopes[input] * derivative; });
    }
    return y;
}

// Functions of two operands. One is a dual; the other one is a dual, lanes or a number.

template <class X>
struct DualTraits
{
    static constexpr bool is_dual = false;
};
template <class V, unsigned of>
struct DualTraits<Dual<V, of>>
{
    static constexpr bool is_dual = true;
    static constexpr unsigned inputs = of;
    using Value = V;
};

template <class A, class B>
concept EitherIsDual = DualTraits<A>::is_dual || DualTraits<B>::is_dual;

template <class A, class B>
using LanesOf = typename std::conditional_t<DualTraits<A>::is_dual, DualTraits<A>, DualTraits<B>>::Value;

template <class V, class X>
auto as_dual(const X& x)
{
    if constexpr (DualTraits<X>::is_dual) {
        return x;
    } else {
        Dual<V, 0> constant;
        constant.value = V(x);
        return constant;
    }
}

// clang-format off
#define XGRAD_DEFINE(name, value_, rule_a, rule_b)                                                                     \
    template <class A, class B>                                                                                        \
    requires EitherIsDual<A, B>                                                                                        \
    auto name(const A& operand_a, const B& operand_b)                                                     \
    {                                                                                                                  \
        using V = LanesOf<A, B>;                                                                                       \
        using T [[maybe_unused]] = typename V::value_type;                                                             \
        const auto dual_a = as_dual<V>(operand_a);                                                                     \
        const auto dual_b = as_dual<V>(operand_b);                                                                     \
        [[maybe_unused]] const V a = dual_a.value, b = dual_b.value, y = value_;                                       \
        return chain(y, dual_a, [&](V g) { return V(rule_a); }, dual_b, [&](V g) { return V(rule_b); });               \
    }
XGRAD_DEFINE(operator+, a + b,         g,                     g)
XGRAD_DEFINE(operator-, a - b,         g,                     -g)
XGRAD_DEFINE(operator*, a * b,         g * b,                 g * a)
XGRAD_DEFINE(operator/, a / b,         g / b,                 -(g * y / b))
XGRAD_DEFINE(maximum,   maximum(a, b), where(a >= b, g, 0),   where(b > a, g, 0))
XGRAD_DEFINE(minimum,   minimum(a, b), where(a <= b, g, 0),   where(b < a, g, 0))
XGRAD_DEFINE(power,     pow(a, b),     g * b * pow(a, b - 1 + inside(a, 0, 0) * inside(b, 0, 0)),
                                       g * y * log(a + where(b >= 0, inside(a, 0, 0), 0)))
#define XGRAD_ROW(name, reads, value, rule_a, rule_b) XGRAD_DEFINE(name, value, rule_a, rule_b)
XGRAD_FUNCTIONS_OF_TWO(XGRAD_ROW)
#undef XGRAD_ROW
#undef XGRAD_DEFINE

#define XGRAD_DEFINE(comparison)                                                                                       \
    template <class A, class B>                                                                                        \
    requires EitherIsDual<A, B>                                                                                        \
    auto operator comparison(const A& a, const B& b)                                                      \
    {                                                                                                                  \
        using V = LanesOf<A, B>;                                                                                       \
        return as_dual<V>(a).value comparison as_dual<V>(b).value;                                                     \
    }
XGRAD_DEFINE(<)
XGRAD_DEFINE(<=)
XGRAD_DEFINE(>)
XGRAD_DEFINE(>=)
#undef XGRAD_DEFINE

template <class A, class B>
requires EitherIsDual<A, B> && (!Arithmetic<B>)
auto pow(const A& a, const B& b) { return power(a, b); }

template <class Mask, class A, class B>
requires EitherIsDual<A, B>
auto where(const Mask& condition, const A& operand_a, const B& operand_b)
{
    using V = LanesOf<A, B>;
    const auto a = as_dual<V>(operand_a);
    const auto b = as_dual<V>(operand_b);
    return chain(where(condition, a.value, b.value), a, [&](V s) { return where(condition, s, V(0)); },
                 b, [&](V s) { return where(condition, V(0), s); });
}
// clang-format on

template <class V, unsigned inputs>
auto operator-(const Dual<V, inputs>& x)
{
    return chain(-x.value, x, [](V s) { return -s; });
}

// The functions of functions.hpp.

#define XGRAD_DEFINE(name, numbers, value_, rule)                                                                      \
    template <class V, unsigned inputs>                                                                                \
    Dual<V, inputs> name(const Dual<V, inputs>& dual XGRAD_MORE numbers)                                               \
    {                                                                                                                  \
        using T [[maybe_unused]] = typename V::value_type;                                                             \
        const V x = dual.value;                                                                                        \
        [[maybe_unused]] const V y = value_;                                                                           \
        return chain(y, dual, [&](V g) { return V(rule); });                                                           \
    }
#define XGRAD_ROW(name, reads, value, rule) XGRAD_DEFINE(name, (), value, rule)
XGRAD_FUNCTIONS(XGRAD_ROW)
#undef XGRAD_ROW
#define XGRAD_ROW(name, numbers, reads, value, rule) XGRAD_DEFINE(name, numbers, value, rule)
XGRAD_FUNCTIONS_OF_NUMBERS(XGRAD_ROW)
#undef XGRAD_ROW
#undef XGRAD_DEFINE

#define XGRAD_DEFINE(name, numbers, value_)                                                                            \
    template <class V, unsigned inputs>                                                                                \
    V name(const Dual<V, inputs>& dual XGRAD_MORE numbers)                                                             \
    {                                                                                                                  \
        using T [[maybe_unused]] = typename V::value_type;                                                             \
        const V x = dual.value;                                                                                        \
        return value_;                                                                                                 \
    }
XGRAD_STEPS_OF_NUMBERS(XGRAD_DEFINE)
#define XGRAD_ROW(name, value) XGRAD_DEFINE(name, (), value)
XGRAD_STEPS(XGRAD_ROW)
#undef XGRAD_ROW
#undef XGRAD_DEFINE

} // namespace xgrad::kernels
