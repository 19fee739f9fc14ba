#include "layers.hpp"

#include <xgrad/base/error.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/models/layers/layers.hpp>
#include <xgrad/models/networks/mlp.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

using namespace xgrad;
using xgrad::test::mean_square;

namespace
{

template <class T>
double largest(const Variable<T>& x)
{
    double most = 0;
    for (const T value : x.value())
        most = std::max(most, std::abs(static_cast<double>(value)));
    return most;
}

} // namespace

TEST_CASE("a fully connected layer is x·Wᵀ + b")
{
    Random random(1);
    const Linear<double> layer(3, 2, random);
    CHECK(layer.weight.shape() == Shape{2, 3});
    CHECK(layer.bias.value() == Array<double>{0, 0});
    Variable<double> bias = layer.bias;
    bias.mutable_data()[1] = 10;

    const auto x = constant<double>({{1, 2, 3}, {4, 5, 6}, {7, 8, 9}, {0, 0, 0}});
    const auto y = layer(x);
    REQUIRE(y.shape() == Shape{4, 2});
    for (std::size_t n = 0; n < 4; ++n)
        for (std::size_t o = 0; o < 2; ++o) {
            double expected = o == 1 ? 10 : 0;
            for (std::size_t i = 0; i < 3; ++i)
                expected += x.value()(n, i) * layer.weight.value()(o, i);
            CHECK(y.value()(n, o) == doctest::Approx(expected).epsilon(1e-14));
        }
    CHECK_THROWS_AS(layer(constant<double>({{1, 2}, {3, 4}})), ShapeError);
}

TEST_CASE("a convolution layer is a cross-correlation and a bias for each map")
{
    Random random(2);
    const Convolution<double> layer(2, 3, {2, 3}, random);
    CHECK(layer.weight.shape() == Shape{3, 2, 2, 3});
    Variable<double> bias = layer.bias;
    for (std::size_t o = 0; o < 3; ++o)
        bias.mutable_data()[o] = static_cast<double>(o) + 1;

    const auto x = constant(random.normal<double>({2, 2, 4, 5}, 0, 1));
    const auto y = layer(x);
    REQUIRE(y.shape() == Shape{2, 3, 3, 3});
    for (std::size_t n = 0; n < 2; ++n)
        for (std::size_t o = 0; o < 3; ++o)
            for (std::size_t i = 0; i < 3; ++i)
                for (std::size_t j = 0; j < 3; ++j) {
                    double expected = static_cast<double>(o) + 1;
                    for (std::size_t c = 0; c < 2; ++c)
                        for (std::size_t u = 0; u < 2; ++u)
                            for (std::size_t v = 0; v < 3; ++v)
                                expected += x.value()(n, c, i + u, j + v) * layer.weight.value()(o, c, u, v);
                    CHECK(y.value()(n, o, i, j) == doctest::Approx(expected).epsilon(1e-12));
                }
}

TEST_CASE("a layer of true convolution turns its kernels")
{
    Random random(2);
    const Convolution<double> layer(2, 3, {2, 3}, random, Initialization::lecun, {}, Product::convolution);
    Convolution<double> turned = layer;
    turned.product = Product::correlation;
    turned.weight = rot180(layer.weight);
    const auto x = constant(random.normal<double>({2, 2, 4, 5}, 0, 1));
    const auto y = layer(x), z = turned(x);
    REQUIRE(y.shape() == Shape{2, 3, 3, 3});
    for (std::size_t i = 0; i < y.size(); ++i)
        CHECK(y.data()[i] == doctest::Approx(z.data()[i]).epsilon(1e-12));
    CHECK(layer(constant<double>({{{{0, 0, 0}, {0, 0, 1}}, {{0, 0, 0}, {0, 0, 0}}}})).value()(0, 1, 0, 0) ==
          layer.weight.value()(1, 0, 0, 0));
}

TEST_CASE("a convolution layer takes stride, padding and groups")
{
    Random random(3);
    const Convolution<float> layer(4, 6, 3, random, Initialization::he, {.padding = Padding::same, .groups = 2});
    CHECK(layer.weight.shape() == Shape{6, 2, 3, 3});
    CHECK(layer(constant(random.normal<float>({1, 4, 8, 8}, 0, 1))).shape() == Shape{1, 6, 8, 8});
}

