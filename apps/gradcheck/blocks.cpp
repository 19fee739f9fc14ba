#include "families.hpp"
#include <xgrad/models/layers/blocks.hpp>
#include <xgrad/models/layers/normalized_convolution.hpp>

namespace xgrad::test
{

namespace
{

using Leaves = std::vector<Variable<double>*>;

Leaves leaves(Linear<double>& layer) { return {&layer.weight, &layer.bias}; }
Leaves leaves(Convolution<double>& layer) { return {&layer.weight, &layer.bias}; }
Leaves leaves(BatchNorm<double>& layer) { return {&layer.gamma, &layer.beta}; }
Leaves leaves(GroupNorm<double>& layer) { return {&layer.weight, &layer.bias}; }

Leaves joined(std::initializer_list<Leaves> parts)
{
    Leaves all;
    for (const Leaves& part : parts)
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

Leaves leaves(std::vector<Convolution<double>>& layers)
{
    Leaves all;
    for (Convolution<double>& layer : layers)
        all.insert(all.end(), {&layer.weight, &layer.bias});
    return all;
}

Leaves leaves(StackedSmall<double>& block) { return leaves(block.layers); }
Leaves leaves(HybridDilation<double>& block) { return leaves(block.layers); }
Leaves leaves(ParallelBlock<double>& block) { return leaves(block.paths); }
Leaves leaves(Asymmetric<double>& block) { return joined({leaves(block.row), leaves(block.column)}); }
Leaves leaves(Bottleneck<double>& block)
{
    return joined({leaves(block.reduce), leaves(block.middle), leaves(block.expand)});
}
Leaves leaves(DepthwiseSeparable<double>& block) { return joined({leaves(block.depthwise), leaves(block.pointwise)}); }
Leaves leaves(NormalizedSeparable<double>& block)
{
    return joined(
        {{&block.layer.depthwise.weight, &block.layer.pointwise.weight}, leaves(block.inner), leaves(block.outer)});
}
Leaves leaves(NormalizedConvolution<double>& layer)
{
    return joined({{&layer.weight}, std::visit([](auto& norm) { return leaves(norm); }, layer.norm)});
}
Leaves leaves(ShuffleUnit<double>& block) { return joined({leaves(block.pointwise), leaves(block.spatial)}); }
Leaves leaves(SqueezeExcitation<double>& block) { return joined({leaves(block.reduce), leaves(block.expand)}); }
Leaves leaves(Maxout<double>& block) { return leaves(block.linear); }

template <class Block>
Variable<double> run(const Block& block, const Variable<double>& x)
{
    if constexpr (std::is_invocable_v<const Block&, const Variable<double>&, Mode>) {
        Random unused(1);
        return block(x, Mode::training(unused));
    } else {
        return block(x);
    }
}

/** Adds the gradients of a block to its input and to each of its parameters, at their first values. */
template <class Block>
GradientCase block_case(std::string name, std::string variant, Block block, const Shape& shape)
{
    std::vector<Array<double>> inputs{point(shape)};
    for (const Variable<double>* leaf : leaves(block))
        inputs.push_back(leaf->value());
    return {std::move(name), std::move(variant), std::move(inputs), [block](Xs x) {
                Block moved = block;
                const Leaves parameters = leaves(moved);
                for (std::size_t i = 0; i < parameters.size(); ++i)
                    *parameters[i] = x[i + 1];
                return run(moved, x[0]);
            }};
}

/** The block with another activation between its layers. */
template <class Block>
Block with(Activation activation, Block block)
{
    block.activation = activation;
    return block;
}

/** A case of batch normalization with the running moments. */
GradientCase evaluation_case(const std::string& variant, const Shape& shape)
{
    const BatchNorm<double> norm(shape[1]);
    const Shape channels{shape[1]};
    return {"batch_norm",
            "evaluation, " + variant,
            {point(shape), positive(channels, 2), point(channels, 3)},
            [norm](Xs x) {
                BatchNorm<double> moved = norm;
                moved.gamma = x[1];
                moved.beta = x[2];
                return moved(x[0], Mode::evaluation());
            }};
}

} // namespace

Cases block_cases()
{
    Random random(1);
    const auto he = Initialization::he;
    const auto tanh = Activation::tanh, sigmoid = Activation::sigmoid, identity = Activation::identity;
    const BatchNorm<double> norm(3);
    using Stacked = StackedSmall<double>;
    using Parallel = ParallelBlock<double>;
    using Separable = DepthwiseSeparable<double>;
    using Normalized = NormalizedSeparable<double>;
    using WithNorm = NormalizedConvolution<double>;
    using Shuffle = ShuffleUnit<double>;
    using Squeeze = SqueezeExcitation<double>;
    using Hybrid = HybridDilation<double>;
    const Separable separable(2, 3, 3, random);
    return {
        block_case("batch_norm", "training, images", norm, {2, 3, 2, 2}),
        block_case("batch_norm", "training, vectors", norm, {5, 3}),
        block_case("batch_norm", "training, one image", norm, {1, 3, 1, 4}),
        evaluation_case("images", {2, 3, 2, 2}),
        evaluation_case("one vector", {1, 4}),
        block_case("stacked_small", "two 3x3", Stacked(2, 3, 5, 3, random), {1, 2, 5, 4}),
        block_case("stacked_small", "three 2x2, tanh", with(tanh, Stacked(1, 2, 4, 2, random)), {2, 1, 3, 4}),
        block_case("stacked_small", "one 3x3", Stacked(1, 2, 3, 3, random), {1, 1, 3, 2}),
        block_case("asymmetric", "1x3, 3x1", Asymmetric<double>(2, 3, 3, random), {2, 2, 4, 3}),
        block_case("asymmetric", "1x2, 2x1, tanh", with(tanh, Asymmetric<double>(1, 2, 2, random)), {1, 1, 3, 4}),
        block_case("asymmetric", "1x1, 1x1", Asymmetric<double>(2, 1, 1, random), {2, 2, 2, 1}),
        block_case("asymmetric", "1x5, 5x1, sigmoid", with(sigmoid, Asymmetric<double>(1, 1, 5, random)), {1, 1, 4, 3}),
        block_case("parallel_block", "1x1, 3x3, 1x5", Parallel(2, {{1, 1}, {3, 2}, {Size2d(1, 5), 1}}, random),
                   {1, 2, 4, 5}),
        block_case("parallel_block", "2x2, 4x1", Parallel(1, {{2, 2}, {Size2d(4, 1), 1}}, random), {2, 1, 4, 3}),
        block_case("parallel_block", "one path", Parallel(2, {{1, 3}}, random), {1, 2, 1, 2}),
        block_case("bottleneck", "4 to 2 to 3", Bottleneck<double>(4, 2, 3, 3, random), {1, 4, 4, 3}),
        block_case("bottleneck", "2x3, tanh", with(tanh, Bottleneck<double>(2, 1, 3, {2, 3}, random)), {2, 2, 3, 2}),
        block_case("bottleneck", "1x1, sigmoid", with(sigmoid, Bottleneck<double>(3, 2, 1, 1, random)), {1, 3, 2, 2}),
        block_case("depthwise_separable", "3x3", separable, {2, 2, 4, 3}),
        block_case("depthwise_separable", "stride 2", Separable(2, 3, 3, random, he, 2), {1, 2, 5, 4}),
        block_case("depthwise_separable", "2x4, stride (1,2), tanh",
                   with(tanh, Separable(2, 1, {2, 4}, random, he, {1, 2})), {1, 2, 3, 5}),
        block_case("depthwise_separable", "1x1, identity", with(identity, Separable(3, 2, 1, random)), {1, 3, 2, 2}),
        block_case("normalized_separable", "training", Normalized(separable), {2, 2, 3, 3}),
        block_case("normalized_separable", "training, 2x2, tanh, one image",
                   Normalized(with(tanh, Separable(2, 2, 2, random))), {1, 2, 3, 2}),
        block_case("normalized_convolution", "3x3", WithNorm(2, 3, 3, random), {2, 2, 3, 3}),
        block_case("normalized_convolution", "2x3, max pooling 2x2, one image",
                   WithNorm(1, 2, {2, 3}, random, he, {.padding = Padding::same}, 2), {1, 1, 4, 6}),
        block_case("normalized_convolution", "2x2, 2 groups",
                   WithNorm(2, 4, 2, random, he, {.padding = Padding::same}, 1, 2), {2, 2, 3, 2}),
        block_case("shuffle_unit", "2 groups", Shuffle(4, 6, 3, 2, random), {1, 4, 3, 4}),
        block_case("shuffle_unit", "3 groups, 2x2, tanh", with(tanh, Shuffle(3, 6, 2, 3, random)), {2, 3, 2, 3}),
        block_case("shuffle_unit", "1 group, 1x1, sigmoid", with(sigmoid, Shuffle(2, 3, 1, 1, random)), {1, 2, 2, 2}),
        block_case("shuffle_unit", "a group for each map, 1x4", with(tanh, Shuffle(4, 4, {1, 4}, 4, random)),
                   {1, 4, 1, 5}),
        block_case("squeeze_excitation", "4 to 2", Squeeze(4, 2, random), {2, 4, 3, 2}),
        block_case("squeeze_excitation", "3 to 3, one image", Squeeze(3, 1, random), {1, 3, 2, 2}),
        block_case("squeeze_excitation", "5 to 1, one pixel", Squeeze(5, 3, random), {3, 5, 1, 1}),
        block_case("hybrid_dilation", "1, 2", Hybrid(2, 2, 3, {1, 2}, random), {1, 2, 5, 6}),
        block_case("hybrid_dilation", "1, 2, 3, sigmoid", with(sigmoid, Hybrid(1, 1, 3, {1, 2, 3}, random)),
                   {2, 1, 4, 5}),
        block_case("hybrid_dilation", "2, 1, of 2x1, tanh", with(tanh, Hybrid(2, 3, {2, 1}, {2, 1}, random)),
                   {1, 2, 4, 2}),
        block_case("maxout_layer", "3 pieces", Maxout<double>(4, 2, 3, random), {3, 4}),
        block_case("maxout_layer", "1 piece", Maxout<double>(3, 2, 1, random), {2, 3}),
        block_case("maxout_layer", "4 pieces, one vector", Maxout<double>(2, 3, 4, random), {1, 2}),
    };
}

} // namespace xgrad::test
