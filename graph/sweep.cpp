// The backward sweep: one loop from the last op to the first.
#include <xgrad/base/error.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/graph/observer.hpp>
#include <xgrad/graph/tape_store.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <tuple>

namespace xgrad::detail
{

namespace
{

bool before(const Origin& a, const Origin& b) { return std::tie(a.tape, a.index) < std::tie(b.tape, b.index); }

/** Rules run with recording off, or on this store; the previous state comes back whatever they throw. */
class RecordingOn
{
  public:
    explicit RecordingOn(TapeStore* store) : previous_(std::exchange(context.recording, store)) {}
    RecordingOn(const RecordingOn&) = delete;
    RecordingOn& operator=(const RecordingOn&) = delete;
    ~RecordingOn() { context.recording = previous_; }

  private:
    TapeStore* previous_;
};

/** The sum of two gradients of the same shape, in the first one's storage if nobody else holds it. */
AnyVariable plus(AnyVariable sum, AnyVariable gradient)
{
    if (sum.holds<float>())
        return Variable<float>(std::move(sum)) + Variable<float>(std::move(gradient));
    return Variable<double>(std::move(sum)) + Variable<double>(std::move(gradient));
}

void add_to(AnyVariable& sum, AnyVariable gradient)
{
    sum = sum ? plus(std::move(sum), std::move(gradient)) : std::move(gradient);
}

AnyVariable zeros_like(const AnyVariable& scalar, const Shape& shape)
{
    if (scalar.holds<float>())
        return constant(Array<float>(shape, 0));
    return constant(Array<double>(shape, 0));
}

} // namespace

const TapeStore::Target* TapeStore::Sweep::find(Origin origin) const
{
    const auto place = std::lower_bound(targets.begin(), targets.end(), origin,
                                        [](const Target& target, Origin o) { return before(target.origin, o); });
    return place != targets.end() && place->origin == origin ? &*place : nullptr;
}

bool TapeStore::is_needed(const Sweep& sweep, Source source) const
{
    if (source.is_none())
        return false;
    return is_inside(sweep, source) ? sweep.needed[source.index() - sweep.begin] != 0
                                    : sweep.find(origin_of(source)) != nullptr;
}

/** Sorts the targets and marks the ops through which the result depends on one of them. */
void TapeStore::prepare(Sweep& sweep, std::size_t end) const
{
    sweep.targets.clear();
    for (std::size_t position = 0; position < sweep.targeted.size(); ++position)
        sweep.targets.push_back({detail::origin_of(sweep.targeted[position]), position});
    // Not stable_sort, which allocates: the first of equal targets is the one that gradients are added up in.
    std::sort(sweep.targets.begin(), sweep.targets.end(), [](const Target& a, const Target& b) {
        return std::tie(a.origin.tape, a.origin.index, a.position) <
               std::tie(b.origin.tape, b.origin.index, b.position);
    });

    sweep.gradients.assign(end - sweep.begin, AnyVariable{});
    sweep.needed.assign(end - sweep.begin, 0);
    for (const Target& target : sweep.targets)
        if (target.origin.tape == number_ && target.origin.index >= sweep.begin && target.origin.index < end)
            sweep.needed[target.origin.index - sweep.begin] = 1;
    for (std::size_t place = sweep.begin; place < end; ++place)
        for (StoredRule* rule = nodes_[place].rules; rule; rule = rule->next)
            for (const Source input : rule->inputs())
                if (is_needed(sweep, input))
                    std::fill_n(sweep.needed.begin() + static_cast<std::ptrdiff_t>(place - sweep.begin),
                                std::min<std::size_t>(rule->results, end - place), std::uint8_t{1});
}

AnyVariable& TapeStore::sum_for(Sweep& sweep, Source source) const
{
    return is_inside(sweep, source) ? sweep.gradients[source.index() - sweep.begin]
                                    : sweep.results[sweep.find(origin_of(source))->position];
}

const Shape& TapeStore::shape_of(const Sweep& sweep, Source source) const
{
    return is_inside(sweep, source) ? *nodes_[source.index()].shape
                                    : sweep.targeted[sweep.find(origin_of(source))->position].shape();
}

void TapeStore::check(const char* op, std::size_t position, const AnyVariable& gradient, const Shape& expected) const
{
    if (!gradient || gradient.shape() != expected)
        throw ShapeError(fmt::format("[{}] the rule for input {} gave a gradient of shape {}, the input has shape {}",
                                     op, position, gradient ? to_string(gradient.shape()) : "nothing",
                                     to_string(expected)));
}

/** Collects the upstream gradients of an op's results; those that nothing depends on are zeros. False if that is so for
 *  all of them. */
bool TapeStore::take_upstream(Sweep& sweep, std::size_t node, std::size_t results) const
{
    sweep.upstream.clear();
    AnyVariable known;
    for (std::size_t place = node; place < node + results; ++place) {
        AnyVariable gradient;
        if (place - sweep.begin < sweep.gradients.size())
            gradient = std::move(sweep.gradients[place - sweep.begin]);
        if (const Target* target = sweep.find({number_, place}))
            sweep.results[target->position] = gradient;
        if (gradient && results > 1)
            known = gradient;
        sweep.upstream.push_back(std::move(gradient));
    }
    if (results == 1)
        return static_cast<bool>(sweep.upstream.front());
    if (!known)
        return false;
    for (std::size_t i = 0; i < results; ++i)
        if (!sweep.upstream[i])
            sweep.upstream[i] = zeros_like(known, *nodes_[node + i].shape);
    return true;
}

void TapeStore::run_rule(Sweep& sweep, std::size_t node, StoredRule& rule) const
{
    const char* const op = nodes_[node].op;
    const std::span<const Source> inputs = rule.inputs();
    const bool adds = rule.type->adds && !is_observed();
    const Shape& shape = *(rule.type->joint ? nodes_[node].shape : &shape_of(sweep, rule.input));
    sweep.of_rule.assign(inputs.size(), AnyVariable{});
    const bool last = !rule.next;
    AnyVariable so_far = adds ? std::move(sum_for(sweep, rule.input)) : AnyVariable();
    RuleRun call{op, sweep.upstream, last, &shape, adds ? &so_far : nullptr, sweep.of_rule};
    if (!is_observed()) [[likely]]
        rule.type->run(rule, call);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (!is_needed(sweep, inputs[i]))
            continue;
        AnyVariable gradient = is_observed() ? observed(sweep, node, rule, i, shape) : std::move(sweep.of_rule[i]);
        check(op, rule.position + i, gradient, shape_of(sweep, inputs[i]));
        // A rule that records makes the nodes grow, but moves neither them nor the sums.
        add_to(sum_for(sweep, inputs[i]), std::move(gradient));
    }
}