TEST_CASE("weights outside of a connection table are 0 and stay so")
{
    const ConnectionTable table{{true, false, true}, {false, true, true}};
    Random random(4);
    const Convolution<double> layer(table, 2, random);
    REQUIRE(layer.weight.shape() == Shape{3, 2, 2, 2});
    const auto x = constant(random.normal<double>({3, 2, 5, 5}, 0, 1));
    Tape tape;
    const auto gradients = tape.gradient(sum(square(layer(x))), layer.parameters());
    for (std::size_t o = 0; o < 3; ++o)
        for (std::size_t i = 0; i < 2; ++i)
            for (std::size_t k = 0; k < 4; ++k) {
                const std::size_t place = (o * 2 + i) * 4 + k;
                CHECK((layer.weight.data()[place] != 0) == table[i][o]);
                CHECK((gradients[0].data()[place] != 0) == table[i][o]);
            }

    Variable<double> weight = layer.weight; // no weight outside of the table is read, even if it is not 0
    const auto before = layer(x);
    weight.mutable_data()[4] = 100;
    CHECK(layer(x).value() == before.value());
}

TEST_CASE("layers name their parameters")
{
    Random random(5);
    const Linear<double> linear(3, 2, random);
    CHECK(linear.parameters().name(0) == "weight");
    CHECK(linear.parameters().name(1) == "bias");
    CHECK(linear.parameters().element_count() == 8);
    const Convolution<double> convolution(1, 6, 5, random);
    CHECK(convolution.parameters().element_count() == 156);
    CHECK(detail::origin_of(convolution.parameters()["bias"]) == detail::origin_of(convolution.bias));
}

TEST_CASE("initial weights have the spread that their rule asks for")
{
    Random random(6);
    const std::size_t in = 100, out = 300;
    const auto weights = [&](Initialization how) { return initial_weights<double>(how, {out, in}, in, out, random); };
    CHECK(mean_square(weights(Initialization::lecun)) == doctest::Approx(1.0 / 100).epsilon(0.05));
    CHECK(mean_square(weights(Initialization::he)) == doctest::Approx(2.0 / 100).epsilon(0.05));
    const auto of_1998 = weights(Initialization::lecun_1998);
    CHECK(largest(of_1998) <= 0.024);
    CHECK(mean_square(of_1998) == doctest::Approx(0.024 * 0.024 / 3).epsilon(0.05));
    const auto glorot = weights(Initialization::glorot);
    CHECK(largest(glorot) <= std::sqrt(6.0 / 400));
    CHECK(mean_square(glorot) == doctest::Approx(2.0 / 400).epsilon(0.05));
}

TEST_CASE("a convolution's weights count the inputs of a unit, with a table only those it reads")
{
    Random random(7);
    CHECK(mean_square(Convolution<double>(16, 120, 5, random).weight) == doctest::Approx(1.0 / 400).epsilon(0.05));
    const ConnectionTable table(10, std::vector<bool>(200, true));
    ConnectionTable sparse = table;
    for (std::size_t i = 5; i < 10; ++i)
        sparse[i].assign(200, false);
    CHECK(mean_square(Convolution<double>(table, 5, random).weight) == doctest::Approx(1.0 / 250).epsilon(0.05));
    // Half of the weights are absent, the others have twice the variance.
    CHECK(mean_square(Convolution<double>(sparse, 5, random).weight) == doctest::Approx(1.0 / 250).epsilon(0.05));
}

