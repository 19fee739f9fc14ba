#pragma once
// The inputs of an op, with their rules: for_each visits them, drop forgets the rules, push stores them.

#include <xgrad/graph/rule.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <span>

namespace xgrad::detail
{

template <class T, class Rule>
struct Wrt
{
    const Variable<T>& input;
    std::optional<Rule> rule;

    template <class F>
    void for_each(F f) const
    {
        f(input);
    }
    void drop() { rule.reset(); }
    template <class Output>
    void push(RulePlace<Output>& place)
    {
        if (rule)
            place.push(input, std::move(*rule));
        else
            place.skip();
    }
};

template <class T>
struct Reads
{
    const Variable<T>& input;

    template <class F>
    void for_each(F f) const
    {
        f(input);
    }
    void drop() const {}
    template <class Output>
    void push(RulePlace<Output>& place) const
    {
        place.skip();
    }
    static constexpr bool passes_gradient = false;
};

/** Any number of inputs of one type. They are held until the rules are made, so that nothing is written over them. */
template <class T, class MakeRule>
struct WrtEach
{
    std::span<const Variable<T>> inputs;
    MakeRule make_rule;
    AnyVariables held = {inputs.begin(), inputs.end()};

    template <class F>
    void for_each(F f) const
    {
        std::for_each(inputs.begin(), inputs.end(), f);
    }
    void drop() { held.clear(); }
    template <class Output>
    void push(RulePlace<Output>& place)
    {
        for (std::size_t i = 0; i < inputs.size(); ++i)
            if (needs_rule("", 0, origin_of(inputs[i])))
                place.push(inputs[i], make_rule(i));
            else
                place.skip();
    }
};

/** Inputs whose gradients one rule gives. */
template <class T, class Rule, std::size_t count>
struct WrtJointly
{
    std::array<const Variable<T>*, count> inputs;
    std::optional<Rule> rule;

    template <class F>
    void for_each(F f) const
    {
        for (const Variable<T>* input : inputs)
            f(*input);
    }
    void drop() { rule.reset(); }
    template <class Output>
    void push(RulePlace<Output>& place)
    {
        if (rule)
            place.push_jointly(std::span<const Variable<T>* const>(inputs), std::move(*rule));
        else
            for (std::size_t i = 0; i < count; ++i)
                place.skip();
    }
};

/** Whether one of the inputs needs a rule; if not, the rules are dropped. */
template <class Inputs>
bool keep_needed(const char* op, std::uint32_t& position, Inputs& inputs)
{
    bool needed = false;
    inputs.for_each([&](const AnyVariable& x) { needed |= needs_rule(op, position++, origin_of(x)); });
    if constexpr (requires { Inputs::passes_gradient; })
        return false;
    if (!needed)
        inputs.drop();
    return needed;
}

} // namespace xgrad::detail
