#pragma once
// The layers of the values of a computation, found by the names of its parameters. Not for users: a graph knows its
// layers, see inspect/graph.hpp.

#include <xgrad/base/shape.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace xgrad
{

struct Graph;

namespace detail
{

/** A value of a forward pass, as far as layers depend on it. */
struct PassValue
{
    std::string op = {};                  ///< empty for a leaf and for a constant
    std::string layer = {};               ///< the layer of a parameter
    bool is_constant = false;             ///< true if it is neither computed nor known by a name
    std::vector<std::size_t> inputs = {}; ///< the places of the values that the op read, all before its own
    Shape shape = {};
};

/** The layers of a forward pass. */
struct Layers
{
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    std::vector<std::string> names;     ///< the layers in the order in which they meet the data; "loss" is the last one
    std::vector<std::size_t> of_values; ///< each value's layer as a place in `names`; none if it belongs to no layer
};

/** The layers of a pass. An op belongs to the layer of the parameter that feeds it, directly or made into a kernel; if
 *  there are several, to that of the nearest one. An op without a parameter belongs to the layer of its latest input. A
 *  block's sum belongs to the layer that weights it, a constant to the layer that reads it first. What follows the
 *  outputs of the last layer, except a function of each of them, belongs to "loss". */
Layers layers_of(const std::vector<PassValue>& pass);

/** Sets the layers of a graph. A forward value has its layer by layers_of, a backward one that of the value whose
 *  sensitivity is computed. */
void set_layers(Graph& graph);

} // namespace detail

} // namespace xgrad
