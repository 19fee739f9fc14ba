#include "layers.hpp"
#include "ops.hpp"
#include <xgrad/models/layers/local.hpp>
#include <xgrad/ops/local.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** The layer with random biases. */
template <class Layer>
Layer with_biases(Layer layer)
{
    layer.bias = variable(numbers<double>(layer.bias.shape(), -1, 1, 9));
    return layer;
}

/** The layer's sums without its biases, plus the bias that `bias(o, j, k)` names. */
template <class F>
void check_biases(const Variable<double>& y, const Variable<double>& sums, F bias)
{
    check_close(y.value(), generate<double>(sums.shape(), [&](const Index& i) {
                    return at(sums.value(), i) + bias(i[1], i[2], i[3]);
                }));
}

} // namespace

TEST_CASE("a locally connected layer has a bias for each output unit")
{
    Random random(1);
    const auto layer =
        with_biases(LocallyConnected<double>(2, 3, {6, 5}, {3, 2}, random, Initialization::lecun, {.stride = {1, 2}}));
    CHECK(layer.weight.shape() == Shape{4, 2, 3, 2, 3, 2});
    CHECK(layer.bias.shape() == Shape{3, 4, 2});
    const auto x = constant(numbers<double>({2, 2, 6, 5}));
    const auto y = layer(x);
    REQUIRE(y.shape() == Shape{2, 3, 4, 2});
    check_biases(y, locally_connected2d(x, layer.weight, {.stride = {1, 2}}),
                 [&](auto o, auto j, auto k) { return layer.bias.value()(o, j, k); });
}

TEST_CASE("a tiled layer's biases take turns as its weights do")
{
    Random random(2);
    const auto layer =
        with_biases(Tiled<double>(2, 3, {2, 3}, 3, random, Initialization::lecun, {.padding = Padding::same}));
    CHECK(layer.weight.shape() == Shape{2, 3, 3, 2, 3, 3});
    CHECK(layer.bias.shape() == Shape{3, 2, 3});
    const auto x = constant(numbers<double>({2, 2, 5, 4}));
    const auto y = layer(x);
    REQUIRE(y.shape() == Shape{2, 3, 5, 4});
    check_biases(y, tiled2d(x, layer.weight, {.padding = Padding::same}),
                 [&](auto o, auto j, auto k) { return layer.bias.value()(o, j % 2, k % 3); });
}

TEST_CASE("a tiled layer takes images of every size that has an output for each tile")
{
    Random random(3);
    const Tiled<float> layer(1, 2, 2, 3, random);
    for (const std::size_t size : Sizes{4, 7, 12})
        CHECK(layer(constant(numbers<float>({1, 1, size, size}))).shape() == Shape{1, 2, size - 2, size - 2});
    CHECK_THROWS_WITH_AS(layer(constant(numbers<float>({1, 1, 3, 5}))),
                         "[tiled2d] 2x2 tiles for 1x3 outputs: each axis needs at least 1 tile, and no more tiles than "
                         "outputs",
                         ShapeError);
}

TEST_CASE("a tiled layer of one tile is a convolution layer, one of as many as outputs is locally connected")
{
    Random a(4), b(4), c(4), d(4);
    const Convolution<double> convolution(2, 3, 3, a);
    const Tiled<double> one(2, 3, 1, 3, b), all(2, 3, {4, 5}, 3, c);
    const LocallyConnected<double> local(2, 3, {6, 7}, 3, d);
    const auto x = constant(numbers<double>({2, 2, 6, 7}));
    check_close(one(x).value(), convolution(x).value());
    check_equal(all(x).value(), local(x).value());
}

TEST_CASE("local layers name their parameters")
{
    Random random(5);
    const LocallyConnected<double> local(1, 6, 32, 5, random);
    CHECK(local.parameters().name(0) == "weight");
    CHECK(local.parameters().name(1) == "bias");
    CHECK(local.parameters().element_count() == 6 * 28 * 28 * 26);
    const Tiled<double> tiled(1, 6, {2, 3}, 5, random);
    CHECK(tiled.parameters().element_count() == 6 * 6 * 26);
    CHECK(detail::origin_of(tiled.parameters()["bias"]) == detail::origin_of(tiled.bias));
}

TEST_CASE("local layers' weights count the inputs of a unit, and biases start at 0")
{
    Random random(6);
    const LocallyConnected<double> local(4, 3, 14, 5, random);
    CHECK(mean_square(local.weight) == doctest::Approx(1.0 / 100).epsilon(0.05));
    CHECK(mean_square(local.bias) == 0);
    const Tiled<double> tiled(4, 30, 3, 5, random, Initialization::he);
    CHECK(mean_square(tiled.weight) == doctest::Approx(2.0 / 100).epsilon(0.05));
    CHECK(mean_square(tiled.bias) == 0);
    const Tiled<double> glorot(4, 30, 3, 5, random, Initialization::glorot);
    CHECK(mean_square(glorot.weight) == doctest::Approx(2.0 / (25 * 34)).epsilon(0.05));
}

TEST_CASE("the summary of a locally connected layer: every weight is used once an image")
{
    Random random(7);
    const LayerSummary summary = summarize("L1", LocallyConnected<float>(1, 6, 32, {5, 3}, random));
    CHECK(summary.name == "L1");
    CHECK(summary.kind == "locally connected 5x3");
    CHECK(summary.output == Shape{6, 28, 30});
    CHECK(summary.parameters == 6 * 28 * 30 * (15 + 1));
    CHECK(summary.connections == summary.parameters);
    CHECK(summary.multiply_adds == 6 * 28 * 30 * 15);
}

TEST_CASE("the summary of a tiled layer: the connections of a convolution, the parameters of a few")
{
    Random random(8);
    const LayerSummary summary = summarize("T1", Tiled<float>(4, 6, {2, 3}, 5, random), {6, 28, 28});
    CHECK(summary.name == "T1");
    CHECK(summary.kind == "tiled 5x5, 2x3 tiles");
    CHECK(summary.output == Shape{6, 28, 28});
    CHECK(summary.parameters == 6 * 6 * (100 + 1));
    CHECK(summary.connections == 6 * 28 * 28 * (100 + 1));
    CHECK(summary.multiply_adds == 6 * 28 * 28 * 100);
}

TEST_CASE("local layers that cannot be")
{
    Random random(9);
    CHECK_THROWS_WITH_AS(Tiled<float>(1, 2, {0, 2}, 3, random),
                         "[tiled layer] 0x2 tiles of 3x3 kernels: tiles and kernels must be 1 or more each way",
                         ShapeError);
    CHECK_THROWS_WITH_AS(Tiled<float>(1, 2, {2, -1}, 3, random),
                         "[tiled layer] 2x-1 tiles of 3x3 kernels: tiles and kernels must be 1 or more each way",
                         ShapeError);
    CHECK_THROWS_AS(Tiled<float>(1, 2, 2, 0, random), ShapeError);
    CHECK_THROWS_WITH_AS(LocallyConnected<float>(1, 2, {4, 8}, 5, random),
                         "[locally connected layer] the 5x5 kernel does not fit the 4x8 input with 'valid' padding",
                         ShapeError);
    CHECK_THROWS_AS(LocallyConnected<float>(1, 2, 4, -1, random), ShapeError);
    const LocallyConnected<float> layer(1, 2, 6, 3, random);
    CHECK_THROWS_WITH_AS(layer(constant(numbers<float>({1, 1, 7, 6}))),
                         "[locally_connected2d] the kernels are for 4x4 outputs, but there are 5x4", ShapeError);
}
