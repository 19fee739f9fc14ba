#include "ops.hpp"
#include <xgrad/models/layers/blocks.hpp>
#include <xgrad/models/layers/normalized_convolution.hpp>
#include <xgrad/ops/ops.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

using Images = Array<double>;

/** A convolution with `same` padding as plain loops; an odd zero is below and to the right. */
Images convolve(const Images& x, const Convolution<double>& layer)
{
    const Array<double>& w = layer.weight.value();
    const auto size = [](std::size_t n) { return static_cast<std::ptrdiff_t>(n); };
    const std::ptrdiff_t stride = layer.options.stride.height, dilation = layer.options.dilation.height;
    const std::ptrdiff_t height = size(x.shape()[2]), width = size(x.shape()[3]);
    const std::size_t per_group = layer.weight.shape()[0] / static_cast<std::size_t>(layer.options.groups);
    const auto out = [&](std::ptrdiff_t extent) { return (extent + stride - 1) / stride; };
    const auto before = [&](std::ptrdiff_t extent, std::size_t taps) {
        return std::max<std::ptrdiff_t>((out(extent) - 1) * stride + dilation * (size(taps) - 1) + 1 - extent, 0) / 2;
    };
    const std::ptrdiff_t above = before(height, w.shape()[2]), left = before(width, w.shape()[3]);
    const Shape shape{x.shape()[0], w.shape()[0], static_cast<std::size_t>(out(height)),
                      static_cast<std::size_t>(out(width))};
    return generate<double>(shape, [&](const Index& y) {
        double sum = layer.bias.data()[y[1]];
        for (std::size_t c = 0; c < w.shape()[1]; ++c)
            for (std::size_t u = 0; u < w.shape()[2]; ++u)
                for (std::size_t v = 0; v < w.shape()[3]; ++v) {
                    const std::ptrdiff_t i = size(y[2]) * stride + size(u) * dilation - above;
                    const std::ptrdiff_t j = size(y[3]) * stride + size(v) * dilation - left;
                    if (i >= 0 && i < height && j >= 0 && j < width)
                        sum += w(y[1], c, u, v) * x(y[0], y[1] / per_group * w.shape()[1] + c,
                                                    static_cast<std::size_t>(i), static_cast<std::size_t>(j));
                }
        return sum;
    });
}

Images rectified(Images x)
{
    for (double& value : x)
        value = std::max(value, 0.0);
    return x;
}

/** The layers with ReLU between them. */
Images convolve(Images x, const std::vector<Convolution<double>>& layers)
{
    for (std::size_t i = 0; i < layers.size(); ++i)
        x = convolve(i == 0 ? x : rectified(x), layers[i]);
    return x;
}

/** Draws biases that are not 0, as a wrong bias of 0 would not show. */
template <class Block>
Block with_biases(Block block)
{
    for (const Variable<double>& leaf : block.parameters())
        if (leaf.dimension() == 1) {
            Variable<double> bias = leaf;
            bias.mutable_value() = numbers<double>(leaf.shape(), -0.5, 1);
        }
    return block;
}

/** The numbers in weights, without the biases. */
template <class Block>
std::size_t weights(const Block& block)
{
    std::size_t count = 0;
    for (const auto& leaf : block.parameters())
        count += leaf.dimension() == 1 ? 0 : leaf.size();
    return count;
}

/** CHECKs the counts of a summary for an output of 8×8: the sums over a block's convolutions. */
void check_summary(const LayerSummary& line, const std::string& kind, std::size_t weights, std::size_t biases)
{
    CHECK(line.name == "block");
    CHECK(line.kind == kind);
    CHECK(line.parameters == weights + biases);
    CHECK(line.multiply_adds == weights * 64);
    CHECK(line.connections == (weights + biases) * 64);
}

