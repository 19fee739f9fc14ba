#pragma once
// A backward pass as a list of steps, each a formula, so that one of them can be looked at, timed or replaced.

#include "tensor.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace oracles
{

/** By name. Of the layer C3 "c3.input" is what it reads, "c3.u" what it makes of that before the activation,
 * "c3.weight" and "c3.bias" are its parameters; of the last layer "f7.output" is what comes out. Gradients have the
 * names of what they are with respect to: that of "c3.u" is C3's sensitivity δ(u). */
using Tensors = std::map<std::string, Tensor>;

/** A step of a backward pass: one gradient. */
struct Step
{
    /** From the values of the forward pass, and the gradients that the steps before have found. */
    using Compute = std::function<Tensor(const Tensors& values, const Tensors& delta)>;
    /** From those of the samples, the gradient of their mean error. */
    using Join = std::function<Tensor(const std::vector<Tensor>&)>;

    std::string name;    ///< of the gradient: "c3.weight"
    std::string formula; ///< "H-C3.2"
    Compute compute;     ///< for one sample
    Join join = {};      ///< if empty: the mean for a parameter (B24), each sample's share for what is the sample's own
};

using Steps = std::vector<Step>;

/** Whether a name is that of a parameter: a sample has an input, a u and an output of its own. */
bool is_parameter(const std::string& name);

/** The gradients of one sample. */
Tensors run(const Steps& steps, const Tensors& values);

/** Along a new first axis, each divided by their number: what samples have in the gradient of their mean error. */
Tensor shares(const std::vector<Tensor>& of_samples);

/** One gradient of the mean error of samples, from those of the samples. */
Tensor joined(const Step& step, const std::vector<Tensor>& of_samples);

} // namespace oracles
