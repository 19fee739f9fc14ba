#include "sampled_gradients.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/base/random.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/models/networks/lenet5.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

using namespace xgrad;

namespace
{

struct OpCounts final : Observer
{
    std::map<std::string, int> times;
    std::vector<std::pair<std::string, Shape>> all;
    void op(OpCall& call) override
    {
        call.run();
        ++times[call.name()];
        all.emplace_back(call.name(), call.result().shape());
    }
    bool has(const std::string& op, const Shape& shape) const
    {
        return std::find(all.begin(), all.end(), std::pair(op, shape)) != all.end();
    }
    Observing observing{*this};
};

template <class T>
Variable<T> random_images(std::size_t count, std::uint64_t seed)
{
    Random random(seed);
    return constant(random.normal<T>({count, 1, 32, 32}, 0, 1));
}

Labels labels_of(std::size_t count)
{
    Labels labels(Shape{count}, 0);
    for (std::size_t n = 0; n < count; ++n)
        labels.data()[n] = static_cast<std::int32_t>((7 * n + 3) % 10);
    return labels;
}

void check_gradients(const LeNet5Options& options)
{
    const LeNet5<double> net(11, options);
    const auto images = random_images<double>(2, 12);
    const auto labels = labels_of(2);
    const auto loss = [&] { return softmax_cross_entropy(net(images), labels); };
    test::check_sampled_gradients(net.parameters(), loss);
}

} // namespace

TEST_CASE("LeNet-5 has 60,806 parameters with the paper's connection table")
{
    const LeNet5<float> net(1, {.connection_table = true});
    std::size_t trainable = 0;
    for (const LayerSummary& layer : net.summary())
        trainable += layer.parameters;
    CHECK(trainable == 60806);
    CHECK(LeNet5<float>(1).parameters().element_count() == 61706); // every map of C3 reads all six: 900 more
}

TEST_CASE("LeNet-5 reads as in the paper, layer by layer")
{
    const auto summary = LeNet5<float>(1, {.connection_table = true}).summary();
    struct Line
    {
        const char* name;
        Shape output;
        std::size_t parameters, connections;
    };
    // The paper's subsampling has a coefficient and a bias for each map, 12 and 32 of them; pooling has none of both,
    // so its units have 4 inputs rather than 5 connections.
    const Line expected[] = {{"C1", {6, 28, 28}, 156, 122304},
                             {"S2", {6, 14, 14}, 0, 5880 / 5 * 4},
                             {"C3", {16, 10, 10}, 1516, 151600},
                             {"S4", {16, 5, 5}, 0, 2000 / 5 * 4},
                             {"C5", {120, 1, 1}, 48120, 48120},
                             {"F6", {84}, 10164, 10164},
                             {"F7", {10}, 850, 850}};
    REQUIRE(summary.size() == std::size(expected));
    for (std::size_t i = 0; i < summary.size(); ++i) {
        CAPTURE(summary[i].name);
        CHECK(summary[i].name == expected[i].name);
        CHECK(summary[i].output == expected[i].output);
        CHECK(summary[i].parameters == expected[i].parameters);
        CHECK(summary[i].connections == expected[i].connections);
    }
}

TEST_CASE("LeNet-5 needs 416,520 multiply-adds, with the table 326,520")
{
    const auto total = [](const LeNet5Options& options) {
        std::size_t count = 0;
        for (const LayerSummary& layer : LeNet5<float>(1, options).summary())
            count += layer.multiply_adds;
        return count;
    };
    CHECK(total({}) == 416520);
    CHECK(total({.connection_table = true}) == 326520);
}

TEST_CASE("C3's table: six maps read 3 neighbours, six 4, three 4 that are not all neighbours, one all")
{
    const ConnectionTable& table = LeNet5<float>::table();
    REQUIRE(table.size() == 6);
    const auto reads = [&](std::size_t map) {
        std::string inputs;
        for (std::size_t input = 0; input < 6; ++input)
            if (table[input].at(map))
                inputs += std::to_string(input);
        return inputs;
    };
    const char* const expected[] = {"012",  "123",  "234",  "345",  "045",  "015",  "0123", "1234",
                                    "2345", "0345", "0145", "0125", "0134", "1245", "0235", "012345"};
    for (std::size_t map = 0; map < 16; ++map)
        CHECK(reads(map) == expected[map]);
}