TEST_CASE("activations by name")
{
    const auto x = constant<double>({-1.5, 0.5});
    const std::pair<const char*, std::function<double(double)>> expected[] = {
        {"identity", [](double v) { return v; }},
        {"sigmoid", [](double v) { return 1 / (1 + std::exp(-v)); }},
        {"tanh", [](double v) { return std::tanh(v); }},
        {"scaled-tanh", [](double v) { return 1.7159 * std::tanh(2 * v / 3); }},
        {"relu", [](double v) { return v > 0 ? v : 0; }},
        {"leaky-relu", [](double v) { return v > 0 ? v : 0.01 * v; }},
        {"gelu", [](double v) { return v * std::erfc(-v / std::sqrt(2.0)) / 2; }},
        {"gelu-tanh",
         [](double v) { return v / 2 * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (v + 0.044715 * v * v * v))); }},
        {"silu", [](double v) { return v / (1 + std::exp(-v)); }},
        {"mish", [](double v) { return v * std::tanh(std::log1p(std::exp(v))); }},
        {"elu", [](double v) { return v > 0 ? v : std::expm1(v); }},
        {"selu", [](double v) { return 1.0507009873554805 * (v > 0 ? v : 1.6732632423543772 * std::expm1(v)); }},
        {"softsign", [](double v) { return v / (1 + std::abs(v)); }},
        {"hard-sigmoid", [](double v) { return v / 6 + 0.5; }},
        {"hard-swish", [](double v) { return v * (v / 6 + 0.5); }}};
    CHECK(activation_names().size() == std::size(expected));
    for (const auto& entry : expected) {
        const char* const name = entry.first;
        const auto& f = entry.second;
        CAPTURE(name);
        const auto y = activate(activation_named(name), x);
        CHECK(y.data()[0] == doctest::Approx(f(-1.5)).epsilon(1e-13));
        CHECK(y.data()[1] == doctest::Approx(f(0.5)).epsilon(1e-13));
    }
    CHECK_THROWS_WITH_AS(
        activation_named("swish"),
        "[activation] there is no 'swish'; there are: identity, sigmoid, tanh, scaled-tanh, relu, leaky-relu, gelu, "
        "gelu-tanh, silu, mish, elu, selu, softsign, hard-sigmoid, hard-swish",
        Error);
}

TEST_CASE("layers that cannot be")
{
    Random random(8);
    const std::string rule =
        " group(s): kernels must be 1 or more each way, and the groups, 1 or more, must divide both "
        "numbers of maps";
    CHECK_THROWS_WITH_AS(Convolution<float>(3, 4, 3, random, Initialization::he, {.groups = 2}),
                         ("[convolution layer] 3x3 kernels from 3 to 4 maps in 2" + rule).c_str(), ShapeError);
    CHECK_THROWS_WITH_AS(Convolution<float>(4, 3, 3, random, Initialization::he, {.groups = 2}),
                         ("[convolution layer] 3x3 kernels from 4 to 3 maps in 2" + rule).c_str(), ShapeError);
    CHECK_THROWS_WITH_AS(Convolution<float>(2, 4, {3, 0}, random),
                         ("[convolution layer] 3x0 kernels from 2 to 4 maps in 1" + rule).c_str(), ShapeError);
    CHECK_THROWS_AS(Convolution<float>(2, 4, 3, random, Initialization::he, {.groups = 0}), ShapeError);
    CHECK_THROWS_WITH_AS(Convolution<float>(ConnectionTable{}, 3, random),
                         "[convolution layer] the connection table is empty: it must be inputs x outputs", ShapeError);
    CHECK_THROWS_WITH_AS(
        Convolution<float>(ConnectionTable{{true, true}, {true}}, 3, random),
        "[convolution layer] the rows of the connection table have 2 and 1 columns: it must be inputs x "
        "outputs, with a column for each output map in every row",
        ShapeError);
    CHECK_THROWS_WITH_AS(Convolution<float>(ConnectionTable{{true, false}, {true, false}}, 3, random),
                         "[convolution layer] output map 1 of the connection table reads no input map", ShapeError);
    CHECK_THROWS_AS(Convolution<float>(ConnectionTable{{true}}, 3, random, Initialization::he, {.groups = 2}),
                    ShapeError);
}

