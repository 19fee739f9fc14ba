#pragma once
// How record (record.hpp) keeps the rules of an op: each as an object in the tape's arena, called through RuleType.

#include <xgrad/graph/observer.hpp>
#include <xgrad/graph/parameters.hpp>
#include <xgrad/graph/tape_store.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

namespace xgrad
{

/** The gradient that other ops have given for an input so far. A rule that takes it, as its last argument and by value,
 *  returns it with its own part added: so a part of an array costs the part, not the array. */
template <class T>
class GradientSum
{
  public:
    GradientSum(AnyVariable so_far, const Shape& shape) : so_far_(std::move(so_far)), shape_(shape) {}

    const Shape& shape() const { return shape_; }
    bool is_empty() const { return !so_far_; }
    /** The sum so far: zeros if there is none. If nobody else holds it, it can be written to. */
    Variable<T> take() && { return so_far_ ? Variable<T>(std::move(so_far_)) : constant(Array<T>(shape_, T{0})); }

  private:
    AnyVariable so_far_;
    const Shape& shape_;
};

namespace detail
{

template <class F>
concept Tells = std::is_invocable_r_v<Attributes, const F&> && !xt::is_xexpression<std::decay_t<F>>::value;

/** In place of a rule that there is not. */
struct NoRule
{};

/** One result of an op, or a list of them: what its rules are given. */
template <class Output>
struct Results
{
    using Scalar = typename Output::value_type::value_type;
    using Given = Variables<Scalar>;
    static Given given(const Output& results) { return Given(results.begin(), results.end()); }
    static Given taken(std::span<AnyVariable> gradients)
    {
        Given all;
        for (const AnyVariable& each : gradients)
            all.push_back(Variable<Scalar>(each));
        return all;
    }
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

/** The arguments that a rule takes behind the upstream gradient. */
enum class Arguments
{
    none,
    y,
    shape,
    y_and_shape,
    sum
};

template <class Rule, class Given, class Input>
consteval Arguments arguments_of()
{
    using G = const Given&;
    using Y = const Given&;
    // One after the other: the body of a generic rule is compiled with what it is asked for.
    if constexpr (std::is_same_v<Rule, NoRule> || std::is_invocable_v<const Rule&, G>)
        return Arguments::none;
    else if constexpr (std::is_invocable_v<const Rule&, G, Y>)
        return Arguments::y;
    else if constexpr (std::is_invocable_v<const Rule&, G, const Shape&>)
        return Arguments::shape;
    else if constexpr (std::is_invocable_v<const Rule&, G, Y, const Shape&>)
        return Arguments::y_and_shape;
    else {
        static_assert(
            std::is_invocable_v<const Rule&, G, GradientSum<Input>>,
            "a rule is called as rule(g), rule(g, y), rule(g, shape), rule(g, y, shape) or rule(g, sum): with "
            "the upstream gradient, the op's result, the input's shape, the gradient so far");
        return Arguments::sum;
    }
}

struct Nothing
{};

/** A rule for one input, or for several at once, as the tape keeps it. */
template <class Input, class Output, class Rule, bool of_several>
struct RuleObject : StoredRule
{
    using R = Results<Output>;
    using Given = typename R::Given;
    static constexpr Arguments arguments = arguments_of<Rule, Given, Input>();
    static constexpr bool reads_y = arguments == Arguments::y || arguments == Arguments::y_and_shape;
    using Y = std::conditional_t<reads_y, Given, Nothing>;
    using Sources = std::conditional_t<of_several, std::span<const Source>, Nothing>;

    Rule rule;
    [[no_unique_address]] Y y;
    [[no_unique_address]] Sources sources;

    template <class G>
    auto called(G&& g, RuleRun& call) const
    {
        if constexpr (arguments == Arguments::none)
            return rule(std::forward<G>(g));
        else if constexpr (arguments == Arguments::y)
            return rule(std::forward<G>(g), y);
        else if constexpr (arguments == Arguments::shape)
            return rule(std::forward<G>(g), *call.shape);
        else if constexpr (arguments == Arguments::y_and_shape)
            return rule(std::forward<G>(g), y, *call.shape);
        else
            return rule(std::forward<G>(g),
                        GradientSum<Input>(call.sum ? std::move(*call.sum) : AnyVariable(), *call.shape));
    }

