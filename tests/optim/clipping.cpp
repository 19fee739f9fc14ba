#include "files.hpp"
#include "model.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/optim/accumulation.hpp>
#include <xgrad/optim/average.hpp>
#include <xgrad/optim/clipping.hpp>
#include <xgrad/optim/optimizer.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

using namespace xgrad;
using namespace xgrad::optim;
using namespace xgrad::test;

namespace
{

constexpr double infinity = std::numeric_limits<double>::infinity();

/** Gradients of all shapes: a scalar, a matrix, and one without elements. */
Variables<double> some_gradients()
{
    return {constant<double>(3.0), constant<double>({{-4, 0.5}, {1e-3, 12}}), constant(Array<double>(Shape{0, 2}))};
}

} // namespace

TEST_CASE("clipping: the norm is that of all numbers together")
{
    CHECK(global_norm(some_gradients()) == doctest::Approx(std::sqrt(9 + 16 + 0.25 + 1e-6 + 144)).epsilon(1e-15));
    CHECK(global_norm<double>({}) == 0);
    CHECK(global_norm<double>({constant<double>({0, 0})}) == 0);
    CHECK(global_norm<double>({constant<double>({3e200, 4e200})}) == doctest::Approx(5e200)); // no square overflows
    CHECK(global_norm<double>({constant<double>({3e-200, 4e-200})}) == doctest::Approx(5e-200));
    CHECK(global_norm<float>({constant<float>({3e30f, 4e30f})}) == doctest::Approx(5e30f));
    CHECK(std::isnan(global_norm<double>({constant<double>({1, std::nan("")})})));
    CHECK(global_norm<double>({constant<double>({1, -infinity})}) == infinity);
}

TEST_CASE("clipping by the global norm keeps the direction, and what is short enough")
{
    const auto before = some_gradients();
    auto gradients = before;
    const double norm = clip_by_global_norm(gradients, 2.0);
    CHECK(norm == global_norm(before));
    CHECK(global_norm(gradients) == doctest::Approx(2).epsilon(1e-14));
    for (std::size_t p = 0; p < before.size(); ++p)
        for (std::size_t i = 0; i < before[p].size(); ++i)
            CHECK(gradients[p].data()[i] == doctest::Approx(before[p].data()[i] * 2 / norm).epsilon(1e-14));
    CHECK(before[0].item() == 3); // shared arrays stay as they are
    auto short_ones = some_gradients();
    CHECK(clip_by_global_norm(short_ones, 20.0) == norm);
    CHECK(short_ones[1].value() == before[1].value());
}

TEST_CASE("clipping by value bounds each number")
{
    const auto before = some_gradients();
    auto gradients = before;
    clip_by_value(gradients, 2.0);
    CHECK(gradients[0].item() == 2);
    CHECK(gradients[1].value() == Array<double>{{-2, 0.5}, {1e-3, 2}});
    CHECK(gradients[2].size() == 0);
    CHECK(before[0].item() == 3);
    Variables<double> odd = {constant<double>({std::nan(""), infinity, -infinity})};
    clip_by_value(odd, 1.5);
    CHECK(std::isnan(odd[0].data()[0]));
    CHECK(odd[0].data()[1] == 1.5);
    CHECK(odd[0].data()[2] == -1.5);
}

TEST_CASE("clipping refuses a bound that is none, and a norm that is not finite")
{
    auto gradients = some_gradients();
    for (const double bound : {0.0, -1.0, std::nan("")}) {
        CHECK_THROWS_AS(clip_by_value(gradients, bound), Error);
        CHECK_THROWS_AS(clip_by_global_norm(gradients, bound), Error);
    }
    CHECK_THROWS_WITH_AS(clip_by_value(gradients, 0.0), "[clip_by_value] the bound is 0: it must be greater than 0",
                         Error);
    Variables<double> odd = {constant<double>({1, infinity})};
    CHECK_THROWS_WITH_AS(clip_by_global_norm(odd, 1.0),
                         "[clip_by_global_norm] the norm of the gradients is infinite: it must be finite",
                         NumericalError);
    CHECK(odd[0].data()[0] == 1);
}

TEST_CASE("clipping counts a weight under two names once")
{
    const auto w = variable<double>({3.0, 4.0});
    const Parameters<double> tied{{"encoder", w}, {"decoder", w}};
    Tape tape;
    Variables<double> gradients = tape.gradient(Variable<double>(sum(w * w)), tied);
    CHECK(clip_by_global_norm(gradients, 1.0) == doctest::Approx(10));
}

