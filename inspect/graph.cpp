#include <xgrad/graph/tape.hpp>
#include <xgrad/inspect/graph.hpp>
#include <xgrad/inspect/layers.hpp>
#include <xgrad/inspect/op_name.hpp>

#include <algorithm>
#include <map>
#include <unordered_map>

namespace xgrad
{

namespace
{

constexpr std::size_t none = Graph::none;

Array<double> as_double(const AnyVariable& x)
{
    if (x.holds<float>())
        return xt::cast<double>(Variable<float>(x).value());
    return Variable<double>(x).value();
}

/** Collects all values that are computed while it exists. A value is identified by its storage. */
class Collector final : public Observer
{
  public:
    struct Value
    {
        AnyVariable variable;
        std::string op = {}, name = {};
        std::vector<std::size_t> inputs = {};
        Attributes attributes = {};
        std::size_t result = 0;
    };

    void op(OpCall& call) override
    {
        std::vector<std::size_t> inputs; // kept alive, so that no op writes over them
        for (std::size_t i = 0; i < call.inputs(); ++i)
            inputs.push_back(place_of(call.input(i)));
        call.run();
        const std::string name = detail::op_name(call);
        for (std::size_t i = 0; i < call.results(); ++i) {
            const std::size_t place = place_of(call.result(i));
            if (std::find(inputs.begin(), inputs.end(), place) != inputs.end())
                continue; // the op passed an input on
            // If an op returns a value that another op made for it, the outer op counts.
            values_[place] = {call.result(i), name, {}, inputs, call.attributes(), i};
        }
    }
    /** Notes the upstream gradient of an op. It is complete when the rules of the op run, as those of all ops that read
     *  its result have run. */
    AnyVariable rule(RuleCall& call) override
    {
        upstreams_[{call.result().tape, call.result().index}] = call.upstream();
        AnyVariable gradient = call.run();
        rules_.push_back({call.result(), call.input(), call.position(), place_of(gradient)});
        return gradient;
    }

    bool wants_parts() const override { return true; }

    std::size_t place_of(const AnyVariable& x)
    {
        const auto [found, is_new] = places_.try_emplace(detail::Access::value(x), values_.size());
        if (is_new)
            values_.push_back({x});
        return found->second;
    }

    template <class T>
    void name(const Parameters<T>& parameters)
    {
        for (std::size_t i = 0; i < parameters.size(); ++i)
            values_[place_of(parameters[i])].name = parameters.name(i);
    }

    std::size_t size() const { return values_.size(); }
    const Value& operator[](std::size_t place) const { return values_[place]; }
    /** The upstream gradient of a value in the sweep; empty if the sweep did not need it. */
    AnyVariable upstream_of(std::size_t place) const
    {
        const detail::Origin origin = detail::origin_of(values_[place].variable);
        const auto found = upstreams_.find({origin.tape, origin.index});
        return found == upstreams_.end() ? AnyVariable() : found->second;
    }

    /** A rule that ran; op and input are known by their places on the tape, as their values may be gone. */
    struct Rule
    {
        detail::Origin result, input;
        std::size_t position, gradient;
    };
    const std::vector<Rule>& rules() const { return rules_; }

  private:
    std::vector<Value> values_;
    std::vector<Rule> rules_;
    std::map<std::pair<std::uint64_t, std::uint64_t>, AnyVariable> upstreams_;
    std::unordered_map<const detail::StoredValue*, std::size_t> places_;
};

/** Writes values and all that they are made of to a graph. Their order follows from the graph alone, not from the
 *  computation: C++ leaves open which operand of an expression is computed first. */
class Writer
{
  public:
    explicit Writer(const Collector& collected) : collected_(collected), places_(collected.size(), none) {}

    /** Appends a value to the graph, after all that it is made of, unless it is there.
     *  @return  its place in the graph */
    std::size_t write(std::size_t root, std::vector<GraphValue>& values)
    {
        struct Visit
        {
            std::size_t place, next_input;
        };
        std::vector<Visit> path{{root, 0}};
        while (!path.empty()) {
            const std::size_t place = path.back().place;
            const Collector::Value& value = collected_[place];
            if (places_[place] != none) {
                path.pop_back();
            } else if (path.back().next_input < value.inputs.size()) {
                path.push_back({value.inputs[path.back().next_input++], 0});
            } else {
                std::vector<std::size_t> inputs;
                for (const std::size_t input : value.inputs)
                    inputs.push_back(places_[input]);
                places_[place] = values.size();
                values.push_back({value.op, value.name, std::move(inputs), value.attributes, value.result,
                                  as_double(value.variable)});
            }
        }
        return places_[root];
    }

