#include "model.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/optim/optimizer.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <memory>
#include <vector>

using namespace xgrad;
using namespace xgrad::optim;
using namespace xgrad::test;

TEST_CASE("the state is named after slot and parameter, and is a copy")
{
    const Model model;
    Momentum<double> optimizer(model.parameters, {.learning_rate = rate, .momentum = 0.5});
    const auto at_start = optimizer.state();
    CHECK(at_start.size() == 2);
    CHECK(at_start.at("velocity.weight") == Array<double>(Shape{2, 2}, 0.0));
    optimizer.step(model.gradients(1));
    CHECK(at_start.at("velocity.bias") == Array<double>(Shape{2}, 0.0));
    CHECK(optimizer.state().at("velocity.bias") == model.gradients(1)[1].value());
    CHECK(SGD<double>(model.parameters).state().empty());
}

TEST_CASE("a state that does not fit changes nothing")
{
    const Model model;
    Adam<double> optimizer(model.parameters);
    optimizer.step(model.gradients(1));
    const auto before = optimizer.state();
    auto missing = before;
    missing.erase("square.bias");
    CHECK_THROWS_WITH_AS(optimizer.restore(missing, 7), "[optimizer] the state has no array 'square.bias' of shape (2)",
                         ShapeError);
    auto misshapen = before;
    misshapen["mean.weight"] = Array<double>(Shape{4}, 0.0);
    CHECK_THROWS_AS(optimizer.restore(misshapen, 7), ShapeError);
    CHECK(optimizer.state() == before);
    CHECK(optimizer.steps() == 1);
}

TEST_CASE("gradients that do not fit change nothing")
{
    const Model model, untouched;
    Momentum<double> optimizer(model.parameters);
    auto gradients = model.gradients(1);
    gradients[1] = constant<double>({1, 2, 3});
    CHECK_THROWS_WITH_AS(optimizer.step(gradients),
                         "[optimizer] the gradient of 'bias' has shape (3), the parameter has (2)", ShapeError);
    gradients.pop_back();
    CHECK_THROWS_WITH_AS(optimizer.step(gradients), "[optimizer] 1 gradients for 2 parameters", ShapeError);
    CHECK(largest_difference(model, untouched) == 0);
    CHECK(optimizer.steps() == 0);
}

TEST_CASE("a weight under two names takes one step with its whole gradient")
{
    const auto w = variable<double>({1.0});
    const Parameters<double> tied{{"encoder", w}, {"decoder", w}};
    SGD<double> optimizer(tied, {.learning_rate = 0.1});
    Tape tape;
    optimizer.step(tape.gradient(Variable<double>(w * w), tied));
    CHECK(w.item() == doctest::Approx(0.8));
}

TEST_CASE("a step writes to an array of the parameter's own")
{
    const std::vector<double> elements = {1, 2};
    auto w = variable(referring_to(elements.data(), {2}));
    SGD<double> optimizer(Parameters<double>{{"w", w}}, {.learning_rate = 0.5});
    optimizer.step({constant<double>({2, 2})});
    CHECK(w.value() == Array<double>{0, 1});
    CHECK(elements[0] == 1);
}

TEST_CASE("the learning rate may change from step to step")
{
    const Model model;
    SGD<double> optimizer(model.parameters, {.learning_rate = rate});
    CHECK(optimizer.learning_rate() == rate);
    optimizer.set_learning_rate(0.5);
    optimizer.step(model.gradients(1));
    CHECK(model.bias.data()[0] == 1.0 - 0.5 * model.gradients(1)[1].data()[0]);
}

TEST_CASE("SDLM: each weight has its own step by its curvature")
{
    const Model model;
    SDLM<double> optimizer(model.parameters, {.learning_rate = rate, .mu = 0.5, .weight_decay = decay});
    const std::vector<Array<double>> h = {Array<double>{{0, 1}, {2, 30}}, Array<double>{4, 0.25}};
    optimizer.set_curvature(h);
    const Model before;
    optimizer.step(model.gradients(1));
    for (std::size_t p = 0; p < 2; ++p)
        for (std::size_t i = 0; i < h[p].size(); ++i) {
            const double w = before.parameters[p].data()[i];
            const double g = model.gradients(1)[p].data()[i] + (p == 0 ? decay * w : 0);
            CHECK(model.parameters[p].data()[i] ==
                  doctest::Approx(w - rate / (0.5 + h[p].data()[i]) * g).epsilon(1e-13));
        }
    CHECK(optimizer.state().at("curvature.bias") == h[1]);
    CHECK_THROWS_AS(optimizer.set_curvature({h[0]}), ShapeError);
    CHECK_THROWS_AS(optimizer.set_curvature({h[1], h[0]}), ShapeError);
}