TEST_CASE("LeNet-5's parameters are named after their layers")
{
    const LeNet5<float> net(1);
    const auto parameters = net.parameters();
    const std::pair<const char*, Shape> expected[] = {
        {"c1.weight", {6, 1, 5, 5}},    {"c1.bias", {6}},   {"c3.weight", {16, 6, 5, 5}}, {"c3.bias", {16}},
        {"c5.weight", {120, 16, 5, 5}}, {"c5.bias", {120}}, {"f6.weight", {84, 120}},     {"f6.bias", {84}},
        {"f7.weight", {10, 84}},        {"f7.bias", {10}}};
    REQUIRE(parameters.size() == std::size(expected));
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        CHECK(parameters.name(i) == expected[i].first);
        CHECK(parameters[i].shape() == expected[i].second);
    }
}

TEST_CASE("the seed decides LeNet-5's weights")
{
    const auto bits = [](std::uint64_t seed) {
        std::string all;
        for (const Variable<float>& parameter : LeNet5<float>(seed).parameters())
            all.append(reinterpret_cast<const char*>(parameter.data()), parameter.size() * sizeof(float));
        return all;
    };
    CHECK(bits(1) == bits(1));
    CHECK(bits(1) != bits(2));
}

TEST_CASE("images of another size")
{
    const LeNet5<float> net(1);
    CHECK(net(random_images<float>(3, 1)).shape() == Shape{3, 10});
    CHECK_THROWS_WITH_AS(net(constant(Array<float>(Shape{3, 1, 28, 28}, 0.0f))),
                         "[lenet5] images (N, 1, 32, 32) are needed, the shape is (3,1,28,28): pad 28x28 digits by 2",
                         ShapeError);
    CHECK_THROWS_AS(net(constant(Array<float>(Shape{32, 32}, 0.0f))), ShapeError);
}

TEST_CASE("backward computes the input gradients of C3 and C5, and never that of the image")
{
    const LeNet5<float> net(1);
    const auto images = random_images<float>(4, 2);
    const auto labels = labels_of(4);
    Tape tape;
    OpCounts forward;
    const auto loss = softmax_cross_entropy(net(images), labels);
    CHECK(forward.times["convolution_layer"] == 3);
    CHECK(forward.times["correlate2d_input"] == 0);
    {
        OpCounts backward;
        tape.gradient(loss, net.parameters());
        CHECK(backward.times["correlate2d_input"] == 2);
        CHECK(backward.has("correlate2d_input", {4, 6, 14, 14}));
        CHECK(backward.has("correlate2d_input", {4, 16, 5, 5}));
        CHECK(backward.times["correlate2d_kernel"] == 3);
        CHECK(backward.times["correlate2d"] == 0);
        CHECK(backward.times["matmul"] == 4);
    }
}

TEST_CASE("a gradient of the last layer alone runs no rule of the others")
{
    const LeNet5<float> net(1);
    Tape tape;
    const auto loss = softmax_cross_entropy(net(random_images<float>(2, 2)), labels_of(2));
    OpCounts backward;
    tape.gradient(loss, net.f7.parameters());
    CHECK(backward.times["correlate2d_input"] == 0);
    CHECK(backward.times["correlate2d_kernel"] == 0);
    CHECK(backward.times["matmul"] == 1);
}

TEST_CASE("an image that is a variable gets its gradient")
{
    const LeNet5<float> net(1);
    const auto images = as_leaf(random_images<float>(2, 2));
    Tape tape;
    const auto loss = softmax_cross_entropy(net(images), labels_of(2));
    OpCounts backward;
    CHECK(tape.gradient(loss, images).shape() == images.shape());
    CHECK(backward.times["correlate2d_input"] == 3);
    CHECK(backward.times["correlate2d_kernel"] == 0);
}

TEST_CASE("LeNet-5's gradients against differences")
{
    SUBCASE("default options") { check_gradients({}); }
    SUBCASE("mean pooling, tanh") { check_gradients({.mean_pooling = true, .activation = Activation::tanh}); }
    SUBCASE("connection table, scaled tanh")
    {
        check_gradients({.connection_table = true, .activation = Activation::scaled_tanh});
    }
    SUBCASE("sigmoid") { check_gradients({.activation = Activation::sigmoid}); }
}

