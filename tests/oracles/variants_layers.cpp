#include "oracles/variants_layers.hpp"

#include "variants_arrays.hpp"
#include <xgrad/models/layers/blocks.hpp>
#include <xgrad/models/layers/conversion.hpp>
#include <xgrad/models/networks/pixel_labeller.hpp>
#include <xgrad/models/training/pretraining.hpp>

#include <array>

using namespace xgrad;
using namespace xgrad::test;
using namespace xgrad::test::variants;

namespace
{

/** The number of weights without the biases. */
double weights_of(const Parameters<double>& parameters)
{
    std::size_t weights = 0;
    for (const V& parameter : parameters)
        weights += parameter.dimension() > 1 ? parameter.size() : 0;
    return static_cast<double>(weights);
}

} // namespace

ORACLE_TEST("N12", "n×n by 1×n, then n×1; 2/n of the weights")
{
    Draw draw;
    for (const std::ptrdiff_t n : {1, 3, 5}) {
        const Asymmetric<double> block(3, 3, n, draw.random);
        check_block(entry, draw({2, 3, 7, 6}), block, oracles::n12);
        const auto whole = static_cast<double>(n * n * 3 * 3);
        agree(entry, weights_of(block.parameters()) / whole, 2 / static_cast<double>(n), "share");
    }
    check_block(entry, draw({1, 2, 5, 8}), Asymmetric<double>(2, 4, 3, draw.random), oracles::n12);
}

ORACLE_TEST("N13", "the maps of kernels of several sizes, concatenated")
{
    Draw draw;
    check_block(entry, draw({2, 3, 6, 7}), ParallelBlock<double>(3, {{1, 2}, {3, 4}, {5, 1}}, draw.random),
                oracles::n13);
    check_block(entry, draw({1, 1, 4, 4}), ParallelBlock<double>(1, {{{3, 1}, 2}}, draw.random), oracles::n13);
}

ORACLE_TEST("N14", "1×1 to few maps, k×k, 1×1 back")
{
    Draw draw;
    for (const Size2d& kernel : {Size2d(1), Size2d(3), Size2d(5, 3)}) {
        const Bottleneck<double> block(6, 2, 5, kernel, draw.random);
        check_block(entry, draw({2, 6, 6, 5}), block, oracles::n14);
        const auto area = static_cast<double>(kernel.height * kernel.width);
        agree(entry, weights_of(block.parameters()), 6 * 2 + area * 2 * 2 + 2 * 5, "weights");
    }
}

ORACLE_TEST("N15", "a kernel for each map, then 1×1; w h N_I + N_I N_O weights")
{
    Draw draw;
    for (const std::size_t inputs : {1U, 3U, 4U}) {
        const DepthwiseSeparable<double> block(inputs, 5, {3, 5}, draw.random);
        check_block(entry, draw({2, inputs, 6, 7}), block, oracles::n15);
        agree(entry, weights_of(block.parameters()), static_cast<double>(oracles::n15_weights(3, 5, inputs, 5)));
    }
}

ORACLE_TEST("N16", "shuffle: channel i·groups + j is channel i of group j; between grouped convolutions")
{
    Draw draw;
    for (const std::size_t groups : {1U, 2U, 3U, 6U}) {
        const auto g_groups = static_cast<std::ptrdiff_t>(groups);
        check(
            entry, {draw({2, 6, 3, 2})}, [&](const auto& v) { return channel_shuffle(v[0], g_groups); },
            [&](const auto& t, const auto& g) { return oracles::n16_shuffle(t[0], groups, g); });
        check_block(entry, draw({2, 6, 5, 4}), ShuffleUnit<double>(6, 12, 3, g_groups, draw.random),
                    [&](const auto& x, const auto& w, const auto& g) { return oracles::n16(x, w, groups, g); });
    }
}

ORACLE_TEST("N17", "s ∘ x, s = sigmoid(W₂ relu(W₁ mean(x) + b₁) + b₂)")
{
    Draw draw;
    for (const std::size_t reduction : {1U, 2U, 3U})
        check_block(entry, draw({3, 6, 4, 5}), SqueezeExcitation<double>(6, reduction, draw.random), oracles::n17);
}

ORACLE_TEST("N19", "a full layer over maps is a convolution, which slides on a larger image")
{
    Draw draw;
    for (const auto& [rows, columns] : {std::pair(5, 4), std::pair(5, 7), std::pair(8, 6)}) {
        Linear<double> layer(3 * 5 * 4, 6, draw.random);
        layer.bias = draw({6});
        const Convolution<double> sliding = as_convolution(layer, 3, {5, 4});
        const V x = draw({2, 3, static_cast<std::size_t>(rows), static_cast<std::size_t>(columns)});
        check(
            entry, {x, sliding.weight, sliding.bias}, [&](const auto& v) { return sliding(v[0]); },
            [&](const auto& t, const auto& g) { return oracles::n19(t[0], tensor(layer.weight), t[2], 5, 4, g); });
        if (x.shape()[2] == 5 && x.shape()[3] == 4)
            check(
                entry, {x, layer.weight, layer.bias},
                [&](const auto& v) {
                    return reshape(layer(flatten(v[0], 1)), {2, 6, 1, 1});
                },
                [](const auto& t, const auto& g) { return oracles::n19(t[0], t[1], t[2], 5, 4, g); });
    }
}

