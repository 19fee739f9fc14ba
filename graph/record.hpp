#pragma once

#include <xgrad/graph/trace.hpp>

#include <limits>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace xgrad
{

/** What an op is called: a string literal; with the plain number that it takes, if it takes one and somebody may want
 * to read it. */
struct OpName
{
    const char* text;
    double number = std::numeric_limits<double>::quiet_NaN();

    OpName(const char* literal) : text(literal) {}
    OpName(const char* literal, double plain_number) : text(literal), number(plain_number) {}
};

namespace detail
{

struct NoRule
{};

[[noreturn]] void throw_missing_rule(const char* op, std::size_t position);

template <class T, class Rule>
struct Wrt
{
    const Variable<T>& input;
    Rule rule;
};

/** Any number of inputs of one type; `make_rule(i)` gives the rule for the i-th. */
template <class T, class MakeRule>
struct WrtEach
{
    std::span<const Variable<T>> inputs;
    MakeRule make_rule;
};

template <class T>
const Shape& shape_of(const Handle& handle)
{
    return static_cast<StoredArray<T>*>(handle.stored())->array.shape();
}

/** The sum of two gradients of the same shape, in the first one's storage if nobody else holds it. */
template <class T>
Handle add_gradients(Handle sum, const Handle& gradient);

/** A rule as the tape keeps it. `Input` and `Output` are the scalar types of the op's input and result. */
template <class Input, class Output, class Rule>
struct StoredRule
{
    Rule rule;

    static Handle run(void* self, Handle& upstream, bool last)
    {
        const Rule& rule = static_cast<StoredRule*>(self)->rule;
        Variable<Output> g(std::move(upstream));
        if (last) {
            Variable<Input> gradient = rule(std::move(g));
            return gradient;
        }
        Variable<Input> gradient = rule(std::as_const(g));
        upstream = std::move(g);
        return gradient;
    }
    static void destroy(void* self) noexcept { static_cast<StoredRule*>(self)->~StoredRule(); }
    static constexpr RuleType type{run, destroy, shape_of<Input>, add_gradients<Input>};
};

/** Calls f(input, make_rule) for what wrt or wrt_each gave. */
template <class T, class Rule, class F>
void for_each_input(Wrt<T, Rule>& wrt, F&& f)
{
    f(wrt.input, [&]() -> Rule&& { return std::move(wrt.rule); });
}
template <class T, class MakeRule, class F>
void for_each_input(WrtEach<T, MakeRule>& each, F&& f)
{
    for (std::size_t i = 0; i < each.inputs.size(); ++i)
        f(each.inputs[i], [&] { return each.make_rule(i); });
}

/** An op's result as a variable, from an expression or from a variable that the op has made. */
template <class T, class E>
Variable<T> evaluated(E&& value)
{
    if constexpr (std::is_same_v<E, Variable<T>>)
        return std::forward<E>(value);
    else
        return Variable<T>(Array<T>(std::forward<E>(value)));
}

template <class Input, class Output, class Rule>
void push_rule(Trace& trace, std::uint32_t position, const Variable<Input>& input, Rule&& rule,
               const Variable<Output>& result)
{
    // What a closure has captured by the name of a reference to const is copied wherever the closure is moved, and
    // counts its holders up and down each time: so it is moved as seldom as can be.
    const auto push = [&]<class R>(R&& rule) {
        using Stored = StoredRule<Input, Output, R>;
        trace.push_edge<Stored>(input.origin(), position, Stored::type, std::move(rule));
    };
    if constexpr (std::is_same_v<Rule, NoRule>) {
        push([op = trace.node(result.origin().index).op, position](const Variable<Output>&) -> Variable<Input> {
            throw_missing_rule(op, position);
        });
    } else if constexpr (std::is_invocable_v<const Rule&, const Variable<Output>&, const Variable<Output>&>) {
        push([rule = std::move(rule), y = Variable<Output>(result)](auto&& g) {
            return rule(std::forward<decltype(g)>(g), y);
        });
    } else {
        push(std::move(rule));
    }
}

/** Puts an op on the tape, with a rule for each input that needs one. */
template <class T, class... Inputs>
void push_op(const char* op, Variable<T>& result, Inputs&... inputs)
{
    Trace& trace = *context.recording;
    result.set_origin(trace.push_node(op, result.shape()));
    std::uint32_t position = 0;
    [[maybe_unused]] const auto store_rule = [&](const auto& x, auto&& make_rule) {
        if (needs_rule(op, position, x.origin()))
            push_rule(trace, position, x, make_rule(), result);
        ++position;
    };
    try {
        (for_each_input(inputs, store_rule), ...);
    } catch (...) {
        trace.pop_node();
        throw;
    }
}

template <class T, class... Inputs>
void tell_observer(const OpName& op, const Variable<T>& result, Inputs&... inputs)
{
    std::vector<Handle> handles;
    [[maybe_unused]] const auto add_input = [&](const auto& x, auto&&) { handles.push_back(x); };
    (for_each_input(inputs, add_input), ...);
    context.observer->observe({op.text, op.number, result, handles, result.shape()});
}

template <class T, class... Inputs>
void tell(Listener& listener, const char* op, const Variable<T>& result, Inputs&... inputs)
{
    std::vector<Shape> shapes;
    [[maybe_unused]] const auto add_shape = [&](const auto& x, auto&&) { shapes.push_back(x.shape()); };
    (for_each_input(inputs, add_shape), ...);
    listener.op_ended(op, shapes, result.shape(), sizeof(T));
}

} // namespace detail

/** How a gradient flows back to one input of an op: `rule(g)`, or `rule(g, y)` if it reads the op's result.
 *
 *  g is the upstream gradient, with the shape of the result; the rule returns the gradient for x, with the shape of x.
 *  It is stored, with what it captures, only if x needs a gradient. A rule made of ops can be differentiated again. A
 *  rule that takes g by value may move it on: if nobody else needs it, an op can then write its result over it. Of
 *  what the op takes by const reference it best captures a copy of its own, [x = x], which is cheaper to move. */
template <class T, class Rule>
detail::Wrt<T, std::decay_t<Rule>> wrt(const Variable<T>& x, Rule&& rule)
{
    return {x, std::forward<Rule>(rule)};
}

/** An input that has no rule: asking for its gradient is an error that names the op. */
template <class T>
detail::Wrt<T, detail::NoRule> wrt(const Variable<T>& x)
{
    return {x, {}};
}

/** The inputs of an op that takes a list of them (a vector or span of variables): `make_rule(i)` returns the rule for
 *  xs[i]. */
template <class List, class MakeRule>
auto wrt_each(const List& xs, MakeRule&& make_rule)
{
    using T = typename List::value_type::value_type;
    return detail::WrtEach<T, std::decay_t<MakeRule>>{xs, std::forward<MakeRule>(make_rule)};
}

/** Makes an op's result: its name (a string literal), its value (any xtensor expression, evaluated here), and for each
 *  input how a gradient flows back. This one call is all that an op needs to be differentiable:
 *
 *      Variable<float> softplus(const Variable<float>& x)
 *      {
 *          return record("softplus", xt::log1p(xt::exp(x.value())),
 *                        wrt(x, [x](const auto& g) { return g * sigmoid(x); }));
 *      }
 *
 *  @throws GraphError if an input was recorded on a tape that is gone or was consumed */
template <class E, class... Inputs>
auto record(OpName name, E&& value, Inputs... inputs)
{
    const char* const op = name.text;
    using T = typename std::decay_t<E>::value_type;
    bool recorded = false;
    std::uint32_t position = 0;
    [[maybe_unused]] const auto check_input = [&](const auto& x, auto&&) {
        recorded |= detail::needs_rule(op, position++, x.origin());
    };
    (detail::for_each_input(inputs, check_input), ...);
    Variable<T> result = detail::evaluated<T>(std::forward<E>(value));
    if (detail::nonfinite_detection.load(std::memory_order_relaxed)) [[unlikely]]
        detail::require_finite(op, result.value());
    if (recorded)
        detail::push_op(op, result, inputs...);
    if (detail::context.observer) [[unlikely]]
        detail::tell_observer(name, result, inputs...);
    if (detail::Listener* listener = detail::listener.load(std::memory_order_relaxed)) [[unlikely]]
        detail::tell(*listener, op, result, inputs...);
    return result;
}

} // namespace xgrad
