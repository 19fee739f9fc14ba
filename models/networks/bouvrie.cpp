#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/networks/bouvrie.hpp>
#include <xgrad/ops/ops.hpp>

#include <fmt/core.h>

#include <cmath>

namespace xgrad
{

namespace
{

template <class T>
Convolution<T> convolution(std::size_t inputs, std::size_t outputs, Random& random)
{
    return {inputs, outputs, 5, random, Initialization::glorot, {}, Product::convolution};
}

template <class T>
std::variant<Convolution<T>, Combination<T>> third_layer(const BouvrieOptions& options, Random& random)
{
    if (options.sparsity != Sparsity::none && !options.combination)
        throw ShapeError("[bouvrie] sparsity is for combinations, and there are none: ask for both");
    if (!(options.sparsity_weight >= 0) || std::isinf(options.sparsity_weight))
        throw ShapeError(fmt::format("[bouvrie] the weight of the sparsity is {}, a finite one from 0 on is needed",
                                     options.sparsity_weight));
    if (options.combination)
        return Combination<T>(6, 12, 5, random, Initialization::glorot);
    return convolution<T>(6, 12, random);
}

} // namespace

template <class T>
Bouvrie<T>::Bouvrie(std::uint64_t seed, const BouvrieOptions& choice) : Bouvrie(Random(seed), choice)
{}

// The order of the members is that of their initialisation, so the weights depend on the seed alone.
template <class T>
Bouvrie<T>::Bouvrie(Random random, const BouvrieOptions& choice)
    : options(choice),
      c1(convolution<T>(1, 6, random)),
      s2(6, 2),
      c3(third_layer<T>(choice, random)),
      s4(12, 2),
      f5(12 * 4 * 4, choice.classes, random, Initialization::glorot)
{}

template <class T>
Variable<T> Bouvrie<T>::operator()(const Variable<T>& images) const
{
    const Shape& shape = images.shape();
    if (shape.size() != 4 || shape[1] != 1 || shape[2] != 28 || shape[3] != 28)
        throw ShapeError(fmt::format("[bouvrie] images (N, 1, 28, 28) are needed, the shape is {}", to_string(shape)));
    const auto x2 = squash(s2(c1(images, {options.activation})));
    const auto x3 = std::visit([&](const auto& layer) { return layer(x2, {options.activation}); }, c3);
    const auto x4 = squash(s4(x3));
    return activate(options.output_activation, f5(flatten(x4, 1)));
}

template <class T>
Variable<T> Bouvrie<T>::loss(const Variable<T>& outputs, const Labels& labels) const
{
    const auto targets = one_hot<T>(labels, options.classes, off_target<T>(options.output_activation));
    Variable<T> error = squared_error(outputs, targets);
    if (options.sparsity == Sparsity::none)
        return error;
    const auto weights = std::get<Combination<T>>(c3).weights();
    return std::move(error) + static_cast<T>(options.sparsity_weight) * sparsity_penalty(options.sparsity, weights);
}

template <class T>
Parameters<T> Bouvrie<T>::parameters() const
{
    return {{"c1", c1.parameters()},
            {"s2", s2.parameters()},
            {"c3", std::visit([](const auto& layer) { return layer.parameters(); }, c3)},
            {"s4", s4.parameters()},
            {"f5", f5.parameters()}};
}

template <class T>
std::vector<LayerSummary> Bouvrie<T>::summary() const
{
    const Shape maps{12, 8, 8};
    const auto third = std::visit([&](const auto& layer) { return summarize("C3", layer, maps); }, c3);
    return {summarize("C1", c1, {6, 24, 24}), summarize("S2", s2, {6, 12, 12}), third, summarize("S4", s4, {12, 4, 4}),
            summarize("F5", f5)};
}

template <class T>
std::vector<ConvolutionStage<T>> Bouvrie<T>::stages() const
{
    std::vector<ConvolutionStage<T>> all = {{"c1", c1, [](const auto& images) { return images; }}};
    if (const auto* const layer = std::get_if<Convolution<T>>(&c3))
        all.push_back({"c3", *layer, [net = *this](const auto& images) {
                           return net.squash(net.s2(net.c1(images, {net.options.activation})));
                       }});
    return all;
}

#define XGRAD_INSTANTIATE(T) template struct Bouvrie<T>;
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

namespace detail::networks
{

namespace
{

Classifier make(std::uint64_t seed, const Choices& choices)
{
    BouvrieOptions options;
    options.activation = activation_named(choices.at("activation"));
    options.output_activation = activation_named(choices.at("output-activation"));
    options.combination = is(choices, "combination", "yes");
    options.sparsity = sparsity_named(choices.at("sparsity"));
    options.sparsity_weight = number("bouvrie", choices, "sparsity-weight");
    Classifier classifier = classifier_of("bouvrie", Bouvrie<float>(seed, options));
    classifier.preparation.padding = 0;
    // β multiplies the sum of four pixels, not their mean: that is 16 times the curvature, so β has 1/16 of the rate.
    // Few weights, each shared by many pixels, tolerate large steps after the first ones.
    classifier.defaults = {.batch = 32,
                           .learning_rate = 0.12,
                           .weight_decay = 1e-4,
                           .schedule = "warm-cosine",
                           .rates = {{"c1", 4}, {"s2.beta", 1.0 / 16}, {"c3", 4}, {"s4.beta", 1.0 / 16}}};
    if (options.output_activation == Activation::scaled_tanh)
        classifier.defaults.learning_rate = 0.008;   // its errors and slopes are larger
    if (options.activation == Activation::sigmoid) { // at the start, five of them in a row hardly pass a gradient
        classifier.defaults.optimizer = "adam";
        classifier.defaults.learning_rate = 0.003;
    }
    return classifier;
}

} // namespace

Architecture bouvrie()
{
    return {
        "bouvrie",
        "the network of Bouvrie's notes (2006), 6c-2s-12c-2s and a full layer, by squared error",
        {{"activation", {"scaled-tanh", "sigmoid"}, "activation of every layer but the last"},
         {"output-activation", {"sigmoid", "scaled-tanh"}, "activation of the last layer, which decides the targets"},
         {"combination", no_or_yes(), "C3 learns which maps to combine (B14c)"},
         {"sparsity", sparsity_names(), "the penalty on the combinations (B18)"},
         {"sparsity-weight", {"0.05"}, "factor λ of the penalty"}},
        make};
}

} // namespace detail::networks

} // namespace xgrad
