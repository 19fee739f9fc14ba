#pragma once
// The network that the page looks at.

#include "message.hpp"
#include <xgrad/inspect/graph.hpp>
#include <xgrad/models/training/classifier.hpp>

#include <optional>
#include <string>

namespace xgrad::explorer
{

/** Models with their options. */
Json models();

/** A network as the page is told of it. */
Json described(const Classifier& classifier);

/** A grey image as a network reads it.
 *  @param image  (height, width), 0 black to 255 white
 *  @throws ShapeError unless it has the size that the network takes */
Array<float> prepared(const Classifier& classifier, const Array<double>& image);

/** The outputs for an image, and the probability of each class: by softmax, or for a network that learns by squared
 *  error the outputs, cut to 0 … 1. */
Json prediction(const Classifier& classifier, const Array<float>& image);

/** The subject of the gradients: the loss for a label, or the output of a class. */
struct Aim
{
    std::int32_t label = 0;
    std::optional<std::size_t> score = {};
};

/** The graph of one forward and one backward pass, with the gradient of the image, whose name is "x". */
Graph recorded(const Classifier& classifier, const Array<float>& image, const Aim& aim);

/** The classifier of a checkpoint in memory. @throws DataError if it is none */
Classifier read_checkpoint(std::string_view bytes);
/** The bytes of a checkpoint. */
std::string checkpoint_of(const Classifier& classifier);
/** The bytes of an ONNX file. */
std::string onnx_of(const Classifier& classifier);

} // namespace xgrad::explorer
