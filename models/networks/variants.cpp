#include <xgrad/base/error.hpp>
#include <xgrad/base/nearest.hpp>
#include <xgrad/models/layers/blocks.hpp>
#include <xgrad/models/layers/conversion.hpp>
#include <xgrad/models/layers/local.hpp>
#include <xgrad/models/layers/sequence.hpp>
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/networks/variants.hpp>
#include <xgrad/ops/ops.hpp>

#include <fmt/core.h>

#include <cmath>

namespace xgrad
{

namespace
{

using Layers = Sequence<float>;

constexpr auto he = Initialization::he;

/** A convolution whose kernels are outer products of a column and a row (N25). */
struct Separable
{
    Variable<float> column, row, bias;

    Separable(std::size_t inputs, std::size_t outputs, std::size_t k, Random& random)
        : column(initial_weights<float>(he, {outputs, inputs, k, 1}, inputs * k, outputs * k, random)),
          row(initial_weights<float>(Initialization::lecun, {outputs, inputs, 1, k}, k, k, random)),
          bias(variable(filled_array({outputs}, 0.0F)))
    {}

    Variable<float> operator()(const Variable<float>& x) const
    {
        return correlate2d(x, column * row, {.algorithm = Algorithm::separable}) +
               reshape(bias, {1, bias.size(), 1, 1});
    }
    Parameters<float> parameters() const { return {{"column", column}, {"row", row}, {"bias", bias}}; }
};

/** A full layer whose matrix is circulant: each row is the one before, rotated by one place (N3). Each of its n weights
 *  is used n times. So the parameters are √n times as large, which makes the weights change more slowly. */
struct Circulant
{
    Variable<float> weight, bias;

    Circulant(std::size_t units, Random& random)
        : weight(initial_weights<float>(he, {units}, 1, 1, random)), bias(variable(filled_array({units}, 0.0F)))
    {}