    std::size_t written(std::size_t place) const { return places_[place]; }

  private:
    const Collector& collected_;
    std::vector<std::size_t> places_; // in the graph
};

/** The place of each collected value's sensitivity; none if the sweep did not need it. */
template <class T>
std::vector<std::size_t> sweep_back(Tape& tape, const Variable<T>& loss, const Parameters<T>& parameters,
                                    Collector& collected)
{
    const std::size_t forward = collected.size();
    const Variables<T> gradients = tape.gradient(loss, parameters, {.record = true});
    std::vector<std::size_t> sensitivities(forward, none);
    for (std::size_t place = 0; place < forward; ++place) {
        if (const AnyVariable upstream = collected.upstream_of(place); upstream.has_value())
            sensitivities[place] = collected.place_of(upstream);
    }
    for (std::size_t i = 0; i < parameters.size(); ++i)
        sensitivities[collected.place_of(parameters[i])] = collected.place_of(gradients[i]);
    return sensitivities;
}

/** Writes the rules whose op and whose input are in the graph. */
void write_rules(const Collector& collected, const Writer& writer, Graph& graph)
{
    std::map<detail::Origin, std::size_t> places;
    for (std::size_t place = 0; place < collected.size(); ++place)
        if (const std::size_t written = writer.written(place); written < graph.forward)
            places.try_emplace(detail::origin_of(collected[place].variable), written);
    for (const Collector::Rule& rule : collected.rules()) {
        const auto result = places.find(rule.result), input = places.find(rule.input);
        const std::size_t gradient = writer.written(rule.gradient);
        if (result != places.end() && input != places.end() && gradient != none)
            graph.rules.push_back({result->second, input->second, rule.position, gradient});
    }
}

template <class T>
Graph make_recording(const std::function<Variable<T>()>& loss, const Parameters<T>& parameters,
                     const Parameters<T>& others, bool backward)
{
    Collector collected;
    const Observing observing(collected);
    collected.name(parameters);
    collected.name(others);
    Tape tape;
    const Variable<T> result = loss();
    const std::size_t loss_place = collected.place_of(result);
    const std::vector<std::size_t> sensitivities =
        backward ? sweep_back(tape, result, parameters, collected) : std::vector<std::size_t>(collected.size(), none);

    Graph graph;
    Writer writer(collected);
    graph.loss = writer.write(loss_place, graph.values);
    graph.forward = graph.values.size();
    graph.sensitivities.assign(graph.forward, none);
    std::vector<std::size_t> collected_places(graph.forward);
    for (std::size_t place = 0; place < sensitivities.size(); ++place)
        if (writer.written(place) != none)
            collected_places[writer.written(place)] = place;
    for (std::size_t place = graph.forward; place-- > 0;)
        if (const std::size_t sensitivity = sensitivities[collected_places[place]]; sensitivity != none)
            graph.sensitivities[place] = writer.write(sensitivity, graph.values);
    for (const Variable<T>& parameter : parameters)
        if (backward)
            graph.gradients.push_back(graph.sensitivities[writer.written(collected.place_of(parameter))]);
    write_rules(collected, writer, graph);
    detail::set_layers(graph);
    return graph;
}

} // namespace

template <class T>
Graph graph_of_loss(const std::function<Variable<T>()>& loss, const Parameters<T>& parameters,
                    const Parameters<T>& others)
{
    return make_recording(loss, parameters, others, false);
}

template <class T>
Graph graph_of_gradient(const std::function<Variable<T>()>& loss, const Parameters<T>& parameters,
                        const Parameters<T>& others)
{
    return make_recording(loss, parameters, others, true);
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Graph graph_of_loss(const std::function<Variable<T>()>&, const Parameters<T>&, const Parameters<T>&);     \
    template Graph graph_of_gradient(const std::function<Variable<T>()>&, const Parameters<T>&, const Parameters<T>&);
XGRAD_INSTANTIATE(float)
XGRAD_INSTANTIATE(double)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
