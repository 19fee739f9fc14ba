#include "families.hpp"
#include <xgrad/models/layers.hpp>
#include <xgrad/models/layers/positions.hpp>
#include <xgrad/models/layers/rbf.hpp>
#include <xgrad/models/pixel_labeller.hpp>
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

Cases radial_basis_cases()
{
    const RadialBasis<double> two({{1, -1, 1}, {0.5, 2, -1}});
    const Labels right = labels({1, 0, 2});
    return {
        {"rbf", "(4,3) to 2 prototypes", {point({4, 3})}, [two](Xs x) { return two(x[0]); }},
        {"rbf", "one digit", {point({1, 84})}, [](Xs x) { return RadialBasis<double>()(x[0]); }},
        {"rbf_loss", "equation 8", {positive({3, 4})}, [right](Xs x) { return rbf_loss(x[0], right); }},
        {"rbf_loss", "equation 9", {positive({3, 4})}, [right](Xs x) { return rbf_loss(x[0], right, 1.5); }},
        {"rbf_loss",
         "of digits",
         {point({3, 84})},
         [right](Xs x) { return rbf_loss(RadialBasis<double>()(x[0]), right, 100); }},
    };
}

/** A full layer without bias at each position of maps. */
Variable<double> at_each_position(const Variable<double>& maps, const Variable<double>& weight)
{
    const Shape& shape = maps.shape();
    return maps_of_rows(matmul(rows_of_positions(maps), weight, {.b = true}), {shape[0], shape[2], shape[3]});
}

Cases position_cases()
{
    Cases cases;
    for (const Shape& shape : {Shape{2, 3, 2, 4}, {3, 2, 1, 1}, {1, 3, 3, 1}})
        cases.push_back({"positions", to_string(shape), {point(shape), point({2, shape[1]}, 2)}, [](Xs x) {
                             return at_each_position(x[0], x[1]);
                         }});
    return cases;
}

/** Its steps from the image and all of its parameters to the labels. */
Cases pixel_labeller_cases()
{
    Cases cases;
    for (const std::size_t steps : {2u, 3u}) {
        const PixelLabeller<double> net(1, {.maps = 2,
                                            .steps = steps,
                                            .u = 3,
                                            .w = {3, 1},
                                            .v = {1, 3},
                                            .activation = Activation::scaled_tanh,
                                            .classes = 3});
        cases.push_back({"pixel_labeller",
                         std::to_string(steps) + " steps",
                         {point({2, 1, 4, 5}), point({2, 1, 3, 3}, 2), point({2}, 3), point({2, 3, 3, 1}, 4),
                          point({3, 2, 1, 3}, 5), point({3}, 6)},
                         [net](Xs x) {
                             PixelLabeller<double> labeller = net;
                             labeller.u.weight = x[1];
                             labeller.u.bias = x[2];
                             labeller.w = x[3];
                             labeller.v.weight = x[4];
                             labeller.v.bias = x[5];
                             return labeller(x[0]);
                         }});
    }
    return cases;
}

} // namespace

Cases layer_cases()
{
    Random random(1);
    const Linear<double> linear(3, 2, random);
    const Convolution<double> plain(2, 3, 3, random);
    const Convolution<double> grouped(2, 4, 2, random, Initialization::lecun, {.padding = 1, .stride = 2, .groups = 2});
    const Convolution<double> turned(2, 3, 3, random, Initialization::lecun, {}, Product::convolution);
    const Convolution<double> connected({{true, false, true}, {true, true, false}}, 3, random);
    Cases cases = {
        {"linear",
         "(4,3) to (4,2)",
         {point({4, 3}), point({2, 3}, 2), point({2}, 3)},
         [linear](Xs x) { return through(linear, x); }},
        {"convolution",
         "plain",
         {point({2, 2, 4, 4}), point({3, 2, 3, 3}, 2), point({3}, 3)},
         [plain](Xs x) { return through(plain, x); }},
        {"convolution",
         "true convolution",
         {point({2, 2, 4, 4}), point({3, 2, 3, 3}, 2), point({3}, 3)},
         [turned](Xs x) { return through(turned, x); }},
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
    for (const Cases& more : {radial_basis_cases(), position_cases(), pixel_labeller_cases()})
        cases.insert(cases.end(), more.begin(), more.end());
    return cases;
}

} // namespace xgrad::test
