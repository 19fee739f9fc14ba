#include "files.hpp"
#include "long.hpp"
#include "training.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/models/layers/sequence.hpp>
#include <xgrad/models/networks/variants.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace xgrad;
using namespace xgrad::test;

TEST_CASE("sequence: layers one after the other, their parameters under their names")
{
    Random random(1);
    const Convolution<double> c1(1, 2, 3, random);
    const Linear<double> f2(2 * 4 * 4, 3, random);
    Sequence<double> net({1, 6, 6});
    net.add("c1", c1).add("squash", [](const auto& x) { return tanh(x); });
    net.add("flatten", [](const auto& x) { return flatten(x, 1); }).add("f2", f2);
    CHECK(net.parameters().size() == 4);
    CHECK(net.parameters().name(0) == "c1.weight");
    CHECK(net.parameters().name(3) == "f2.bias");

    const Variable<double> x = constant(Random(2).normal<double>({5, 1, 6, 6}, 0, 1));
    CHECK(net(x, Mode::evaluation()).value() == f2(flatten(tanh(c1(x)), 1)).value());

    const auto lines = net.summary();
    REQUIRE(lines.size() == 4);
    CHECK(lines[0].parameters == 2 * 9 + 2);
    CHECK(lines[0].output == Shape{2, 4, 4});
    CHECK(lines[1].name == "squash");
    CHECK(lines[1].parameters == 0);
    CHECK(lines[3].output == Shape{3});
    CHECK(lines[3].connections == 33 * 3);
}

TEST_CASE("sequence: a layer that takes the mode gets it")
{
    Random random(1);
    Sequence<double> net;
    net.add("mode", [](const Variable<double>& x, const Mode& mode) { return mode.is_training() ? x : -x; });
    const Variable<double> x = constant(Array<double>{1.0, 2.0});
    CHECK(net(x, Mode::training(random)).value()(1) == 2);
    CHECK(net(x, Mode::evaluation()).value()(1) == -2);
}

TEST_CASE("sequence: the summary has the kind and the connections of a function as they are given")
{
    const auto halve = [](const auto& x) { return max_pool2d(x); };
    Sequence<double> net({2, 6, 8});
    net.add("s1", halve, "max pooling 2x2", 4).add("squash", [](const auto& x) { return tanh(x); });
    const auto lines = net.summary();
    CHECK(lines[0].kind == "max pooling 2x2");
    CHECK(lines[0].output == Shape{2, 3, 4});
    CHECK(lines[0].connections == 2 * 3 * 4 * 4);
    CHECK(lines[0].parameters == 0);
    CHECK(lines[1].kind.empty());
    CHECK(lines[1].connections == 0);
    CHECK(contains(message_of<Error>([] { Sequence<float>().summary(); }), "[sequence]"));
}

TEST_CASE("sequence: it makes a classifier as it is")
{
    Random random(1);
    Sequence<float> net({1, 28, 28});
    net.add("flatten", [](const auto& x) { return flatten(x, 1); }).add("f1", Linear<float>(784, 10, random));
    const Classifier classifier = classifier_of("mine", net);
    CHECK(classifier.parameter_count() == 7850);
    const Variable<float> x = constant(Random(2).normal<float>({3, 1, 28, 28}, 0, 1));
    CHECK(classifier.logits(x).value() == net(x, Mode::evaluation()).value());
}

namespace
{

const LayerSummary& layer(const Classifier& classifier, const std::string& name)
{
    const auto& lines = classifier.summary;
    const auto found = std::find_if(lines.begin(), lines.end(), [&](const auto& line) { return line.name == name; });
    REQUIRE(found != lines.end());
    return *found;
}

} // namespace

TEST_CASE("variants: each has a summary that adds up")
{
    for (const std::string& name : variant_names()) {
        CAPTURE(name);
        const Classifier classifier = make_variant(name, 1);
        CHECK(classifier.parameter_count() == classifier.parameters.element_count());
    }
}

TEST_CASE("variants: the lines of pooling, squeeze and excitation, separable and circulant layers")
{
    const Classifier squeezed = make_variant("squeeze-excitation", 1);
    CHECK(layer(squeezed, "s2").kind == "max pooling 2x2");
    CHECK(layer(squeezed, "s2").output == Shape{8, 12, 12});
    CHECK(layer(squeezed, "s2").connections == 8 * 12 * 12 * 4);
    CHECK(layer(squeezed, "c3").parameters == 16 * 8 * 25 + 16);
    CHECK(layer(squeezed, "c3").connections == (16 * 8 * 25 + 16) * 8 * 8);
    CHECK(layer(squeezed, "scale").kind == "squeeze and excitation");
    CHECK(layer(squeezed, "scale").parameters == 16 * 4 + 4 + 4 * 16 + 16);
    CHECK(layer(squeezed, "scale").output == Shape{16, 8, 8});
    CHECK(layer(make_variant("distance-pooling", 1), "s4").connections == 16 * 4 * 4 * 16);

    const LayerSummary separable = layer(make_variant("separable", 1), "block");
    CHECK(separable.kind == "separable 5x5");
    CHECK(separable.parameters == 16 * 8 * (5 + 5) + 16);
    CHECK(separable.connections == layer(squeezed, "c3").connections);
    CHECK(separable.multiply_adds == 16 * 8 * (5 + 5) * 8 * 8);

    const LayerSummary circulant = layer(make_variant("circulant", 1), "f5");
    CHECK(circulant.parameters == 256 + 256);
    CHECK(circulant.connections == 256 * 257);
}

TEST_CASE("variants: each is under 10 % wrong on a thousand digits, after some of the epochs that it is trained for" *
          test::is_long)
{
    const Dataset sample = first_digits(4000, 1000);
    for (const std::string& name : variant_names()) {
        CAPTURE(name);
        const Classifier classifier = make_variant(name, 1);
        Training training(classifier, sample, classifier.defaults);
        run(training, {.stop = [&] { return training.best() && training.best()->error < 0.1; }});
        CHECK(training.best()->error < 0.1);
    }
}

TEST_CASE("variants: names are unique, and an unknown one is an error")
{
    const auto names = variant_names();
    CHECK(std::set<std::string>(names.begin(), names.end()).size() == names.size());
    CHECK(contains(message_of<Error>([] { make_variant("trilled", 1); }), "tiled"));
}
