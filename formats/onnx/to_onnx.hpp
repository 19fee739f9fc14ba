#pragma once

#include <xgrad/formats/onnx/model.hpp>
#include <xgrad/inspect/graph.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace xgrad::onnx
{

/** The names in an exported model, and the type of its numbers. */
struct ExportOptions
{
    std::string input = "images", output = "logits";
    std::vector<std::string> axes = {"N", "C", "height", "width"}; ///< names for the axes of the input that are free
    ElementType type = ElementType::float32;                       ///< or float64
    std::map<std::string, std::string> metadata = {};
};

/** The ops of a network, recorded with one input. */
struct Recording
{
    xgrad::Graph graph; ///< the forward pass; the network's output is its `loss`
    Array<double> input;
};

/** Exports a network as an ONNX model of opset 17, as it is in evaluation.
 *
 *  It is recorded with two inputs. Axes in which these differ are free in the model: most often the first one, the
 *  number of images. What does not depend on the input becomes an initializer; weights have the parameters' names, and
 *  nodes those of layers and ops, such as "c1.correlate2d". docs/onnx.md lists the ops.
 *
 *  @param network     input → output
 *  @param parameters  the weights, by name
 *  @param smaller     random numbers of a valid shape; a network of characters takes whole numbers
 *  @param larger      others. Each axis has the same extent, or a larger one if it is free
 *  @throws Error if an op has no counterpart in ONNX, or a number or a weight depends on the input's shape or values */
template <class T>
Model to_onnx(const std::function<Variable<T>(const Variable<T>&)>& network, const Parameters<T>& parameters,
              const Array<T>& smaller, const Array<T>& larger, const ExportOptions& options = {});

/** Exports recordings. The input has the name `options.input` in them. */
Model to_onnx(const Recording& smaller, const Recording& larger, const ExportOptions& options = {});

/** The names of the ops that can be exported. */
std::vector<std::string> exported_ops();

extern template Model to_onnx(const std::function<Variable<float>(const Variable<float>&)>&, const Parameters<float>&,
                              const Array<float>&, const Array<float>&, const ExportOptions&);
extern template Model to_onnx(const std::function<Variable<double>(const Variable<double>&)>&,
                              const Parameters<double>&, const Array<double>&, const Array<double>&,
                              const ExportOptions&);

} // namespace xgrad::onnx
