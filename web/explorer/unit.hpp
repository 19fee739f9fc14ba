#pragma once
// Where one unit of a map comes from.

#include "message.hpp"
#include <xgrad/inspect/graph.hpp>

#include <vector>

namespace xgrad::explorer
{

/** An element of a value in a graph, and what it is made of: see Unit in web/page/src/protocol.ts.
 *  @param index    all of its axes
 *  @param padding  the pixels around the image that the value "x" has
 *  @throws ShapeError if there is no such element */
Json unit_of(const Graph& graph, std::size_t place, const std::vector<std::size_t>& index, std::size_t padding);

} // namespace xgrad::explorer
