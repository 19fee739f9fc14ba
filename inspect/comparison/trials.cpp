#include <xgrad/base/shape.hpp>
#include <xgrad/inspect/comparison/arrangement.hpp>
#include <xgrad/inspect/comparison/trials.hpp>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

namespace xgrad::detail
{

namespace
{

std::size_t place_of(const AnyVariable& x) { return detail::origin_of(x).index; }

/** Keeps every op that is recorded, at its place on the tape. */
class Keeper final : public Observer
{
  public:
    explicit Keeper(std::vector<KeptOp>& ops) : ops_(ops) {}

    void op(OpCall& call) override
    {
        std::vector<AnyVariable> inputs; // kept alive, so that no op writes over them
        for (std::size_t i = 0; i < call.inputs(); ++i)
            inputs.push_back(call.input(i));
        call.run();
        if (call.results() == 0 || !call.result().requires_gradient())
            return;
        const std::size_t place = place_of(call.result());
        ops_.resize(std::max(ops_.size(), place + call.results()));
        const auto is_double = [](const AnyVariable& x) { return x.holds<double>(); };
        if (!is_double(call.result()) || !std::all_of(inputs.begin(), inputs.end(), is_double))
            return;
        KeptOp& kept = ops_[place];
        kept = {call.name(), Variable<double>(call.result()), {}, call.attributes()};
        for (const AnyVariable& input : inputs)
            kept.inputs.emplace_back(input);
    }

  private:
    std::vector<KeptOp>& ops_;
};

/** Calls f for each rule of a sweep whose values are kept; f may return a gradient that replaces the rule's. */
class Interceptor final : public Observer
{
  public:
    using Function = std::function<std::optional<Array<double>>(const Step&)>;

    Interceptor(const std::vector<KeptOp>& ops, Function f) : ops_(ops), f_(std::move(f)), observing_(*this) {}

    AnyVariable rule(RuleCall& call) override
    {
        if (!ops_[call.result().index].name.empty())
            if (auto wrong = f_({ops_, call}))
                return constant(std::move(*wrong));
        return call.run();
    }

  private:
    const std::vector<KeptOp>& ops_;
    Function f_;
    Observing observing_;
};

Place place_of(const Step& step) { return {step.call.result().index, step.call.position()}; }

/** A number as "the third op of that name". */
std::string ordinal(std::size_t number)
{
    const char* const words[] = {"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"};
    return number <= std::size(words) ? fmt::format("the {} op of that name", words[number - 1])
                                      : fmt::format("op {} of that name", number);
}

} // namespace

Trials::Trials(const std::function<Variable<double>()>& loss, const Parameters<double>& parameters)
    : parameters_(parameters)
{
    Keeper keeper(ops_);
    const Observing observing(keeper);
    loss_ = loss();
    find_layers();
}

bool Trials::is_recorded(const Variable<double>& value) const
{
    return detail::origin_of(value).tape == tape_.store().number();
}

Variables<double> Trials::sweep() const
{
    return tape_.gradient(loss_, parameters_, {.keep_tape = true, .unused_is_zero = true});
}

/** Gives each op its layer: "c3" for the parameter "c3.weight", or the whole name of a parameter without a dot. */
void Trials::find_layers()
{
    std::map<std::uint64_t, std::size_t> leaves;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        const std::string& name = parameters_.name(i);
        leaves[origin_of(parameters_[i]).index] = pass_.size();
        pass_.push_back({.layer = name.substr(0, name.rfind('.'))});
    }
    const auto place_in_pass = [&](const Variable<double>& input) {
        if (is_recorded(input))
            return places_[place_of(input)];
        if (input.is_leaf())
            if (const auto known = leaves.find(origin_of(input).index); known != leaves.end())
                return known->second;
        pass_.push_back({.is_constant = !input.is_leaf()});
        return pass_.size() - 1;
    };
    for (const KeptOp& op : ops_) {
        PassValue value{.op = op.name.empty() ? "unknown" : op.name};
        for (const Variable<double>& input : op.inputs)
            value.inputs.push_back(place_in_pass(input));
        if (!op.name.empty())
            value.shape = op.result.shape();
        places_.push_back(pass_.size());
        pass_.push_back(std::move(value));
    }
    layers_ = layers_of(pass_);
}

bool Trials::is_in_layer(std::size_t op, std::size_t layer) const
{
    return layer != Layers::none && layers_.of_values[places_[op]] == layer;
}

/** A value as an expression of its inputs: "sum(square(c3.weight))". */
std::string Trials::expression(const Variable<double>& value, int depth) const
{
    if (value.is_leaf())
        for (std::size_t i = 0; i < parameters_.size(); ++i)
            if (origin_of(parameters_[i]) == origin_of(value))
                return parameters_.name(i);
    if (!is_recorded(value) || depth == 0)
        return "…";
    const KeptOp& op = ops_[place_of(value)];
    std::vector<std::string> inputs;
    for (const Variable<double>& input : op.inputs)
        inputs.push_back(expression(input, depth - 1));
    return fmt::format("{}({})", op.name, fmt::join(inputs, ", "));
}

