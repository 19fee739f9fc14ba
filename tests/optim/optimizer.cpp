#include "threads.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/base/random.hpp>
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/ops/ops.hpp>
#include <xgrad/optim/optimizer.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

using namespace xgrad;
using namespace xgrad::optim;

namespace
{

constexpr double rate = 0.1, decay = 0.05;

/** A weight matrix, which decays, and a bias, which does not. */
struct Model
{
    Variable<double> weight = variable<double>({{0.5, -1.5}, {2.0, 0.25}});
    Variable<double> bias = variable<double>({1.0, -2.0});
    Parameters<double> parameters{{"weight", weight}, {"bias", bias}};

    /** The same gradients for the same step, whatever the weights are. */
    Variables<double> gradients(std::uint64_t step) const
    {
        Random random(99, step);
        return {constant(random.normal<double>({2, 2}, 0, 1)), constant(random.normal<double>({2}, 0, 1))};
    }
};

/** One number's update by hand, step after step: w, g, what has accumulated, t = 1, 2, … */
using Recurrence = std::function<double(double w, double g, double (&kept)[2], int t, double lambda)>;

using Make = std::function<std::unique_ptr<Optimizer<double>>(const Parameters<double>&)>;

/** Six steps of an optimizer against the recurrence, number by number. */
void check_against(const Recurrence& recurrence, const Make& make)
{
    for (std::size_t p = 0; p < 2; ++p)
        for (std::size_t i = 0; i < (p == 0 ? 4 : 2); ++i) {
            const Model model;
            const auto optimizer = make(model.parameters);
            double w = model.parameters[p].data()[i], kept[2] = {0, 0};
            for (int t = 1; t <= 6; ++t) {
                const auto gradients = model.gradients(static_cast<std::uint64_t>(t));
                w = recurrence(w, gradients[p].data()[i], kept, t, p == 0 ? decay : 0);
                optimizer->step(gradients);
                CAPTURE(p);
                CAPTURE(i);
                CAPTURE(t);
                CHECK(model.parameters[p].data()[i] == doctest::Approx(w).epsilon(1e-13));
            }
            CHECK(optimizer->steps() == 6);
        }
}

template <class O>
auto maker(typename O::Options options)
{
    options.learning_rate = rate;
    options.weight_decay = decay;
    return [options](const Parameters<double>& parameters) -> std::unique_ptr<Optimizer<double>> {
        return std::make_unique<O>(parameters, options);
    };
}

double largest_difference(const Model& a, const Model& b)
{
    double difference = 0;
    for (std::size_t p = 0; p < 2; ++p)
        for (std::size_t i = 0; i < a.parameters[p].size(); ++i)
            difference = std::max(difference, std::abs(a.parameters[p].data()[i] - b.parameters[p].data()[i]));
    return difference;
}

} // namespace

TEST_CASE("SGD")
{
    check_against([](double w, double g, auto&, int, double lambda) { return w - rate * (g + lambda * w); },
                  maker<SGD<double>>({}));
}

TEST_CASE("momentum")
{
    check_against(
        [](double w, double g, auto& kept, int, double lambda) {
            kept[0] = 0.7 * kept[0] + g + lambda * w;
            return w - rate * kept[0];
        },
        maker<Momentum<double>>({.momentum = 0.7}));
}

TEST_CASE("Nesterov's momentum is momentum whose gradient is taken a step ahead")
{
    // Sutskever's form: v ← μv − ηg(w + μv), w ← w + v; the optimizer's weights are w + μv.
    check_against(
        [](double ahead, double g, auto& kept, int, double lambda) {
            const double mu = 0.7, w = ahead - mu * kept[0];
            kept[0] = mu * kept[0] - rate * (g + lambda * ahead);
            return w + kept[0] + mu * kept[0];
        },
        maker<Nesterov<double>>({.momentum = 0.7}));
}

TEST_CASE("Adam")
{
    check_against(
        [](double w, double g, auto& kept, int t, double lambda) {
            g += lambda * w;
            kept[0] = 0.8 * kept[0] + 0.2 * g;
            kept[1] = 0.95 * kept[1] + 0.05 * g * g;
            const double mean = kept[0] / (1 - std::pow(0.8, t)), square = kept[1] / (1 - std::pow(0.95, t));
            return w - rate * mean / (std::sqrt(square) + 1e-3);
        },
        maker<Adam<double>>({.beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3}));
}

TEST_CASE("AdamW decays outside of the gradient")
{
    check_against(
        [](double w, double g, auto& kept, int t, double lambda) {
            kept[0] = 0.8 * kept[0] + 0.2 * g;
            kept[1] = 0.95 * kept[1] + 0.05 * g * g;
            const double mean = kept[0] / (1 - std::pow(0.8, t)), square = kept[1] / (1 - std::pow(0.95, t));
            return (1 - rate * lambda) * w - rate * mean / (std::sqrt(square) + 1e-3);
        },
        maker<AdamW<double>>({.beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3}));
}

