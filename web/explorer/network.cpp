#include "network.hpp"

#include <xgrad/base/error.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/formats/onnx/model.hpp>
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/training/onnx.hpp>
#include <xgrad/ops/ops.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace xgrad::explorer
{

namespace
{

namespace fs = std::filesystem;

/** The networks that the page has a use for: those that take one digit. */
constexpr const char* shown[] = {"lenet5", "bouvrie", "cnn", "mlp"};

/** Outputs that are no logits: the class has the one nearest to 1. */
bool has_squared_error(const Classifier& classifier)
{
    const auto loss = classifier.choices.find("loss");
    return classifier.name == "bouvrie" || (loss != classifier.choices.end() && loss->second == "squared-error");
}

/** A file that is written, read and removed again: the library's writers write files. */
template <class Write>
std::string bytes_of_file(const char* name, const Write& write)
{
    const fs::path path = fs::temp_directory_path() / name;
    write(path);
    std::ifstream file(path, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    fs::remove(path);
    return bytes;
}

} // namespace

Json models()
{
    Json all = Json::array();
    for (const char* const name : shown) {
        const Architecture& model = architecture(name);
        Json options = Json::array();
        for (const ModelOption& option : model.options)
            options.push_back({{"name", option.name}, {"values", option.values}, {"help", option.help}});
        Json recipes = Json::array();
        for (const Recipe& recipe : model.recipes)
            recipes.push_back({{"name", recipe.name}, {"help", recipe.help}});
        all.push_back({{"name", model.name}, {"help", model.help}, {"options", options}, {"recipes", recipes}});
    }
    return all;
}

Json described(const Classifier& classifier)
{
    Json parameters = Json::array(), layers = Json::array();
    for (std::size_t i = 0; i < classifier.parameters.size(); ++i) {
        parameters.push_back(
            {{"name", classifier.parameters.name(i)}, {"shape", extents(classifier.parameters[i].shape())}});
    }
    for (const LayerSummary& layer : classifier.summary)
        layers.push_back({{"name", layer.name},
                          {"kind", layer.kind},
                          {"output", to_string(layer.output)},
                          {"parameters", layer.parameters},
                          {"connections", layer.connections}});
    constexpr std::size_t side = 28; // MNIST's, for a network that takes any size
    return {{"model", classifier.name},
            {"choices", classifier.choices},
            {"parameters", parameters},
            {"count", classifier.parameter_count()},
            {"layers", layers},
            {"height", classifier.height == 0 ? side : classifier.height},
            {"width", classifier.width == 0 ? side : classifier.width},
            {"classes", classifier.classes}};
}

Array<float> prepared(const Classifier& classifier, const Array<double>& image)
{
    if (image.dimension() != 2)
        throw ShapeError(
            fmt::format("[explorer] an image (height, width) is needed, the shape is {}", to_string(image.shape())));
    Images one{empty_array<std::uint8_t>({1, 1, image.shape()[0], image.shape()[1]}), Labels({1}, 0),
               classifier.classes};
    std::transform(image.begin(), image.end(), one.pixels.begin(), [](double x) {
        return static_cast<std::uint8_t>(std::lround(std::clamp(std::isnan(x) ? 0 : x, 0.0, 255.0)));
    });
    check_images(classifier, one);
    return one.batches(1, classifier.preparation)[0].images;
}

Json prediction(const Classifier& classifier, const Array<float>& image)
{
    const PauseRecording pause;
    const Variable<float> outputs = classifier.logits(constant(Array<float>(image)));
    std::vector<float> shares(outputs.data(), outputs.data() + outputs.size());
    const Json numbers = shares;
    if (has_squared_error(classifier)) {
        for (float& each : shares)
            each = std::clamp(each, 0.0f, 1.0f);
    } else {
        const Variable<float> probabilities = softmax(outputs);
        shares.assign(probabilities.data(), probabilities.data() + probabilities.size());
    }
    return {{"outputs", numbers}, {"probabilities", shares}};
}

Graph recorded(const Classifier& classifier, const Array<float>& image, const Aim& aim)
{
    const Variable<float> x = variable(image);
    const auto loss = [&]() -> Variable<float> {
        if (!aim.score)
            return classifier.loss(x, Labels({1}, aim.label));
        return sum(slice(classifier.logits(x), 1, *aim.score, *aim.score + 1));
    };
    if (aim.label < 0 || static_cast<std::size_t>(aim.label) >= classifier.classes ||
        (aim.score && *aim.score >= classifier.classes))
        throw ShapeError(fmt::format("[explorer] there is no such class: the network has {}", classifier.classes));
    Parameters<float> all = classifier.parameters;
    all.add("x", x);
    return graph_of_gradient<float>(loss, all);
}

Classifier read_checkpoint(std::string_view bytes)
{
    std::istringstream stream{std::string(bytes)};
    return load_classifier(load_checkpoint(stream, "the checkpoint"));
}

std::string checkpoint_of(const Classifier& classifier)
{
    Checkpoint checkpoint;
    store(classifier, checkpoint);
    return bytes_of_file("xgrad-explorer.safetensors",
                         [&](const fs::path& path) { save_checkpoint(path, checkpoint); });
}

std::string onnx_of(const Classifier& classifier)
{
    return bytes_of_file("xgrad-explorer.onnx",
                         [&](const fs::path& path) { onnx::write_model(path, to_onnx(classifier)); });
}

} // namespace xgrad::explorer
