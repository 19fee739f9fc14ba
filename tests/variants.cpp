#include "files.hpp"
#include "training.hpp"
#include <xgrad/graph/error.hpp>
#include <xgrad/models/sequence.hpp>
#include <xgrad/models/variants.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

#include <set>

using namespace xgrad;
using namespace xgrad::test;

TEST_CASE("sequence: layers one after the other, their parameters under their names")
{
    Random random(1);
    const Convolution<double> c1(1, 2, 3, random);
    const Linear<double> f2(2 * 4 * 4, 3, random);
    Sequence<double> net;
    net.add("c1", c1).add("squash", [](const auto& x) { return tanh(x); });
    net.add("flatten", [](const auto& x) { return flatten(x, 1); }).add("f2", f2);
    CHECK(net.parameters().size() == 4);
    CHECK(net.parameters().name(0) == "c1.weight");
    CHECK(net.parameters().name(3) == "f2.bias");

    const Variable<double> x = constant(Random(2).normal<double>({5, 1, 6, 6}, 0, 1));
    CHECK(net(x, Mode::evaluation()).value() == f2(flatten(tanh(c1(x)), 1)).value());

    const auto lines = net.summary({1, 6, 6});
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

TEST_CASE("variants: each has a summary that adds up, and learns a hundred digits by heart")
{
    for (const std::string& name : variant_names()) {
        CAPTURE(name);
        const Classifier classifier = make_variant(name, 1);
        std::size_t parameters = 0;
        for (const LayerSummary& layer : classifier.summary)
            parameters += layer.parameters;
        CHECK(parameters == classifier.parameters.element_count());
        CHECK(classifier.summary.back().output == Shape{10});

        TrainingOptions options = classifier.defaults;
        options.epochs = 12;
        options.batch = 20;
        Training training(classifier, digits(), options);
        train_batches(training, 5);
        const double first = training.finish_epoch().train_loss;
        finish(training);
        CHECK(training.last()->train_loss < 0.5 * first);
    }
}

TEST_CASE("variants: names are unique, and an unknown one is an error")
{
    const auto names = variant_names();
    CHECK(std::set<std::string>(names.begin(), names.end()).size() == names.size());
    CHECK(contains(message_of<Error>([] { make_variant("trilled", 1); }), "tiled"));
}
