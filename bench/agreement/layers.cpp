// Layers without a state: linear ones and normalizations. The weights of xgrad's layers are replaced by those drawn.

#include "family.hpp"
#include <xgrad/models/layers/layers.hpp>
#include <xgrad/models/layers/normalization.hpp>
#include <xgrad/ops/normalization.hpp>

namespace agree
{

namespace
{

/** Images, sequences or vectors (N, channels, …). */
Shape drawn_maps(Draw& d, std::size_t channels, std::size_t least_axes)
{
    Shape shape{1 + d.below(4), channels};
    for (const std::size_t extent : d.shape(least_axes, 3))
        shape.push_back(extent);
    return shape;
}

Family batch_norm(std::string name, bool training)
{
    return {std::move(name), [=](Draw& d) {
                const std::size_t channels = 1 + d.below(4);
                Shape shape{2 + d.below(4), channels};
                if (d.flag("images")) {
                    shape.push_back(1 + d.below(4));
                    shape.push_back(1 + d.below(4));
                }
                const double momentum = d.real("momentum", 0, 1), epsilon = d.real("epsilon", 1e-5, 1e-2);
                const Array<double> mean = d.normal({channels}), variance = d.uniform({channels}, 0.2, 2);
                return Configuration(
                    {d.normal(shape), d.normal({channels}), d.normal({channels})},
                    [=](const Variables& xs) {
                        xgrad::BatchNorm<double> layer(channels);
                        layer.gamma = xs[1];
                        layer.beta = xs[2];
                        layer.running_mean.mutable_value() = mean;
                        layer.running_variance.mutable_value() = variance;
                        layer.momentum = momentum;
                        layer.epsilon = epsilon;
                        xgrad::Random random(1);
                        const Variable y =
                            layer(xs[0], training ? xgrad::Mode::training(random) : xgrad::Mode::evaluation());
                        return Variables{y, layer.running_mean, layer.running_variance};
                    },
                    [=](const Tensors& ts) {
                        const Tensor m = tensor(mean), v = tensor(variance);
                        const Tensor y =
                            torch::batch_norm(ts[0], ts[1], ts[2], m, v, training, momentum, epsilon, false);
                        return Tensors{y, m, v};
                    });
            }};
}

} // namespace

Families layer_families()
{
    return {
        {"linear",
         [](Draw& d) {
             Shape x = d.shape(1, 4, {.may_be_empty = true});
             const std::size_t inputs = 1 + d.below(5), outputs = 1 + d.below(5);
             x[x.size() - 1] = inputs;
             return Configuration(
                 {d.normal(x), d.normal({outputs, inputs}), d.normal({outputs})},
                 [=](const Variables& xs) {
                     xgrad::Random random(1);
                     xgrad::Linear<double> layer(inputs, outputs, random);
                     layer.weight = xs[1];
                     layer.bias = xs[2];
                     return layer(xs[0]);
                 },
                 [](const Tensors& ts) { return torch::linear(ts[0], ts[1], ts[2]); });
         }},
        {"convolution_layer",
         [](Draw& d) {
             const std::size_t inputs = 1 + d.below(3), outputs = 1 + d.below(3);
             const auto stride = d.integer("stride", 1, 2), padding = d.integer("padding", 0, 2);
             return Configuration(
                 {d.normal({1 + d.below(3), inputs, 3 + d.below(5), 3 + d.below(5)}), d.normal({outputs, inputs, 3, 3}),
                  d.normal({outputs})},
                 [=](const Variables& xs) {
                     xgrad::Random random(1);
                     xgrad::Convolution<double> layer(inputs, outputs, 3, random, xgrad::Initialization::he,
                                                      {.padding = padding, .stride = stride});
                     layer.weight = xs[1];
                     layer.bias = xs[2];
                     return layer(xs[0]);
                 },
                 [=](const Tensors& ts) { return torch::conv2d(ts[0], ts[1], ts[2], stride, padding); });
         }},
        batch_norm("batch_norm_training", true),
        batch_norm("batch_norm_evaluation", false),
        {"layer_norm",
         [](Draw& d) {
             const Shape normalized = d.shape(1, 2, {.most = 5});
             Shape x = d.shape(0, 3);
             for (const std::size_t extent : normalized)
                 x.push_back(extent);
             return Configuration(
                 {d.normal(x), d.normal(normalized), d.normal(normalized)},
                 [=](const Variables& xs) {
                     xgrad::LayerNorm<double> layer(normalized);
                     layer.weight = xs[1];
                     layer.bias = xs[2];
                     return layer(xs[0]);
                 },
                 [=](const Tensors& ts) { return torch::layer_norm(ts[0], sizes(normalized), ts[1], ts[2]); });
         }},
        {"group_norm",
         [](Draw& d) {
             const auto groups = d.integer("groups", 1, 3);
             const std::size_t channels = static_cast<std::size_t>(groups) * (1 + d.below(3));
             return Configuration(
                 {d.normal(drawn_maps(d, channels, 0)), d.normal({channels}), d.normal({channels})},
                 [=](const Variables& xs) {
                     xgrad::GroupNorm<double> layer(static_cast<std::size_t>(groups), channels);
                     layer.weight = xs[1];
                     layer.bias = xs[2];
                     return layer(xs[0]);
                 },
                 [=](const Tensors& ts) { return torch::group_norm(ts[0], groups, ts[1], ts[2]); });
         }},
        {"instance_norm",
         [](Draw& d) {
             const std::size_t channels = 1 + d.below(3);
             const bool affine = d.flag("affine");
             return Configuration(
                 {d.normal(drawn_maps(d, channels, 1)), d.normal({channels}), d.normal({channels})},
                 [=](const Variables& xs) {
                     xgrad::InstanceNorm<double> layer(channels, affine);
                     if (affine) {
                         layer.weight = xs[1];
                         layer.bias = xs[2];
                     }
                     return layer(xs[0]);
                 },
                 [=](const Tensors& ts) {
                     return torch::instance_norm(ts[0], affine ? ts[1] : Tensor(), affine ? ts[2] : Tensor(), {}, {},
                                                 true, 0.1, 1e-5, false);
                 });
         }},
        {"rms_norm",
         [](Draw& d) {
             Shape x = d.shape(1, 4, {.most = 5});
             const std::size_t width = x[x.size() - 1];
             const double epsilon = d.real("epsilon", 1e-6, 1e-3);
             return Configuration(
                 {d.normal(x), d.normal({width})},
                 [=](const Variables& xs) {
                     xgrad::RMSNorm<double> layer(width);
                     layer.weight = xs[1];
                     layer.epsilon = epsilon;
                     return layer(xs[0]);
                 },
                 [=](const Tensors& ts) { return ts[1] * ts[0] * rsqrt(ts[0].square().mean(-1, true) + epsilon); });
         }},
        {"standardize",
         [](Draw& d) {
             const Array<double> x = d.normal(d.shape(1, 4, {.most = 5}));
             const double epsilon = d.real("epsilon", 1e-5, 1e-3);
             return Configuration(
                 {x}, [=](const Variables& xs) { return standardize(xs[0], epsilon); },
                 [=](const Tensors& ts) {
                     return torch::layer_norm(ts[0], ts[0].sizes().slice(ts[0].sizes().size() - 1), {}, {}, epsilon);
                 });
         }},
    };
}

} // namespace agree
