#pragma once
// A backward pass as a list of steps. Each step is a formula that can be looked at, timed or replaced.

#include "tensor.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace oracles
{

/** Tensors by name. "c3.input" is the input of layer C3, "c3.u" its value before the activation, "c3.weight" and
 *  "c3.bias" are its parameters; "f7.output" is the output of the last layer. A gradient has the name of the value that
 *  it belongs to: that of "c3.u" is C3's sensitivity δ(u). */
using Tensors = std::map<std::string, Tensor>;

/** A step of a backward pass: one gradient. */
struct Step
{
    /** Computes a gradient from the values of the forward pass and the gradients of the steps before. */
    using Compute = std::function<Tensor(const Tensors& values, const Tensors& delta)>;
    /** Joins the gradients of the samples to the gradient of their mean error. */
    using Join = std::function<Tensor(const std::vector<Tensor>&)>;

    std::string name;    ///< the name of the gradient: "c3.weight"
    std::string formula; ///< "H-C3.2"
    Compute compute;     ///< the computation for one sample
    Join join = {};      ///< empty: the mean for a parameter (B24), the shares of the samples for other values
};

using Steps = std::vector<Step>;

/** Returns whether a name is that of a parameter: inputs, u and outputs belong to a sample. */
bool is_parameter(const std::string& name);

/** The gradients of one sample. */
Tensors run(const Steps& steps, const Tensors& values);

/** The shares of the samples in the gradient of their mean error, along a new first axis: each divided by their number.
 */
Tensor shares(const std::vector<Tensor>& of_samples);

/** The gradient of the samples' mean error for a step, from the gradients of the samples. */
Tensor joined(const Step& step, const std::vector<Tensor>& of_samples);

} // namespace oracles