TEST_CASE("bias and activation work in the buffer of the convolution's output, also when recorded")
{
    Random random(1);
    const auto x = random_images<float>(2, 3);
    const auto weight = variable(random.normal<float>({6, 1, 5, 5}, 0, 1)),
               bias = variable(Array<float>(Shape{1, 6, 1, 1}, 0.5f));
    Tape tape;
    auto convolved = correlate2d(x, weight);
    const float* buffer = convolved.data();
    auto biased = std::move(convolved) + bias;
    CHECK(biased.data() == buffer);
    SUBCASE("tanh") { CHECK(tanh(std::move(biased)).data() == buffer); }
    SUBCASE("relu") { CHECK(relu(std::move(biased)).data() == buffer); }
    SUBCASE("sigmoid") { CHECK(sigmoid(std::move(biased)).data() == buffer); }
    SUBCASE("scaled tanh") { CHECK(scaled_tanh(std::move(biased)).data() == buffer); }
}

TEST_CASE("a buffer that somebody holds is not worked in")
{
    Random random(1);
    const auto x = random_images<float>(2, 3);
    const auto weight = variable(random.normal<float>({6, 1, 5, 5}, 0, 1)),
               bias = variable(Array<float>(Shape{1, 6, 1, 1}, 0.5f));
    Tape tape;
    const auto convolved = correlate2d(x, weight);
    const Array<float> before = convolved.value();
    const auto activated = tanh(convolved + bias);
    CHECK(activated.data() != convolved.data());
    CHECK(convolved.value() == before);
}

TEST_CASE("a layer's output can be activated in place")
{
    Random random(1);
    const Convolution<float> c1(1, 6, 5, random);
    const Linear<float> f6(120, 84, random);
    Tape tape;
    auto maps = c1(random_images<float>(2, 3));
    const float* maps_buffer = maps.data();
    CHECK(activate(Activation::relu, std::move(maps)).data() == maps_buffer);
    auto units = f6(constant(random.normal<float>({2, 120}, 0, 1)));
    const float* units_buffer = units.data();
    CHECK(activate(Activation::tanh, std::move(units)).data() == units_buffer);
}

TEST_CASE("LeNet-5's gradients in float are double's to 1e-6")
{
    for (const auto activation : {Activation::tanh, Activation::relu}) {
        const LeNet5<float> net(3, {.activation = activation});
        const LeNet5<double> exact(3, {.activation = activation});
        const Parameters<float> parameters = net.parameters();
        const Parameters<double> exact_parameters = exact.parameters();
        for (std::size_t p = 0; p < parameters.size(); ++p) {
            Variable<double> parameter = exact_parameters[p];
            parameter.mutable_value() = xt::cast<double>(parameters[p].value());
        }
        const Array<float> images = random_images<float>(128, 5).value();
        const Array<double> exact_images = xt::cast<double>(images);
        Labels labels = empty_array<std::int32_t>({128});
        for (std::size_t n = 0; n < labels.size(); ++n)
            labels(n) = static_cast<std::int32_t>(n * 7 % 10);
        const auto [loss, gradients] =
            value_and_gradient(parameters, images, labels, [&](const Variable<float>& x, const Labels& t) {
                return softmax_cross_entropy(net(x), t);
            });
        const auto [exact_loss, exact_gradients] =
            value_and_gradient(exact_parameters, exact_images, labels, [&](const Variable<double>& x, const Labels& t) {
                return softmax_cross_entropy(exact(x), t);
            });
        CHECK(loss == doctest::Approx(exact_loss).epsilon(1e-6));
        for (std::size_t p = 0; p < parameters.size(); ++p) {
            CAPTURE(parameters.name(p));
            double error = 0, size = 0;
            for (std::size_t i = 0; i < gradients[p].size(); ++i) {
                const double g = exact_gradients[p].data()[i];
                error += std::pow(gradients[p].data()[i] - g, 2);
                size += g * g;
            }
            CHECK(std::sqrt(error / size) < 1e-6);
        }
    }
}
