// The CNN whose options are what the four texts choose differently.

#include "sampled_gradients.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/base/random.hpp>
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/networks/bouvrie.hpp>
#include <xgrad/models/networks/cnn.hpp>

#include <doctest/doctest.h>

#include <algorithm>

using namespace xgrad;

namespace
{

Variable<double> images(std::size_t count) { return constant(Random(3).normal<double>({count, 1, 28, 28}, 0, 1)); }

/** Gives one network the weights of another that has the same shapes in the same order. */
template <class A, class B>
void copy_weights(const A& from, const B& to)
{
    const auto source = from.parameters(), target = to.parameters();
    REQUIRE(source.size() == target.size());
    for (std::size_t i = 0; i < source.size(); ++i) {
        Variable<double> weights = target[i];
        REQUIRE(source[i].shape() == weights.shape());
        std::copy_n(source[i].data(), weights.size(), weights.mutable_value().data());
    }
}

double largest_difference(const Variable<double>& a, const Variable<double>& b)
{
    REQUIRE(a.shape() == b.shape());
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        largest = std::max(largest, std::abs(a.data()[i] - b.data()[i]));
    return largest;
}

using Pooling = CNNOptions::Pooling;
using Loss = CNNOptions::Loss;

} // namespace

TEST_CASE("cnn: with Bouvrie's choices it is Bouvrie's network")
{
    for (const bool combination : {false, true}) {
        const Bouvrie<double> bouvrie(
            1,
            {.activation = Activation::sigmoid, .output_activation = Activation::sigmoid, .combination = combination});
        const CNN<double> net(2, {.pooling = Pooling::beta,
                                  .activation = Activation::sigmoid,
                                  .loss = Loss::squared_error,
                                  .combination = combination});
        copy_weights(bouvrie, net);
        const auto x = images(3);
        const Labels labels = {4, 0, 9};
        CHECK(largest_difference(net(x), bouvrie(x)) == 0);
        CHECK(net.loss(net(x), labels).item() == bouvrie.loss(bouvrie(x), labels).item());
    }
}

TEST_CASE("cnn: a correlation has the kernels of a convolution turned by 180°")
{
    const CNN<double> turned(1, {.product = Product::convolution}), plain(2, {.product = Product::correlation});
    copy_weights(turned, plain);
    const auto turn = [](Variable<double> kernels) {
        auto& value = kernels.mutable_value();
        const std::size_t plane = kernels.shape()[2] * kernels.shape()[3];
        for (double* begin = value.data(); begin != value.data() + value.size(); begin += plane)
            std::reverse(begin, begin + plane);
    };
    turn(plain.c1.weight);
    turn(std::get<Convolution<double>>(plain.c3).weight);
    const auto x = images(2);
    CHECK(largest_difference(turned(x), plain(x)) < 1e-12);
}

TEST_CASE("cnn: every choice has right gradients, the sizes it says, and names for its parameters")
{
    for (const Product product : {Product::convolution, Product::correlation})
        for (const Pooling pooling : {Pooling::max, Pooling::mean, Pooling::beta})
            for (const Activation activation : {Activation::tanh, Activation::sigmoid, Activation::relu})
                for (const Loss loss : {Loss::softmax, Loss::squared_error}) {
                    if (pooling == Pooling::beta && activation == Activation::relu)
                        continue; // biases of 0 behind blocks of zeros: a kink
                    const CNN<double> net(
                        1, {.product = product, .pooling = pooling, .activation = activation, .loss = loss, .maps = 2});
                    const auto x = images(1);
                    test::check_sampled_gradients(net.parameters(), [&] { return net.loss(net(x), Labels{7}); });
                    std::size_t counted = 0, summed = 0;
                    for (const Variable<double>& parameter : net.parameters())
                        counted += parameter.size();
                    for (const LayerSummary& layer : net.summary())
                        summed += layer.parameters;
                    CHECK(counted == summed);
                    CHECK(net.parameters().places_of("s2.beta").empty() == (pooling != Pooling::beta));
                }
}

TEST_CASE("cnn: options that do not fit together are refused")
{
    CHECK_THROWS_WITH_AS(CNN<float>(1, {.maps = 0}), doctest::Contains("0 maps"), ShapeError);
    CHECK_THROWS_WITH_AS(CNN<float>(1, {.product = Product::correlation, .combination = true}),
                         doctest::Contains("true convolutions"), ShapeError);
    CHECK_THROWS_AS(CNN<float>(1)(constant(Array<float>({1, 1, 32, 32}, 0.0f))), ShapeError);
    for (const char* const maps : {"0", "-1", "257", "six", ""})
        CHECK_THROWS_AS(make_classifier("cnn", 1, {{"maps", maps}}), Error);
    for (const char* const pooling : {"max", "beta"})
        for (const char* const combination : {"no", "yes"}) {
            const Classifier net = make_classifier("cnn", 1, {{"pooling", pooling}, {"combination", combination}});
            std::size_t count = 0;
            for (const Variable<float>& parameter : net.parameters)
                count += parameter.size();
            CHECK(architecture("cnn").parameter_count(net.choices) == count);
        }
}
