#pragma once

#include <xgrad/formats/onnx/model.hpp>
#include <xgrad/models/training/checkpoint.hpp>
#include <xgrad/models/training/classifier.hpp>

#include <filesystem>
#include <string>
#include <string_view>

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

/** The name of the model that is made of an ONNX file. */
constexpr const char* onnx_model = "onnx";

/** True if a file's name ends as those of ONNX files do. */
bool is_onnx(const std::filesystem::path& path);

/** A checkpoint from a network of an ONNX file, whoever wrote it: load_classifier makes a classifier of it that can be
 *  evaluated, trained and exported again.
 *
 *  Its model is "onnx", whose choice "graph" holds the file without its weights; these are the tensors. The network has
 *  one input and one output (N, classes). The input is (N, C, H, W), (N, H, W, C) with C = 1 or 3, (N, H, W), or
 *  (N, features), which are the pixels row by row. If N is a number, as many images go through it at a time. A Softmax
 *  at the end is left to the loss. If it is a file of `to_onnx`, loss, images and training options are those of the
 *  network that was exported.
 *
 *  @param choices  further options of the model, see `onnx_options`
 *  @throws DataError if the file cannot be read, has no such input and output, or an op that xgrad does not have */
Checkpoint load_onnx_checkpoint(const std::filesystem::path& path, const Choices& choices = {});
/** @param bytes  the file  @param name  its name, for errors */
Checkpoint load_onnx_checkpoint(std::string_view bytes, const std::string& name, const Choices& choices = {});

struct Architecture;
namespace detail::networks
{
/** The architecture "onnx", which is made of files alone. */
const Architecture& onnx();
} // namespace detail::networks

} // namespace xgrad
