#pragma once

#include <xgrad/graph/observer.hpp>
#include <xgrad/graph/rule.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace xgrad
{

namespace detail
{

template <class F>
concept Tells = std::is_invocable_r_v<Attributes, const F&> && !xt::is_xexpression<std::decay_t<F>>::value;

/** An op's result, from its value as it was given: an expression, a function, a variable or a list of variables. */
template <class Value>
auto evaluated(Value&& value)
{
    using V = std::decay_t<Value>;
    if constexpr (xt::is_xexpression<V>::value)
        return Variable<typename V::value_type>(Array<typename V::value_type>(std::forward<Value>(value)));
    else if constexpr (std::is_invocable_v<Value>)
        return evaluated(std::forward<Value>(value)());
    else
        return V(std::forward<Value>(value)); // a variable, or a list of them
}

/** Puts an op on the tape, with a rule for each input that needs one. An op without results is left out. */
template <class Output, class... Inputs>
void push_op(TapeStore& store, const char* op, Output& output, Inputs&... inputs)
{
    const std::size_t place = store.size();
    const auto results = Results<Output>::all(output);
    if (results.empty())
        return;
    try {
        for (auto& result : results)
            Access::set_origin(result, store.push_node(op, result.shape()));
        [[maybe_unused]] RulePlace<Output> rules{store, op, store.first_link(place), output,
                                                 static_cast<std::uint32_t>(results.size())};
        (inputs.push(rules), ...);
    } catch (...) {
        store.pop_nodes(place);
        throw;
    }
}

/** Makes an op's result while observers look on. */
template <class Tell, class Make, class... Inputs>
auto observed(const char* op, const Tell& attributes, Make make, const Inputs&... inputs)
{
    std::vector<const AnyVariable*> all;
    (inputs.for_each([&](const AnyVariable& x) { all.push_back(&x); }), ...);
    std::optional<decltype(make())> output;
    OpCall(
        op, all, [&] { return attributes(); },
        [&](OpCall::Pointers& results) {
            output.emplace(make());
            for (auto& result : Results<decltype(make())>::all(*output))
                results.push_back(&result);
        })
        .run();
    return std::move(*output);
}

/** Makes an op's result: drops the rules that no input needs, computes the value, and then stores the rules. */
template <class Tell, class Value, class... Inputs>
auto make_op(const char* op, const Tell& attributes, Value&& value, Inputs&... inputs)
{
    bool recorded = false;
    [[maybe_unused]] std::uint32_t position = 0;
    ((recorded |= keep_needed(op, position, inputs)), ...);
    const auto make = [&] {
        auto output = evaluated(std::forward<Value>(value));
        if (recorded)
            push_op(*context.recording, op, output, inputs...);
        return output;
    };
    if (!is_observed()) [[likely]]
        return make();
    const std::size_t place = recorded ? context.recording->size() : 0;
    try {
        return observed(op, attributes, make, inputs...);
    } catch (...) {
        if (recorded)
            context.recording->pop_nodes(place);
        throw;
    }
}
/** make_op, behind checks of the types. */
template <class Tell, class Value, class... Inputs>
auto record_op(const char* op, const Tell& attributes, Value&& value, Inputs&... inputs)
{
    using Output = decltype(evaluated(std::forward<Value>(value)));
    constexpr bool are_inputs = requires { (inputs.keep_if(true), ...); };
    static_assert(are_inputs, "record takes each input as wrt(x, rule), wrt_each, wrt_jointly or reads(x)");
    if constexpr (are_inputs) {
        constexpr bool give_gradients = (Inputs::template gives_gradient<Output>() && ...);
        static_assert(give_gradients,
                      "a rule returns the gradient of its input, a Variable of its scalar type: made of "
                      "ops, or constant(...) of an xtensor expression");
        if constexpr (give_gradients)
            return make_op(op, attributes, std::forward<Value>(value), inputs...);
    }
    return evaluated(std::forward<Value>(value));
}

} // namespace detail

/** An input x of an op, with the rule that returns its gradient, which has the shape of x. The rule is called as
 *
 *      rule(g)               g is the upstream gradient, with the shape of the result
 *      rule(g, y)            if it reads the op's result y, which is kept then
 *      rule(g, shape)        if it needs the shape of x, a `const Shape&`, or both: rule(g, y, shape)
 *      rule(g, sum)          if it adds to what other ops have given for x so far: see GradientSum
 *
 *  If the op has several results, g and y are lists, Variables<T>. The rule is stored, with its captures, only if x
 *  needs a gradient. A rule made of ops can be differentiated again. A rule that takes g by value may move it on: an op
 *  can then write its result over it, if nobody else needs it. If the op takes x by const reference, the rule should
 *  capture a copy, [x = x], which is cheaper to move. To ask for the gradient of x without a rule is an error that
 *  names the op. */
template <class T, class Rule = detail::NoRule>
detail::Wrt<T, std::decay_t<Rule>> wrt(const Variable<T>& x, Rule&& rule = {})
{
    return {{&x}, std::forward<Rule>(rule)};
}

/** An input to which no gradient flows, because the result is piecewise constant in it. Observers see it. */
template <class T>
detail::Wrt<T, detail::NoRule> reads(const Variable<T>& x)
{
    return {{&x}, std::nullopt};
}

/** The inputs of an op that takes a list of them (a vector or span of variables). `make_rule(i)` returns the rule for
 *  xs[i]. It is called after the value has been computed; until then the inputs are held, and none is written over. */
template <class List, class MakeRule>
auto wrt_each(const List& xs, MakeRule&& make_rule)
{
    using T = typename List::value_type::value_type;
    return detail::WrtEach<T, std::decay_t<MakeRule>>{xs, std::forward<MakeRule>(make_rule)};
}

/** Several inputs whose gradients share work. `rule(g)` or `rule(g, y)` runs once in a backward pass and returns a list
 *  of gradients, one for each of xs. That of an input that needs none is thrown away and may be empty. A rule with a
 *  last argument `wanted`, a detail::Wanted, is told which ones are needed: wanted[i] for the i-th of xs. */
template <class Rule, class T, class... More>
auto wrt_jointly(Rule&& rule, const Variable<T>& x, const More&... xs)
{
    return detail::Wrt<T, std::decay_t<Rule>, 1 + sizeof...(xs), true>{{&x, &xs...}, std::forward<Rule>(rule)};
}

/** Makes an op's result from its name (a string literal), its value, and its inputs with their rules. This one call is
 *  all that an op needs to be differentiable:
 *
 *      Variable<float> softplus(const Variable<float>& x)
 *      {
 *          return record("softplus", xt::log1p(xt::exp(x.value())),
 *                        wrt(x, [x](const auto& g) { return g * sigmoid(x); }));
 *      }
 *
 *  The value is a variable, any xtensor expression, or a function without arguments that returns one of these. A
 *  function is called with recording as it is, after the rules that no input needs have been dropped. So it may write
 *  over an input that nobody else holds. An op with several results gives a list of them, as Variables<T> or
 *  std::array, and gets the same.
 *
 *  @throws GraphError if an input was recorded on a tape that is gone or was consumed */
template <class Value, class... Inputs>
requires(!detail::Tells<Value>) auto record(const char* op, Value&& value, Inputs... inputs)
{
    return detail::record_op(
        op, [] { return Attributes(); }, std::forward<Value>(value), inputs...);
}

/** Makes an op's result, with facts for observers. `attributes()` returns Attributes, and is called only while somebody
 *  observes. */
template <detail::Tells Tell, class Value, class... Inputs>
auto record(const char* op, const Tell& attributes, Value&& value, Inputs... inputs)
{
    return detail::record_op(op, attributes, std::forward<Value>(value), inputs...);
}

} // namespace xgrad
