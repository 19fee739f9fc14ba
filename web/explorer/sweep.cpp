#include "sweep.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace xgrad::explorer
{

namespace
{

constexpr std::size_t none = Graph::none;

/** An op or a rule, with the values that it reads. */
struct Step
{
    std::size_t made;            ///< the place of the value, or of the rule's gradient
    const GraphRule* rule;       ///< null for an op
    std::set<std::size_t> reads; ///< forward values and sensitivities
};

/** The forward values and the sensitivity `upstream` that a rule's gradient is made of. */
std::set<std::size_t> read_by_rule(const Graph& graph, std::size_t gradient, std::size_t upstream)
{
    std::set<std::size_t> read, seen;
    std::vector<std::size_t> open{gradient};
    while (!open.empty()) {
        const std::size_t place = open.back();
        open.pop_back();
        if (!seen.insert(place).second)
            continue;
        if (place < graph.forward || place == upstream)
            read.insert(place);
        else
            open.insert(open.end(), graph.values[place].inputs.begin(), graph.values[place].inputs.end());
    }
    return read;
}

std::vector<Step> in_order(const Graph& graph)
{
    std::vector<Step> steps;
    for (std::size_t place = 0; place < graph.forward; ++place)
        if (const GraphValue& value = graph.values[place]; !value.op.empty())
            steps.push_back({place, nullptr, {value.inputs.begin(), value.inputs.end()}});
    for (const GraphRule& rule : graph.rules)
        steps.push_back({rule.gradient, &rule, read_by_rule(graph, rule.gradient, graph.sensitivities[rule.result])});
    return steps;
}

/** What stays when the sweep is over: the leaves and the gradients of the parameters. */
std::set<std::size_t> kept_values(const Graph& graph)
{
    std::set<std::size_t> kept(graph.gradients.begin(), graph.gradients.end());
    for (std::size_t place = 0; place < graph.values.size(); ++place)
        if (graph.values[place].op.empty())
            kept.insert(place);
    return kept;
}

/** The values that are held while the steps run. */
class Held
{
  public:
    Held(const Graph& graph, const std::vector<Step>& steps) : graph_(graph), kept_(kept_values(graph))
    {
        for (std::size_t i = 0; i < steps.size(); ++i) {
            last_use_[steps[i].made] = std::max(last_use_[steps[i].made], i);
            for (const std::size_t place : steps[i].reads)
                last_use_[place] = i;
        }
    }

    /** Notes what a step makes. @return  the places of what nothing needs any more */
    std::vector<std::size_t> after(std::size_t step, std::size_t made)
    {
        if (graph_.values[made].op != "" && held_.insert(made).second)
            bytes_ += size_of(made);
        std::vector<std::size_t> freed;
        for (const std::size_t place : held_)
            if (last_use_[place] <= step && !kept_.contains(place))
                freed.push_back(place);
        for (const std::size_t place : freed) {
            held_.erase(place);
            bytes_ -= size_of(place);
        }
        return freed;
    }

    std::size_t bytes() const { return bytes_; }

  private:
    /** The bytes of a value in a training, which is of floats. */
    std::size_t size_of(std::size_t place) const { return graph_.values[place].value.size() * sizeof(float); }

    const Graph& graph_;
    std::set<std::size_t> kept_, held_;
    std::map<std::size_t, std::size_t> last_use_;
    std::size_t bytes_ = 0;
};

} // namespace

Json steps_of(const Graph& graph, const Derivation& derivation, Values& values)
{
    const std::vector<Step> steps = in_order(graph);
    Held held(graph, steps);
    std::map<std::size_t, std::size_t> summed; // terms of each input's sensitivity so far
    Json all = Json::array();
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const auto& [made, rule, reads] = steps[i];
        const std::size_t result = rule == nullptr ? made : rule->result;
        // What the rule gave is a term of the sensitivity, whose sum takes its place.
        const std::size_t sum = rule == nullptr ? none : graph.sensitivities[rule->input];
        const std::vector<std::size_t> freed = held.after(i, sum == none ? made : sum);
        all.push_back({{"kind", rule == nullptr ? "op" : "rule"},
                       {"op", graph.values[result].op},
                       {"place", result},
                       {"input", rule == nullptr ? Json(-1) : Json(rule->input)},
                       {"position", rule == nullptr ? 0 : rule->position},
                       {"result", values.tensor(made)},
                       {"summed", rule == nullptr ? 0 : summed[rule->input]++},
                       {"reads", reads},
                       {"freed", freed},
                       {"bytes", held.bytes()},
                       {"equation", derivation.equation_of(sum == none ? made : sum)}});
    }
    return all;
}

} // namespace xgrad::explorer