TEST_CASE("accumulation: the mean over all samples, whatever the batches are")
{
    GradientAccumulator<double> mean;
    const std::vector<double> batches[] = {{1, 2, 6}, {4}, {10, -3, 5, 5, 0.5}};
    double sum = 0;
    std::size_t count = 0;
    for (const auto& batch : batches) {
        double of_batch = 0;
        for (const double g : batch)
            of_batch += g / static_cast<double>(batch.size()), sum += g;
        count += batch.size();
        const Variables<double> gradients = {constant<double>(of_batch), constant<double>({of_batch, -of_batch})};
        mean.add(gradients, batch.size());
        CHECK(mean.samples() == count);
        CHECK(mean.mean()[0].item() == doctest::Approx(sum / static_cast<double>(count)).epsilon(1e-14));
        CHECK(gradients[0].item() == of_batch);
    }
    const Variables<double> taken = mean.take();
    CHECK(taken[1].data()[1] == doctest::Approx(-sum / static_cast<double>(count)).epsilon(1e-14));
    CHECK(mean.samples() == 0);
    CHECK(mean.mean().empty());
    CHECK_THROWS_AS(mean.take(), Error);
}

TEST_CASE("accumulation: one batch is its gradient, and what does not fit changes nothing")
{
    GradientAccumulator<float> mean;
    mean.add({constant<float>({0.1f, 0.7f})}, 3);
    CHECK(mean.mean()[0].value() == Array<float>{0.1f, 0.7f});
    CHECK_THROWS_WITH_AS(mean.add({constant<float>({1, 2, 3})}, 1),
                         "[accumulation] gradient 0 has shape (3), and had (2) before", ShapeError);
    CHECK_THROWS_AS(mean.add({}, 1), ShapeError);
    CHECK_THROWS_AS(mean.add({constant<float>({1, 2})}, 0), ShapeError);
    CHECK(mean.samples() == 3);
    CHECK(mean.mean()[0].value() == Array<float>{0.1f, 0.7f});
}

TEST_CASE("average: it is the weighted mean of the weights after each step")
{
    for (const double decay_rate : {0.0, 0.5, 0.9, 0.999999}) {
        CAPTURE(decay_rate);
        const Model model;
        SGD<double> optimizer(model.parameters, {.learning_rate = rate});
        ExponentialAverage<double> average(model.parameters, decay_rate);
        double weighted = 0, weights = 0;
        for (std::uint64_t step = 1; step <= 8; ++step) {
            optimizer.step(model.gradients(step));
            average.update();
            weighted = decay_rate * weighted + model.weight.data()[2];
            weights = decay_rate * weights + 1;
            CHECK(average.state().at("weight").data()[2] == doctest::Approx(weighted / weights).epsilon(1e-13));
        }
        CHECK(average.updates() == 8);
    }
}

TEST_CASE("average: it is in use for a time, and goes on from its state")
{
    const Model model;
    ExponentialAverage<double> average(model.parameters, 0.5);
    const Array<double> first = model.weight.value();
    {
        const ExponentialAverage<double>::InUse nothing(average); // no update yet
        CHECK(model.weight.value() == first);
    }
    SGD<double> optimizer(model.parameters, {.learning_rate = rate});
    for (std::uint64_t step = 1; step <= 3; ++step) {
        optimizer.step(model.gradients(step));
        average.update();
    }
    const Array<double> last = model.weight.value();
    {
        const ExponentialAverage<double>::InUse averaged(average);
        CHECK(model.weight.value() != last);
        CHECK(average.state().at("weight") == last);
    }
    CHECK(model.weight.value() == last);
    ExponentialAverage<double> again(model.parameters, 0.5);
    again.restore(average.state(), average.updates());
    optimizer.step(model.gradients(4));
    average.update();
    again.update();
    CHECK(again.state() == average.state());
    CHECK(again.updates() == 4);
}

TEST_CASE("average: what does not fit is an error")
{
    Model model;
    for (const double decay_rate : {-0.1, 1.0, std::nan("")})
        CHECK_THROWS_AS(ExponentialAverage<double>(model.parameters, decay_rate), Error);
    ExponentialAverage<double> average(model.parameters, 0.5);
    auto state = average.state();
    state.erase("bias");
    CHECK_THROWS_WITH_AS(average.restore(state, 2), "[average] the state has no array 'bias' of shape (2)", ShapeError);
    CHECK(average.updates() == 0);
    average.update();
    model.weight.mutable_value() = Array<double>(Shape{3, 3}, 1.0);
    CHECK_THROWS_AS(average.update(), ShapeError);
    CHECK_THROWS_AS(ExponentialAverage<double>::InUse{average}, ShapeError);
    CHECK(average.updates() == 1);
}

TEST_CASE("average: a weight under two names is exchanged once")
{
    auto w = variable<double>({1.0, 2.0});
    const Parameters<double> tied{{"encoder", w}, {"decoder", w}};
    ExponentialAverage<double> average(tied, 0.5);
    average.update();
    w.mutable_data()[0] = 4;
    average.update(); // (0.5·1 + 4)/1.5
    const ExponentialAverage<double>::InUse averaged(average);
    CHECK(w.data()[0] == doctest::Approx(3));
    CHECK(w.data()[1] == doctest::Approx(2));
}
