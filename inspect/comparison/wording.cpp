#include <xgrad/base/shape.hpp>
#include <xgrad/inspect/comparison/wording.hpp>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <map>

namespace xgrad::detail
{

namespace
{

std::size_t place_of(const AnyVariable& x) { return detail::origin_of(x).index; }

/** A number as "the third op of that name". */
std::string ordinal(std::size_t number)
{
    const char* const words[] = {"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"};
    return number <= std::size(words) ? fmt::format("the {} op of that name", words[number - 1])
                                      : fmt::format("op {} of that name", number);
}

} // namespace

/** Gives each op its layer: "c3" for the parameter "c3.weight", or the whole name of a parameter without a dot. */
Wording::Wording(const Trials& trials) : trials_(trials)
{
    const Parameters<double>& parameters = trials.parameters();
    std::map<std::uint64_t, std::size_t> leaves;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const std::string& name = parameters.name(i);
        leaves[place_of(parameters[i])] = pass_.size();
        pass_.push_back({.layer = name.substr(0, name.rfind('.'))});
    }
    const auto place_in_pass = [&](const Variable<double>& input) {
        if (trials.is_recorded(input))
            return places_[place_of(input)];
        if (input.is_leaf())
            if (const auto known = leaves.find(place_of(input)); known != leaves.end())
                return known->second;
        pass_.push_back({.is_constant = !input.is_leaf()});
        return pass_.size() - 1;
    };
    for (const KeptOp& op : trials.ops()) {
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

bool Wording::is_in_layer(std::size_t op, std::size_t layer) const
{
    return layer != Layers::none && layers_.of_values[places_[op]] == layer;
}

bool Wording::is_in_loss(std::size_t op) const
{
    const std::size_t layer = layers_.of_values[places_[op]];
    return layer != Layers::none && layers_.names[layer] == "loss";
}

std::string Wording::layer(std::size_t op) const
{
    const std::size_t place = places_[op], layer = layers_.of_values[place];
    if (layer == Layers::none)
        return "";
    if (layers_.names[layer] == "loss")
        return "in the loss";
    const std::vector<std::size_t>& inputs = pass_[place].inputs;
    const bool follows = inputs.size() == 1 && layers_.of_values[inputs[0]] == layer;
    return fmt::format("{} {}", follows ? "after" : "of", layers_.names[layer]);
}

/** The op's name as the user wrote it. */
std::string Wording::name(std::size_t place) const
{
    const KeptOp& op = trials_.ops()[place];
    const bool turned = op.name == "correlate2d" && trials_.is_recorded(op.inputs[1]) &&
                        trials_.ops()[place_of(op.inputs[1])].name == "rot180";
    return turned ? "conv2d" : op.name;
}

std::string Wording::description(std::size_t place) const
{
    const std::vector<KeptOp>& ops = trials_.ops();
    const KeptOp& op = ops[place];
    if (op.name.empty())
        return "an op of another scalar type";
    const std::size_t layer = trials_.parameters().size() > 1 ? layers_.of_values[places_[place]] : Layers::none;
    const std::string shape = op.result.dimension() > 0 ? ", of shape " + to_string(op.result.shape()) : "";
    std::size_t of_name = 0, of_layer = 0, number = 0;
    for (std::size_t i = 0; i < ops.size(); ++i)
        if (ops[i].name == op.name) {
            ++of_name;
            of_layer += is_in_layer(i, layer) ? 1 : 0;
            number = i == place ? of_name : number;
        }
    if (of_layer == 1)
        return fmt::format("{} {}{}", name(place), this->layer(place), shape);
    if (of_name == 1)
        return name(place) + shape;
    return fmt::format("{}, {}{}", name(place), ordinal(number), shape);
}

std::string Wording::value(const Variable<double>& value) const
{
    return trials_.is_recorded(value) ? description(place_of(value)) : expression(value);
}

std::string Wording::expression(const Variable<double>& value, int depth) const
{
    const Parameters<double>& parameters = trials_.parameters();
    if (value.is_leaf())
        for (std::size_t i = 0; i < parameters.size(); ++i)
            if (trials_.is_parameter(value, i))
                return parameters.name(i);
    if (!trials_.is_recorded(value) || depth == 0)
        return "…";
    const KeptOp& op = trials_.ops()[place_of(value)];
    std::vector<std::string> inputs;
    for (const Variable<double>& input : op.inputs)
        inputs.push_back(expression(input, depth - 1));
    return fmt::format("{}({})", op.name.empty() ? "…" : op.name, fmt::join(inputs, ", "));
}

} // namespace xgrad::detail
