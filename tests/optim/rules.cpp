// Tests of every optimizer: the table at the beginning has a row for each.

#include "model.hpp"
#include "threads.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/optim/optimizer.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <typeinfo>
#include <vector>

using namespace xgrad;
using namespace xgrad::optim;
using namespace xgrad::test;

namespace
{

/** The update of one number by hand, step after step: w, g, the kept numbers, t = 1, 2, … */
using Recurrence = std::function<double(double w, double g, double (&kept)[3], int t, double lambda)>;

using Make = std::function<std::unique_ptr<Optimizer<double>>(const Parameters<double>&)>;

/** Six steps of an optimizer against the recurrence, number by number. */
void check_against(const Recurrence& recurrence, const Make& make)
{
    for (std::size_t p = 0; p < 2; ++p)
        for (std::size_t i = 0; i < (p == 0 ? 4 : 2); ++i) {
            const Model model;
            const auto optimizer = make(model.parameters);
            double w = model.parameters[p].data()[i], kept[3] = {0, 0, 0};
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

struct Reference
{
    const char* name;
    Make make;
    Recurrence recurrence;
};

/** Every optimizer, with options that are not the defaults. */
const Reference references[] = {
    {"sgd", maker<SGD<double>>({}),
     [](double w, double g, auto&, int, double lambda) { return w - rate * (g + lambda * w); }},
    {"momentum", maker<Momentum<double>>({.momentum = 0.7}),
     [](double w, double g, auto& kept, int, double lambda) {
         kept[0] = 0.7 * kept[0] + g + lambda * w;
         return w - rate * kept[0];
     }},
    {"nesterov", maker<Nesterov<double>>({.momentum = 0.7}),
     // Sutskever's form: v ← μv − ηg(w + μv), w ← w + v; the optimizer's weights are w + μv.
     [](double ahead, double g, auto& kept, int, double lambda) {
         const double mu = 0.7, w = ahead - mu * kept[0];
         kept[0] = mu * kept[0] - rate * (g + lambda * ahead);
         return w + kept[0] + mu * kept[0];
     }},
    {"adam", maker<Adam<double>>({.beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3}),
     [](double w, double g, auto& kept, int t, double lambda) {
         g += lambda * w;
         kept[0] = 0.8 * kept[0] + 0.2 * g;
         kept[1] = 0.95 * kept[1] + 0.05 * g * g;
         const double mean = kept[0] / (1 - std::pow(0.8, t)), square = kept[1] / (1 - std::pow(0.95, t));
         return w - rate * mean / (std::sqrt(square) + 1e-3);
     }},
    {"adamw", maker<AdamW<double>>({.beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3}),
     [](double w, double g, auto& kept, int t, double lambda) {
         kept[0] = 0.8 * kept[0] + 0.2 * g;
         kept[1] = 0.95 * kept[1] + 0.05 * g * g;
         const double mean = kept[0] / (1 - std::pow(0.8, t)), square = kept[1] / (1 - std::pow(0.95, t));
         return (1 - rate * lambda) * w - rate * mean / (std::sqrt(square) + 1e-3);
     }},
    {"amsgrad", maker<AMSGrad<double>>({.beta1 = 0.8, .beta2 = 0.5, .epsilon = 1e-3}),
     [](double w, double g, auto& kept, int, double lambda) {
         g += lambda * w;
         kept[0] = 0.8 * kept[0] + 0.2 * g;
         kept[1] = 0.5 * kept[1] + 0.5 * g * g;
         if (kept[1] > kept[2])
             kept[2] = kept[1];
         return w - rate * kept[0] / (std::sqrt(kept[2]) + 1e-3);
     }},
    {"lion", maker<Lion<double>>({.beta1 = 0.7, .beta2 = 0.95}),
     [](double w, double g, auto& kept, int, double lambda) {
         const double c = 0.7 * kept[0] + 0.3 * g;
         kept[0] = 0.95 * kept[0] + 0.05 * g;
         return w - rate * ((c > 0 ? 1 : c < 0 ? -1 : 0) + lambda * w);
     }},
    {"rmsprop", maker<RMSProp<double>>({.decay = 0.6, .epsilon = 1e-3}),
     [](double w, double g, auto& kept, int, double lambda) {
         g += lambda * w;
         kept[0] = 0.6 * kept[0] + 0.4 * g * g;
         return w - rate * g / (std::sqrt(kept[0]) + 1e-3);
     }},
    {"adagrad", maker<Adagrad<double>>({.epsilon = 1e-3}),
     [](double w, double g, auto& kept, int, double lambda) {
         g += lambda * w;
         kept[0] += g * g;
         return w - rate * g / (std::sqrt(kept[0]) + 1e-3);
     }},
    {"sdlm", maker<SDLM<double>>({.mu = 0.5}),
     [](double w, double g, auto&, int, double lambda) { return w - rate / 0.5 * (g + lambda * w); }},
};

} // namespace

TEST_CASE("every optimizer's steps are those of its recurrence")
{
    std::vector<std::string> names;
    for (const Reference& reference : references) {
        CAPTURE(reference.name);
        check_against(reference.recurrence, reference.make);
        const Model model;
        const auto made = reference.make(model.parameters),
                   by_name = make_optimizer(reference.name, model.parameters, rate);
        const Optimizer<double>&a = *made, &b = *by_name;
        CHECK(typeid(a) == typeid(b));
        names.emplace_back(reference.name);
    }
    CHECK(names == optimizer_names());
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
                Array<double> part = empty_array<double>(parameters[p].shape());
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

TEST_CASE_TEMPLATE("a weight's update has the same bits wherever it stands", T, float, double)
{
    for (const std::string& name : optimizer_names())
        for (const std::size_t count : {std::size_t{3}, std::size_t{37}}) {
            CAPTURE(name);
            const Parameters<T> parameters = {{"alone", variable(Array<T>(Shape{1, 1}, T(0.7)))},
                                              {"many", variable(Array<T>(Shape{count, 1}, T(0.7)))}};
            const auto optimizer = make_optimizer<T>(name, parameters, T(rate), T(decay));
            for (const T g : {T(0.3), T(-1.1), T(0.9)})
                optimizer->step({constant(Array<T>(Shape{1, 1}, g)), constant(Array<T>(Shape{count, 1}, g))});
            for (const T w : parameters[1].value())
                CHECK(w == parameters[0].value()(0, 0));
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

TEST_CASE("optimizers by name")
{
    const Model model;
    for (const std::string& name : optimizer_names()) {
        const auto optimizer = make_optimizer<float>(name, Parameters<float>{{"x", variable<float>(1)}}, 0.25f);
        CHECK(optimizer->learning_rate() == 0.25f);
    }
    CHECK_THROWS_WITH_AS(
        make_optimizer<double>("Adam", model.parameters, rate),
        doctest::Contains("[optimizer] there is no 'Adam'; did you mean 'adam'? There are: sgd, momentum, "), Error);
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