TEST_CASE("a subsampling layer is β times the sum of each block, plus b (B14)")
{
    struct Geometry
    {
        Shape x;
        std::size_t height, width;
    };
    Random random(9);
    for (const auto& [shape, n, m] : std::vector<Geometry>{{{2, 3, 4, 6}, 2, 2},
                                                           {{1, 2, 3, 9}, 1, 3},
                                                           {{2, 2, 6, 4}, 3, 2},
                                                           {{3, 1, 5, 4}, 5, 4},
                                                           {{1, 4, 2, 3}, 1, 1}})
    {
        const Subsampling<double> start(shape[1], {static_cast<std::ptrdiff_t>(n), static_cast<std::ptrdiff_t>(m)});
        CHECK(start.beta.value() == Array<double>(Shape{shape[1]}, 1 / static_cast<double>(n * m)));
        CHECK(start.bias.value() == Array<double>(Shape{shape[1]}, 0.0));
        Subsampling<double> layer = start;
        layer.beta = variable(random.normal<double>({shape[1]}, 0, 1));
        layer.bias = variable(random.normal<double>({shape[1]}, 0, 1));

        const auto x = constant(random.normal<double>(shape, 0, 1));
        const auto u = layer(x);
        REQUIRE(u.shape() == Shape{shape[0], shape[1], shape[2] / n, shape[3] / m});
        for (std::size_t image = 0; image < shape[0]; ++image)
            for (std::size_t map = 0; map < shape[1]; ++map)
                for (std::size_t i = 0; i < shape[2] / n; ++i)
                    for (std::size_t j = 0; j < shape[3] / m; ++j) {
                        double sum = 0;
                        for (std::size_t v = 0; v < n; ++v)
                            for (std::size_t w = 0; w < m; ++w)
                                sum += x.value()(image, map, i * n + v, j * m + w);
                        const double expected = layer.beta.value()(map) * sum + layer.bias.value()(map);
                        CHECK(u.value()(image, map, i, j) == doctest::Approx(expected).epsilon(1e-12));
                    }
    }
}

TEST_CASE("a subsampling layer whose blocks do not divide the maps")
{
    const Subsampling<float> layer(2, {3, 2});
    const auto maps = [](std::size_t height, std::size_t width) {
        return constant(Array<float>(Shape{1, 2, height, width}, 1.0f));
    };
    CHECK(layer(maps(6, 4)).shape() == Shape{1, 2, 2, 2});
    CHECK_THROWS_WITH_AS(
        layer(maps(5, 4)),
        "[block_sum] blocks of 3x2 do not fill the planes of shape (1,2,5,4): the block's extents must "
        "divide the last two axes",
        ShapeError);
    CHECK_THROWS_AS(layer(maps(6, 5)), ShapeError);
    CHECK_THROWS_AS(layer(maps(2, 4)), ShapeError);
    CHECK_THROWS_AS(layer(constant(Array<float>(Shape{1, 3, 6, 4}, 1.0f))), ShapeError);
    const Subsampling<double> two(2, 2);
    CHECK_THROWS_WITH_AS(two(constant(Array<double>(Shape{1, 1, 4, 4}, 1.0))), doctest::Contains("(N, 2, H, W)"),
                         ShapeError);
    CHECK_THROWS_AS(Subsampling<double>(2, 0), ShapeError);
    CHECK_THROWS_AS(Subsampling<double>(0, 2), ShapeError);
}

// The multilayer perceptron

TEST_CASE("an MLP is its layers with the activations between them")
{
    const MLP<double> net({4, 3, 5, 2}, 9, {.activation = Activation::sigmoid});
    Random random(10);
    const auto x = constant(random.normal<double>({6, 4}, 0, 1));
    const auto expected = net.layers[2](sigmoid(net.layers[1](sigmoid(net.layers[0](x)))));
    CHECK(net(x).value() == expected.value());
    CHECK(net.parameters().size() == 6);
    CHECK(net.parameters().name(3) == "layer2.bias");
    CHECK(net.parameters().element_count() == (4 + 1) * 3 + (3 + 1) * 5 + (5 + 1) * 2);
}

TEST_CASE("an MLP takes images as vectors")
{
    const MLP<float> net({12, 10}, 9);
    CHECK(net(constant(Array<float>(Shape{5, 1, 3, 4}, 1.0f))).shape() == Shape{5, 10});
}

TEST_CASE("an MLP of sizes that cannot be")
{
    CHECK_THROWS_WITH_AS(MLP<float>({784}, 1), "[mlp] two sizes or more are needed, none of them 0; given: 784",
                         ShapeError);
    CHECK_THROWS_AS(MLP<float>({784, 0, 10}, 1), ShapeError);
}

TEST_CASE("the seed decides the weights")
{
    const MLP<float> a({5, 4}, 1), b({5, 4}, 1), c({5, 4}, 2);
    CHECK(a.layers[0].weight.value() == b.layers[0].weight.value());
    CHECK(a.layers[0].weight.value() != c.layers[0].weight.value());
}
