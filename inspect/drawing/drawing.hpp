#pragma once

#include <xgrad/inspect/graph.hpp>

#include <string>

namespace xgrad
{

/** A graph as a digraph in Graphviz' DOT language; `dot -Tsvg` renders it.
 *
 *  A box is an op with the shape of its result, an ellipse is a leaf. An arrow goes from an input to the op that read
 *  it. Each layer is a cluster, and its backward pass is another one in another colour. A layer's name is the part
 *  before the dot in the names of its parameters. Ops that change only the shape are left out. */
std::string to_dot(const Graph& graph);

/** The same graph as an SVG picture, with a title and a legend: forward from top to bottom, backward beside it from
 *  bottom to top. Its colours follow the light or dark scheme of the page. */
std::string to_svg(const Graph& graph);

} // namespace xgrad