/** The distances from the centre, along the rows, of the pixels that a block reads. */
template <class Block>
std::vector<std::ptrdiff_t> reads(const Block& block, std::size_t width)
{
    const auto x = leaf<double>({1, 1, 1, width});
    Array<double> upstream(Shape{1, 1, 1, width}, 0.0);
    upstream(0, 0, 0, width / 2) = 1;
    Tape tape;
    const auto gradient = tape.vector_jacobian_product(block(x), constant(std::move(upstream)), x);
    std::vector<std::ptrdiff_t> places;
    for (std::size_t i = 0; i < width; ++i)
        if (gradient.data()[i] != 0)
            places.push_back(static_cast<std::ptrdiff_t>(i) - static_cast<std::ptrdiff_t>(width / 2));
    return places;
}

const Shape shape{2, 4, 6, 7};
const Images x = numbers<double>(shape);
const Variable<double> images = constant(Images(x));
constexpr double tolerance = 1e-12;

} // namespace

TEST_CASE("stacked small kernels (N11)")
{
    Random random(1);
    const auto block = with_biases(StackedSmall<double>(4, 3, 7, 3, random));
    REQUIRE(block.layers.size() == 3);
    check_close(block(images).value(), convolve(x, block.layers), tolerance);
    CHECK(block.parameters().name(2) == "layer2.weight");
    const StackedSmall<double> two(6, 6, 5, 3, random);
    CHECK(100 * weights(two) == 72 * Convolution<double>(6, 6, 5, random).weight.size());
    check_summary(summarize("block", two, {6, 8, 8}), "2 stacked 3x3", 648, 12);

    StackedSmall<double> linear(1, 1, 9, 5, random); // sees what a kernel of 9 sees
    linear.activation = Activation::identity;
    CHECK(reads(linear, 15) == std::vector<std::ptrdiff_t>{-4, -3, -2, -1, 0, 1, 2, 3, 4});

    check_shape_error([&] { StackedSmall<float>(1, 1, 6, 3, random); }, {"[stacked_small]", "3x3", "6x6"});
    check_shape_error([&] { StackedSmall<float>(1, 1, 5, 1, random); }, {"1x1"});
    check_shape_error([&] { StackedSmall<float>(1, 1, 1, 3, random); }, {"1x1"});
}

TEST_CASE("asymmetric convolutions (N12)")
{
    Random random(2);
    auto block = with_biases(Asymmetric<double>(4, 3, 3, random));
    check_close(block(images).value(), convolve(convolve(x, block.row), block.column), tolerance);
    block.activation = Activation::relu;
    check_close(block(images).value(), convolve(x, std::vector{block.row, block.column}), tolerance);
    const Asymmetric<double> square(5, 5, 7, random);
    CHECK(7 * weights(square) == 2 * Convolution<double>(5, 5, 7, random).weight.size());
    check_summary(summarize("block", square, {5, 8, 8}), "1x7, 7x1", 350, 10);
    check_shape_error([&] { Asymmetric<float>(1, 1, 0, random); }, {"1x0"});
}

TEST_CASE("an asymmetric convolution of one map has a kernel of rank 1 (N25)")
{
    Random random(3);
    const Asymmetric<double> block(1, 1, 3, random);
    const auto kernel = matmul(reshape(block.column.weight, {3, 1}), reshape(block.row.weight, {1, 3}));
    const auto one = constant(numbers<double>({1, 1, 6, 5}));
    check_close(block(one).value(), correlate2d(one, reshape(kernel, {1, 1, 3, 3}), {.padding = Padding::same}).value(),
                tolerance);
}

TEST_CASE("parallel kernels of several sizes (N13)")
{
    Random random(4);
    const auto block = with_biases(ParallelBlock<double>(4, {{1, 2}, {3, 3}, {5, 1}}, random));
    const auto y = block(images);
    REQUIRE(y.shape() == Shape{2, 6, 6, 7});
    const std::size_t first[] = {0, 2, 5, 6};
    for (std::size_t path = 0; path < 3; ++path)
        check_close(slice(y, 1, first[path], first[path + 1]).value(), convolve(x, block.paths[path]), tolerance);
    CHECK(block.parameters().name(4) == "path3.weight");
    check_summary(summarize("block", block, {6, 8, 8}), "1x1 | 3x3 | 5x5", 4 * 2 + 9 * 4 * 3 + 25 * 4, 6);
    check_shape_error([&] { ParallelBlock<float>(4, {}, random); }, {"[parallel_block]", "no paths"});
    check_shape_error([&] { ParallelBlock<float>(4, {{1, 2}, {3, 0}}, random); }, {"no maps in a path"});
}