TEST_CASE("RMSProp")
{
    check_against(
        [](double w, double g, auto& kept, int, double lambda) {
            g += lambda * w;
            kept[0] = 0.6 * kept[0] + 0.4 * g * g;
            return w - rate * g / (std::sqrt(kept[0]) + 1e-3);
        },
        maker<RMSProp<double>>({.decay = 0.6, .epsilon = 1e-3}));
}

TEST_CASE("Adagrad")
{
    check_against(
        [](double w, double g, auto& kept, int, double lambda) {
            g += lambda * w;
            kept[0] += g * g;
            return w - rate * g / (std::sqrt(kept[0]) + 1e-3);
        },
        maker<Adagrad<double>>({.epsilon = 1e-3}));
}

TEST_CASE("every optimizer goes on from its saved state to the same bits")
{
    for (const std::string& name : optimizer_names()) {
        CAPTURE(name);
        const Model straight, resumed;
        const auto whole = make_optimizer<double>(name, straight.parameters, rate, decay);
        for (std::uint64_t step = 0; step < 10; ++step)
            whole->step(straight.gradients(step));

        const auto before = make_optimizer<double>(name, resumed.parameters, rate, decay);
        for (std::uint64_t step = 0; step < 4; ++step)
            before->step(resumed.gradients(step));
        const auto after = make_optimizer<double>(name, resumed.parameters, rate, decay);
        after->restore(before->state(), before->steps());
        CHECK(after->steps() == 4);
        CHECK(after->state() == before->state());
        for (std::uint64_t step = 4; step < 10; ++step)
            after->step(resumed.gradients(step));
        CHECK(largest_difference(straight, resumed) == 0);
    }
}

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

TEST_CASE("a large parameter, which threads update in pieces, goes where its parts would go by themselves")
{
    constexpr std::size_t parts = 4, length = 5000;
    const auto trained = [](const std::string& name, std::size_t pieces, std::size_t threads) {
        const test::Threads set(threads);
        Parameters<double> parameters;
        for (std::size_t p = 0; p < pieces; ++p)
            parameters.add("p" + std::to_string(p), variable(Array<double>(Shape{parts * length / pieces}, 0.5)));
        const auto optimizer = make_optimizer<double>(name, parameters, rate, decay);
        for (std::uint64_t step = 1; step < 4; ++step) {
            const Array<double> all = Random(7, step).normal<double>({parts * length}, 0, 1);
            Variables<double> gradients;
            for (std::size_t p = 0; p < pieces; ++p) {
                Array<double> part = empty<double>(parameters[p].shape());
                std::copy_n(all.data() + p * part.size(), part.size(), part.data());
                gradients.push_back(constant(std::move(part)));
            }
            (void)value_and_gradient(parameters, constant(all), [&](const Variable<double>& x) { // wakes the workers
                return mean(x) * sum(concatenate<double>(Variables<double>(parameters.begin(), parameters.end())));
            });
            optimizer->step(gradients);
        }
        std::vector<double> weights;
        for (const auto& parameter : parameters)
            weights.insert(weights.end(), parameter.value().begin(), parameter.value().end());
        return weights;
    };
    for (const std::string& name : optimizer_names()) {
        CAPTURE(name);
        const auto whole = trained(name, 1, 1), by_parts = trained(name, parts, 1);
        CHECK(whole == trained(name, 1, 3));
        double largest = 0;
        for (std::size_t i = 0; i < whole.size(); ++i)
            largest = std::max(largest, std::abs(whole[i] - by_parts[i]));
        CHECK(largest < 1e-12);
    }
}

TEST_CASE("gradients are not changed by a step")
{
    for (const std::string& name : optimizer_names()) {
        const Model model;
        const auto gradients = model.gradients(3);
        make_optimizer<double>(name, model.parameters, rate, decay)->step(gradients);
        CHECK(gradients[0].value() == model.gradients(3)[0].value());
        CHECK(gradients[1].value() == model.gradients(3)[1].value());
    }
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

TEST_CASE("optimizers by name")
{
    const Model model;
    for (const std::string& name : optimizer_names()) {
        const auto optimizer = make_optimizer<float>(name, Parameters<float>{{"x", variable<float>(1)}}, 0.25f);
        CHECK(optimizer->learning_rate() == 0.25f);
    }
    CHECK_THROWS_WITH_AS(
        make_optimizer<double>("Adam", model.parameters, rate),
        "[optimizer] there is no 'Adam'; there are: sgd, momentum, nesterov, adam, adamw, rmsprop, adagrad, sdlm",
        Error);
}

TEST_CASE("optimizers find the minimum of a quadratic function")
{
    for (const std::string& name : optimizer_names()) {
        CAPTURE(name);
        const auto x = variable<double>({3, -2});
        const auto optimizer =
            make_optimizer<double>(name, Parameters<double>{{"x", x}}, name == "adagrad" ? 0.5 : 0.02);
        for (int step = 0; step < 1000; ++step)
            optimizer->step({constant(Array<double>(x.value() - Array<double>{1, 1}))});
        CHECK(x.data()[0] == doctest::Approx(1).epsilon(0.02));
        CHECK(x.data()[1] == doctest::Approx(1).epsilon(0.02));
    }
}

// Schedules

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
