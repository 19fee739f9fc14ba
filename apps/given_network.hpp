#pragma once
// The network of a file whose gradients somebody derived by hand, elsewhere.

#include "command.hpp"
#include "handwritten.hpp"
#include <xgrad/formats/onnx/model.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace xgrad::command
{

/** The losses by name. Each is a mean over the samples. */
std::vector<std::string> loss_names();

/** The network of a checkpoint or of an ONNX file, or a new one of a name, in double. It has no steps: its gradients
 * are those of a file. Its values have the names of the values in ONNX, "c1.correlate2d". A Softmax at the end is part
 * of the loss softmax-cross-entropy.
 *
 *  @param model  with its file read
 *  @param loss   one of loss_names() */
Handwritten given_network(const ModelArguments& model, const std::string& loss, std::uint64_t seed);

/** The model in ONNX; of a model that is named, with new weights. */
onnx::Model onnx_of(const ModelArguments& model, std::uint64_t seed);

} // namespace xgrad::command
