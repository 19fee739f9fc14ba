#pragma once
// What a computation did, value by value, forward and backward: what the written derivation and the drawings read.

#include <xgrad/graph/observer.hpp>
#include <xgrad/graph/parameters.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace xgrad
{

/** A value in a graph: a leaf, a constant, or what an op made of earlier ones. */
struct GraphValue
{
    std::string op = {};                              ///< "correlate2d", …; empty for a leaf and for a constant
    std::string name = {};                            ///< of a parameter or of another value that was given one
    std::vector<std::size_t> inputs = {};             ///< the places of what the op read, in its order
    Attributes attributes = {};                       ///< facts that the op tells of itself
    Array<double> value = {};                         ///< whatever the scalar type was that it was computed in
    std::size_t layer = static_cast<std::size_t>(-1); ///< that it belongs to, in Graph::layers; Graph::none for none
};

/** A loss and, if it was asked for, its gradients. What neither of them needed is left out; the order of the values
 *  follows from the graph alone. */
struct Graph
{
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    std::vector<GraphValue> values;         ///< each one after its inputs; first what the loss is made of
    std::size_t forward = 0;                ///< the number of those; what follows is the sweep, from the loss on
    std::size_t loss = none;                ///< the place of the loss
    std::vector<std::size_t> gradients;     ///< the places of the gradients of the parameters, in their order
    std::vector<std::size_t> sensitivities; ///< for each forward value the place of ∂E/∂value, summed over all of its
                                            ///< uses; none if the sweep did not need it
    std::vector<std::string> layers; ///< "c1" of the parameter "c1.weight", …, in the order in which they meet
                                     ///< the data; "loss" for what follows them
};

/** The forward pass alone.
 *  @param loss        () → scalar, or any other result
 *  @param parameters  leaves, by name
 *  @param others      further leaves that are to have a name, such as the images "x" */
template <class T>
Graph graph_of_loss(const std::function<Variable<T>()>& loss, const Parameters<T>& parameters,
                    const Parameters<T>& others = {});

/** The forward pass, and the sweep that gives ∂loss/∂parameter for each parameter: its rules are ops, too.
 *  @throws GraphError if the loss is no scalar, or does not depend on one of the parameters */
template <class T>
Graph graph_of_gradient(const std::function<Variable<T>()>& loss, const Parameters<T>& parameters,
                        const Parameters<T>& others = {});

#define XGRAD_DECLARE(T)                                                                                               \
    extern template Graph graph_of_loss(const std::function<Variable<T>()>&, const Parameters<T>&,                     \
                                        const Parameters<T>&);                                                         \
    extern template Graph graph_of_gradient(const std::function<Variable<T>()>&, const Parameters<T>&,                 \
                                            const Parameters<T>&);
XGRAD_DECLARE(float)
XGRAD_DECLARE(double)
#undef XGRAD_DECLARE

} // namespace xgrad