TEST_CASE("a bottleneck (N14)")
{
    Random random(5);
    const auto block = with_biases(Bottleneck<double>(4, 2, 5, 3, random));
    check_close(block(images).value(), convolve(x, {block.reduce, block.middle, block.expand}), tolerance);
    CHECK(weights(block) == 4 * 2 + 9 * 2 * 2 + 2 * 5);
    check_summary(summarize("block", block, {5, 8, 8}), "bottleneck 3x3", 54, 9);
    check_shape_error([&] { Bottleneck<float>(4, 0, 5, 3, random); }, {"[bottleneck]", "no maps"});
}

TEST_CASE("depthwise separable convolutions (N15)")
{
    Random random(6);
    const auto block = with_biases(DepthwiseSeparable<double>(4, 5, 3, random));
    check_close(block(images).value(), convolve(x, {block.depthwise, block.pointwise}), tolerance);
    CHECK(weights(block) == 3 * 3 * 4 + 4 * 5);
    check_summary(summarize("block", block, {5, 8, 8}), "depthwise 3x3, 1x1", 56, 9);
    const auto strided = with_biases(DepthwiseSeparable<double>(4, 5, 3, random, Initialization::he, 2));
    const auto y = strided(images);
    CHECK(y.shape() == Shape{2, 5, 3, 4});
    check_close(y.value(), convolve(x, {strided.depthwise, strided.pointwise}), tolerance);
    check_shape_error([&] { block(leaf<double>({1, 3, 4, 4})); }, {"3"});
}

TEST_CASE("depthwise separable convolutions with batch normalization")
{
    Random random(7);
    const NormalizedSeparable<double> block(DepthwiseSeparable<double>(4, 5, 3, random));
    for (const Mode mode : {Mode::training(random), Mode::evaluation()}) {
        const auto y = block(images, mode);
        const NormalizedSeparable<double> again(block.layer); // with running moments of its own
        BatchNorm<double> inner = again.inner, outer = again.outer;
        if (!mode.is_training()) {
            inner = block.inner;
            outer = block.outer;
        }
        const auto depthwise = constant(convolve(x, block.layer.depthwise));
        const auto pointwise = convolve(rectified(inner(depthwise, mode).value()), block.layer.pointwise);
        check_close(y.value(), outer(constant(Images(pointwise)), mode).value(), tolerance);
    }
    CHECK(block.parameters().size() == 6);
    CHECK(block.parameters().name(1) == "inner.gamma");
    CHECK(block.state().name(3) == "outer.running_variance");
    const LayerSummary line = summarize("block", block, {5, 8, 8});
    CHECK(line.kind == "depthwise 3x3, 1x1, normalized");
    CHECK(line.parameters == block.parameters().element_count());
    CHECK(line.multiply_adds == (56 + 9) * 64);
    CHECK(line.connections == (56 + 2 * 9) * 64);
}

