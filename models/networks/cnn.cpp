#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/networks/cnn.hpp>
#include <xgrad/ops/ops.hpp>

#include <fmt/core.h>

namespace xgrad
{

namespace
{

constexpr std::size_t kernel = 5, block = 2, last_side = 4; // 28 → 24 → 12 → 8 → 4

template <class T>
std::optional<Subsampling<T>> subsampling(const CNNOptions& options, std::size_t maps)
{
    if (options.pooling != CNNOptions::Pooling::beta)
        return {};
    return Subsampling<T>(maps, block);
}

const CNNOptions& checked(const CNNOptions& options)
{
    if (options.maps == 0)
        throw ShapeError("[cnn] C1 of 0 maps was asked for: 1 or more are needed");
    if (options.combination && options.product != Product::convolution)
        throw ShapeError("[cnn] combinations are of true convolutions (B14c): ask for convolution, or for none");
    return options;
}

template <class T>
std::variant<Convolution<T>, Combination<T>> third_layer(const CNNOptions& options, Random& random)
{
    if (options.combination)
        return Combination<T>(options.maps, 2 * options.maps, kernel, random, Initialization::glorot);
    return Convolution<T>(options.maps, 2 * options.maps, kernel, random, Initialization::glorot, {}, options.product);
}

} // namespace

template <class T>
CNN<T>::CNN(std::uint64_t seed, const CNNOptions& choice) : CNN(Random(seed), checked(choice))
{}

template <class T>
CNN<T>::CNN(Random random, const CNNOptions& choice)
    : options(choice),
      c1(1, choice.maps, kernel, random, Initialization::glorot, {}, choice.product),
      s2(subsampling<T>(choice, choice.maps)),
      c3(third_layer<T>(choice, random)),
      s4(subsampling<T>(choice, 2 * choice.maps)),
      f5(2 * choice.maps * last_side * last_side, choice.classes, random, Initialization::glorot)
{}

template <class T>
Activation CNN<T>::output_activation() const
{
    const bool is_squashed = options.loss == CNNOptions::Loss::squared_error && options.activation != Activation::relu;
    return is_squashed ? options.activation : Activation::identity;
}

template <class T>
template <class Layer>
Variable<T> CNN<T>::pooled(const Layer& layer, const std::optional<Subsampling<T>>& beta, const Variable<T>& x) const
{
    const Variable<T> y = layer(x, {options.activation, options.pooling == CNNOptions::Pooling::max});
    switch (options.pooling) {
    case CNNOptions::Pooling::max:
        return y;
    case CNNOptions::Pooling::mean:
        return mean_pool2d(y);
    default:
        return activate(options.activation, (*beta)(y));
    }
}

template <class T>
Variable<T> CNN<T>::operator()(const Variable<T>& images) const
{
    const Shape& shape = images.shape();
    if (shape.size() != 4 || shape[1] != 1 || shape[2] != 28 || shape[3] != 28)
        throw ShapeError(fmt::format("[cnn] images (N, 1, 28, 28) are needed, the shape is {}", to_string(shape)));
    const auto x2 = pooled(c1, s2, images);
    const auto x4 = std::visit([&](const auto& layer) { return pooled(layer, s4, x2); }, c3);
    return activate(output_activation(), f5(flatten(x4, 1)));
}

template <class T>
Variable<T> CNN<T>::loss(const Variable<T>& outputs, const Labels& labels) const
{
    if (options.loss == CNNOptions::Loss::softmax)
        return softmax_cross_entropy(outputs, labels);
    return squared_error(outputs, one_hot<T>(labels, options.classes, off_target<T>(output_activation())));
}

template <class T>
Parameters<T> CNN<T>::parameters() const
{
    Parameters<T> all{{"c1", c1.parameters()}};
    if (s2)
        all.add("s2", s2->parameters());
    all.add("c3", std::visit([](const auto& layer) { return layer.parameters(); }, c3));
    if (s4)
        all.add("s4", s4->parameters());
    all.add("f5", f5.parameters());
    return all;
}

template <class T>
std::vector<LayerSummary> CNN<T>::summary() const
{
    const std::size_t maps = options.maps;
    std::vector<LayerSummary> all = {summarize("C1", c1, {maps, 24, 24})};
    const auto add_pooling = [&](const char* name, const std::optional<Subsampling<T>>& beta, const Shape& output) {
        all.push_back(beta ? summarize(name, *beta, output)
                           : summarize_pooling(name, options.pooling == CNNOptions::Pooling::max ? "max" : "mean",
                                               output, block * block));
    };
    add_pooling("S2", s2, {maps, 12, 12});
    all.push_back(std::visit([&](const auto& layer) { return summarize("C3", layer, {2 * maps, 8, 8}); }, c3));
    add_pooling("S4", s4, {2 * maps, 4, 4});
    all.push_back(summarize("F5", f5));
    return all;
}

#define XGRAD_INSTANTIATE(T) template struct CNN<T>;
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

namespace detail::networks
{

namespace
{

constexpr std::size_t most_maps = 256;

CNNOptions options_of(const Choices& choices)
{
    using Pooling = CNNOptions::Pooling;
    const std::string& pooling = choices.at("pooling");
    return {.product = is(choices, "product", "convolution") ? Product::convolution : Product::correlation,
            .pooling = pooling == "max"    ? Pooling::max
                       : pooling == "mean" ? Pooling::mean
                                           : Pooling::beta,
            .activation = activation_named(choices.at("activation")),
            .loss = is(choices, "loss", "softmax") ? CNNOptions::Loss::softmax : CNNOptions::Loss::squared_error,
            .maps = whole("cnn", choices, "maps", 1, most_maps),
            .combination = is(choices, "combination", "yes")};
}

Classifier make(std::uint64_t seed, const Choices& choices)
{
    const CNNOptions options = options_of(choices);
    Classifier classifier = classifier_of("cnn", CNN<float>(seed, options));
    classifier.preparation.padding = 0;
    classifier.defaults = {.batch = 32, .learning_rate = 0.02, .weight_decay = 1e-4, .schedule = "warm-cosine"};
    if (options.pooling == CNNOptions::Pooling::beta) // as in Bouvrie's network
        classifier.defaults.rates = {{"s2.beta", 1.0 / 16}, {"s4.beta", 1.0 / 16}};
    if (options.activation == Activation::sigmoid) { // it hardly passes a gradient at the start
        classifier.defaults.optimizer = "adam";
        classifier.defaults.learning_rate = 0.003;
    }
    return classifier;
}

std::size_t parameter_count(const Choices& choices)
{
    const CNNOptions options = options_of(choices);
    const std::size_t maps = options.maps, taps = kernel * kernel;
    const std::size_t c1 = maps * (taps + 1);
    const std::size_t c3 = options.combination ? maps * (taps + 2 * maps + 2) : 2 * maps * (maps * taps + 1);
    const std::size_t betas = options.pooling == CNNOptions::Pooling::beta ? 2 * (maps + 2 * maps) : 0;
    return c1 + c3 + betas + (2 * maps * last_side * last_side + 1) * options.classes;
}

} // namespace

Architecture cnn()
{
    return {"cnn",
            "two convolutions with pooling and a full layer, each choice of the texts an option",
            {{"product", {"convolution", "correlation"}, "what C1 and C3 do with their kernels"},
             {"pooling", {"max", "mean", "beta"}, "pooling in S2 and S4; beta: sums with coefficients β (B14)"},
             {"activation", {"tanh", "sigmoid", "relu", "scaled-tanh"}, "activation of every layer but the last"},
             {"loss", {"softmax", "squared-error"}, "softmax with cross-entropy, or squared error (B2)"},
             {"maps", {"6"}, "maps of C1; C3 has twice as many"},
             {"combination", no_or_yes(), "C3 learns which maps to combine (B14c)"}},
            make,
            {},
            {},
            parameter_count};
}

} // namespace detail::networks

} // namespace xgrad
