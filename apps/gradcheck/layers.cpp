#include "families.hpp"
#include <xgrad/models/layers/layers.hpp>
#include <xgrad/models/layers/positions.hpp>
#include <xgrad/models/layers/rbf.hpp>
#include <xgrad/models/networks/pixel_labeller.hpp>
#include <xgrad/ops/ops.hpp>

namespace xgrad::test
{

namespace
{

template <class Layer>
Variable<double> through(Layer layer, Xs x)
{
    layer.weight = x[1];
    layer.bias = x[2];
    return layer(x[0]);
}

/** A small network with every kind of layer. */
Variable<double> network(const Variable<double>& images, const Variable<double>& kernels,
                         const Variable<double>& weights)
{
    const auto maps = scaled_tanh(correlate2d(images, kernels, {.padding = Padding::same}));
    const auto features = flatten(mean_pool2d(maps), 1);
    return softmax_cross_entropy(matmul(features, weights, {.b = true}), labels({2, 0}));
}

/** Adds a convolution layer and its transpose. */
void add_layer(Cases& cases, const std::string& name, const Shape& images, const Convolution<double>& layer)
{
    const Size2d size(static_cast<std::ptrdiff_t>(images[2]), static_cast<std::ptrdiff_t>(images[3]));
    const Array<double> x = point(images), weight = point(layer.weight.shape(), 2);
    cases.push_back(
        {"convolution", name, {x, weight, point(layer.bias.shape(), 3)}, [layer](Xs v) { return through(layer, v); }});
    cases.push_back({"convolution", name + ", transposed", {point(layer(constant(x)).shape(), 4), weight}, [=](Xs v) {
                         Convolution<double> moved = layer;
                         moved.weight = v[1];
                         return moved.transposed(v[0], size);
                     }});
}

Cases convolution_layer_cases()
{
    struct Geometry
    {
        std::string name;
        Shape images;
        std::size_t outputs;
        Size2d kernel;
        ConvolutionOptions options = {};
    };
    Cases cases;
    Random random(1);
    for (const Geometry& one : std::vector<Geometry>{
             {"3x3", {2, 2, 4, 4}, 3, 3},
             {"1x1", {2, 3, 1, 2}, 2, 1},
             {"2x4, same", {1, 2, 3, 4}, 2, {2, 4}, {.padding = Padding::same}},
             {"same, stride 2", {1, 1, 5, 4}, 2, 3, {.padding = Padding::same, .stride = 2}},
             {"full", {1, 1, 2, 3}, 2, {3, 2}, {.padding = Padding::full}},
             {"padding (1,0,0,2)", {1, 1, 3, 2}, 2, 2, {.padding = {1, 0, 0, 2}}},
             {"stride (1,2), dilation (2,1)", {1, 2, 4, 5}, 1, {2, 3}, {.stride = {1, 2}, .dilation = {2, 1}}},
             {"groups, stride, padding", {1, 2, 5, 4}, 4, 2, {.padding = 1, .stride = 2, .groups = 2}},
             {"a group for each map, same, dilation 2",
              {2, 3, 3, 3},
              3,
              2,
              {.padding = Padding::same, .dilation = 2, .groups = 3}},
         })
        for (const Product product : {Product::correlation, Product::convolution})
            add_layer(cases, (product == Product::correlation ? "" : "true, ") + one.name, one.images,
                      {one.images[1], one.outputs, one.kernel, random, Initialization::lecun, one.options, product});
    Convolution<double> connected({{true, false, true}, {true, true, false}}, 3, random);
    add_layer(cases, "connection table", {2, 2, 4, 4}, connected);
    connected.product = Product::convolution;
    add_layer(cases, "true, connection table", {1, 2, 3, 4}, connected);
    return cases;
}

Cases subsampling_cases()
{
    struct Geometry
    {
        Shape images;
        Size2d block;
    };
    Cases cases;
    for (const Geometry& one : std::vector<Geometry>{{{2, 3, 4, 4}, 2},
                                                     {{1, 2, 2, 6}, {1, 3}},
                                                     {{2, 2, 6, 4}, {3, 2}},
                                                     {{3, 1, 3, 4}, {3, 4}},
                                                     {{1, 4, 2, 3}, 1}})
    {
        const Subsampling<double> layer(one.images[1], one.block);
        const Shape maps{one.images[1]};
        cases.push_back({"subsampling",
                         std::to_string(one.block.height) + "x" + std::to_string(one.block.width) + " blocks of " +
                             to_string(one.images),
                         {point(one.images), point(maps, 2), point(maps, 3)},
                         [layer](Xs x) {
                             Subsampling<double> moved = layer;
                             moved.beta = x[1];
                             moved.bias = x[2];
                             return moved(x[0]);
                         }});
    }
    return cases;
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

/** The cases of a pixel labeller: the gradients to the image and to all parameters. */
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
    Cases cases = {
        {"linear",
         "(4,3) to (4,2)",
         {point({4, 3}), point({2, 3}, 2), point({2}, 3)},
         [linear](Xs x) { return through(linear, x); }},
        {"network",
         "convolution, mean pooling, linear, cross-entropy",
         {point({2, 1, 4, 4}), point({2, 1, 3, 3}, 2), point({3, 8}, 3)},
         [](Xs x) { return network(x[0], x[1], x[2]); }},
    };
    for (const Cases& more : {convolution_layer_cases(), subsampling_cases(), radial_basis_cases(), position_cases(),
                              pixel_labeller_cases()})
        cases.insert(cases.end(), more.begin(), more.end());
    return cases;
}

} // namespace xgrad::test
