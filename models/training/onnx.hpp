#pragma once

#include <xgrad/formats/onnx/model.hpp>
#include <xgrad/models/training/classifier.hpp>

namespace xgrad
{

/** Exports a classifier as an ONNX model, as it is in evaluation.
 *
 *  Its input "images" is what the network reads: prepared images (N, 1, H, W), or the numbers of characters (N, L). Its
 *  output "logits" is what the network returns: (N, classes), (N, classes, H, W) or (N, classes, L). N is free, and for
 *  a network that labels pixels height and width are, too. The metadata tell the model, its options, and the
 *  preparation: "background" and "foreground" are the numbers of black and white, and "padding" is the number of rows
 *  and columns of background on each side.
 *
 *  @throws Error if an op has no counterpart in ONNX */
onnx::Model to_onnx(const Classifier& classifier);

} // namespace xgrad
