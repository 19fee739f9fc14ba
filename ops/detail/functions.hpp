#pragma once
// An op whose value is a function of variables, and whose gradient comes from that function. Not for users.

#include <xgrad/graph/tape.hpp>

#include <array>
#include <functional>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace xgrad
{

struct ImplicitOptions;
struct ScanOptions;

namespace detail
{

template <class T>
using ListFunction = std::function<Variables<T>(const Variables<T>&)>;

/** A rule that gives the gradients of all inputs of an op, called as rule(gs, sums).
 *  gs: the upstream gradients of the results. sums: those that the inputs have so far, empty if there are none; a rule
 *  that takes one out returns it with its own part added. */
template <class T>
using ListRule = std::function<Variables<T>(const Variables<T>&, std::span<AnyVariable>)>;

/** A list of inputs whose gradients one rule gives, for `record`. What wrt_jointly is for a fixed number of inputs.
 *  @param MakeRule  returns the ListRule for the op's results; it is called if an input needs a gradient */
template <class T, class MakeRule>
struct WrtList
{
    std::span<const Variable<T>> inputs;
    MakeRule make_rule;
    bool needed = true;

    template <class Output>
    static consteval bool gives_gradient()
    {
        return true;
    }
    template <class F>
    void for_each(F f) const
    {
        for (const Variable<T>& input : inputs)
            f(input);
    }
    bool keep_if(bool is_needed) { return needed = is_needed; }
    template <class Output>
    void push(RulePlace<Output>& place);

  private:
    /** The type of one stored rule. It lies in the arena too, and holds the rule. */
    struct Type : RuleType
    {
        ListRule<T> rule;

        static void run(StoredRule& stored, RuleRun& call)
        {
            const Variables<T> gs(call.upstream.begin(), call.upstream.end());
            const std::size_t count = call.sum ? call.gradients.size() : 0;
            Variables<T> gradients = static_cast<const Type&>(*stored.type).rule(gs, {call.sum, count});
            std::move(gradients.begin(), gradients.end(), call.gradients.begin());
        }
        static void destroy(StoredRule& stored) noexcept { std::destroy_at(static_cast<const Type*>(stored.type)); }
    };
};

template <class T, class MakeRule>
template <class Output>
void WrtList<T, MakeRule>::push(RulePlace<Output>& place)
{
    if (needed) {
        const std::size_t count = inputs.size();
        auto* const type = static_cast<Type*>(place.store.take(sizeof(Type), alignof(Type)));
        void* const stored = place.store.take(sizeof(StoredRule) + count * sizeof(Source), alignof(StoredRule));
        new (type) Type{{Type::run, Type::destroy, count}, make_rule(Results<Output>::given(place.result))};
        *place.link = new (stored) StoredRule{type, nullptr, place.position, place.results};
        auto* const sources = reinterpret_cast<Source*>(*place.link + 1);
        for (std::size_t i = 0; i < count; ++i) {
            const Origin origin = origin_of(inputs[i]);
            new (sources + i) Source(needs_rule(place.op, i, origin) ? Source::of(origin) : Source::none());
        }
        place.link = &(*place.link)->next;
    }
    place.skip(inputs.size());
}

template <class T, class MakeRule>
WrtList<T, MakeRule> wrt_list(const Variables<T>& inputs, MakeRule make_rule)
{
    return {inputs, std::move(make_rule)};
}

/** x with a place of its own, so that a gradient with respect to it is not that of x in other places. */
template <class T>
Variable<T> own_argument(const Variable<T>& x);

/** The results of a function, which was computed with recording off, and the leaves that it read besides its
 *  arguments.
 *  @param op  for errors
 *  @throws GraphError if it read a result of another op that it was not given: its gradient would be lost */
template <class T>
struct Unrecorded
{
    Variables<T> results, leaves;
    Unrecorded(const char* op, const ListFunction<T>& f, const Variables<T>& xs);
};

/** Σ_k gs_kᵀ·∂f_k/∂x for each x of the arguments, and then of the leaves, which f reads besides them. It computes f on
 * a tape of its own. The gradient of a constant is empty.
 *  @param sums  the gradients so far, to which these are added one op at a time, as if f's ops were on the outer tape
 */
template <class T>
Variables<T> pull_back_function(const ListFunction<T>& f, const Variables<T>& xs, const Variables<T>& leaves,
                                const Variables<T>& gs, std::span<AnyVariable> sums = {});

// The ops on functions of lists.

template <class T>
Variables<T> checkpoint_list(const ListFunction<T>& f, const Variables<T>& xs);

/** The user's rule, called as rule(g, y, xs). y is empty unless it was asked for. */
template <class T>
using CustomRule = std::function<Variables<T>(const Variable<T>&, const Variable<T>&, const Variables<T>&)>;
template <class T>
Variable<T> custom_gradient_list(const ListFunction<T>& f, const CustomRule<T>& rule, bool reads_result,
                                 const Variables<T>& xs);

/** F(y, θs) */
template <class T>
using ImplicitEquation = std::function<Variable<T>(const Variable<T>&, const Variables<T>&)>;
template <class T>
Variable<T> implicit_list(const std::function<Variable<T>(const Variables<T>&)>& solver,
                          const ImplicitEquation<T>& residual, const Variables<T>& thetas,
                          const ImplicitOptions& options);
template <class T>
Variable<T> fixed_point_list(const ImplicitEquation<T>& f, const Variable<T>& start, const Variables<T>& thetas,
                             const ImplicitOptions& options);

/** step(state, x), where x is empty if there are no inputs */
template <class T>
using ScanStep = std::function<Variables<T>(const Variables<T>&, const Variable<T>&)>;
/** @param xs  the inputs, or empty for a number of steps without inputs */
template <class T>
Variables<T> scan_list(const ScanStep<T>& step, const Variables<T>& state, const Variable<T>& xs, std::size_t steps,
                       const ScanOptions& options);

// A user's function takes variables or a list of them, and returns one or a list.

template <class T>
Variables<T> as_list(Variable<T> result)
{
    return {std::move(result)};
}
template <class T, class A>
Variables<T> as_list(const std::vector<Variable<T>, A>& results)
{
    return Variables<T>(results.begin(), results.end());
}
template <class T, std::size_t count>
Variables<T> as_list(const std::array<Variable<T>, count>& results)
{
    return Variables<T>(results.begin(), results.end());
}

/** A list as the user's function would return it: one variable, or a list. */
template <class Result, class T>
auto as_result(Variables<T> results)
{
    if constexpr (std::is_convertible_v<Result, Variable<T>>)
        return std::move(results.front());
    else
        return results;
}

/** Calls f(before…, xs[0], xs[1], …). */
template <std::size_t count, class F, class T, class... Before>
decltype(auto) call_with(F&& f, const Variables<T>& xs, const Before&... before)
{
    return [&]<std::size_t... k>(std::index_sequence<k...>)->decltype(auto) { return f(before..., xs[k]...); }
    (std::make_index_sequence<count>());
}

} // namespace detail

} // namespace xgrad
