#include <xgrad/base/base64.hpp>
#include <xgrad/base/error.hpp>
#include <xgrad/base/from_chars.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/base/sizes.hpp>
#include <xgrad/formats/onnx/load_onnx.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/training/onnx.hpp>
#include <xgrad/models/training/onnx_file.hpp>
#include <xgrad/models/training/random_batch.hpp>
#include <xgrad/models/training/training.hpp>
#include <xgrad/ops/joining.hpp>
#include <xgrad/ops/loss.hpp>
#include <xgrad/ops/shape.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <variant>
#include <vector>

namespace xgrad
{

namespace
{

using detail::OnnxImages;
using detail::OnnxWeights;
using Network = OnnxNetwork<float>;

constexpr const char* graph_option = "graph";
constexpr const char* own_loss = "own";

// The graph in a checkpoint: the model with its weights as inputs, behind the images.

Shape shape_of(const onnx::Value& weight)
{
    Shape shape;
    for (const onnx::Dimension& dimension : weight.shape.value_or(std::vector<onnx::Dimension>())) {
        const auto* const extent = std::get_if<std::int64_t>(&dimension);
        if (extent == nullptr || *extent < 0)
            throw DataError(fmt::format("[onnx] the weight '{}' has no shape of numbers", weight.name));
        shape.push_back(detail::checked_size("onnx", "an extent", static_cast<std::size_t>(*extent)));
    }
    return shape;
}

onnx::Value described(const std::string& name, const Shape& shape)
{
    onnx::Value value{name, ElementType::float32, std::vector<onnx::Dimension>()};
    for (const std::size_t extent : shape)
        value.shape->emplace_back(static_cast<std::int64_t>(extent));
    return value;
}

/** Makes the weights inputs, in place of initializers. */
void take_weights_out(onnx::Graph& graph, const Parameters<float>& weights)
{
    std::set<std::string> names;
    for (std::size_t i = 0; i < weights.size(); ++i)
        names.insert(weights.name(i));
    std::erase_if(graph.inputs, [&](const onnx::Value& input) { return graph.find(input.name) != nullptr; });
    std::erase_if(graph.initializers, [&](const auto& each) { return names.contains(each.first); });
    for (std::size_t i = 0; i < weights.size(); ++i)
        graph.inputs.push_back(described(weights.name(i), weights[i].shape()));
}

/** Makes the inputs behind the first one initializers again. @param values  (input) → its values */
template <class Values>
void put_weights_in(onnx::Graph& graph, Values values)
{
    for (std::size_t i = 1; i < graph.inputs.size(); ++i)
        graph.initializers.emplace_back(graph.inputs[i].name, AnyArray(values(graph.inputs[i])));
    if (graph.inputs.size() > 1)
        graph.inputs.resize(1);
}

onnx::Model model_in(const Choices& choices)
{
    return onnx::read_model(detail::from_base64(choices.at(graph_option)), "the network of the checkpoint");
}

std::size_t parameter_count(const Choices& choices)
{
    const onnx::Model model = model_in(choices);
    std::size_t count = 0;
    for (std::size_t i = 1; i < model.graph.inputs.size(); ++i) {
        std::size_t size = 1;
        for (const std::size_t extent : shape_of(model.graph.inputs[i]))
            size = detail::product_of_sizes("onnx", "a weight", size, extent);
        count = detail::sum_of_sizes("onnx", "the weights", count, size);
    }
    return count;
}

/** The number that an option gives, or else the file, or else the alternative. */
float number_of(const Choices& choices, const onnx::Model& model, const char* option, float alternative)
{
    const auto in_file = model.metadata.find(option);
    std::string text = choices.at(option);
    if (text.empty() && model.producer == "xgrad" && in_file != model.metadata.end())
        text = in_file->second;
    if (text.empty())
        return alternative;
    float value = 0;
    const auto [end, error] = detail::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        throw Error(fmt::format("[onnx] {} '{}' is not a number", option, text));
    return value;
}

Preparation preparation_of(const Choices& choices, const onnx::Model& model)
{
    constexpr float most = 64;
    const float padding = number_of(choices, model, "padding", 0);
    if (!(padding >= 0 && padding <= most && padding == std::floor(padding)))
        throw Error(fmt::format("[onnx] padding '{}' is not a whole number from 0 to {}", padding, most));
    return {.padding = static_cast<std::size_t>(padding),
            .background = number_of(choices, model, "background", 0),
            .foreground = number_of(choices, model, "foreground", 1)};
}

/** The outputs for any number of images, of a network that takes any number or a fixed one at a time. */
Variable<float> outputs_of(const Network& network, const OnnxImages& images, const Variable<float>& all)
{
    const std::size_t count = all.shape()[0];
    if (images.batch == 0 || images.batch == count)
        return network(images.arranged(all));
    if (count % images.batch != 0)
        throw ShapeError(fmt::format("[onnx] the network takes {} images at a time, and there are {}: export it with a "
                                     "free number of images",
                                     images.batch, count));
    Variables<float> parts;
    for (std::size_t begin = 0; begin < count; begin += images.batch)
        parts.push_back(network(images.arranged(slice(all, 0, begin, begin + images.batch))));
    return concatenate(parts);
}

/** Random images as the network reads them, before they are arranged. For a network that takes any size it is one that
 *  its layers fit. */
Variable<float> trial_of(const Network& network, const OnnxImages& images, std::size_t padding)
{
    const std::size_t count = std::max<std::size_t>(images.batch, 1);
    const auto of_size = [&](std::size_t height, std::size_t width) {
        Array<float> x(Shape{count, images.channels, height, width});
        for (std::size_t i = 0; i < x.size(); ++i)
            x.data()[i] = static_cast<float>(i % 7) / 7;
        return constant(x);
    };
    if (images.height != 0 && images.width != 0)
        return of_size(images.height, images.width);
    constexpr std::size_t sides[] = {28, 32, 64, 224};
    for (const std::size_t side : sides) {
        const std::size_t height = images.height != 0 ? images.height : side + 2 * padding,
                          width = images.width != 0 ? images.width : side + 2 * padding;
        try {
            Variable<float> x = of_size(height, width);
            (void)network(images.arranged(x));
            return x;
        } catch (const ShapeError&) {
            if (side == std::end(sides)[-1])
                throw;
        }
    }
    return {};
}

std::function<Variable<float>(const Variable<float>&, const Labels&)> criterion_named(const std::string& name)
{
    if (name == "squared-error")
        return [](const Variable<float>& y, const Labels& labels) {
            return squared_error(y, one_hot<float>(labels, y.shape()[1]));
        };
    return [](const Variable<float>& z, const Labels& labels) { return softmax_cross_entropy(z, labels); };
}

/** The size of images without the padding that the network's preparation adds. */
std::size_t without_padding(std::size_t extent, std::size_t padding)
{
    return extent > 2 * padding ? extent - 2 * padding : 0;
}

/** A classifier of images, by what the graph says of them. */
Classifier classifier_of_images(const std::shared_ptr<const Network>& network, const OnnxImages& images,
                                const OnnxWeights& weights, const Preparation& preparation)
{
    Classifier classifier{.name = onnx_model, .parameters = {}, .network = {}, .criterion = criterion_named(own_loss)};
    classifier.preparation = preparation;
    classifier.channels = images.channels;
    classifier.height = without_padding(images.height, preparation.padding);
    classifier.width = without_padding(images.width, preparation.padding);
    classifier.network = [network, images](const Variable<float>& x, const Mode&) {
        return detail::as_classes(outputs_of(*network, images, x));
    };
    const PauseRecording pause;
    const Variable<float> x = trial_of(*network, images, preparation.padding);
    const Variable<float> outputs = classifier.logits(x);
    if (outputs.dimension() != 2 || outputs.shape()[0] != x.shape()[0] || outputs.shape()[1] < 2)
        throw DataError(fmt::format("[onnx] for {} images the network gives an array of shape {}: a classifier gives "
                                    "(N, classes); load_onnx in C++ reads any network",
                                    x.shape()[0], to_string(outputs.shape())));
    classifier.classes = outputs.shape()[1];
    classifier.summary = detail::onnx_summary(*network, weights, images.arranged(x));
    return classifier;
}

/** The classifier that was exported, with the network of the file. */
Classifier classifier_like(Classifier origin, const std::shared_ptr<const Network>& network, const OnnxWeights& weights,
                           const Preparation& preparation)
{
    origin.name = onnx_model;
    origin.preparation = preparation;
    origin.network = [network](const Variable<float>& x, const Mode&) { return (*network)(x); };
    origin.features = {};
    origin.loss_of_features = {};
    origin.stages = {};
    origin.looks_at_whole_batch = false;
    const PauseRecording pause;
    origin.summary = detail::onnx_summary(*network, weights, constant(random_batch(origin, 2, 1).images));
    return origin;
}

Classifier make(std::uint64_t, const Choices& choices)
{
    onnx::Model model = model_in(choices);
    put_weights_in(model.graph, [](const onnx::Value& weight) { return Array<float>(shape_of(weight), 0); });
    const std::optional<Classifier> origin = detail::exported_classifier(model);
    const Preparation preparation = preparation_of(choices, model);
    std::optional<OnnxImages> images;
    if (!origin)
        images.emplace(model.graph);
    detail::take_softmax_off(model.graph);
    const auto network = std::make_shared<const Network>(std::move(model));
    const OnnxWeights weights(*network, origin);
    Classifier classifier = origin ? classifier_like(*origin, network, weights, preparation)
                                   : classifier_of_images(network, *images, weights, preparation);
    if (choices.at("loss") != own_loss)
        classifier.criterion = criterion_named(choices.at("loss"));
    classifier.parameters = weights.learned;
    classifier.state = weights.state;
    classifier.choices = choices;
    return classifier;
}

} // namespace

const Architecture& detail::networks::onnx()
{
    static const Architecture model = {
        onnx_model,
        "a network of a file that ends in .onnx",
        {{graph_option, {""}, "the file without its weights, in base64"},
         {"loss",
          {own_loss, "softmax-cross-entropy", "squared-error"},
          "the loss that it is trained with; own: that of the network that was exported, else softmax-cross-entropy"},
         {"padding", {""}, "rows and columns of background around each image [as the file says, else 0]"},
         {"background", {""}, "the number that stands for black [as the file says, else 0]"},
         {"foreground", {""}, "the number that stands for white [as the file says, else 1]"}},
        make,
        {},
        "",
        parameter_count,
        true};
    return model;
}

onnx::Model detail::onnx_with_weights(const Classifier& classifier)
{
    onnx::Model model = model_in(classifier.choices);
    const Parameters<float> tensors = classifier.tensors();
    put_weights_in(model.graph, [&](const onnx::Value& weight) { return tensors[weight.name].value(); });
    return model;
}

bool is_onnx(const std::filesystem::path& path) { return path.extension() == ".onnx"; }

namespace
{

Checkpoint checkpoint_of(onnx::Model model, const std::string& name, const Choices& choices)
{
    const std::optional<Classifier> origin = detail::exported_classifier(model);
    if (!origin)
        (void)OnnxImages(model.graph); // reports other inputs
    const Network network(model);
    const OnnxWeights found(network, origin);
    Parameters<float> weights = found.learned;
    weights.add("", found.state);
    take_weights_out(model.graph, weights);

    Checkpoint checkpoint{{}, {}, name};
    checkpoint.metadata["model"] = onnx_model;
    checkpoint.metadata["model.graph"] = detail::to_base64(onnx::model_bytes(model, name));
    for (const ModelOption& option : detail::networks::onnx().options)
        checkpoint.metadata.emplace("model." + option.name, option.values.front());
    for (const auto& [option, value] : choices)
        checkpoint.metadata["model." + option] = value;
    if (model.producer == "xgrad")
        checkpoint.metadata.merge(about_data(model.metadata));
    for (std::size_t i = 0; i < weights.size(); ++i)
        checkpoint.tensors.emplace(weights.name(i), weights[i].value());
    (void)make_classifier(onnx_model, 0, model_of(checkpoint).second); // reports what is wrong
    return checkpoint;
}

} // namespace

Checkpoint load_onnx_checkpoint(const std::filesystem::path& path, const Choices& choices)
{
    return checkpoint_of(onnx::read_model(path), path.string(), choices);
}

Checkpoint load_onnx_checkpoint(std::string_view bytes, const std::string& name, const Choices& choices)
{
    return checkpoint_of(onnx::read_model(bytes, name), name, choices);
}

} // namespace xgrad
