#pragma once
// The graph of a computation, value by value, forward and backward. The written derivation and the drawings read it.

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
    std::string op = {};                  ///< "correlate2d", …; empty for a leaf and for a constant
    std::string name = {};                ///< the name of a parameter or of another value that was given one
    std::vector<std::size_t> inputs = {}; ///< the places of the values that the op read, in its order
    Attributes attributes = {};           ///< the facts that the op tells about itself
    std::size_t result = 0;               ///< the number of the value among the results of its op
    Array<double> value = {};             ///< the value, whichever scalar type it was computed in
    std::size_t layer = static_cast<std::size_t>(-1); ///< the place of its layer in Graph::layers, or none
};

/** A rule that ran in the sweep. */
struct GraphRule
{
    std::size_t result = 0;   ///< the place of the op's result
    std::size_t input = 0;    ///< the place of the input whose gradient the rule gives
    std::size_t position = 0; ///< the number of that input among the op's inputs
    std::size_t gradient = 0; ///< the place of what the rule gave: a term of the input's sensitivity
};

/** The graph of a loss and, if asked for, of its gradients. It has no value that neither needed. The order of the
 *  values follows from the graph alone. */
struct Graph
{
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    std::vector<GraphValue> values; ///< the values, each after its inputs; first the forward ones, which make the loss
    std::size_t forward = 0;        ///< the number of forward values; the sweep follows, from the loss on
    std::size_t loss = none;        ///< the place of the loss
    std::vector<std::size_t> gradients;     ///< the places of the gradients of the parameters, in their order
    std::vector<std::size_t> sensitivities; ///< the place of each forward value's ∂E/∂value, summed over all of its
                                            ///< uses; none if the sweep did not need it
    std::vector<GraphRule> rules;           ///< the rules in the order in which they ran
    std::vector<std::string> layers; ///< the layers, "c1" for the parameter "c1.weight", …, in the order in which
                                     ///< they meet the data; "loss" for what follows them
};

/** The graph of the forward pass alone.
 *  @param loss        () → scalar, or any other result
 *  @param parameters  the leaves, by name
 *  @param others      further leaves that get a name, such as the images "x" */
template <class T>
Graph graph_of_loss(const std::function<Variable<T>()>& loss, const Parameters<T>& parameters,
                    const Parameters<T>& others = {});

/** The graph of the forward pass and of the sweep that computes ∂loss/∂parameter for each parameter: rules are ops,
 *  too.
 *  @throws GraphError if the loss is not a scalar, or does not depend on one of the parameters */
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