TEST_CASE("a convolution without a bias, pooling, and batch normalization")
{
    Random random(7);
    using Layer = NormalizedConvolution<double>;
    const ConvolutionOptions same{.padding = Padding::same};
    for (const Layer& layer : {Layer(4, 3, 3, random), Layer(4, 2, {2, 3}, random, Initialization::he, same, 2)}) {
        Convolution<double> plain(4, layer.weight.shape()[0], 1, random, Initialization::he, same);
        plain.weight = layer.weight;
        Images maps = convolve(x, plain);
        if (layer.pooling == 2) {
            const Images all = maps;
            const Shape half{all.shape()[0], all.shape()[1], all.shape()[2] / 2, all.shape()[3] / 2};
            maps = generate<double>(half, [&](const Index& i) {
                const std::size_t row = 2 * i[2], column = 2 * i[3];
                return std::max({all(i[0], i[1], row, column), all(i[0], i[1], row, column + 1),
                                 all(i[0], i[1], row + 1, column), all(i[0], i[1], row + 1, column + 1)});
            });
        }
        BatchNorm<double> norm(layer.weight.shape()[0]); // with running moments of its own
        for (const Mode mode : {Mode::training(random), Mode::evaluation()}) {
            check_close(layer(images, mode).value(), norm(constant(Images(maps)), mode).value(), tolerance);
        }
        CHECK(layer.parameters().name(1) == "norm.gamma");
        CHECK(layer.state().name(1) == "norm.running_variance");
    }
    const Layer grouped(4, 6, 3, random, Initialization::he, same, 1, 3);
    Convolution<double> plain_of_groups(4, 6, 1, random, Initialization::he, same);
    plain_of_groups.weight = grouped.weight;
    check_close(grouped(images, Mode::training(random)).value(),
                GroupNorm<double>(3, 6)(constant(convolve(x, plain_of_groups))).value(), tolerance);
    CHECK(grouped.parameters().name(1) == "norm.weight");
    CHECK(grouped.state().size() == 0);
    CHECK_THROWS_AS(Layer(4, 6, 3, random, Initialization::he, same, 1, 4), ShapeError);
    const LayerSummary plain = summarize("c", Layer(4, 3, 3, random), {3, 8, 8});
    CHECK(plain.kind == "convolution 3x3, normalized");
    CHECK(plain.parameters == 3 * 4 * 9 + 6);
    CHECK(plain.multiply_adds == (3 * 4 * 9 + 3) * 64);
    CHECK(plain.connections == (3 * 4 * 9 + 2 * 3) * 64);
    const LayerSummary pooled = summarize("c", Layer(4, 3, 3, random, Initialization::he, same, 2), {3, 4, 4});
    CHECK(pooled.kind == "convolution 3x3, max pooling 2x2, normalized");
    CHECK(pooled.multiply_adds == 3 * 4 * 9 * 64 + 3 * 16);
    CHECK(pooled.connections == (3 * 4 * 9 + 3) * 64 + 2 * 3 * 16);
    check_shape_error([&] { Layer(4, 3, 3, random, Initialization::he, same, 0); },
                      {"[normalized_convolution]", "0x0"});
    check_shape_error([&] { Layer(4, 3, 0, random); }, {"[convolution layer]", "0x0"});
}

TEST_CASE("grouped convolutions with a channel shuffle between them (N16)")
{
    Random random(8);
    const auto block = with_biases(ShuffleUnit<double>(4, 6, 3, 2, random));
    const Images first = rectified(convolve(x, block.pointwise));
    const Images shuffled = generate<double>(
        {2, 6, 6, 7}, [&](const Index& at) { return first(at[0], at[1] % 2 * 3 + at[1] / 2, at[2], at[3]); });
    check_close(block(images).value(), convolve(shuffled, block.spatial), tolerance);
    CHECK(weights(block) == 4 * 6 / 2 + 9 * 6 * 6 / 2);
    check_summary(summarize("block", block, {6, 8, 8}), "1x1, shuffle, 3x3 in 2 groups", 174, 12);

    for (std::size_t output = 0; output < 6; ++output) { // each output reads all inputs
        const auto input = leaf<double>({1, 4, 3, 3});
        ShuffleUnit<double> smooth = block;
        smooth.activation = Activation::tanh;
        Tape tape;
        const auto gradient = tape.gradient(sum(slice(smooth(input), 1, output, output + 1)), input);
        const auto of_maps = sum(abs(gradient), {0, 2, 3});
        for (const double of_map : of_maps.value())
            CHECK(of_map > 0);
    }
    check_shape_error([&] { ShuffleUnit<float>(4, 6, 3, 4, random); }, {"4 group"});
    check_shape_error([&] { ShuffleUnit<float>(4, 6, 3, 0, random); }, {"0 group"});
}

