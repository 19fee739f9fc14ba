#include <xgrad/graph/error.hpp>
#include <xgrad/models/layers/blocks.hpp>
#include <xgrad/models/layers/conversion.hpp>
#include <xgrad/models/layers/local.hpp>
#include <xgrad/models/sequence.hpp>
#include <xgrad/models/variants.hpp>
#include <xgrad/ops/ops.hpp>

#include <fmt/core.h>
#include <fmt/ranges.h>

namespace xgrad
{

namespace
{

using Layers = Sequence<float>;
using Convolve = Convolution<float>;
using Images4 = Variable<float>;

constexpr auto he = Initialization::he;

const auto rectify = [](const Images4& x) { return relu(x); };
const auto halve = [](const Images4& x) { return max_pool2d(x); };

void add_first(Layers& net, Random& random) { net.add("c1", Convolve(1, 8, 5, random, he)).add("relu1", rectify); }

void add_last(Layers& net, std::size_t inputs, Random& random)
{
    net.add("flatten", [](const Images4& x) { return flatten(x, 1); });
    net.add("f5", Linear<float>(inputs, 10, random));
}

/** 8 maps 5×5, pooling, a block from 8 maps of 12×12 to 16 maps of `side`×`side`, pooling, full layer. */
template <class Block>
Layers around(Block block, std::size_t side, Random& random)
{
    Layers net;
    add_first(net, random);
    net.add("s2", halve).add("block", std::move(block)).add("relu3", rectify).add("s4", halve);
    add_last(net, 16 * (side / 2) * (side / 2), random);
    return net;
}

/** Two convolutions, each followed by one kind of pooling to half of the size. */
template <class Pool>
Layers pooled_by(Pool pool, Random& random)
{
    Layers net;
    add_first(net, random);
    net.add("s2", pool).add("c3", Convolve(8, 16, 5, random, he)).add("relu3", rectify).add("s4", pool);
    add_last(net, 16 * 4 * 4, random);
    return net;
}

/** A stride in place of pooling, another one along each axis (N6). */
Layers strided(Random& random)
{
    Layers net;
    net.add("c1", Convolve(1, 8, 5, random, he, {.stride = {2, 1}})).add("relu1", rectify);
    net.add("c2", Convolve(8, 16, 5, random, he, {.stride = {2, 4}})).add("relu2", rectify);
    add_last(net, 16 * 4 * 5, random);
    return net;
}

/** No full layer: its work is done by a convolution as large as its input, which slides on larger images (N19). */
Layers convolutional(Random& random)
{
    Layers net;
    add_first(net, random);
    net.add("s2", halve).add("c3", Convolve(8, 16, 5, random, he)).add("relu3", rectify).add("s4", halve);
    net.add("c5", as_convolution(Linear<float>(16 * 4 * 4, 10, random), 16, 4));
    net.add("mean", [](const Images4& x) { return global_mean_pool2d(x); });
    return net;
}

/** The largest of pairs of maps, which needs no other nonlinearity (G11). */
Layers maxout_maps(Random& random)
{
    const auto largest = [](const Images4& x) { return maxout(x, 2); };
    Layers net;
    net.add("c1", Convolve(1, 16, 5, random)).add("maxout1", largest).add("s2", halve);
    net.add("c3", Convolve(8, 32, 5, random)).add("maxout3", largest).add("s4", halve);
    add_last(net, 16 * 4 * 4, random);
    return net;
}

/** Regions in proportion to the image: a fixed number of outputs for any size (N23). */
Layers adaptive(Random& random)
{
    Layers net;
    add_first(net, random);
    net.add("s2", halve).add("c3", Convolve(8, 16, 5, random, he)).add("relu3", rectify);
    net.add("s4", [](const Images4& x) { return adaptive_mean_pool2d(x, 3); });
    add_last(net, 16 * 3 * 3, random);
    return net;
}

struct Variant
{
    const char* name;
    Layers (*make)(Random& random);
};

// clang-format off
const Variant variants[] = {
    {"convolution", [](Random& r) { return around(Convolve(8, 16, 5, r, he), 8, r); }},
    {"true-convolution", [](Random& r) { return around(Convolve(8, 16, 5, r, he, {}, Product::convolution), 8, r); }},
    {"fft", [](Random& r) { return around(Convolve(8, 16, 5, r, he, {.algorithm = Algorithm::fft}), 8, r); }},
    {"strided", strided},
    {"locally-connected", [](Random& r) { return around(LocallyConnected<float>(8, 16, 12, 5, r, he), 8, r); }},
    {"tiled", [](Random& r) { return around(Tiled<float>(8, 16, 2, 5, r, he), 8, r); }},
    {"grouped", [](Random& r) { return around(Convolve(8, 16, 5, r, he, {.groups = 4}), 8, r); }},
    {"shuffled", [](Random& r) { return around(ShuffleUnit<float>(8, 16, 3, 2, r), 12, r); }},
    {"stacked", [](Random& r) { return around(StackedSmall<float>(8, 16, 5, 3, r), 12, r); }},
    {"asymmetric", [](Random& r) { return around(Asymmetric<float>(8, 16, 5, r), 12, r); }},
    {"parallel", [](Random& r) { return around(ParallelBlock<float>(8, {{1, 4}, {3, 8}, {5, 4}}, r), 12, r); }},
    {"bottleneck", [](Random& r) { return around(Bottleneck<float>(8, 4, 16, 3, r), 12, r); }},
    {"depthwise-separable", [](Random& r) { return around(DepthwiseSeparable<float>(8, 16, 3, r), 12, r); }},
    {"batch-norm", [](Random& r) { return around(NormalizedSeparable<float>(DepthwiseSeparable<float>(8, 16, 3, r)), 12, r); }},
    {"squeeze-excitation", [](Random& r) { return around(Layers().add("c3", Convolve(8, 16, 5, r, he)).add("scale", SqueezeExcitation<float>(16, 4, r)), 8, r); }},
    {"dilated", [](Random& r) { return around(HybridDilation<float>(8, 16, 3, {1, 2, 5}, r), 12, r); }},
    {"convolutional", convolutional},
    {"maxout", maxout_maps},
    {"mean-pooling", [](Random& r) { return pooled_by([](const Images4& x) { return mean_pool2d(x); }, r); }},
    {"square-pooling", [](Random& r) { return pooled_by([](const Images4& x) { return square_pool2d(x) * 0.25F; }, r); }},
    {"l2-pooling", [](Random& r) { return pooled_by([](const Images4& x) { return l2_pool2d(x); }, r); }},
    {"distance-pooling", [](Random& r) { return pooled_by([weights = distance_weights<float>(4, 1)](const Images4& x) { return weighted_pool2d(x, weights, {.size = 4, .stride = 2, .padding = 1}); }, r); }},
    {"stochastic-pooling", [](Random& r) { return pooled_by([](const Images4& x, const Mode& mode) { return mode.is_training() ? stochastic_pool2d(x, {}, mode.random()) : probability_pool2d(x); }, r); }},
    {"adaptive-pooling", adaptive},
};
// clang-format on

/** The layers, and images of the size that they are for. */
struct Network : Layers
{
    explicit Network(Layers layers) : Layers(std::move(layers)) {}
    std::vector<LayerSummary> summary() const { return Layers::summary({1, 28, 28}); }
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
            Classifier classifier = classifier_of("variants", Network(variant.make(random)));
            classifier.choices = {{"kind", name}};
            classifier.preparation.padding = 0;
            classifier.looks_at_whole_batch = classifier.state.size() > 0;
            classifier.defaults = {.epochs = 10, .batch = 32, .learning_rate = 0.02};
            return classifier;
        }
    throw Error(fmt::format("[variants] there is no '{}'; there are: {}", name, fmt::join(variant_names(), ", ")));
}

} // namespace xgrad
