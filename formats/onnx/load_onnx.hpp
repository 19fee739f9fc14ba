#pragma once

#include <xgrad/formats/onnx/model.hpp>
#include <xgrad/graph/parameters.hpp>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace xgrad
{

/** A network that was read from an ONNX file: its weights, and a function of variables. */
template <class T>
class OnnxNetwork
{
  public:
    /** The floating-point initializers of the graph, by their names: weights, but neither single numbers of shape (),
     *  nor bounds of Clip, values of Pad and sizes of Resize. */
    Parameters<T> parameters;
    /** The running means and variances of BatchNormalization. They are not learned by gradients. */
    Parameters<T> state;

    /** The names of the inputs, without the initializers, and of the outputs. */
    const std::vector<std::string>& inputs() const { return inputs_; }
    const std::vector<std::string>& outputs() const { return outputs_; }

    /** The file as it is. */
    const onnx::Model& model() const { return *model_; }

    /** Sees each output of a node that has real numbers, with its name, as soon as it is there, and may replace it. */
    using Watch = std::function<void(const onnx::Node& node, const std::string& name, Variable<T>& value)>;

    /** The outputs for inputs of these names, recorded by the tapes of this thread like any other function of
     * variables. An input that the file declares to be of whole numbers or truth values takes them as such. What has
     * the name of a weight is taken in its place.
     *  @throws DataError if an input is missing, a name is unknown, or the file has an op that xgrad does not have;
     * ShapeError from ops */
    std::map<std::string, Variable<T>> operator()(const std::map<std::string, Variable<T>>& given,
                                                  const Watch& watch = {}) const;

    /** The only output for the only input. @throws DataError if there are more */
    Variable<T> operator()(const Variable<T>& x, const Watch& watch = {}) const;

    explicit OnnxNetwork(onnx::Model model);

  private:
    std::shared_ptr<const onnx::Model> model_;
    std::map<std::string, Variable<T>> constants_; // the other floating-point initializers
    std::vector<std::string> inputs_, outputs_;
};

/** Reads a network: opsets 7 to 17. docs/onnx.md lists the ops.
 *  @throws DataError if the file is missing or damaged, if a node reads what no node before it makes, or has an op that
 *          xgrad does not have */
template <class T>
OnnxNetwork<T> load_onnx(const std::filesystem::path& path);

} // namespace xgrad