/** An op with its layer: "tanh after c3", "correlate2d of c3", "sum in the loss". */
std::string Trials::in_layer(const std::string& name, std::size_t op) const
{
    const std::size_t place = places_[op], layer = layers_.of_values[place];
    const std::vector<std::size_t>& inputs = pass_[place].inputs;
    if (layers_.names[layer] == "loss")
        return name + " in the loss";
    const bool follows = inputs.size() == 1 && layers_.of_values[inputs[0]] == layer;
    return fmt::format("{} {} {}", name, follows ? "after" : "of", layers_.names[layer]);
}

/** An op with its layer and shape: "tanh after c3, of shape (1,16,10,10)". */
std::string Trials::description(const Place& place) const
{
    const KeptOp& op = ops_[place.op];
    const bool turned =
        op.name == "correlate2d" && is_recorded(op.inputs[1]) && ops_[place_of(op.inputs[1])].name == "rot180";
    const std::string name = turned ? "conv2d" : op.name; // as the user wrote it
    const std::size_t layer = parameters_.size() > 1 ? layers_.of_values[places_[place.op]] : Layers::none;
    const std::string shape = op.result.dimension() > 0 ? ", of shape " + to_string(op.result.shape()) : "";
    std::size_t of_name = 0, of_layer = 0, number = 0;
    for (std::size_t i = 0; i < ops_.size(); ++i)
        if (ops_[i].name == op.name) {
            ++of_name;
            of_layer += is_in_layer(i, layer) ? 1 : 0;
            number = i == place.op ? of_name : number;
        }
    if (of_layer == 1)
        return in_layer(name, place.op) + shape;
    if (of_name == 1)
        return name + shape;
    return fmt::format("{}, {}{}", name, ordinal(number), shape);
}

std::vector<Trial> Trials::usual() const
{
    const std::span<const Mistake> mistakes = usual_mistakes();
    std::vector<std::vector<Place>> places_of(mistakes.size());
    {
        const Interceptor collector(ops_, [&](const Step& step) {
            auto right = step.right();
            for (std::size_t i = 0; i < mistakes.size(); ++i)
                if (const auto wrong = mistakes[i].wrong(step); wrong && !are_close(*wrong, right, 1e-12))
                    places_of[i].push_back(place_of(step));
            return std::optional(std::move(right));
        });
        sweep();
    }
    std::vector<Trial> trials;
    for (std::size_t i = 0; i < mistakes.size(); ++i) {
        const Mistake& mistake = mistakes[i];
        std::vector<Place>& places = places_of[i];
        const auto add = [&](std::function<std::string()> where, std::vector<Place> at) {
            trials.push_back(
                {[&mistake, where = std::move(where)] { return fmt::format(fmt::runtime(mistake.words), where()); },
                 mistake.section, mistake.general, std::move(at), mistake.wrong});
        };
        for (const Place& place : places)
            add(
                [this, place, &mistake] {
                    return mistake.names_input ? expression(ops_[place.op].inputs[place.input], 5) : description(place);
                },
                {place});
        while (!places.empty()) {
            const std::string& name = ops_[places.front().op].name;
            const auto rest = std::stable_partition(places.begin(), places.end(),
                                                    [&](const Place& place) { return ops_[place.op].name == name; });
            if (rest - places.begin() > 1 && !mistake.names_input)
                add([name] { return "every " + name; }, {places.begin(), rest});
            places.erase(places.begin(), rest);
        }
    }
    return trials;
}

Trial Trials::with_sensitivity(std::size_t parameter, const Array<double>& gradient) const
{
    Trial trial{[name = parameters_.name(parameter)] { return "it follows from the wrong gradient of " + name; },
                "consequence",
                false,
                {},
                [gradient](const Step&) { return std::optional(gradient); }};
    for (std::size_t i = 0; i < ops_.size(); ++i)
        if (const auto& inputs = ops_[i].inputs; ops_[i].name == "add" && inputs.size() == 2)
            for (const std::uint32_t other : {0u, 1u})
                if (origin_of(inputs[1 - other]) == origin_of(parameters_[parameter]) &&
                    inputs[other].shape() == gradient.shape())
                    trial.places.push_back({i, other});
    return trial;
}

std::size_t Trials::reader_of(std::size_t parameter) const
{
    const auto reads_it = [&](const KeptOp& op) {
        return std::any_of(op.inputs.begin(), op.inputs.end(), [&](const Variable<double>& input) {
            return origin_of(input) == origin_of(parameters_[parameter]);
        });
    };
    return static_cast<std::size_t>(std::find_if(ops_.begin(), ops_.end(), reads_it) - ops_.begin());
}

std::vector<Array<double>> Trials::gradients(const std::vector<const Trial*>& trials) const
{
    const Interceptor wrong_rules(ops_, [&](const Step& step) -> std::optional<Array<double>> {
        for (const Trial* trial : trials)
            if (std::find(trial->places.begin(), trial->places.end(), place_of(step)) != trial->places.end())
                return trial->wrong(step);
        return std::nullopt;
    });
    std::vector<Array<double>> all;
    for (const Variable<double>& gradient : sweep())
        all.push_back(gradient.value());
    return all;
}

} // namespace xgrad::detail
