// The backward sweep: one loop from the last op to the first.
#include <xgrad/base/error.hpp>
#include <xgrad/base/for_scope.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/graph/observer.hpp>
#include <xgrad/graph/tape_store.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <memory>

namespace xgrad::detail
{

namespace
{

void add_to(AnyVariable& sum, AnyVariable gradient)
{
    if (!sum.has_value())
        sum = std::move(gradient);
    else if (sum.holds<float>())
        sum = Variable<float>(std::move(sum)) + Variable<float>(std::move(gradient));
    else
        sum = Variable<double>(std::move(sum)) + Variable<double>(std::move(gradient));
}

AnyVariable zeros_like(const AnyVariable& scalar, const Shape& shape)
{
    if (scalar.holds<float>())
        return constant(Array<float>(shape, 0));
    return constant(Array<double>(shape, 0));
}

/** One backward sweep over the ops of a store, from a given place on. */
class Sweep : SweepMemory
{
  public:
    /** @param spare  taken while in use, because a rule may itself take a gradient on this store */
    Sweep(const TapeStore& store, SweepMemory& spare, std::size_t begin, std::span<const AnyVariable> targeted)
        : SweepMemory(std::move(spare)),
          store_(store),
          spare_(spare),
          begin_(begin),
          end_(begin),
          targeted_(targeted),
          results_(targeted.size())
    {
        for (std::size_t position = 0; position < targeted.size(); ++position)
            targets.push_back({origin_of(targeted[position]), position});
        // Not stable_sort, which allocates. Gradients are added up in the first of equal targets.
        std::sort(targets.begin(), targets.end());
    }
    Sweep(const Sweep&) = delete;
    Sweep& operator=(const Sweep&) = delete;
    ~Sweep()
    {
        gradients.clear();
        targets.clear();
        upstream.clear();
        of_rule.clear();
        spare_ = std::move(static_cast<SweepMemory&>(*this));
    }

    /** Gives the results their upstream gradients, and marks the ops through which they depend on a target. Returns the
     *  place behind the last op that a result comes from. */
    std::size_t start(std::span<const AnyVariable> results, std::span<const AnyVariable> upstreams)
    {
        for (const AnyVariable& result : results)
            if (const Origin origin = origin_of(result); is_inside(origin))
                end_ = std::max(end_, static_cast<std::size_t>(origin.index) + 1);
        gradients.assign(end_ - begin_, AnyVariable{});
        for (std::size_t i = 0; i < results.size(); ++i)
            if (AnyVariable* const sum = input_at(origin_of(results[i])).sum)
                add_to(*sum, upstreams[i]);

        needed.assign(end_ - begin_, 0);
        for (const Target& target : targets)
            if (is_inside(target.origin) && target.origin.index < end_)
                needed[target.origin.index - begin_] = 1;
        for (std::size_t place = begin_; place < end_; ++place)
            for (const StoredRule* rule = store_.node(place).rules; rule; rule = rule->next)
                if (is_needed(*rule))
                    std::fill_n(needed.begin() + static_cast<std::ptrdiff_t>(place - begin_),
                                std::min<std::size_t>(rule->results, end_ - place), std::uint8_t{1});
        return end_;
    }

    /** Runs those rules of a node that lead to a target. */
    void run_rules(std::size_t node)
    {
        StoredRule* rule = store_.node(node).rules; // none unless it is the first result of its op
        if (!rule || !take_upstream(node, rule->results))
            return;
        for (; rule; rule = rule->next)
            if (is_needed(*rule))
                run(node, *rule);
    }

    /** The gradients of the targets. */
    AnyVariables take_results()
    {
        for (const Target& target : targets)
            results_[target.position] = results_[find(target.origin)->position];
        return std::move(results_);
    }

  private:
    /** An input of a rule, or a result: the gradient that it has so far, and its shape. */
    struct Input
    {
        AnyVariable* sum = nullptr; // null if it is neither an op of this sweep nor a target
        const Shape* shape = nullptr;
    };
    Origin origin_at(Source source) const { return source.origin(store_.number()); }
    Input input_at(Source source) { return input_at(origin_at(source)); }
    Input input_at(Origin origin)
    {
        if (is_inside(origin))
            return {&gradients[origin.index - begin_], store_.node(origin.index).shape};
        const Target* const target = find(origin);
        return target ? Input{&results_[target->position], &targeted_[target->position].shape()} : Input{};
    }
    const Target* find(Origin origin) const
    {
        const auto place = std::lower_bound(targets.begin(), targets.end(), origin,
                                            [](const Target& target, Origin o) { return target.origin < o; });
        return place != targets.end() && place->origin == origin ? &*place : nullptr;
    }
    bool is_inside(Origin origin) const { return origin.tape == store_.number() && origin.index >= begin_; }
    /** Returns whether a target lies behind it. */
    bool is_needed(Source source) const
    {
        const Origin origin = origin_at(source);
        return is_inside(origin) ? needed[origin.index - begin_] != 0 : find(origin) != nullptr;
    }
    bool is_needed(const StoredRule& rule) const
    {
        const std::span<const Source> inputs = rule.inputs();
        return std::any_of(inputs.begin(), inputs.end(), [&](Source input) { return is_needed(input); });
    }

