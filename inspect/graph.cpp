#include <xgrad/graph/tape.hpp>
#include <xgrad/inspect/graph.hpp>

#include <algorithm>
#include <map>
#include <unordered_map>

namespace xgrad
{

namespace
{

using detail::Handle;

constexpr std::size_t none = Recording::none;

Array<double> as_double(const Handle& handle)
{
    if (const auto* stored = dynamic_cast<const detail::StoredArray<float>*>(handle.stored()))
        return xt::cast<double>(stored->array);
    return dynamic_cast<const detail::StoredArray<double>&>(*handle.stored()).array;
}

/** Collects all that is computed while it exists. A value is known by its storage. */
class Collector final : public OpObserver
{
  public:
    struct Value
    {
        Handle handle;
        std::string op = {}, name = {};
        std::vector<std::size_t> inputs = {};
        double number = std::numeric_limits<double>::quiet_NaN();
    };

    void observe(const ObservedOp& op) override
    {
        std::vector<std::size_t> inputs;
        for (const Handle& input : op.inputs)
            inputs.push_back(place_of(input));
        const std::size_t place = place_of(op.result);
        if (std::find(inputs.begin(), inputs.end(), place) != inputs.end())
            return; // it passed an input on
        // An op that hands out what another one made for it is the one that counts.
        values_[place] = {op.result, op.name, {}, std::move(inputs), op.number};
    }

    std::size_t place_of(const Handle& handle)
    {
        const auto [found, is_new] = places_.try_emplace(handle.stored(), values_.size());
        if (is_new)
            values_.push_back({handle});
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

  private:
    std::vector<Value> values_;
    std::unordered_map<const detail::StoredValue*, std::size_t> places_;
};

/** The upstream gradients of a sweep. That of an op is complete when its rules run, as all that used its result has
 * been passed. */
struct Upstreams final : RuleInterceptor
{
    std::map<std::pair<std::uint64_t, std::uint64_t>, Handle> of_results;

    Handle intercept(const RuleCall& call) override
    {
        of_results[{call.result.tape, call.result.index}] = call.upstream;
        return call.run();
    }
};

/** Writes down what some values are made of. The order follows from the graph alone: that of the computation would not
 *  do, as C++ leaves open which operand of an expression is computed first. */
class Writer
{
  public:
    explicit Writer(const Collector& collected) : collected_(collected), places_(collected.size(), none) {}

    /** Where the value is in the recording; it is appended after all that it is made of, unless it is there. */
    std::size_t write(std::size_t root, std::vector<RecordedValue>& values)
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
                values.push_back({value.op, value.name, std::move(inputs), value.number, as_double(value.handle)});
            }
        }
        return places_[root];
    }

    std::size_t written(std::size_t place) const { return places_[place]; }

  private:
    const Collector& collected_;
    std::vector<std::size_t> places_; // in the recording
};

/** For each collected value the place of its sensitivity, none if the sweep did not need it. */
template <class T>
std::vector<std::size_t> sweep_back(Tape& tape, const Variable<T>& loss, const Parameters<T>& parameters,
                                    Collector& collected)
{
    const std::size_t forward = collected.size();
    Upstreams upstreams;
    const Variables<T> gradients = tape.gradient(loss, parameters, {.record = true});
    std::vector<std::size_t> sensitivities(forward, none);
    for (std::size_t place = 0; place < forward; ++place) {
        const detail::Origin origin = collected[place].handle.origin();
        const auto found = upstreams.of_results.find({origin.tape, origin.index});
        if (found != upstreams.of_results.end())
            sensitivities[place] = collected.place_of(found->second);
    }
    for (std::size_t i = 0; i < parameters.size(); ++i)
        sensitivities[collected.place_of(parameters[i])] = collected.place_of(gradients[i]);
    return sensitivities;
}

template <class T>
Recording make_recording(const std::function<Variable<T>()>& loss, const Parameters<T>& parameters,
                         const Parameters<T>& others, bool backward)
{
    Collector collected;
    collected.name(parameters);
    collected.name(others);
    Tape tape;
    const Variable<T> result = loss();
    const std::size_t loss_place = collected.place_of(result);
    const std::vector<std::size_t> sensitivities =
        backward ? sweep_back(tape, result, parameters, collected) : std::vector<std::size_t>(collected.size(), none);

    Recording recording;
    Writer writer(collected);
    recording.loss = writer.write(loss_place, recording.values);
    recording.forward = recording.values.size();
    recording.sensitivities.assign(recording.forward, none);
    std::vector<std::size_t> collected_places(recording.forward);
    for (std::size_t place = 0; place < sensitivities.size(); ++place)
        if (writer.written(place) != none)
            collected_places[writer.written(place)] = place;
    for (std::size_t place = recording.forward; place-- > 0;)
        if (const std::size_t sensitivity = sensitivities[collected_places[place]]; sensitivity != none)
            recording.sensitivities[place] = writer.write(sensitivity, recording.values);
    for (const Variable<T>& parameter : parameters)
        if (backward)
            recording.gradients.push_back(recording.sensitivities[writer.written(collected.place_of(parameter))]);
    return recording;
}

} // namespace

template <class T>
Recording record_loss(const std::function<Variable<T>()>& loss, const Parameters<T>& parameters,
                      const Parameters<T>& others)
{
    return make_recording(loss, parameters, others, false);
}

template <class T>
Recording record_gradient(const std::function<Variable<T>()>& loss, const Parameters<T>& parameters,
                          const Parameters<T>& others)
{
    return make_recording(loss, parameters, others, true);
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Recording record_loss(const std::function<Variable<T>()>&, const Parameters<T>&, const Parameters<T>&);   \
    template Recording record_gradient(const std::function<Variable<T>()>&, const Parameters<T>&, const Parameters<T>&);
XGRAD_INSTANTIATE(float)
XGRAD_INSTANTIATE(double)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