ORACLE_TEST("N22", "H^(t) = U ⋆ X + W ⋆ Ŷ^(t−1), Ŷ^(t) = V ⋆ H^(t)")
{
    Draw draw;
    for (const std::size_t steps : {1U, 2U, 4U}) {
        Variables<double> xs{draw({2, 1, 5, 6}), draw({3, 1, 3, 3}), draw({3})};
        for (const V& other : {draw({3, 2, 3, 3}), draw({2, 3, 1, 3}), draw({2})})
            xs.push_back(other);
        const auto as_given = [&](const Variables<double>& v) {
            const auto bias = [](const V& b) { return reshape(b, {b.size(), 1, 1}); };
            const ConvolutionOptions same{.padding = Padding::same};
            const V seen = correlate2d(v[0], v[1], same) + bias(v[2]);
            V y = correlate2d(seen, v[4], same) + bias(v[5]);
            for (std::size_t t = 2; t <= steps; ++t)
                y = correlate2d(seen + correlate2d(y, v[3], same), v[4], same) + bias(v[5]);
            return y;
        };
        if (steps == 1) { // W has no part
            Tape tape;
            const V y = as_given(xs);
            Tensors weights;
            for (std::size_t i = 1; i < xs.size(); ++i)
                weights.push_back(tensor(xs[i]));
            agree(entry, y, oracles::n22(tensor(xs[0]), weights, 1, 1, false, tensor(y)).y);
            continue;
        }
        check(entry, xs, as_given, [&](const Tensors& t, const Tensor& g) {
            return oracles::n22(t[0], Tensors(t.begin() + 1, t.end()), steps, 1, false, g);
        });
        const PixelLabeller<double> labeller(
            3, {.maps = 3, .steps = steps, .u = 5, .w = 3, .v = 3, .dilation = 2, .classes = 4});
        check_block(entry, draw({2, 1, 7, 6}), labeller,
                    [&](const auto& x, const auto& w, const auto& g) { return oracles::n22(x, w, steps, 2, true, g); });
    }
}

ORACLE_TEST("N23", "regions ⌊iH/h⌋ … ⌈(i + 1)H/h⌉ − 1: the same number of outputs for images of any size")
{
    Draw draw;
    for (const auto& [rows, columns] : {std::pair(3, 2), std::pair(7, 5), std::pair(12, 9)}) {
        const V x = draw({2, 2, static_cast<std::size_t>(rows), static_cast<std::size_t>(columns)});
        check(
            entry, {x},
            [](const auto& v) {
                return adaptive_mean_pool2d(v[0], {3, 2});
            },
            [](const auto& t, const auto& g) { return oracles::n23(t[0], false, g); });
        check(
            entry, {x},
            [](const auto& v) {
                return adaptive_max_pool2d(v[0], {3, 2});
            },
            [](const auto& t, const auto& g) { return oracles::n23(t[0], true, g); });
        CHECK(adaptive_mean_pool2d(x, {3, 2}).shape() == Shape{2, 2, 3, 2});
    }
}