    Variable<float> operator()(const Variable<float>& x) const
    {
        const std::size_t n = weight.size();
        const Variable<float> first_column = weight * (1 / std::sqrt(static_cast<float>(n)));
        return matmul(x, circulant(first_column, static_cast<std::ptrdiff_t>(n)), {.b = true}) + bias;
    }
    Parameters<float> parameters() const { return {{"weight", weight}, {"bias", bias}}; }
};

LayerSummary summarize(std::string name, const Separable& layer, const Shape& output)
{
    const std::size_t positions = output[1] * output[2], weights = layer.column.size() + layer.row.size();
    return {.name = std::move(name),
            .kind = fmt::format("separable {0}x{0}", layer.column.shape()[2]),
            .output = output,
            .parameters = weights + layer.bias.size(),
            .connections = (layer.column.size() * layer.row.shape()[3] + layer.bias.size()) * positions,
            .multiply_adds = weights * positions};
}

LayerSummary summarize(std::string name, const Circulant& layer)
{
    const std::size_t n = layer.bias.size();
    return {std::move(name), "circulant", {n}, 2 * n, n * n + n, n * n};
}

Variable<float> rectify(const Variable<float>& x) { return relu(x); }
Variable<float> flat(const Variable<float>& x) { return flatten(x, 1); }
Variable<float> halve(const Variable<float>& x) { return max_pool2d(x); }
Variable<float> average(const Variable<float>& x) { return mean_pool2d(x); }
Variable<float> mean_of_map(const Variable<float>& x) { return global_mean_pool2d(x); }
Variable<float> mean_of_squares(const Variable<float>& x) { return square_pool2d(x) * 0.25F; }
Variable<float> root_of_squares(const Variable<float>& x) { return l2_pool2d(x); }
Variable<float> by_distance(const Variable<float>& x)
{
    return weighted_pool2d(x, distance_weights<float>(4, 1), {.size = 4, .stride = 2, .padding = 1});
}
Variable<float> sampled(const Variable<float>& x, const Mode& mode)
{
    return mode.is_training() ? stochastic_pool2d(x, {}, mode.random()) : probability_pool2d(x);
}
Variable<float> larger(const Variable<float>& x) { return maxout(x, 2); }

/** The layer C3, a convolution from 8 maps to 16. */
Convolution<float> c3(Random& random, const ConvolutionOptions& options = {}, Product product = Product::correlation)
{
    return {8, 16, 5, random, he, options, product};
}

/** The first block: 8 maps 5×5, pooling. */
Layers first(Random& random)
{
    Layers net({1, 28, 28});
    net.add("c1", Convolution<float>(1, 8, 5, random, he)).add("relu1", rectify, "relu");
    return net.add("s2", halve, "max pooling 2x2", 4);
}

/** The first block, then another from 8 maps of 12×12 to 16 maps, pooling. */
template <class Block>
Layers features(Block block, Random& random)
{
    Layers net = first(random);
    net.add("block", std::move(block)).add("relu3", rectify, "relu");
    return net.add("s4", halve, "max pooling 2x2", 4);
}

/** The network with a full layer at its end, over all maps. */
Layers classify(Layers net, Random& random)
{
    net.add("flatten", flat, "flatten");
    return net.add("f5", Linear<float>(element_count(net.summary().back().output), 10, random));
}

/** A network with this block in the second place. */
template <class Block>
Layers around(Block block, Random& random)
{
    return classify(features(std::move(block), random), random);
}

/** Two convolutions, each followed by this kind of pooling to half of the size. */
template <class Pool>
Layers pooled_by(Pool pool, const std::string& kind, std::size_t window, Random& random)
{
    Layers net({1, 28, 28});
    net.add("c1", Convolution<float>(1, 8, 5, random, he)).add("relu1", rectify, "relu").add("s2", pool, kind, window);
    net.add("c3", c3(random)).add("relu3", rectify, "relu").add("s4", pool, kind, window);
    return classify(net, random);
}

/** Pooling over regions in proportion to the image: a fixed number of outputs for any size (N23). */
Layers adaptive(Variable<float> (*pool)(const Variable<float>&, Size2d), const std::string& kind, Random& random)
{
    const auto to_3x3 = [pool](const Variable<float>& x) { return pool(x, 3); };
    Layers net = first(random);
    net.add("c3", c3(random)).add("relu3", rectify, "relu").add("s4", to_3x3, kind);
    return classify(net, random);
}

/** A stride in place of pooling, different along the two axes (N6). */
Layers strided(Random& random)
{
    Layers net({1, 28, 28});
    net.add("c1", Convolution<float>(1, 8, 5, random, he, {.stride = {2, 1}})).add("relu1", rectify, "relu");
    net.add("c2", c3(random, {.stride = {2, 4}})).add("relu2", rectify, "relu");
    return classify(net, random);
}

/** Squeeze and excitation: each map is scaled by a number that depends on all maps (N17). */
Layers squeeze_excitation(Random& random)
{
    Layers net = first(random);
    net.add("c3", c3(random)).add("scale", SqueezeExcitation<float>(16, 4, random)).add("relu3", rectify, "relu");
    return classify(net.add("s4", halve, "max pooling 2x2", 4), random);
}

/** A convolution as large as its input in place of the full layer; it slides on larger images (N19). */
Layers convolutional(Random& random)
{
    Layers net = features(c3(random), random);
    net.add("c5", as_convolution(Linear<float>(16 * 4 * 4, 10, random), 16, 4));
    return net.add("mean", mean_of_map, "mean", 1);
}

/** A map for each class in place of the full layer; its mean is the score (N14, N17). */
Layers global_pooling(Random& random)
{
    Layers net = features(c3(random), random);
    net.add("c5", Convolution<float>(16, 10, 1, random));
    return net.add("mean", mean_of_map, "mean", 4 * 4);
}

/** The larger of each pair of maps, which needs no other activation (G11). */
Layers maxout_maps(Random& random)
{
    Layers net({1, 28, 28});
    net.add("c1", Convolution<float>(1, 16, 5, random)).add("maxout1", larger, "maximum of 2", 2);
    net.add("s2", halve, "max pooling 2x2", 4);
    net.add("c3", Convolution<float>(8, 32, 5, random)).add("maxout3", larger, "maximum of 2", 2);
    return classify(net.add("s4", halve, "max pooling 2x2", 4), random);
}

/** A network with a full layer whose units are the larger of two linear functions (G11). */
Layers maxout_layer(Random& random)
{
    Layers net = features(c3(random), random);
    net.add("flatten", flat, "flatten").add("f5", Maxout<float>(16 * 4 * 4, 32, 2, random));
    return net.add("f6", Linear<float>(32, 10, random));
}

/** A network with a circulant full layer. */
Layers circulant_layer(Random& random)
{
    Layers net = features(c3(random), random);
    net.add("flatten", flat, "flatten").add("f5", Circulant(16 * 4 * 4, random)).add("relu5", rectify, "relu");
    return net.add("f6", Linear<float>(16 * 4 * 4, 10, random));
}

struct Variant
{
    const char* name;
    Layers (*make)(Random& random);
};

const Variant variants[] = {
    {"convolution", [](Random& r) { return around(c3(r), r); }},
    {"true-convolution", [](Random& r) { return around(c3(r, {}, Product::convolution), r); }},
    {"fft", [](Random& r) { return around(c3(r, {.algorithm = Algorithm::fft}), r); }},
    {"separable", [](Random& r) { return around(Separable(8, 16, 5, r), r); }},
    {"strided", strided},
    {"locally-connected", [](Random& r) { return around(LocallyConnected<float>(8, 16, 12, 5, r, he), r); }},
    {"tiled", [](Random& r) { return around(Tiled<float>(8, 16, 2, 5, r, he), r); }},
    {"grouped", [](Random& r) { return around(c3(r, {.groups = 4}), r); }},
    {"shuffled", [](Random& r) { return around(ShuffleUnit<float>(8, 16, 3, 2, r), r); }},
    {"stacked", [](Random& r) { return around(StackedSmall<float>(8, 16, 5, 3, r), r); }},
    {"asymmetric", [](Random& r) { return around(Asymmetric<float>(8, 16, 5, r), r); }},
    {"parallel",
     [](Random& r) {
         return around(ParallelBlock<float>(8, {{1, 4}, {3, 8}, {5, 4}}, r), r);
     }},
    {"bottleneck", [](Random& r) { return around(Bottleneck<float>(8, 4, 16, 3, r), r); }},
    {"depthwise-separable", [](Random& r) { return around(DepthwiseSeparable<float>(8, 16, 3, r), r); }},
    {"batch-norm", [](Random& r) { return around(NormalizedSeparable(DepthwiseSeparable<float>(8, 16, 3, r)), r); }},
    {"squeeze-excitation", squeeze_excitation},
    {"dilated",
     [](Random& r) {
         return around(HybridDilation<float>(8, 16, 3, {1, 2, 5}, r), r);
     }},
    {"convolutional", convolutional},
    {"circulant", circulant_layer},
    {"maxout", maxout_maps},
    {"maxout-layer", maxout_layer},
    {"mean-pooling", [](Random& r) { return pooled_by(average, "mean pooling 2x2", 4, r); }},
    {"square-pooling", [](Random& r) { return pooled_by(mean_of_squares, "square pooling 2x2", 4, r); }},
    {"l2-pooling", [](Random& r) { return pooled_by(root_of_squares, "L2 pooling 2x2", 4, r); }},
    {"distance-pooling", [](Random& r) { return pooled_by(by_distance, "weighted pooling 4x4", 16, r); }},
    {"stochastic-pooling", [](Random& r) { return pooled_by(sampled, "stochastic pooling 2x2", 4, r); }},
    {"adaptive-pooling", [](Random& r) { return adaptive(adaptive_mean_pool2d<float>, "mean of 3x3 regions", r); }},
    {"adaptive-max-pooling", [](Random& r) { return adaptive(adaptive_max_pool2d<float>, "max of 3x3 regions", r); }},
    {"global-pooling", global_pooling},
};

} // namespace

std::vector<std::string> variant_names()
{
    std::vector<std::string> names;
    for (const Variant& variant : variants)
        names.emplace_back(variant.name);
    return names;
}

Classifier make_variant(const std::string& name, std::uint64_t seed)
{
    for (const Variant& variant : variants)
        if (name == variant.name) {
            Random random(seed);
            Classifier classifier = classifier_of("variants", variant.make(random));
            classifier.choices = {{"kind", name}};
            classifier.preparation.padding = 0;
            classifier.defaults = {.epochs = 10, .batch = 32, .learning_rate = 0.02};
            return classifier;
        }
    throw Error("[variants] " + detail::no_such("", name, variant_names()));
}

namespace detail::networks
{

Architecture variants()
{
    return {"variants",
            "a small network for each variant of convolution and pooling",
            {{"kind", variant_names(), "the variant; all of them, one after the other, if none is named"}},
            [](std::uint64_t seed, const Choices& choices) { return make_variant(choices.at("kind"), seed); },
            {},
            "kind"};
}

} // namespace detail::networks

} // namespace xgrad
