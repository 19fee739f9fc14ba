#include <xgrad/base/escape.hpp>
#include <xgrad/inspect/drawing/drawing.hpp>
#include <xgrad/inspect/drawing/figure.hpp>

#include <fmt/format.h>

namespace xgrad
{

namespace
{

using detail::Figure;

std::string style_of(const Figure::Node& node)
{
    if (node.kind == Figure::Kind::constant)
        return "shape=plaintext, fillcolor=transparent, ";
    std::string style = node.kind == Figure::Kind::leaf ? "shape=ellipse, " : "";
    if (node.backward)
        style += fmt::format("color=\"#b4662a\", fillcolor=\"{}\", ", node.is_gradient ? "#f8cf9c" : "#fdf1e4");
    return style;
}

/** The lines of the nodes, layer by layer. */
std::vector<std::string> nodes_of(const Figure& figure, bool backward)
{
    std::vector<std::string> lines(figure.layers.size());
    for (std::size_t i = 0; i < figure.nodes.size(); ++i) {
        const Figure::Node& node = figure.nodes[i];
        if (node.backward == backward)
            lines[node.layer] +=
                fmt::format("{}v{} [{}label={}];\n", figure.layers[node.layer].empty() ? "    " : "        ", i,
                            style_of(node), detail::in_dot(node.text + (node.shape.empty() ? "" : "\n") + node.shape));
    }
    return lines;
}

} // namespace

std::string to_dot(const Graph& graph)
{
    const Figure figure = detail::figure_of(graph);
    std::string dot = "digraph xgrad {\n"
                      "    graph [fontname=\"sans-serif\", fontsize=12, color=\"#c8ced6\"];\n"
                      "    node [shape=box, style=filled, fontname=\"sans-serif\", fontsize=11, color=\"#3a6ea5\", "
                      "fillcolor=\"#eaf2fb\"];\n";
    std::size_t clusters = 0;
    for (const bool backward : {false, true}) {
        const std::vector<std::string> nodes = nodes_of(figure, backward);
        for (std::size_t layer = 0; layer < figure.layers.size(); ++layer)
            if (!figure.layers[layer].empty() && !nodes[layer].empty())
                dot += fmt::format("    subgraph cluster{} {{\n        label={};\n{}    }}\n", ++clusters,
                                   detail::in_dot(figure.layers[layer] + (backward ? ", backward" : "")), nodes[layer]);
            else
                dot += nodes[layer];
    }
    for (std::size_t i = 0; i < figure.nodes.size(); ++i)
        for (const std::size_t input : figure.nodes[i].inputs)
            dot += fmt::format("    v{} -> v{};\n", input, i);
    return dot + "}\n";
}

} // namespace xgrad
