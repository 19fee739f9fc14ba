#pragma once
// The part of record (record.hpp) that decides which rules of an op's inputs are kept. Each becomes an object in the
// tape's arena that is called through a RuleType.

#include <xgrad/graph/parameters.hpp>
#include <xgrad/graph/tape_store.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

namespace xgrad
{

/** The gradient that other ops have given for an input so far. A rule takes it as its last argument, by value, and
 *  returns it with its own part added. So the gradient of a part costs the part, not the array. */
template <class T>
class GradientSum
{
  public:
    GradientSum(AnyVariable so_far, const Shape& shape) : so_far_(std::move(so_far)), shape_(shape) {}

    const Shape& shape() const { return shape_; }
    bool is_empty() const { return !so_far_.has_value(); }
    /** Takes the sum out: zeros if there is none. If nobody else holds it, it can be written to. */
    Variable<T> take() && { return is_empty() ? constant(Array<T>(shape_, T{0})) : Variable<T>(std::move(so_far_)); }

  private:
    AnyVariable so_far_;
    const Shape& shape_;
};

namespace detail
{

/** The type of a missing rule. */
struct NoRule
{};

/** The traits of an op's output, one result or a list of them, as its rules get it. */
template <class Output>
struct Results
{
    using Scalar = typename Output::value_type::value_type;
    using Given = Variables<Scalar>;
    static Given given(const Output& results) { return Given(results.begin(), results.end()); }
    static Given taken(std::span<AnyVariable> gradients) { return Given(gradients.begin(), gradients.end()); }
    static void put_back(std::span<AnyVariable>, Given&&) {}
    static std::span<Variable<Scalar>> all(Output& results) { return {results.data(), results.size()}; }
};
template <class T>
struct Results<Variable<T>>
{
    using Scalar = T;
    using Given = Variable<T>;
    static const Given& given(const Variable<T>& result) { return result; }
    static Given taken(std::span<AnyVariable> gradients) { return Given(std::move(gradients[0])); }
    static void put_back(std::span<AnyVariable> gradients, Given&& g) { gradients[0] = std::move(g); }
    static std::span<Variable<T>> all(Variable<T>& result) { return {&result, 1}; }
};

/** A rule in the arena, for one input with elements T, or for several whose gradients it gives as a list.
 *  @param Rule  called as rule(g, call) */
template <class T, class Output, std::size_t count, bool jointly, class Rule>
struct RuleObject : StoredRule
{
    std::array<Source, count> sources; // first, where StoredRule looks for them
    Rule rule;

    static void run(StoredRule& stored, RuleRun& call)
    {
        const Rule& rule = static_cast<const RuleObject&>(stored).rule;
        auto g = Results<Output>::taken(call.upstream);
        if (call.last) {
            give(call, rule(std::move(g), call));
        } else {
            give(call, rule(std::as_const(g), call));
            Results<Output>::put_back(call.upstream, std::move(g));
        }
    }
    template <class Gradient>
    static void give(RuleRun& call, Gradient&& gradient)
    {
        if constexpr (jointly) {
            for (std::size_t i = 0; i < call.gradients.size() && i < gradient.size(); ++i)
                call.gradients[i] = std::move(gradient[i]);
        } else {
            call.gradients[0] = Variable<T>(std::forward<Gradient>(gradient));
        }
    }
    static void destroy(StoredRule& stored) noexcept { static_cast<RuleObject&>(stored).~RuleObject(); }

    static constexpr RuleType type{run, destroy, count};
};

/** The place on the tape of an op whose rules are being stored, one after the other. */
template <class Output>
struct RulePlace
{
    TapeStore& store;
    const char* op;
    StoredRule** link; // where the next rule goes
    const Output& result;
    std::uint32_t results;
    std::uint32_t position = 0; // of the next input

    /** Skips inputs that have no rule. */
    void skip(std::size_t count) { position += static_cast<std::uint32_t>(count); }

    /** Stores the rule of the next inputs. */
    template <bool jointly, class T, std::size_t count, class Rule>
    void push(const std::array<const Variable<T>*, count>& inputs, Rule&& rule)
    {
        using Object = RuleObject<T, Output, count, jointly, decltype(bound<T>(std::forward<Rule>(rule)))>;
        static_assert(alignof(Object) <= alignof(std::max_align_t),
                      "a rule cannot capture over-aligned objects by value");
        std::array<Source, count> sources;
        for (std::size_t i = 0; i < count; ++i) {
            const Origin origin = origin_of(*inputs[i]);
            sources[i] = needs_rule(op, position + i, origin) ? Source::of(origin) : Source::none();
        }
        // A closure that captures by the name of a reference to const copies that capture on each move, and counts its
        // holders up and down. So it is moved once, to where it stays.
        StoredRule* const stored = new (store.take(sizeof(Object), alignof(Object)))
            Object{{&Object::type, nullptr, position, results}, sources, bound<T>(std::forward<Rule>(rule))};
        *link = stored;
        link = &stored->next;
        skip(count);
    }