TEST_CASE("learning rates: of a layer, of a parameter, of each weight")
{
    // The first step of momentum from the same weights is a plain one, so its parts can be compared.
    const auto change = [](const auto& configure) {
        const Model model, before;
        Momentum<double> optimizer(model.parameters, {.learning_rate = rate});
        configure(optimizer);
        optimizer.step(model.gradients(1));
        std::vector<double> difference;
        for (std::size_t p = 0; p < 2; ++p)
            for (std::size_t i = 0; i < model.parameters[p].size(); ++i)
                difference.push_back(model.parameters[p].data()[i] - before.parameters[p].data()[i]);
        return difference;
    };
    const auto plain = change([](auto&) {});
    const auto bias = change([](auto& optimizer) { optimizer.scale_rate("bias", 3); });
    const auto each = change([](auto& optimizer) { optimizer.scale_rates("weight", Array<double>{{0, 1}, {2, 0.5}}); });
    const double factors[] = {0, 1, 2, 0.5};
    for (std::size_t i = 0; i < 6; ++i) {
        CHECK(bias[i] == doctest::Approx(plain[i] * (i < 4 ? 1 : 3)).epsilon(1e-12));
        CHECK(each[i] == doctest::Approx(plain[i] * (i < 4 ? factors[i] : 1)).epsilon(1e-12));
    }
}

TEST_CASE("learning rates: a layer's name stands for its parameters; what is wrong is an error")
{
    const Model a, b;
    Parameters<double> parameters{{"c1", a.parameters}, {"c10", b.parameters}};
    SGD<double> optimizer(parameters, {.learning_rate = rate});
    optimizer.scale_rate("c1", 0);
    const Variables<double> ones(4, constant(Array<double>(Shape{2}, 1.0)));
    Variables<double> gradients = {constant(Array<double>(Shape{2, 2}, 1.0)), ones[0],
                                   constant(Array<double>(Shape{2, 2}, 1.0)), ones[0]};
    optimizer.step(gradients);
    const Model fresh;
    CHECK(a.weight.value() == fresh.weight.value());
    CHECK(a.bias.value() == fresh.bias.value());
    CHECK(b.bias.value()(0) == doctest::Approx(fresh.bias.value()(0) - rate));
    CHECK_THROWS_WITH_AS(optimizer.scale_rate("c2", 1), doctest::Contains("there are: c1.weight, c1.bias"), GraphError);
    CHECK_THROWS_AS(optimizer.scale_rate("c1", -1), Error);
    CHECK_THROWS_AS(optimizer.scale_rates("c1.weight", Array<double>(Shape{3}, 1.0)), ShapeError);
    CHECK_THROWS_AS(optimizer.scale_rates("c1.bias", Array<double>{1.0, -1.0}), Error);
    CHECK_THROWS_AS(optimizer.scale_rates("c2.bias", Array<double>(Shape{3}, 1.0)), GraphError);
}

TEST_CASE("an optimizer refuses a parameter of another shape than it has memory for")
{
    Model model;
    Momentum<double> optimizer(model.parameters);
    model.weight.mutable_value() = Array<double>(Shape{300, 300}, 1.0);
    const Variables<double> gradients{constant(Array<double>(Shape{300, 300}, 1.0)), constant<double>({1, 1})};
    CHECK_THROWS_WITH_AS(optimizer.step(gradients),
                         "[optimizer] 'weight' has another shape, (300,300), than it had at first, (2,2): make the "
                         "optimizer anew",
                         ShapeError);
    CHECK(model.weight.value()(0, 0) == 1.0);
    CHECK(optimizer.steps() == 0);
}

TEST_CASE("a learning rate or a weight decay that is negative or not finite is an error")
{
    const Model model;
    for (const double wrong : {-0.1, std::nan(""), HUGE_VAL}) {
        CHECK_THROWS_AS(SGD<double>(model.parameters, {.learning_rate = wrong}), Error);
        CHECK_THROWS_AS(Adam<double>(model.parameters, {.weight_decay = wrong}), Error);
        CHECK_THROWS_AS(make_optimizer<double>("momentum", model.parameters, wrong), Error);
        SGD<double> optimizer(model.parameters);
        CHECK_THROWS_AS(optimizer.set_learning_rate(wrong), Error);
    }
    CHECK_NOTHROW(SGD<double>(model.parameters, {.learning_rate = 0.0}));
}

TEST_CASE("AdamW decays by 0.01 unless it is told otherwise")
{
    const auto after = [](const auto& make) {
        const Model model;
        const Parameters<double> one{{"w", variable(Array<double>(Shape{2, 2}, 1.0))}};
        make(one)->step({constant(Array<double>(Shape{2, 2}, 0.0))});
        return one[0].value()(0, 0);
    };
    const auto made = [](const AdamW<double>::Options& options) {
        return [options](const auto& p) { return std::make_unique<AdamW<double>>(p, options); };
    };
    CHECK(after(made({})) == doctest::Approx(1 - 0.001 * 0.01).epsilon(1e-12));
    CHECK(after(made({.learning_rate = 0.1})) == doctest::Approx(1 - 0.1 * 0.01).epsilon(1e-12));
    CHECK(after(made({.learning_rate = 0.1, .weight_decay = 0})) == 1.0);
    CHECK(after([](const auto& p) { return make_optimizer<double>("adamw", p, 0.1); }) ==
          doctest::Approx(1 - 0.1 * 0.01).epsilon(1e-12));
    CHECK(after([](const auto& p) { return make_optimizer<double>("adamw", p, 0.1, 0.5); }) ==
          doctest::Approx(1 - 0.1 * 0.5).epsilon(1e-12));
    CHECK(usual_weight_decay("adamw") == 0.01);
    CHECK(usual_weight_decay("adam") == 0);
}
