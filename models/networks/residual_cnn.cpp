#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/models/layers/dropout.hpp>
#include <xgrad/models/layers/normalized_convolution.hpp>
#include <xgrad/models/layers/residual.hpp>
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/networks/residual_cnn.hpp>
#include <xgrad/ops/ops.hpp>

#include <fmt/core.h>

#include <numeric>

namespace xgrad
{

namespace
{

template <class T>
Variable<T> rectify(const Variable<T>& x)
{
    return relu(x);
}

/** The mean and the maximum of each map. */
template <class T>
Variable<T> mean_and_maximum(const Variable<T>& x)
{
    return concatenate<T>({global_mean_pool2d(x), global_max_pool2d(x)}, 1);
}

/** A 3×3 convolution that keeps the size of its input, then pooling over distinct n×n blocks, then normalization. */
template <class T>
NormalizedConvolution<T> normalized(std::size_t inputs, std::size_t outputs, const ResidualCNNOptions& options,
                                    Random& random, std::ptrdiff_t n = 1)
{
    return {inputs, outputs, 3, random, Initialization::he, {.padding = Padding::same}, n, options.groups};
}

/** B blocks x ← relu(x + f(x)), named "1", "2", … after a prefix. */
template <class T>
void add_blocks(Sequence<T>& net, const std::string& prefix, const Shape& maps, const ResidualCNNOptions& options,
                Random& random)
{
    for (std::size_t i = 0; i < options.blocks; ++i) {
        const std::string name = fmt::format("{}{}", prefix, i + 1);
        Sequence<T> f(maps);
        f.add("c1", normalized<T>(maps[0], maps[0], options, random)).add("relu", rectify<T>, "relu");
        f.add("c2", normalized<T>(maps[0], maps[0], options, random));
        net.add(name, Residual<T, Sequence<T>>(f)).add(name + ".relu", rectify<T>, "relu");
    }
}

} // namespace

template <class T>
ResidualCNN<T>::ResidualCNN(std::uint64_t seed, const ResidualCNNOptions& choice)
    : options(choice), layers({choice.channels, choice.size, choice.size})
{
    if (options.maps == 0)
        throw ShapeError("[residual_cnn] stages of 0 maps were asked for: 1 or more are needed");
    if (options.size == 0 || options.size % 4 != 0)
        throw ShapeError(
            fmt::format("[residual_cnn] images of {0}x{0} pixels were asked for: it pools twice, and takes "
                        "multiples of 4",
                        options.size));
    Random random(seed);
    const std::size_t few = options.maps, many = 2 * options.maps;
    const std::size_t half = options.size / 2, quarter = options.size / 4;
    layers.add("stem", normalized<T>(options.channels, few, options, random, 2)).add("stem.relu", rectify<T>, "relu");
    add_blocks(layers, "a", {few, half, half}, options, random);
    layers.add("wider", normalized<T>(few, many, options, random, 2)).add("wider.relu", rectify<T>, "relu");
    add_blocks(layers, "b", {many, quarter, quarter}, options, random);
    layers.add("pool", mean_and_maximum<T>, "mean and maximum", quarter * quarter)
        .add("dropout", Dropout<T>(options.dropout), "dropout");
    layers.add("full", Linear<T>(2 * many, options.classes, random));
}

template <class T>
Variable<T> ResidualCNN<T>::operator()(const Variable<T>& images, const Mode& mode) const
{
    if (images.dimension() != 4 || images.shape()[1] != options.channels || images.shape()[2] != options.size ||
        images.shape()[3] != options.size)
        throw ShapeError(fmt::format("[residual_cnn] images (N, {0}, {1}, {1}) are needed, the shape is {2}",
                                     options.channels, options.size, to_string(images.shape())));
    return layers(images, mode);
}

template <class T>
Variable<T> ResidualCNN<T>::loss(const Variable<T>& logits, const Labels& labels) const
{
    return softmax_cross_entropy(logits, labels, LabelOptions<T>{.smoothing = options.smoothing});
}

#define XGRAD_INSTANTIATE(T) template struct ResidualCNN<T>;
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

namespace detail::networks
{

namespace
{

constexpr const char* name = "residual-cnn";

ResidualCNNOptions options_of(const Choices& choices)
{
    ResidualCNNOptions options;
    options.maps = whole(name, choices, "maps", 1, 1024);
    options.blocks = whole(name, choices, "blocks", 0, 100);
    options.dropout = number(name, choices, "dropout");
    options.smoothing = number(name, choices, "smoothing");
    const OfData data = of_data(name, choices);
    options.classes = data.classes;
    options.size = data.size;
    options.channels = data.channels;
    constexpr std::size_t most = 8;
    options.groups = choices.at("norm") == "group" ? std::gcd(options.maps, most) : 0;
    return options;
}

std::size_t parameter_count(const Choices& choices)
{
    const ResidualCNNOptions options = options_of(choices);
    const std::size_t maps = options.maps;
    const auto convolution = [](std::size_t inputs, std::size_t outputs) { return (9 * inputs + 2) * outputs; };
    return convolution(options.channels, maps) + convolution(maps, 2 * maps) + (4 * maps + 1) * options.classes +
           2 * options.blocks * (convolution(maps, maps) + convolution(2 * maps, 2 * maps));
}

Classifier make(std::uint64_t seed, const Choices& choices)
{
    const ResidualCNNOptions options = options_of(choices);
    Classifier classifier = classifier_of(name, ResidualCNN<float>(seed, options));
    take_data(classifier, choices, of_data(name, choices));
    classifier.preparation = {.padding = 0, .background = -0.8f, .foreground = 2.0f};
    classifier.defaults = {.epochs = 20,
                           .batch = 128,
                           .learning_rate = 0.1,
                           .weight_decay = 5e-4,
                           .optimizer = "nesterov",
                           .schedule = "one-cycle",
                           .augmentation = {.flip = true}};
    return classifier;
}

} // namespace

Architecture residual_cnn()
{
    std::vector<ModelOption> options = {
        {"maps", {"32"}, "maps of the first stage; the second one has twice as many"},
        {"blocks", {"1"}, "residual blocks of each stage"},
        {"dropout", {"0.1"}, "probability of leaving out an element before the last layer"},
        {"smoothing", {"0.1"}, "part of the target that all classes share"},
        {"norm", {"batch", "group"}, "normalization; with group, threads and ranks share a batch"}};
    for (const ModelOption& option : options_of_data())
        options.push_back(option);
    return {"residual-cnn", "a small residual network with normalization and dropout", options, make, {}, "",
            parameter_count};
}

} // namespace detail::networks

} // namespace xgrad