    /** The rule as a function of the upstream gradient and the call, which holds its other arguments. */
    template <class T, class Rule>
    auto bound(Rule&& rule) const
    {
        using G = const typename Results<Output>::Given&;
        // The forms are tried in turn, because to ask for one compiles the body of a generic rule with it.
        if constexpr (std::is_same_v<Rule, NoRule>)
            return [op = op, position = position](const auto&, RuleRun&) -> Variable<T> {
                throw_missing_rule(op, position);
            };
        else if constexpr (std::is_invocable_v<const Rule&, G>)
            return [rule = std::forward<Rule>(rule)](auto&& g, RuleRun&) { return rule(std::forward<decltype(g)>(g)); };
        else if constexpr (std::is_invocable_v<const Rule&, G, G>)
            return [rule = std::forward<Rule>(rule), y = Results<Output>::given(result)](auto&& g, RuleRun&) {
                return rule(std::forward<decltype(g)>(g), y);
            };
        else if constexpr (std::is_invocable_v<const Rule&, G, const Shape&>)
            return [rule = std::forward<Rule>(rule)](auto&& g, RuleRun& call) {
                return rule(std::forward<decltype(g)>(g), *call.shape);
            };
        else if constexpr (std::is_invocable_v<const Rule&, G, G, const Shape&>)
            return [rule = std::forward<Rule>(rule), y = Results<Output>::given(result)](auto&& g, RuleRun& call) {
                return rule(std::forward<decltype(g)>(g), y, *call.shape);
            };
        else if constexpr (std::is_invocable_v<const Rule&, G, GradientSum<T>>)
            return [rule = std::forward<Rule>(rule)](auto&& g, RuleRun& call) {
                return rule(std::forward<decltype(g)>(g),
                            GradientSum<T>(call.sum ? std::move(*call.sum) : AnyVariable(), *call.shape));
            };
        else if constexpr (std::is_invocable_v<const Rule&, G, Wanted>)
            return [rule = std::forward<Rule>(rule)](auto&& g, RuleRun& call) {
                return rule(std::forward<decltype(g)>(g), call.wanted);
            };
        else if constexpr (std::is_invocable_v<const Rule&, G, G, Wanted>)
            return [rule = std::forward<Rule>(rule), y = Results<Output>::given(result)](auto&& g, RuleRun& call) {
                return rule(std::forward<decltype(g)>(g), y, call.wanted);
            };
        else {
            static_assert(
                std::is_same_v<Rule, NoRule>,
                "a rule is called as rule(g), rule(g, y), rule(g, shape), rule(g, y, shape) or rule(g, sum), a joint "
                "one also as rule(g, wanted) or rule(g, y, wanted): with the upstream gradient, the op's result, the "
                "input's shape, the gradient so far, the inputs whose gradients are wanted");
            return [](const auto&, RuleRun&) { return Variable<T>(); };
        }
    }
    /** Returns whether a rule gives a gradient for an input with elements T, or a list of them. */
    template <bool jointly, class T, class Rule>
    static consteval bool gives_gradient()
    {
        using Bound = decltype(std::declval<const RulePlace&>().template bound<T>(std::declval<Rule>()));
        using Gradient = std::invoke_result_t<Bound, const typename Results<Output>::Given&, RuleRun&>;
        return jointly ? !std::is_void_v<Gradient> : std::is_convertible_v<Gradient, Variable<T>>;
    }
};

// The inputs of an op: for_each visits them, keep_if forgets rules, push stores them.

/** One input with its rule, or several whose gradients one rule gives. An input that is only read has no rule. */
template <class T, class Rule, std::size_t count = 1, bool jointly = false>
struct Wrt
{
    template <class Output>
    static consteval bool gives_gradient()
    {
        return RulePlace<Output>::template gives_gradient<jointly, T, Rule>();
    }

    std::array<const Variable<T>*, count> inputs;
    std::optional<Rule> rule;

    template <class F>
    void for_each(F f) const
    {
        for (const Variable<T>* input : inputs)
            f(*input);
    }
    bool keep_if(bool needed)
    {
        if (!needed)
            rule.reset();
        return rule.has_value();
    }
    template <class Output>
    void push(RulePlace<Output>& place)
    {
        if (rule)
            place.template push<jointly>(inputs, std::move(*rule));
        else
            place.skip(count);
    }
};

/** Any number of inputs of one type. They are held until the rules are made, so that nothing is written over them. */
template <class T, class MakeRule>
struct WrtEach
{
    using Rule = std::invoke_result_t<MakeRule&, std::size_t>;
    template <class Output>
    static consteval bool gives_gradient()
    {
        return RulePlace<Output>::template gives_gradient<false, T, Rule>();
    }

    std::span<const Variable<T>> inputs;
    MakeRule make_rule;
    AnyVariables held = {inputs.begin(), inputs.end()};

    template <class F>
    void for_each(F f) const
    {
        std::for_each(inputs.begin(), inputs.end(), f);
    }
    bool keep_if(bool needed)
    {
        if (!needed)
            held.clear();
        return needed;
    }
    template <class Output>
    void push(RulePlace<Output>& place)
    {
        for (std::size_t i = 0; i < inputs.size(); ++i)
            if (needs_rule("", 0, origin_of(inputs[i])))
                place.template push<false>(std::array{&inputs[i]}, make_rule(i));
            else
                place.skip(1);
    }
};

/** Drops the rules if no input needs one. Returns whether an input needs a rule and has it. */
template <class Inputs>
bool keep_needed(const char* op, std::uint32_t& position, Inputs& inputs)
{
    bool needed = false;
    inputs.for_each([&](const AnyVariable& x) { needed |= needs_rule(op, position++, origin_of(x)); });
    return inputs.keep_if(needed);
}

} // namespace detail

} // namespace xgrad