ORACLE_TEST("N26", "the output layer alone on frozen features; ½ mean (x − tanh(x ⋆ k + b) * k − c)²")
{
    Draw draw;
    const Convolution<double> c1(1, 3, 3, draw.random);
    const Linear<double> output(3 * 4 * 4, 5, draw.random);
    const V x = draw({4, 1, 6, 6}), t = stop_gradient(softmax(draw({4, 5}), 1));
    const auto features = [&] { return flatten(relu(c1(x)), 1); };
    V frozen;
    {
        const PauseRecording fixed;
        frozen = features();
    }
    const Tensors by_hand = oracles::n26(tensor(frozen), tensor(output.weight), tensor(output.bias), tensor(t));
    for (const bool whole : {false, true}) {
        Tape tape;
        const V loss = softmax_cross_entropy(output(whole ? features() : frozen), t);
        Variables<double> xs{output.weight, output.bias};
        if (whole)
            xs.push_back(c1.weight);
        const Variables<double> gradients = tape.gradient(loss, xs);
        agree(entry, gradients[0], by_hand[0], whole ? "W, of all" : "W alone");
        agree(entry, gradients[1], by_hand[1], whole ? "b, of all" : "b alone");
    }

    for (const Sizes& s : convolutions) {
        Convolution<double> layer(s.inputs, s.outputs,
                                  {static_cast<std::ptrdiff_t>(s.height), static_cast<std::ptrdiff_t>(s.width)},
                                  draw.random);
        layer.bias = draw({s.outputs});
        const V image = draw(s.x()), c = draw({s.inputs});
        const Size2d size(static_cast<std::ptrdiff_t>(s.rows), static_cast<std::ptrdiff_t>(s.columns));
        Tape tape;
        const V rebuilt = layer.transposed(tanh(layer(image)), size) + reshape(c, {1, s.inputs, 1, 1});
        const V loss = 0.5 * mean(square(image - rebuilt));
        const Variables<double> gradients = tape.gradient(loss, {layer.weight, layer.bias, c});
        const Pass pass = oracles::n26_objective(tensor(image), tensor(layer.weight), tensor(layer.bias), tensor(c));
        agree(entry, loss, pass.y, "objective");
        for (std::size_t i = 0; i < 3; ++i)
            agree(entry, gradients[i], pass.gradients[i], "objective's gradient " + std::to_string(i));
    }

    // The report of pretraining, in float: the objective of its only batch over that of each image's mean.
    Images images{Array<std::uint8_t>(Shape{6, 1, 8, 8}, std::uint8_t{0}), Labels(Shape{6}, 0), 10};
    for (std::uint8_t& pixel : images.pixels)
        pixel = static_cast<std::uint8_t>(draw.random.below(256));
    const Array<float> prepared = images.batches(6, Preparation{})[0].images;
    const Tensor seen = tensor(Array<double>(xt::cast<double>(prepared)));
    double mean = 0, spread = 0;
    const auto n = static_cast<double>(seen.data.size());
    for (const double value : seen.data)
        mean += value / n;
    for (const double value : seen.data)
        spread += (value - mean) * (value - mean) / (2 * n);
    const Convolution<float> layer(1, 2, 3, draw.random);
    const Tensor k = tensor(Array<double>(xt::cast<double>(layer.weight.value())));
    const double expected = oracles::n26_objective(seen, k, Tensor({2}), Tensor({1})).y(0) / spread;
    const auto reports = pretrain({{"c1", layer, [](const auto& image) { return image; }}}, images, Preparation{},
                                  {.epochs = 1, .batch = 6});
    CHECK(reports[0].first == doctest::Approx(expected).epsilon(1e-5));
}

namespace
{

constexpr std::array<oracles::PoolingWindow, 4> windows{{{2, 2, 2, 2}, {3, 3, 2, 2}, {2, 3, 1, 2}, {1, 2, 3, 1}}};

PoolingOptions options_of(const oracles::PoolingWindow& w)
{
    const auto size = [](std::size_t h, std::size_t v) {
        return Size2d(static_cast<std::ptrdiff_t>(h), static_cast<std::ptrdiff_t>(v));
    };
    return {.size = size(w.height, w.width), .stride = size(w.down, w.across)};
}

} // namespace

ORACLE_TEST("N27", "pooling: max, mean, L2, by distance, across channels, stochastic; width ≠ stride")
{
    Draw draw;
    for (const oracles::PoolingWindow& w : windows) {
        const PoolingOptions options = options_of(w);
        const V x = draw({2, 3, 7, 8}), positive = variable(draw.random.uniform<double>({2, 3, 7, 8}, 0.1, 2));
        const auto max = [&](const auto& v) { return max_pool2d(v[0], options); };
        check(entry, {x}, max, [&](const auto& t, const auto& g) { return oracles::n27_max(t[0], w, g); });
        const auto mean = [&](const auto& v) { return mean_pool2d(v[0], options); };
        check(entry, {x}, mean, [&](const auto& t, const auto& g) { return oracles::n27_mean(t[0], w, g); });
        const auto l2 = [&](const auto& v) { return l2_pool2d(v[0], options); };
        check(entry, {x}, l2, [&](const auto& t, const auto& g) { return oracles::n27_l2(t[0], w, g); });
        const auto distance = [&](const auto& v) {
            return weighted_pool2d(v[0], distance_weights<double>(options.size, 0.8), options);
        };
        check(entry, {x}, distance,
              [&](const auto& t, const auto& g) { return oracles::n27_distance(t[0], w, 0.8, g); });
        const auto probability = [&](const auto& v) { return probability_pool2d(v[0], options); };
        check(entry, {positive}, probability,
              [&](const auto& t, const auto& g) { return oracles::n27_probability(t[0], w, g); });

        const auto stochastic = [&](const auto& v) {
            Random random(9);
            return stochastic_pool2d(v[0], options, random);
        };
        const Tensor drawn = tensor(stochastic(Variables<double>{positive}));
        check(entry, {positive}, stochastic,
              [&](const auto& t, const auto& g) { return oracles::n27_stochastic(t[0], w, drawn, g); });
    }
    for (const std::size_t pieces : {1U, 2U, 3U, 6U})
        check(
            entry, {draw({2, 6, 3, 4})}, [&](const auto& v) { return maxout(v[0], pieces); },
            [&](const auto& t, const auto& g) { return oracles::n27_maxout(t[0], pieces, g); });
}
