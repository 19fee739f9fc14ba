// The layers for sequences, and those that normalize or embed.

#include "families.hpp"
#include <xgrad/models/layers/attention.hpp>
#include <xgrad/models/layers/convolution_kinds.hpp>
#include <xgrad/models/layers/embedding.hpp>
#include <xgrad/models/layers/recurrent.hpp>
#include <xgrad/models/layers/residual.hpp>
#include <xgrad/ops/arithmetic.hpp>

namespace xgrad::test
{

namespace
{

using V = Variable<double>;
using Leaves = std::vector<V*>;

template <class Layer>
Leaves leaves(Layer& layer) requires requires
{
    layer.weight, layer.bias;
}
{
    return layer.weight.has_value() ? Leaves{&layer.weight, &layer.bias} : Leaves{};
}
Leaves leaves(RMSNorm<double>& layer) { return {&layer.weight}; }
template <class Layer>
Leaves leaves(Layer& layer) requires requires
{
    layer.layers;
}
{
    Leaves all;
    for (RecurrentWeights<double>& each : layer.layers)
        all.insert(all.end(), {&each.input, &each.state, &each.input_bias, &each.state_bias});
    return all;
}
Leaves leaves(MultiHeadAttention<double>& layer)
{
    return {&layer.in_weight, &layer.in_bias, &layer.out.weight, &layer.out.bias};
}
Leaves leaves(TransformerBlock<double>& block)
{
    Leaves all = leaves(block.attention);
    for (const Leaves& more : {leaves(block.linear1), leaves(block.linear2), leaves(block.norm1), leaves(block.norm2)})
        all.insert(all.end(), more.begin(), more.end());
    return all;
}
Leaves leaves(Residual<double, Linear<double>>& block) { return leaves(block.layer); }

/** Adds the gradients of a layer to x and to each of its parameters, near their first values; biases are not 0. */
template <class Layer, class Call>
void add(Cases& cases, const char* name, const char* variant, const Layer& layer, const Shape& shape, Call call)
{
    Layer first = layer;
    std::vector<Array<double>> inputs{point(shape)};
    for (const V* leaf : leaves(first))
        inputs.push_back(Array<double>(leaf->value() + 0.1 * point(leaf->shape(), 2 + inputs.size())));
    cases.push_back({name, variant, std::move(inputs), [layer, call](Xs x) {
                         Layer moved = layer;
                         const Leaves parameters = leaves(moved);
                         for (std::size_t i = 0; i < parameters.size(); ++i)
                             *parameters[i] = x[i + 1];
                         return call(moved, x[0]);
                     }});
}

template <class Layer>
void add(Cases& cases, const char* name, const char* variant, const Layer& layer, const Shape& shape)
{
    add(cases, name, variant, layer, shape, [](const Layer& moved, const V& x) { return moved(x); });
}

} // namespace

Cases sequence_layer_cases()
{
    Cases cases;
    Random random(1);
    const auto outputs = [](const auto& layer, const V& x) { return layer(x).outputs; };
    const auto states = [](const auto& layer, const V& x) { return layer(x).state; };
    using Rnn = RNN<double>;
    add(cases, "rnn", "one layer", Rnn(2, 3, random), {2, 3, 2}, outputs);
    add(cases, "rnn", "rectified, states", Rnn(3, 2, random, 1, true), {1, 2, 3}, states);
    add(cases, "lstm_layer", "outputs", LSTM<double>(2, 2, random), {2, 3, 2}, outputs);
    add(cases, "lstm_layer", "two layers, states", LSTM<double>(1, 2, random, 2), {2, 2, 1}, states);
    add(cases, "lstm_layer", "cells", LSTM<double>(2, 1, random), {1, 2, 2},
        [](const auto& layer, const V& x) { return layer(x).cells; });
    add(cases, "lstm_layer", "one step", LSTM<double>(3, 2, random), {2, 1, 3}, outputs);
    add(cases, "gru_layer", "outputs", GRU<double>(2, 2, random), {2, 3, 2}, outputs);
    add(cases, "gru_layer", "two layers, states", GRU<double>(2, 2, random, 2), {1, 2, 2}, states);

    const auto evaluated = [](const auto& layer, const V& x) { return layer(x, Mode::evaluation()); };
    const auto trained = [](const auto& layer, const V& x) {
        Random numbers(5);
        return layer(x, Mode::training(numbers));
    };
    using Heads = MultiHeadAttention<double>;
    add(cases, "multi_head_attention", "2 heads", Heads(4, 2, random), {2, 3, 4}, evaluated);
    add(cases, "multi_head_attention", "dropout", Heads(2, 1, random, 0.3), {2, 2, 2}, trained);
    add(cases, "multi_head_attention", "causal, to others", Heads(2, 2, random), {1, 3, 2},
        [](const auto& layer, const V& x) { return layer.attend(x, 2 * x, x * x, Mode::evaluation(), {}, true); });
    using Block = TransformerBlock<double>;
    add(cases, "transformer_block", "first", Block(2, 1, 3, random, {.activation = Activation::gelu}), {1, 2, 2},
        evaluated);
    add(cases, "transformer_block", "normalized last, causal",
        Block(2, 2, 2, random, {.activation = Activation::tanh, .norm_first = false, .causal = true}), {1, 3, 2},
        evaluated);
    add(cases, "transformer_block", "dropout",
        Block(2, 1, 2, random, {.dropout = 0.3, .activation = Activation::gelu_tanh}), {2, 2, 2}, trained);

    add(cases, "layer_norm", "last axis", LayerNorm<double>({3}), {2, 2, 3});
    add(cases, "layer_norm", "two axes", LayerNorm<double>({2, 3}), {2, 2, 3});
    add(cases, "group_norm", "2 groups, images", GroupNorm<double>(2, 4), {2, 4, 2, 1});
    add(cases, "group_norm", "1 group, vectors", GroupNorm<double>(1, 3), {2, 3});
    add(cases, "instance_norm", "affine", InstanceNorm<double>(2, true), {2, 2, 3});
    add(cases, "instance_norm", "plain", InstanceNorm<double>(2), {1, 2, 2, 2});
    add(cases, "rms_norm", "(2,2,3)", RMSNorm<double>(3), {2, 2, 3});
    add(cases, "linear", "(2,3,2) to (2,3,4)", Linear<double>(2, 4, random), {2, 3, 2});
    add(cases, "residual", "of a full layer", Residual<double, Linear<double>>(Linear<double>(3, 3, random)), {2, 3});
    add(cases, "conv1d_layer", "kernel 3", Conv1d<double>(2, 3, 3, random), {2, 2, 5});
    add(cases, "conv1d_layer", "all options",
        Conv1d<double>(2, 4, 2, random, Initialization::lecun, {.padding = 2, .stride = 2, .dilation = 3, .groups = 2}),
        {1, 2, 5});
    add(cases, "conv_transpose2d", "3x2", ConvTranspose2d<double>(2, 3, {3, 2}, random), {2, 2, 2, 3});
    add(cases, "conv_transpose2d", "all options",
        ConvTranspose2d<double>(
            2, 4, 2, random, Initialization::lecun,
            {.padding = {1, 0}, .stride = {2, 3}, .output_padding = {1, 2}, .dilation = {2, 1}, .groups = 2}),
        {1, 2, 3, 2});
    const Labels words = labels({2, 0, 2});
    cases.push_back({"embedding", "three words", {point({3, 2})}, [=](Xs x) {
                         Random unused(1);
                         Embedding<double> layer(3, 2, unused);
                         layer.weight = x[0];
                         return layer(words);
                     }});
    return cases;
}

} // namespace xgrad::test
