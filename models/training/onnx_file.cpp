#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/graph/observer.hpp>
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/training/onnx_file.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <variant>

namespace xgrad::detail
{

namespace
{

/** An extent as a number; 0 if it is free. */
std::size_t number_of(const onnx::Dimension& dimension)
{
    const auto* const number = std::get_if<std::int64_t>(&dimension);
    return number != nullptr && *number > 0 ? static_cast<std::size_t>(*number) : 0;
}

bool are_channels(std::size_t extent) { return extent == 1 || extent == 3; }

/** The side of a square of so many pixels; 0 if it is none. */
std::size_t side_of(std::size_t pixels)
{
    const auto side = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(pixels))));
    return side * side == pixels ? side : 0;
}

/** "c1" of "c1.weight"; empty if it has no layer. */
std::string layer_of(const std::string& parameter)
{
    const std::size_t dot = parameter.rfind('.');
    return dot == std::string::npos ? "" : parameter.substr(0, dot);
}

std::string shown(const onnx::Value& input)
{
    std::vector<std::string> extents;
    for (const onnx::Dimension& extent : input.shape.value_or(std::vector<onnx::Dimension>()))
        extents.push_back(std::visit([](const auto& held) { return fmt::to_string(held); }, extent));
    return fmt::format("'{}' ({})", printable(input.name),
                       input.shape ? printable(fmt::to_string(fmt::join(extents, ","))) : "of unknown shape");
}

} // namespace

std::optional<Classifier> exported_classifier(const onnx::Model& model)
{
    constexpr std::string_view option_key = "option ";
    const auto name = model.metadata.find("model");
    if (model.producer != "xgrad" || name == model.metadata.end())
        return std::nullopt;
    Choices choices;
    for (const auto& [key, value] : model.metadata)
        if (key.starts_with(option_key))
            choices.emplace(key.substr(option_key.size()), value);
    std::size_t numbers = 0;
    for (const auto& [initializer, tensor] : model.graph.initializers)
        numbers += tensor.is_read() ? tensor.array().size() : 0;
    try {
        return make_classifier_within(numbers, name->second, choices);
    } catch (const Error&) { // somebody else has written the metadata, or a newer version
        return std::nullopt;
    }
}

OnnxWeights::OnnxWeights(const OnnxNetwork<float>& network, const std::optional<Classifier>& origin)
{
    const auto names_of = [](const Parameters<float>& parameters) {
        std::set<std::string> names;
        for (std::size_t i = 0; i < parameters.size(); ++i)
            names.insert(parameters.name(i));
        return names;
    };
    std::set<std::string> of_origin, layers, kept;
    if (origin) {
        of_origin = names_of(origin->parameters);
        kept = names_of(origin->state);
        for (const std::string& name : of_origin)
            layers.insert(layer_of(name));
    }
    // What the export made of several weights of a layer has the layer's name, and is learned in their place.
    const auto is_learned = [&](const std::string& name) {
        return !origin || of_origin.contains(name) ||
               (layers.contains(layer_of(name)) && name.find(".constant") == std::string::npos);
    };
    for (std::size_t i = 0; i < network.parameters.size(); ++i) {
        const std::string& name = network.parameters.name(i);
        if (kept.contains(name))
            state.add(name, network.parameters[i]);
        else if (is_learned(name))
            learned.add(name, network.parameters[i]);
    }
    state.add("", network.state);
}

OnnxImages::OnnxImages(const onnx::Graph& graph)
{
    std::vector<std::string> all;
    const onnx::Value* input = nullptr;
    for (const onnx::Value& each : graph.inputs)
        if (graph.find(each.name) == nullptr) {
            input = &each;
            all.push_back(shown(each));
        }
    const auto fail = [&] {
        throw DataError(fmt::format("[onnx] the network has {}: a classifier of images has one input, "
                                    "(N, C, H, W), (N, H, W) or (N, features), and one output; load_onnx in C++ reads "
                                    "any network",
                                    all.empty() ? "no input" : fmt::format("the input {}", fmt::join(all, ", "))));
    };
    constexpr std::size_t axes_of_maps = 4;
    if (all.size() != 1 || graph.outputs.size() != 1 || !input->shape || input->shape->size() < 2 ||
        input->shape->size() > axes_of_maps)
        fail();
    std::vector<std::size_t> extents;
    for (const onnx::Dimension& dimension : *input->shape)
        extents.push_back(number_of(dimension));
    batch = extents[0];
    if (extents.size() == axes_of_maps) {
        layout_ = !are_channels(extents[1]) && are_channels(extents[3]) ? Layout::channels_last : Layout::maps;
        const bool last = layout_ == Layout::channels_last;
        channels = std::max<std::size_t>(extents[last ? 3 : 1], 1);
        height = extents[last ? 1 : 2];
        width = extents[last ? 2 : 3];
        return;
    }
    if (extents.size() == 3) {
        layout_ = Layout::grey;
        height = extents[1];
        width = extents[2];
        return;
    }
    constexpr std::size_t colours = 3;
    layout_ = Layout::pixels;
    if (extents[1] == 0)
        fail();
    const std::size_t grey = side_of(extents[1]),
                      coloured = extents[1] % colours == 0 ? side_of(extents[1] / colours) : 0;
    channels = grey == 0 && coloured != 0 ? colours : 1;
    height = grey != 0 ? grey : coloured != 0 ? coloured : 1;
    width = extents[1] / channels / height;
}

