#pragma once
// What is drawn of a graph, whatever the format.

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
        std::string text, shape; // the shape of a single number is left out
        std::vector<std::size_t> inputs = {};
    };

    std::vector<Node> nodes;
    std::vector<std::string> layers; // the first one has no name: it holds what belongs to no layer
};

/** Ops that change nothing but the shape are left out. */
Figure figure_of(const Graph& graph);

} // namespace xgrad::detail
