#include "ops.hpp"
#include "training.hpp"
#include <xgrad/models/layers/conversion.hpp>
#include <xgrad/models/networks/lenet5.hpp>
#include <xgrad/models/networks/mlp.hpp>
#include <xgrad/ops/ops.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

void fill(Variable<double> leaf, unsigned seed) { leaf.mutable_value() = numbers<double>(leaf.shape(), -1, 1, seed); }

/** The full layer that a convolution is, entry by entry: row (o, i, j) has the kernel of o at the place (i, j). */
Array<double> toeplitz(const Convolution<double>& layer, std::size_t height, std::size_t width)
{
    const Shape& k = layer.weight.shape();
    const std::size_t rows = height - k[2] + 1, columns = width - k[3] + 1;
    return generate<double>({k[0] * rows * columns, k[1] * height * width}, [&](const Index& at) {
        const std::size_t o = at[0] / (rows * columns), i = at[0] / columns % rows, j = at[0] % columns;
        const std::size_t c = at[1] / (height * width), a = at[1] / width % height, b = at[1] % width;
        return a >= i && a < i + k[2] && b >= j && b < j + k[3] ? layer.weight.value()(o, c, a - i, b - j) : 0;
    });
}

} // namespace

TEST_CASE("a full layer over maps is a convolution whose kernels cover them (N19)")
{
    Random random(1);
    const Linear<double> full(2 * 3 * 4, 5, random);
    fill(full.bias, 2);
    const Convolution<double> convolution = as_convolution(full, 2, {3, 4});
    REQUIRE(convolution.weight.shape() == Shape{5, 2, 3, 4});
    CHECK(convolution.parameters().element_count() == full.parameters().element_count());

    const auto x = constant(numbers<double>({6, 2, 3, 4}));
    const auto y = convolution(x);
    REQUIRE(y.shape() == Shape{6, 5, 1, 1});
    for (std::size_t n = 0; n < 6; ++n)
        for (std::size_t o = 0; o < 5; ++o) {
            double expected = full.bias.data()[o];
            for (std::size_t i = 0; i < 24; ++i)
                expected += full.weight.value()(o, i) * x.data()[n * 24 + i];
            CHECK(y.value()(n, o, 0, 0) == doctest::Approx(expected).epsilon(1e-12));
        }
}

TEST_CASE("on a larger image it applies the full layer at each position")
{
    Random random(3);
    const Linear<double> full(2 * 3 * 3, 4, random);
    const auto x = constant(numbers<double>({1, 2, 5, 6}));
    const auto y = as_convolution(full, 2, 3)(x);
    REQUIRE(y.shape() == Shape{1, 4, 3, 4});
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 4; ++j) {
            const auto patch = slice(slice(x, 2, i, i + 3), 3, j, j + 3);
            const auto there = slice(slice(y, 2, i, i + 1), 3, j, j + 1);
            check_close(flatten(there, 1).value(), full(flatten(patch, 1)).value(), 1e-12);
        }
}

TEST_CASE("a convolution as a full layer is its doubly blocked Toeplitz matrix")
{
    Random random(4);
    for (const Size2d kernel : {Size2d(2, 3), Size2d(1), Size2d(4, 5)}) {
        const Convolution<double> convolution(2, 3, kernel, random);
        fill(convolution.bias, 5);
        const Linear<double> full = as_linear(convolution, {4, 5});
        check_equal(full.weight.value(), toeplitz(convolution, 4, 5));
        const std::size_t positions = full.bias.size() / 3;
        for (std::size_t i = 0; i < full.bias.size(); ++i)
            CHECK(full.bias.data()[i] == convolution.bias.data()[i / positions]);

        const auto x = constant(numbers<double>({3, 2, 4, 5}));
        check_close(full(flatten(x, 1)).value(), flatten(convolution(x), 1).value(), 1e-12);
    }
}