TEST_CASE("squeeze and excitation (N17)")
{
    Random random(9);
    const auto block = with_biases(SqueezeExcitation<double>(4, 2, random));
    const auto expected = generate<double>(shape, [&](const Index& at) {
        double excitation = block.expand.bias.data()[at[1]];
        for (std::size_t h = 0; h < 2; ++h) {
            double hidden = block.reduce.bias.data()[h];
            for (std::size_t c = 0; c < 4; ++c)
                for (std::size_t i = 0; i < 6; ++i)
                    for (std::size_t j = 0; j < 7; ++j)
                        hidden += block.reduce.weight.value()(h, c) * x(at[0], c, i, j) / 42;
            excitation += block.expand.weight.value()(at[1], h) * std::max(hidden, 0.0);
        }
        return test::at(x, at) / (1 + std::exp(-excitation));
    });
    check_close(block(images).value(), expected, tolerance);
    CHECK(weights(block) == 2 * 4 * 4 / 2);
    const LayerSummary line = summarize("block", block, {4, 6, 7});
    CHECK(line.parameters == 16 + 6);
    CHECK(line.multiply_adds == 16 + 4 * 42);
    CHECK(line.connections == 16 + 6 + 3 * 4 * 42);
    check_shape_error([&] { SqueezeExcitation<float>(4, 5, random); }, {"[squeeze_excitation]", "no units left"});
    check_shape_error([&] { SqueezeExcitation<float>(4, 0, random); }, {"no reduction"});
    check_shape_error([&] { block(leaf<double>({2, 4})); }, {"(N, 4, H, W)", "(2,4)"});
    check_shape_error([&] { block(leaf<double>({2, 3, 2, 2})); }, {"(2,3,2,2)"});
}

TEST_CASE("hybrid dilation (N18)")
{
    Random random(10);
    const auto block = with_biases(HybridDilation<double>(4, 3, 3, {1, 2, 5}, random));
    check_close(block(images).value(), convolve(x, block.layers), tolerance);
    check_summary(summarize("block", block, {3, 8, 8}), "3x3 dilated 1, 2, 5", 9 * (12 + 9 + 9), 9);

    const auto seen = [&](const std::vector<std::ptrdiff_t>& dilations) {
        HybridDilation<double> linear(1, 1, 3, dilations, random);
        linear.activation = Activation::identity;
        return reads(linear, 25);
    };
    const auto whole = seen({1, 2, 5});
    CHECK(whole.size() == 1 + 2 * (1 + 2 + 5));
    CHECK(whole.front() == -8);
    CHECK(whole.back() == 8);
    CHECK(seen({2, 2, 4}) == std::vector<std::ptrdiff_t>{-8, -6, -4, -2, 0, 2, 4, 6, 8}); // gridding

    check_shape_error([&] { HybridDilation<float>(1, 1, 3, {}, random); }, {"[hybrid_dilation]", "no layers"});
    check_shape_error([&] { HybridDilation<float>(1, 1, 3, {1, 0}, random); }, {"dilation 0"});
}

TEST_CASE("maxout (G11)")
{
    Random random(11);
    const auto block = with_biases(Maxout<double>(5, 2, 3, random));
    const Array<double> vectors = numbers<double>({4, 5});
    const auto expected = generate<double>({4, 2}, [&](const Index& at) {
        double largest = -infinity;
        for (std::size_t piece = at[1] * 3; piece < at[1] * 3 + 3; ++piece) {
            double sum = block.linear.bias.data()[piece];
            for (std::size_t i = 0; i < 5; ++i)
                sum += block.linear.weight.value()(piece, i) * vectors(at[0], i);
            largest = std::max(largest, sum);
        }
        return largest;
    });
    check_close(block(constant(Array<double>(vectors))).value(), expected, tolerance);
    CHECK(weights(block) == 3 * 2 * 5);
    const LayerSummary line = summarize("block", block);
    CHECK(line.output == Shape{2});
    CHECK(line.parameters == 36);
    CHECK(line.connections == 36 + 6);
    check_shape_error([&] { Maxout<float>(5, 2, 0, random); }, {"[maxout]", "no pieces"});
}
