#include <xgrad/base/error.hpp>
#include <xgrad/formats/onnx/call.hpp>
#include <xgrad/formats/onnx/load_onnx.hpp>

#include <fmt/format.h>

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

} // namespace

template <class T>
OnnxNetwork<T>::OnnxNetwork(onnx::Model model) : model_(std::make_shared<const onnx::Model>(std::move(model)))
{
    const onnx::Graph& graph = model_->graph;
    for (const auto& [name, tensor] : graph.initializers)
        if (tensor.is_read() && onnx::is_real(tensor.array().type()))
            parameters.add(name, variable(tensor.array().template as<T>()));
    for (const onnx::Value& input : graph.inputs)
        if (graph.find(input.name) == nullptr)
            inputs_.push_back(input.name);
    for (const onnx::Value& output : graph.outputs)
        outputs_.push_back(output.name);
}

template <class T>
std::map<std::string, Variable<T>> OnnxNetwork<T>::operator()(const std::map<std::string, Variable<T>>& given) const
{
    const onnx::Graph& graph = model_->graph;
    Values<T> values;
    for (const auto& [name, tensor] : graph.initializers)
        if (tensor.is_read() && !onnx::is_real(tensor.array().type()))
            values[name] = tensor.array();
    for (std::size_t i = 0; i < parameters.size(); ++i)
        values[parameters.name(i)] = parameters[i];
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
Variable<T> OnnxNetwork<T>::operator()(const Variable<T>& x) const
{
    if (inputs_.size() != 1 || outputs_.size() != 1)
        throw DataError(
            fmt::format("[onnx] the network has {} inputs and {} outputs, not one of each: give them by name",
                        inputs_.size(), outputs_.size()));
    return (*this)({{inputs_[0], x}}).at(outputs_[0]);
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