template <class T>
Variable<T> OnnxImages::arranged(const Variable<T>& images) const
{
    const Shape& shape = images.shape();
    switch (layout_) {
    case Layout::channels_last:
        return permute(images, {0, 2, 3, 1});
    case Layout::grey:
        return reshape(images, {shape[0], shape[2], shape[3]});
    case Layout::pixels:
        return flatten(images, 1);
    default:
        return images;
    }
}

template Variable<float> OnnxImages::arranged(const Variable<float>&) const;
template Variable<double> OnnxImages::arranged(const Variable<double>&) const;

void take_softmax_off(onnx::Graph& graph)
{
    if (graph.outputs.size() != 1)
        return;
    std::string& output = graph.outputs[0].name;
    const auto last = std::find_if(graph.nodes.begin(), graph.nodes.end(), [&](const onnx::Node& node) {
        return node.op == "Softmax" && node.outputs == std::vector{output};
    });
    if (last == graph.nodes.end() || last->inputs.size() != 1)
        return;
    output = last->inputs[0];
    graph.nodes.erase(last);
}

namespace
{

/** Goes through the nodes of a network and notes a line for each one that sees the images. */
class Summarizer : public Observer
{
  public:
    Summarizer(const OnnxNetwork<float>& network, const OnnxWeights& weights, std::size_t count)
        : count_(static_cast<double>(count)), sees_images_(network.inputs().begin(), network.inputs().end())
    {
        for (const onnx::Node& node : network.model().graph.nodes)
            if (std::any_of(node.inputs.begin(), node.inputs.end(),
                            [&](const std::string& input) { return sees_images_.contains(input); }))
                sees_images_.insert(node.outputs.begin(), node.outputs.end());
        for (std::size_t i = 0; i < weights.learned.size(); ++i)
            unread_[weights.learned.name(i)] = weights.learned[i].size();
    }

    void op(OpCall& call) override
    {
        call.run();
        flop_ += call.attributes().flop.value_or(0);
    }

    void note(const onnx::Node& node, const std::string& output, const Shape& shape);

    std::vector<LayerSummary> lines;

  private:
    double count_, flop_ = 0;
    std::set<std::string> sees_images_;         // values
    std::map<std::string, std::size_t> unread_; // the learned numbers in a value that no line has yet
};

void Summarizer::note(const onnx::Node& node, const std::string& output, const Shape& shape)
{
    std::size_t learned = 0;
    for (const std::string& input : node.inputs) {
        if (const auto found = unread_.find(input); found != unread_.end()) {
            learned += found->second;
            unread_.erase(found);
        }
    }
    const double multiply_adds = std::exchange(flop_, 0) / 2 / count_;
    if (!sees_images_.contains(output)) { // such as the transpose of a weight
        unread_[output] = learned;
        return;
    }
    LayerSummary line{.name = node.name.empty() ? output : node.name,
                      .kind = node.op,
                      .output = shape,
                      .parameters = learned,
                      .multiply_adds = static_cast<std::size_t>(multiply_adds)};
    if (!shape.empty())
        line.output = Shape(shape.begin() + 1, shape.end());
    const std::size_t units = element_count(line.output);
    std::size_t window = 1;
    if (const onnx::Attribute* const kernel = node.find("kernel_shape"); kernel != nullptr) {
        const auto extents = node.integers("kernel_shape");
        line.kind += fmt::format(" {}", fmt::join(extents, "x"));
        for (const std::int64_t extent : extents)
            window *= static_cast<std::size_t>(extent);
    }
    constexpr std::size_t bias = 2; // its place among the inputs of Conv and Gemm
    if (line.multiply_adds > 0)
        line.connections = line.multiply_adds + (node.inputs.size() > bias ? units : 0);
    else if (learned > 0)
        line.connections = units;
    else if (window > 1)
        line.connections = units * window;
    lines.push_back(std::move(line));
}

} // namespace

std::vector<LayerSummary> onnx_summary(const OnnxNetwork<float>& network, const OnnxWeights& weights,
                                       const Variable<float>& x)
{
    Summarizer summarizer(network, weights, x.shape()[0]);
    const Observing observing(summarizer);
    (void)network(x, [&](const onnx::Node& node, const std::string& name, const Variable<float>& value) {
        summarizer.note(node, name, value.shape());
    });
    return std::move(summarizer.lines);
}

} // namespace xgrad::detail
