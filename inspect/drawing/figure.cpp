#include <xgrad/base/shape.hpp>
#include <xgrad/inspect/drawing/figure.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace xgrad::detail
{

namespace
{

constexpr std::size_t none = Graph::none;

bool is_constant(const GraphValue& value) { return value.op.empty() && value.name.empty(); }

/** The layers of the forward pass. */
class ForwardLayers
{
  public:
    ForwardLayers(const Graph& graph, std::vector<std::string>& layers)
        : values_(graph.values),
          forward_(graph.forward),
          layers_(layers),
          of_parameters_(forward_),
          of_constants_(forward_)
    {
        std::vector<bool> is_of_layer(forward_);
        for (std::size_t place = 0; place < forward_; ++place)
            is_of_layer[place] = assign(place);
        const bool has_layers =
            std::any_of(layers_.begin(), layers_.end(), [](const auto& name) { return name != ""; });
        if (has_layers)
            find_loss(std::move(is_of_layer));
        for (std::size_t place = forward_; place-- > 0;)
            for (const std::size_t input : values_[place].inputs)
                if (of_constants_[input])
                    layers_[input] = layers_[place]; // that it is first used in
    }

  private:
    /** True if it is a layer's by a parameter. */
    bool assign(std::size_t place)
    {
        const GraphValue& value = values_[place];
        of_constants_[place] =
            is_constant(value) || (!value.op.empty() && std::all_of(value.inputs.begin(), value.inputs.end(),
                                                                    [&](std::size_t i) { return of_constants_[i]; }));
        if (value.op.empty()) {
            const std::size_t dot = value.name.rfind('.');
            of_parameters_[place] = dot != std::string::npos;
            layers_[place] = of_parameters_[place] ? value.name.substr(0, dot) : "";
            return true;
        }
        std::size_t parameter = none, latest = none;
        bool all_of_parameters = true;
        for (const std::size_t input : value.inputs) {
            if (of_parameters_[input] && (values_[input].op.empty() || values_[input].value.dimension() > 0))
                parameter = input; // a number that was made of a parameter is a penalty
            if (!values_[input].op.empty() && !of_constants_[input] && (latest == none || input > latest))
                latest = input;
            all_of_parameters = all_of_parameters && (of_parameters_[input] || of_constants_[input]);
        }
        of_parameters_[place] = all_of_parameters && (parameter != none || latest != none);
        if (parameter != none || latest != none)
            layers_[place] = layers_[parameter != none ? parameter : latest];
        return parameter != none;
    }

    /** What leads to the loss and to no layer, but for what squashes the last layer's outputs. */
    void find_loss(std::vector<bool> is_of_layer)
    {
        std::vector<std::size_t> uses(forward_);
        for (std::size_t place = forward_; place-- > 0;)
            for (const std::size_t input : values_[place].inputs) {
                ++uses[input];
                if (is_of_layer[place])
                    is_of_layer[input] = true;
            }
        for (std::size_t place = 0; place < forward_; ++place) {
            const std::vector<std::size_t>& inputs = values_[place].inputs;
            const auto squashes = [&](std::size_t input) {
                return inputs.size() == 1 && uses[input] == 1 &&
                       values_[input].value.shape() == values_[place].value.shape();
            };
            if (!is_of_layer[place])
                is_of_layer[place] = !inputs.empty() && is_of_layer[inputs[0]] && squashes(inputs[0]);
            if (!is_of_layer[place])
                layers_[place] = "loss";
        }
    }

    const std::vector<GraphValue>& values_;
    std::size_t forward_;
    std::vector<std::string>& layers_;
    std::vector<bool> of_parameters_, of_constants_; // made of nothing else
};

/** Whether an op only gave its input another shape. */
bool changes_only_shape(const Graph& graph, std::size_t place)
{
    const GraphValue& value = graph.values[place];
    if (value.inputs.size() != 1)
        return false;
    const Array<double>& input = graph.values[value.inputs[0]].value;
    return value.value.shape() != input.shape() && value.value.size() == input.size() &&
           std::equal(value.value.begin(), value.value.end(), input.begin());
}

std::string text_of(const GraphValue& value)
{
    if (!is_constant(value))
        return value.op.empty() ? value.name : value.op;
    return value.value.size() == 1 ? fmt::format("{:.4g}", *value.value.begin()) : "constant";
}

/** The layers' names after the empty one, in the order in which what is not made of parameters alone comes to them. */
std::vector<std::string> in_order(const Graph& graph, const std::vector<std::string>& layers)
{
    std::vector<std::string> names(1);
    std::vector<bool> is_of_data(graph.forward);
    for (const bool of_data : {true, false})
        for (std::size_t place = 0; place < graph.forward; ++place) {
            const GraphValue& value = graph.values[place];
            is_of_data[place] = value.op.empty() ? value.name.find('.') == std::string::npos
                                                 : std::any_of(value.inputs.begin(), value.inputs.end(),
                                                               [&](std::size_t i) { return is_of_data[i]; });
            const bool counts = !of_data || (is_of_data[place] && !value.op.empty());
            if (counts && std::find(names.begin(), names.end(), layers[place]) == names.end())
                names.push_back(layers[place]);
        }
    return names;
}

} // namespace

std::vector<std::string> layers_of(const Graph& graph)
{
    const std::vector<GraphValue>& values = graph.values;
    const std::size_t forward = graph.forward;
    std::vector<std::string> layers(values.size());
    ForwardLayers(graph, layers);
    std::vector<bool> is_sensitivity(values.size());
    for (std::size_t place = 0; place < forward; ++place)
        if (const std::size_t sensitivity = graph.sensitivities[place]; sensitivity != none && sensitivity >= forward) {
            is_sensitivity[sensitivity] = true;
            layers[sensitivity] = layers[place];
        }
    for (std::size_t place = values.size(); place-- > forward;) // the rest is of the layer that it is first used in
        for (const std::size_t input : values[place].inputs)
            if (input >= forward && !is_sensitivity[input])
                layers[input] = layers[place];
    return layers;
}

Figure figure_of(const Graph& graph)
{
    const std::vector<std::string> layers = layers_of(graph);
    Figure figure{{}, in_order(graph, layers)};
    std::vector<std::size_t> drawn(graph.values.size()); // the node that stands for a value
    for (std::size_t place = 0; place < graph.values.size(); ++place) {
        const GraphValue& value = graph.values[place];
        if (changes_only_shape(graph, place)) {
            drawn[place] = drawn[value.inputs[0]];
            continue;
        }
        drawn[place] = figure.nodes.size();
        const auto layer = std::find(figure.layers.begin(), figure.layers.end(), layers[place]);
        Figure::Node node{.kind = is_constant(value) ? Figure::Kind::constant
                                  : value.op.empty() ? Figure::Kind::leaf
                                                     : Figure::Kind::op,
                          .backward = place >= graph.forward,
                          .is_gradient = false,
                          .layer = static_cast<std::size_t>(layer - figure.layers.begin()),
                          .text = text_of(value),
                          .shape = is_constant(value) && value.value.size() == 1 ? "" : to_string(value.value.shape())};
        for (const std::size_t input : value.inputs)
            node.inputs.push_back(drawn[input]);
        figure.nodes.push_back(std::move(node));
    }
    for (std::size_t place = graph.forward; place-- > 0;) {
        const std::string& name = graph.values[place].name;
        if (const std::size_t gradient = graph.sensitivities[place]; gradient != none && !name.empty()) {
            Figure::Node& node = figure.nodes[drawn[gradient]];
            node.text = fmt::format("∂E/∂{} = {}", name, node.text);
            node.shape = to_string(graph.values[place].value.shape()); // a reshape to it is not drawn
            node.is_gradient = true;
        }
    }
    return figure;
}

} // namespace xgrad::detail
