#pragma once
// The parts of a graph that are drawn, in whichever format.

#include <xgrad/inspect/graph.hpp>

#include <string>
#include <vector>

namespace xgrad::detail
{

/** The nodes of a drawing, each one after its inputs, and the layers that they belong to. */
struct Figure
{
    enum class Kind
    {
        op,
        leaf,
        constant
    };
    struct Node
    {
        Kind kind;
        bool backward, is_gradient;
        std::size_t layer;       // among the layers
        std::string text, shape; // a single number has no shape
        std::vector<std::size_t> inputs = {};
    };

    std::vector<Node> nodes;
    std::vector<std::string> layers; // the first one has no name and holds what belongs to no layer
};

/** The figure of a graph, without the ops that change only the shape. */
Figure figure_of(const Graph& graph);

} // namespace xgrad::detail
