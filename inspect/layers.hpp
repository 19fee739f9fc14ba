#pragma once
// The layers that the values of a computation belong to, told from the names of its parameters. Not for users: a
// graph knows its layers, see inspect/graph.hpp.

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
    std::string layer = {};               ///< of a parameter
    bool is_constant = false;             ///< neither computed nor known by a name
    std::vector<std::size_t> inputs = {}; ///< the places of what the op read, all before its own
    Shape shape = {};
};

/** The layers of a forward pass. */
struct Layers
{
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    std::vector<std::string> names;     ///< in the order in which they meet the data; "loss" is the last one
    std::vector<std::size_t> of_values; ///< the place among the names, none for what belongs to no layer
};

/** An op belongs to the layer of the parameter that feeds it, be it as it is or made into a kernel; of several to the
 *  nearest one's. Without any it belongs to the layer of the latest of its inputs, and a block's sum to that which
 *  weights it. What follows the outputs of the last layer, but for a function of each of them, belongs to "loss", a
 *  constant to the layer that reads it first. */
Layers layers_of(const std::vector<PassValue>& pass);

/** Sets the layers of a graph: forward as above, backward that of the value whose sensitivity is computed. */
void set_layers(Graph& graph);

} // namespace detail

} // namespace xgrad
