#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/networks/mlp.hpp>
#include <xgrad/ops/loss.hpp>
#include <xgrad/ops/shape.hpp>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace xgrad
{

namespace
{

std::string layer_name(std::size_t index) { return fmt::format("layer{}", index + 1); }

} // namespace

template <class T>
MLP<T>::MLP(const std::vector<std::size_t>& sizes, std::uint64_t seed, const MLPOptions& choice) : options(choice)
{
    if (sizes.size() < 2 || std::find(sizes.begin(), sizes.end(), std::size_t{0}) != sizes.end())
        throw ShapeError(
            fmt::format("[mlp] two sizes or more are needed, none of them 0; given: {}", fmt::join(sizes, ", ")));
    Random random(seed);
    for (std::size_t i = 0; i + 1 < sizes.size(); ++i)
        layers.emplace_back(sizes[i], sizes[i + 1], random, initialization_for(options.activation));
}

template <class T>
Variable<T> MLP<T>::operator()(const Variable<T>& x) const
{
    Variable<T> y = x.dimension() > 2 ? flatten(x, 1) : x;
    for (std::size_t i = 0; i < layers.size(); ++i)
        y = activate(i + 1 < layers.size() ? options.activation : options.output_activation, layers[i](y));
    return y;
}

template <class T>
Variable<T> MLP<T>::loss(const Variable<T>& outputs, const Labels& labels) const
{
    using Loss = MLPOptions::Loss;
    const std::size_t classes = layers.back().bias.size();
    if (options.loss == Loss::softmax_cross_entropy)
        return softmax_cross_entropy(outputs, labels);
    if (options.loss == Loss::binary_cross_entropy)
        return binary_cross_entropy_with_logits(outputs, one_hot<T>(labels, classes));
    return squared_error(outputs, one_hot<T>(labels, classes, off_target<T>(options.output_activation)));
}

template <class T>
Parameters<T> MLP<T>::parameters() const
{
    Parameters<T> all;
    for (std::size_t i = 0; i < layers.size(); ++i)
        all.add(layer_name(i), layers[i].parameters());
    return all;
}

template <class T>
std::vector<LayerSummary> MLP<T>::summary() const
{
    std::vector<LayerSummary> lines;
    for (std::size_t i = 0; i < layers.size(); ++i)
        lines.push_back(summarize(layer_name(i), layers[i]));
    return lines;
}

#define XGRAD_INSTANTIATE(T) template struct MLP<T>;
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

namespace detail::networks
{

namespace
{

/** The numbers in a text: {300, 100} for "300-100", nothing for "none". */
std::vector<std::size_t> hidden_sizes(const std::string& text)
{
    std::vector<std::size_t> sizes;
    if (text == "none")
        return sizes;
    const char* at = text.data();
    const char* const end = at + text.size();
    for (;;) {
        std::size_t size = 0;
        const auto [next, error] = std::from_chars(at, end, size);
        if (error != std::errc() || size == 0 || size > 10000 || (next != end && *next != '-') || sizes.size() == 20)
            throw Error(fmt::format("[mlp] hidden '{}' is not like 300-100, or none for no hidden layer: at most 20 "
                                    "layers of at most 10,000 units",
                                    text.substr(0, 100)));
        sizes.push_back(size);
        if (next == end)
            return sizes;
        at = next + 1;
    }
}

/** The sizes of all layers, from the pixels to the classes. */
std::vector<std::size_t> layer_sizes(const Choices& choices)
{
    const OfData data = of_data("mlp", choices);
    std::vector<std::size_t> sizes = {data.channels * data.size * data.size};
    for (const std::size_t size : hidden_sizes(choices.at("hidden")))
        sizes.push_back(size);
    sizes.push_back(data.classes);
    return sizes;
}

std::size_t parameter_count(const Choices& choices)
{
    const std::vector<std::size_t> sizes = layer_sizes(choices);
    std::size_t count = 0;
    for (std::size_t i = 0; i + 1 < sizes.size(); ++i)
        count += (sizes[i] + 1) * sizes[i + 1];
    return count;
}

Classifier make(std::uint64_t seed, const Choices& choices)
{
    MLPOptions options;
    options.activation = activation_named(choices.at("activation"));
    using Loss = MLPOptions::Loss;
    options.loss = is(choices, "loss", "squared-error")          ? Loss::squared_error
                   : is(choices, "loss", "binary-cross-entropy") ? Loss::binary_cross_entropy
                                                                 : Loss::softmax_cross_entropy;
    if (options.loss == Loss::squared_error) // squashed outputs, which can reach the targets
        options.output_activation = squashes(options.activation) ? options.activation : Activation::sigmoid;
    Classifier classifier = classifier_of("mlp", MLP<float>(layer_sizes(choices), seed, options));
    take_data(classifier, choices, of_data("mlp", choices));
    classifier.preparation.padding = 0;
    classifier.defaults.learning_rate = options.loss == Loss::softmax_cross_entropy ? 0.02 : 0.005;
    return classifier;
}

} // namespace

Architecture mlp()
{
    std::vector<ModelOption> options = {{"hidden", {"300-100"}, "sizes of the hidden layers; none for no hidden layer"},
                                        {"activation", activations("relu"), "activation of the hidden units"},
                                        {"loss",
                                         {"cross-entropy", "binary-cross-entropy", "squared-error"},
                                         "loss of softmax, logistic or squashed outputs, in this order"}};
    for (const ModelOption& option : options_of_data())
        options.push_back(option);
    return {"mlp", "a multilayer perceptron", options, make, {}, "", parameter_count};
}

} // namespace detail::networks

} // namespace xgrad
