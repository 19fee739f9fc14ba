#include "families.hpp"
#include <xgrad/models/layers.hpp>
#include <xgrad/ops/ops.hpp>

namespace xgrad::test
{

namespace
{

Variable<double> through(Linear<double> layer, Xs x)
{
    layer.weight = x[1];
    layer.bias = x[2];
    return layer(x[0]);
}

Variable<double> through(Convolution<double> layer, Xs x)
{
    layer.weight = x[1];
    layer.bias = x[2];
    return layer(x[0]);
}

/** A small network of every kind of layer. */
Variable<double> network(const Variable<double>& images, const Variable<double>& kernels,
                         const Variable<double>& weights)
{
    const auto maps = scaled_tanh(correlate2d(images, kernels, {.padding = Padding::same}));
    const auto features = flatten(mean_pool2d(maps), 1);
    return softmax_cross_entropy(matmul(features, weights, {.b = true}), labels({2, 0}));
}

} // namespace

Cases layer_cases()
{
    Random random(1);
    const Linear<double> linear(3, 2, random);
    const Convolution<double> plain(2, 3, 3, random);
    const Convolution<double> grouped(2, 4, 2, random, Initialization::lecun, {.padding = 1, .stride = 2, .groups = 2});
    const Convolution<double> connected({{true, false, true}, {true, true, false}}, 3, random);
    return {
        {"linear",
         "(4,3) to (4,2)",
         {point({4, 3}), point({2, 3}, 2), point({2}, 3)},
         [linear](Xs x) { return through(linear, x); }},
        {"convolution",
         "plain",
         {point({2, 2, 4, 4}), point({3, 2, 3, 3}, 2), point({3}, 3)},
         [plain](Xs x) { return through(plain, x); }},
        {"convolution",
         "groups, stride, padding",
         {point({1, 2, 5, 4}), point({4, 1, 2, 2}, 2), point({4}, 3)},
         [grouped](Xs x) { return through(grouped, x); }},
        {"convolution",
         "connection table",
         {point({2, 2, 4, 4}), point({3, 2, 3, 3}, 2), point({3}, 3)},
         [connected](Xs x) { return through(connected, x); }},
        {"network",
         "convolution, mean pooling, linear, cross-entropy",
         {point({2, 1, 4, 4}), point({2, 1, 3, 3}, 2), point({3, 8}, 3)},
         [](Xs x) { return network(x[0], x[1], x[2]); }},
    };
}

} // namespace xgrad::test