    static void run(StoredRule& stored, RuleRun& call)
    {
        const auto& self = static_cast<const RuleObject&>(stored);
        Given g = R::taken(call.upstream);
        if constexpr (std::is_same_v<Rule, NoRule>) {
            throw_missing_rule(call.op, self.position);
        } else if constexpr (of_several) {
            auto gradients = self.called(std::as_const(g), call);
            for (std::size_t i = 0; i < call.gradients.size() && i < gradients.size(); ++i)
                call.gradients[i] = std::move(gradients[i]);
        } else {
            static_assert(std::is_convertible_v<decltype(self.called(std::as_const(g), call)), Variable<Input>>,
                          "a rule returns a Variable of its input's scalar type: make it of ops, or give constant(...) "
                          "an xtensor expression");
            if (call.last) {
                call.gradients[0] = Variable<Input>(self.called(std::move(g), call));
                return;
            }
            call.gradients[0] = Variable<Input>(self.called(std::as_const(g), call));
        }
        R::put_back(call.upstream, std::move(g));
    }
    static void destroy(StoredRule& stored) noexcept { static_cast<RuleObject&>(stored).~RuleObject(); }
    static std::span<const Source> inputs_of(const StoredRule& stored)
    {
        return static_cast<const RuleObject&>(stored).sources;
    }
};

template <class Object, bool of_several>
constexpr auto inputs_function()
{
    std::span<const Source> (*function)(const StoredRule&) = nullptr;
    if constexpr (of_several)
        function = &Object::inputs_of;
    return function;
}

template <class Object, bool of_several>
constexpr RuleType rule_type{&Object::run, &Object::destroy, Object::arguments == Arguments::sum,
                             inputs_function<Object, of_several>()};

/** The place on the tape of an op whose rules are being stored. */
template <class Output>
class RulePlace
{
  public:
    RulePlace(TapeStore& store, std::size_t node, const Output& result, std::size_t results)
        : store_(store),
          op_(store.node(node).op),
          link_(store.first_link(node)),
          result_(result),
          results_(static_cast<std::uint32_t>(results))
    {}

    void skip() { ++position_; }

    // What a closure has captured by the name of a reference to const is copied wherever the closure is moved, and
    // counts its holders up and down each time: so it is moved as seldom as can be.
    template <class Input, class Rule>
    void push(const Variable<Input>& x, Rule&& rule)
    {
        push_object<RuleObject<Input, Output, Rule, false>, false>(Source::of(origin_of(x)), std::move(rule),
                                                                   Nothing{});
        ++position_;
    }

    template <class Input, class Rule>
    void push_jointly(std::span<const Variable<Input>* const> inputs, Rule&& rule)
    {
        Source* const sources = store_.take_sources(inputs.size());
        for (std::size_t i = 0; i < inputs.size(); ++i)
            sources[i] = needs_rule(op_, position_ + i, origin_of(*inputs[i])) ? Source::of(origin_of(*inputs[i]))
                                                                               : Source::none();
        push_object<RuleObject<Input, Output, Rule, true>, true>(sources[0], std::move(rule),
                                                                 std::span<const Source>(sources, inputs.size()));
        position_ += static_cast<std::uint32_t>(inputs.size());
    }

  private:
    template <class Object, bool of_several, class Rule, class Sources>
    void push_object(Source source, Rule&& rule, Sources sources)
    {
        const StoredRule header{&rule_type<Object, of_several>, nullptr, source, position_, results_};
        if constexpr (std::is_same_v<typename Object::Y, Nothing>)
            store_.push_rule<Object>(link_, header, std::move(rule), Nothing{}, sources);
        else
            store_.push_rule<Object>(link_, header, std::move(rule), Results<Output>::given(result_), sources);
    }

    TapeStore& store_;
    const char* op_;
    StoredRule** link_;
    const Output& result_;
    std::uint32_t results_;
    std::uint32_t position_ = 0;
};

} // namespace detail

} // namespace xgrad