TEST_CASE("every kind of convolution is a full layer")
{
    Random random(6);
    const ConnectionTable table{{true, false, true, true}, {true, true, false, true}};
    const auto he = Initialization::he;
    const Convolution<double> kinds[] = {
        {2, 4, 3, random, he, {.padding = Padding::same}},
        {2, 4, {2, 3}, random, he, {.padding = 1, .stride = {2, 1}, .dilation = {1, 2}}},
        {2, 4, 3, random, he, {.groups = 2}},
        {2, 4, 3, random, he, {}, Product::convolution},
        {table, 3, random},
    };
    const auto x = constant(numbers<double>({2, 2, 6, 7}));
    for (const Convolution<double>& convolution : kinds) {
        fill(convolution.bias, 7);
        check_close(as_linear(convolution, {6, 7})(flatten(x, 1)).value(), flatten(convolution(x), 1).value(), 1e-12);
    }
}

TEST_CASE("a full layer as a convolution and back is the same")
{
    Random random(8);
    const Linear<double> full(2 * 3 * 3, 4, random);
    check_equal(as_linear(as_convolution(full, 2, 3), 3).weight.value(), full.weight.value());
}

TEST_CASE("a trained LeNet-5 is the same with its full layers as convolutions, and with C5 as a full layer")
{
    const LeNet5<float> net(1);
    Training training(classifier_of("lenet5", net), digits(), few_steps);
    finish(training);
    const auto x = constant(digits().test.batches(10)[0].images);
    const Array<float> expected = net(x).value();
    REQUIRE(expected != LeNet5<float>(1)(x).value());

    const auto s4 = max_pool2d(relu(net.c3(max_pool2d(relu(net.c1(x))))));
    const Convolution<float> f6 = as_convolution(net.f6, 120, 1), f7 = as_convolution(net.f7, 84, 1);
    const auto maps = f7(relu(f6(relu(net.c5(s4)))));
    REQUIRE(maps.shape() == Shape{10, 10, 1, 1});
    check_close(flatten(maps, 1).value(), expected, 1e-5);

    const auto c5 = relu(as_linear(net.c5, 5)(flatten(s4, 1)));
    check_close(as_linear(f7, 1)(relu(as_linear(f6, 1)(c5))).value(), expected, 1e-5);
}

TEST_CASE("a trained perceptron is the same as a convolution with kernels as large as the image, and back")
{
    const MLP<float> net({784, 20, 10}, 1);
    Classifier classifier = classifier_of("mlp", net);
    classifier.preparation.padding = 0;
    Training training(classifier, digits(), few_steps);
    finish(training);
    const auto x = constant(digits().test.batches(10, classifier.preparation)[0].images);
    const Array<float> expected = net(x).value();
    REQUIRE(expected != MLP<float>({784, 20, 10}, 1)(x).value());

    const auto first = as_convolution(net.layers[0], 1, 28), second = as_convolution(net.layers[1], 20, 1);
    check_close(flatten(second(tanh(first(x))), 1).value(), expected, 1e-5);
    check_close(as_linear(second, 1)(tanh(as_linear(first, 28)(flatten(x, 1)))).value(), expected, 1e-5);
}

TEST_CASE("converted layers have their own trainable weights")
{
    Random random(9);
    const Linear<double> full(12, 4, random);
    Convolution<double> convolution = as_convolution(full, 3, 2);
    const double before = full.weight.data()[0];
    convolution.weight.mutable_data()[0] += 1;
    convolution.bias.mutable_data()[0] += 1;
    CHECK(full.weight.data()[0] == before);
    CHECK(full.bias.data()[0] == 0);
    const Linear<double> again = as_linear(convolution, 4);
    for (const auto& parameters : {convolution.parameters(), again.parameters()})
        for (const Variable<double>& leaf : parameters)
            CHECK(leaf.is_leaf());
    Tape tape;
    as_linear(convolution, 4);
    CHECK(tape.size() == 0);
}

TEST_CASE("conversions that cannot be")
{
    Random random(10);
    const Linear<float> full(12, 4, random);
    check_shape_error([&] { as_convolution(full, 2, 2); }, {"[as_convolution]", "2 maps of 2x2", "12 inputs"});
    check_shape_error([&] { as_convolution(full, 12, {-1, -1}); }, {"[as_convolution]", "-1x-1"});
    const Convolution<float> convolution(2, 3, 3, random);
    check_shape_error([&] { as_linear(convolution, {2, 5}); }, {"2"});
    check_shape_error([&] { as_linear(convolution, 0); }, {"[as_linear]", "0x0"});
}
