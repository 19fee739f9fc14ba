#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/formats/onnx/call.hpp>
#include <xgrad/formats/onnx/load_onnx.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace xgrad
{

namespace
{

/** The values of a graph that are known so far. */
template <class T>
using Values = std::map<std::string, onnx::Operand<T>>;

template <class T>
onnx::Operands<T> outputs_of(const onnx::Node& node, const Values<T>& values, std::int64_t opset)
{
    onnx::Call<T> call{node, opset, {}};
    for (const std::string& name : node.inputs) {
        const auto found = values.find(name);
        if (found == values.end() && !name.empty())
            throw DataError(fmt::format("[onnx] {} reads '{}', which nothing before it makes", to_string(node), name));
        call.inputs.push_back(name.empty() ? onnx::Operand<T>() : found->second);
    }
    return onnx::evaluate(call);
}

/** The part that an initializer plays in a network. */
enum class Part
{
    weight,
    statistic, ///< a running mean or variance
    setting    ///< a number that belongs to the op
};

/** The part of a node's input. */
Part part_of(const onnx::Node& node, std::size_t input)
{
    constexpr std::size_t weights_of_normalization = 3; // x, scale and bias; mean and variance follow
    if (node.op == "BatchNormalization")
        return input < weights_of_normalization ? Part::weight : Part::statistic;
    const bool has_settings =
        node.op == "Clip" || node.op == "Pad" || node.op == "Resize" || node.op == "Upsample" || node.op == "Dropout";
    return has_settings && input > 0 ? Part::setting : Part::weight;
}

/** The parts of what the nodes read. */
std::map<std::string, Part> parts_of(const onnx::Graph& graph)
{
    std::map<std::string, Part> parts;
    for (const onnx::Node& node : graph.nodes)
        for (std::size_t i = 0; i < node.inputs.size(); ++i)
            parts.emplace(node.inputs[i], part_of(node, i));
    return parts;
}

} // namespace

template <class T>
OnnxNetwork<T>::OnnxNetwork(onnx::Model model) : model_(std::make_shared<const onnx::Model>(std::move(model)))
{
    const onnx::Graph& graph = model_->graph;
    const std::map<std::string, Part> parts = parts_of(graph);
    for (const auto& [name, tensor] : graph.initializers) {
        if (!tensor.is_read() || !onnx::is_real(tensor.array().type()))
            continue;
        const auto found = parts.find(name);
        const Part part = found == parts.end() || tensor.array().shape().empty() ? Part::setting : found->second;
        const Array<T> values = tensor.array().template as<T>();
        if (part == Part::setting)
            constants_[name] = constant(values);
        else
            (part == Part::weight ? parameters : state).add(name, variable(values));
    }
    for (const onnx::Value& input : graph.inputs)
        if (graph.find(input.name) == nullptr)
            inputs_.push_back(input.name);
    for (const onnx::Value& output : graph.outputs)
        outputs_.push_back(output.name);
}

template <class T>
std::map<std::string, Variable<T>> OnnxNetwork<T>::operator()(const std::map<std::string, Variable<T>>& given,
                                                              const Watch& watch) const
{
    const onnx::Graph& graph = model_->graph;
    Values<T> values;
    for (const auto& [name, tensor] : graph.initializers)
        if (tensor.is_read() && !onnx::is_real(tensor.array().type()))
            values[name] = tensor.array();
    for (const auto& [name, value] : constants_)
        values[name] = value;
    for (const Parameters<T>* const list : {&parameters, &state})
        for (std::size_t i = 0; i < list->size(); ++i)
            values[list->name(i)] = (*list)[i];
    for (const auto& [name, value] : given)
        if (values.contains(name))
            values[name] = value;
        else if (std::find(inputs_.begin(), inputs_.end(), name) == inputs_.end())
            throw DataError(fmt::format("[onnx] the network has neither an input nor a weight '{}'; its inputs: {}",
                                        printable(name), printable(fmt::to_string(fmt::join(inputs_, ", ")))));
    for (const onnx::Value& input : graph.inputs) {
        const auto found = given.find(input.name);
        if (found == given.end()) {
            if (!values.contains(input.name))
                throw DataError(fmt::format("[onnx] the network's input '{}' is not given", input.name));
        } else if (input.type && !onnx::is_real(*input.type)) {
            values[input.name] = {onnx::as_whole(found->second.value()), *input.type};
        } else {
            values[input.name] = found->second;
        }
    }
    for (const onnx::Node& node : graph.nodes) {
        onnx::Operands<T> results = outputs_of(node, values, model_->opset);
        for (std::size_t i = 0; i < node.outputs.size(); ++i) {
            if (node.outputs[i].empty())
                continue;
            if (i >= results.size() || !results[i].is_there())
                throw DataError(fmt::format("[onnx] {} has an output '{}' that xgrad does not compute", to_string(node),
                                            node.outputs[i]));
            if (watch && !results[i].is_whole())
                watch(node, node.outputs[i], results[i].real);
            values[node.outputs[i]] = std::move(results[i]);
        }
    }
    std::map<std::string, Variable<T>> results;
    for (const std::string& name : outputs_) {
        const auto found = values.find(name);
        if (found == values.end())
            throw DataError(fmt::format("[onnx] nothing makes the network's output '{}'", name));
        results[name] = found->second.as_variable();
    }
    return results;
}

template <class T>
Variable<T> OnnxNetwork<T>::operator()(const Variable<T>& x, const Watch& watch) const
{
    if (inputs_.size() != 1 || outputs_.size() != 1)
        throw DataError(
            fmt::format("[onnx] the network has {} inputs and {} outputs, not one of each: give them by name",
                        inputs_.size(), outputs_.size()));
    return (*this)({{inputs_[0], x}}, watch).at(outputs_[0]);
}

template <class T>
OnnxNetwork<T> load_onnx(const std::filesystem::path& path)
{
    return OnnxNetwork<T>(onnx::read_model(path));
}

template class OnnxNetwork<float>;
template class OnnxNetwork<double>;
template OnnxNetwork<float> load_onnx(const std::filesystem::path& path);
template OnnxNetwork<double> load_onnx(const std::filesystem::path& path);

} // namespace xgrad