/** The i-th gradient of a rule with observers in between: nothing that the rule is given is taken away from it. */
AnyVariable TapeStore::observed(const Sweep& sweep, std::size_t node, StoredRule& rule, std::size_t i,
                                const Shape& shape) const
{
    const AnyVariables upstream = sweep.upstream;
    const std::span<const Source> inputs = rule.inputs();
    return RuleCall(nodes_[node].op, {number_, node}, origin_of(inputs[i]),
                    rule.position + static_cast<std::uint32_t>(i), upstream,
                    [&](std::span<AnyVariable> given) {
                        AnyVariables gradients(inputs.size());
                        RuleRun call{nodes_[node].op, given, false, &shape, nullptr, gradients};
                        rule.type->run(rule, call);
                        return std::move(gradients[i]);
                    })
        .run();
}

void TapeStore::run_rules(Sweep& sweep, std::size_t node)
{
    StoredRule* rule = nodes_[node].rules;
    if (!rule) // a further result of an op whose turn comes later
        return;
    if (!take_upstream(sweep, node, rule->results))
        return;
    for (; rule; rule = rule->next) {
        const std::span<const Source> inputs = rule->inputs();
        if (std::none_of(inputs.begin(), inputs.end(), [&](Source input) { return is_needed(sweep, input); }))
            continue;
        run_rule(sweep, node, *rule);
    }
}

AnyVariables TapeStore::pull_back(std::size_t begin, std::span<const AnyVariable> results,
                                  std::span<const AnyVariable> upstreams, std::span<const AnyVariable> targets,
                                  const GradientOptions& options)
{
    struct Consume
    {
        TapeStore* store;
        ~Consume()
        {
            if (!store)
                return;
            const std::uint64_t number = store->number_;
            store->clear();
            store->consumed_ = number;
        }
    };
    const bool keep = options.keep_tape || options.record;
    const Consume consume{keep ? nullptr : this};
    const RecordingOn recording(options.record ? this : nullptr);

    // Taken out of the store while in use: a rule may itself take a gradient on this store.
    Sweep sweep = std::move(spare_);
    sweep.begin = begin;
    sweep.targeted = targets;
    sweep.results.assign(targets.size(), AnyVariable{});

    const auto is_inside = [&](Origin origin) { return origin.tape == number_ && origin.index >= begin; };
    std::size_t end = begin;
    for (const AnyVariable& result : results)
        if (const Origin origin = detail::origin_of(result); is_inside(origin))
            end = std::max(end, static_cast<std::size_t>(origin.index) + 1);
    prepare(sweep, end);
    for (std::size_t i = 0; i < results.size(); ++i) {
        const Origin origin = detail::origin_of(results[i]);
        const Target* target = sweep.find(origin);
        if (is_inside(origin))
            add_to(sweep.gradients[origin.index - begin], upstreams[i]);
        else if (target)
            add_to(sweep.results[target->position], upstreams[i]);
    }

    for (std::size_t node = end; node-- > begin;) {
        run_rules(sweep, node);
        if (!keep)
            destroy_rules(node);
    }
    for (const Target& target : sweep.targets)
        sweep.results[target.position] = sweep.results[sweep.find(target.origin)->position];

    AnyVariables gradients = std::move(sweep.results);
    sweep.gradients.clear();
    sweep.upstream.clear();
    sweep.of_rule.clear();
    spare_ = std::move(sweep);
    return gradients;
}

} // namespace xgrad::detail
