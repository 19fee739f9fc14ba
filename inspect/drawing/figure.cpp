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

/** Returns whether an op only gave its input another shape. */
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

} // namespace

Figure figure_of(const Graph& graph)
{
    Figure figure{{}, {""}};
    figure.layers.insert(figure.layers.end(), graph.layers.begin(), graph.layers.end());
    std::vector<std::size_t> drawn(graph.values.size()); // the node of each value
    for (std::size_t place = 0; place < graph.values.size(); ++place) {
        const GraphValue& value = graph.values[place];
        if (changes_only_shape(graph, place)) {
            drawn[place] = drawn[value.inputs[0]];
            continue;
        }
        drawn[place] = figure.nodes.size();
        Figure::Node node{.kind = is_constant(value) ? Figure::Kind::constant
                                  : value.op.empty() ? Figure::Kind::leaf
                                                     : Figure::Kind::op,
                          .backward = place >= graph.forward,
                          .is_gradient = false,
                          .layer = value.layer == none ? 0 : value.layer + 1,
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
            node.shape = to_string(graph.values[place].value.shape()); // as a reshape to it is not drawn
            node.is_gradient = true;
        }
    }
    return figure;
}

} // namespace xgrad::detail