    /** Collects the upstream gradients of an op's results; those that nothing depends on are zeros. Returns false if
     *  nothing depends on any. */
    bool take_upstream(std::size_t node, std::size_t results)
    {
        upstream.clear();
        for (std::size_t place = node; place < node + results; ++place) {
            upstream.push_back(place < end_ ? std::move(gradients[place - begin_]) : AnyVariable());
            if (const Target* target = find({store_.number(), place}))
                results_[target->position] = upstream.back();
        }
        const auto known =
            std::find_if(upstream.begin(), upstream.end(), [](const AnyVariable& g) { return g.has_value(); });
        if (known == upstream.end())
            return false;
        for (std::size_t i = 0; i < results; ++i)
            if (!upstream[i].has_value())
                upstream[i] = zeros_like(*known, *store_.node(node + i).shape);
        return true;
    }

    /** Runs a rule and adds what it gives to the gradients of its inputs. */
    void run(std::size_t node, StoredRule& rule)
    {
        const std::span<const Source> inputs = rule.inputs();
        const std::size_t count = inputs.size();
        of_rule.assign(2 * count, AnyVariable{}); // the gradients, then what the inputs of a joint rule have so far
        const Input only = count == 1 ? input_at(inputs[0]) : Input{&of_rule[count], store_.node(node).shape};
        RuleRun call{upstream, !rule.next, std::span(of_rule).first(count), only.shape, only.sum, {}};
        for (std::size_t i = 0; count > 1 && i < count; ++i)
            if (is_needed(inputs[i])) {
                of_rule[count + i] = std::move(*input_at(inputs[i]).sum);
                call.wanted.add(i);
            }
        const bool observed = is_observed();
        if (!observed) [[likely]]
            rule.type->run(rule, call);
        for (std::size_t i = 0; i < count; ++i) {
            if (!is_needed(inputs[i]))
                continue;
            const Input input = input_at(inputs[i]);
            if (of_rule[count + i].has_value())
                *input.sum = std::move(of_rule[count + i]);
            if (observed)
                of_rule[i] = run_observed(node, rule, i, *only.shape);
            if (!of_rule[i].has_value() || of_rule[i].shape() != *input.shape)
                throw ShapeError(fmt::format(
                    "[{}] the rule for input {} gave a gradient of shape {}, the input has shape {}",
                    store_.node(node).op, rule.position + i,
                    of_rule[i].has_value() ? to_string(of_rule[i].shape()) : "nothing", to_string(*input.shape)));
            // A rule that records adds nodes, but moves neither nodes nor sums.
            add_to(*input.sum, std::move(of_rule[i]));
        }
    }

    /** The i-th gradient of a rule that observers may run several times: it cannot take its arguments away. */
    AnyVariable run_observed(std::size_t node, StoredRule& rule, std::size_t i, const Shape& shape) const
    {
        const auto run = [&](std::span<AnyVariable> given) {
            AnyVariables all(rule.inputs().size());
            RuleRun call{given, false, all, &shape, nullptr, {}};
            call.wanted.add(i);
            rule.type->run(rule, call);
            return std::move(all[i]);
        };
        return RuleCall(store_.node(node).op, {store_.number(), node}, origin_at(rule.inputs()[i]),
                        rule.position + static_cast<std::uint32_t>(i), upstream, run)
            .run();
    }

    const TapeStore& store_;
    SweepMemory& spare_;
    std::size_t begin_, end_;
    std::span<const AnyVariable> targeted_;
    AnyVariables results_; // one for each target
};

} // namespace

AnyVariables TapeStore::pull_back(std::size_t begin, std::span<const AnyVariable> results,
                                  std::span<const AnyVariable> upstreams, std::span<const AnyVariable> targets,
                                  const GradientOptions& options)
{
    const bool keep = options.keep_tape || options.record;
    const auto consume = [](TapeStore* store) { store->consume(); };
    const std::unique_ptr<TapeStore, decltype(consume)> at_end(keep ? nullptr : this, consume);
    const ForScope recording(context.recording, options.record ? this : nullptr);

    Sweep sweep(*this, spare_, begin, targets);
    for (std::size_t node = sweep.start(results, upstreams); node-- > begin;) {
        sweep.run_rules(node);
        if (!keep)
            destroy_rules(node);
    }
    return sweep.take_results();
}

} // namespace xgrad::detail
