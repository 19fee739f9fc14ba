#include "ops.hpp"
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/models/layers/normalization.hpp>
#include <xgrad/ops/ops.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

template <class T>
Variable<T> trained(const BatchNorm<T>& layer, const Variable<T>& x)
{
    Random unused(1);
    return layer(x, Mode::training(unused));
}

/** Mean and biased variance of channel c of (N, C, …), in double. */
template <class T>
std::pair<double, double> moments(const Array<T>& x, std::size_t c)
{
    const std::size_t channels = x.shape()[1], inner = x.size() / x.shape()[0] / channels;
    const auto mean_of = [&](auto f) {
        double sum = 0;
        for (std::size_t i = 0; i < x.size(); ++i)
            if (i / inner % channels == c)
                sum += f(static_cast<double>(x.data()[i]));
        return sum / static_cast<double>(x.size() / channels);
    };
    const double mean = mean_of([](double v) { return v; });
    return {mean, mean_of([&](double v) { return (v - mean) * (v - mean); })};
}

/** γ·(x − μ)/√(σ² + ε) + β with the moments that moments_of(c) gives. */
template <class T, class F>
Array<T> normalized(const BatchNorm<T>& layer, const Array<T>& x, F moments_of)
{
    return generate<T>(x.shape(), [&](const Index& at) {
        const auto [mean, variance] = moments_of(at[1]);
        const auto gamma = static_cast<double>(layer.gamma.data()[at[1]]),
                   beta = static_cast<double>(layer.beta.data()[at[1]]);
        return gamma * (static_cast<double>(test::at(x, at)) - mean) / std::sqrt(variance + 1e-5) + beta;
    });
}

template <class T>
BatchNorm<T> layer_of(std::size_t channels)
{
    BatchNorm<T> layer(channels);
    layer.gamma.mutable_value() = numbers<T>({channels}, 0.5, 2, 3);
    layer.beta.mutable_value() = numbers<T>({channels}, -1, 1, 4);
    return layer;
}

} // namespace

TEST_CASE("batch normalization in training in one of several chunks is an error that names the ways")
{
    const BatchNorm<double> layer(3);
    const auto parameters = layer.parameters();
    const Array<double> x = numbers<double>({8, 3}, -1, 1, 1);
    const auto loss = [&](const Variable<double>& part) { return mean(square(trained(layer, part))); };
    const std::size_t before = threads();
    for (const std::size_t count : {1u, 2u}) {
        set_threads(count);
        CHECK_THROWS_WITH_AS(value_and_gradient(parameters, x, loss, {.chunk = 4}),
                             "[batch_norm] the loss is computed in chunks, and training needs the whole batch: give "
                             "value_and_gradient a loss without arguments, or {.chunk = the size of the batch}",
                             Error);
        // A loss inside of a chunk sees only the chunk.
        CHECK_THROWS_AS(value_and_gradient(parameters, x,
                                           [&](const Variable<double>& part) {
                                               value_and_gradient(parameters,
                                                                  [&] { return loss(stop_gradient(part)); });
                                               return mean(part * layer.gamma);
                                           },
                                           {.chunk = 4}),
                        Error);
    }
    set_threads(before);
    CHECK(layer.running_mean.value() == Array<double>(Shape{3}, 0.0));
    const auto expected = value_and_gradient(parameters, [&] { return loss(constant(x)); });
    CHECK(value_and_gradient(parameters, x, loss, {.chunk = 8}).value == expected.value);
    CHECK(value_and_gradient(parameters, x,
                             [&](const Variable<double>& part) { return mean(layer(part, Mode::evaluation())); },
                             {.chunk = 4})
              .gradients.size() == 2);
}

TEST_CASE_TEMPLATE("batch normalization in training: each channel by its own mean and variance", T, float, double)
{
    for (const Shape& shape : {Shape{4, 3, 5, 6}, Shape{7, 3}, Shape{2, 1}, Shape{1, 2, 3, 1}}) {
        const BatchNorm<T> layer = layer_of<T>(shape[1]);
        const auto x = constant(numbers<T>(shape, -1, 5));
        check_close(trained(layer, x).value(),
                    normalized(layer, x.value(), [&](std::size_t c) { return moments(x.value(), c); }),
                    10 * few_roundings<T>);
    }
}

TEST_CASE("a channel far from 0 keeps its precision")
{
    const BatchNorm<float> layer(1);
    const auto x = reshape(constant<float>({1000, 1001, 1002, 1003}), {4, 1});
    const double deviation = std::sqrt(1.25 + 1e-5);
    const auto y = trained(layer, x);
    for (std::size_t i = 0; i < 4; ++i)
        CHECK(y.data()[i] == doctest::Approx((static_cast<double>(i) - 1.5) / deviation).epsilon(1e-6));
}

TEST_CASE_TEMPLATE("batch normalization in evaluation: by the running moments", T, float, double)
{
    BatchNorm<T> layer = layer_of<T>(3);
    layer.running_mean.mutable_value() = list<T>({1, -2, 0.5});
    layer.running_variance.mutable_value() = list<T>({4, 0.25, 1});
    const double means[] = {1, -2, 0.5}, variances[] = {4, 0.25, 1};
    for (const Shape& shape : {Shape{2, 3, 4, 2}, Shape{5, 3}, Shape{1, 3}}) {
        const auto x = constant(numbers<T>(shape));
        check_close(layer(x, Mode::evaluation()).value(),
                    normalized(layer, x.value(), [&](std::size_t c) { return std::pair(means[c], variances[c]); }),
                    10 * few_roundings<T>);
    }
    check_equal(layer.running_mean.value(), list<T>({1, -2, 0.5}));
    check_equal(layer.running_variance.value(), list<T>({4, 0.25, 1}));
}

TEST_CASE("the running moments move by a tenth, their variance without bias")
{
    const BatchNorm<double> layer(2);
    double mean[] = {0, 0}, variance[] = {1, 1};
    for (unsigned step = 0; step < 3; ++step) {
        const Array<double> x = numbers<double>({3, 2, 2, 2}, -1, 3, step);
        trained(layer, constant(Array<double>(x)));
        for (std::size_t c = 0; c < 2; ++c) {
            const auto [m, v] = moments(x, c);
            mean[c] = 0.9 * mean[c] + 0.1 * m;
            variance[c] = 0.9 * variance[c] + 0.1 * v * 12 / 11;
            CHECK(layer.running_mean.data()[c] == doctest::Approx(mean[c]).epsilon(1e-13));
            CHECK(layer.running_variance.data()[c] == doctest::Approx(variance[c]).epsilon(1e-13));
        }
    }
}

TEST_CASE("a sample in training depends on the others, in evaluation it does not")
{
    const BatchNorm<double> layer(2);
    Array<double> values = numbers<double>({3, 2});
    const auto x = constant(Array<double>(values));
    values(2, 0) += 1;
    const auto other = constant(std::move(values));
    CHECK(trained(layer, x).value()(0, 0) != trained(layer, other).value()(0, 0));
    CHECK(layer(x, Mode::evaluation()).value()(0, 0) == layer(other, Mode::evaluation()).value()(0, 0));
}

TEST_CASE("the gradient flows through mean and variance (g − mean g − y·mean(g∘y))/√(σ² + ε)")
{
    const BatchNorm<double> layer(2);
    const Array<double> x = numbers<double>({6, 2}), g = numbers<double>({6, 2}, -1, 1, 9);
    const auto found = gradients_of<double>([&](const auto& xs) { return trained(layer, xs[0]); }, {x}, g)[0];
    const Array<double> y = trained(layer, constant(Array<double>(x))).value();
    for (std::size_t c = 0; c < 2; ++c) {
        double mean_g = 0, slope = 0;
        for (std::size_t n = 0; n < 6; ++n) {
            mean_g += g(n, c) / 6;
            slope += g(n, c) * y(n, c) / 6;
        }
        const double deviation = std::sqrt(moments(x, c).second + 1e-5);
        for (std::size_t n = 0; n < 6; ++n)
            CHECK(found(n, c) == doctest::Approx((g(n, c) - mean_g - y(n, c) * slope) / deviation).epsilon(1e-10));
    }
}

TEST_CASE("batch normalization names what is trained and what is kept")
{
    const BatchNorm<float> layer(3);
    CHECK(layer.parameters().element_count() == 6);
    CHECK(layer.parameters().name(0) == "gamma");
    CHECK(layer.parameters().name(1) == "beta");
    const Parameters<float> state = layer.state();
    CHECK(state.size() == 2);
    CHECK(detail::origin_of(state["running_mean"]) == detail::origin_of(layer.running_mean));
    CHECK(detail::origin_of(state["running_variance"]) == detail::origin_of(layer.running_variance));
    const BatchNorm<float> copy = layer; // copies of a layer share their arrays, the running ones too
    trained(copy, leaf<float>({4, 3}));
    CHECK(layer.running_mean.data()[0] != 0);

    Tape tape;
    const auto y = layer(leaf<float>({4, 3}), Mode::evaluation());
    const auto gradients = tape.gradient(sum(y), state, {.unused_is_zero = true});
    CHECK(gradients[0].value() == Array<float>{0, 0, 0});

    const LayerSummary line = summarize("bn", layer, {3, 4, 5});
    CHECK(line.parameters == 6);
    CHECK(line.connections == 120);
}

TEST_CASE("batches that cannot be normalized")
{
    const BatchNorm<float> layer(3);
    check_shape_error([&] { trained(layer, leaf<float>({1, 3})); }, {"[batch_norm]", "(1,3)", "two values"});
    check_shape_error([&] { trained(layer, leaf<float>({1, 3, 1, 1})); }, {"two values"});
    check_shape_error([&] { trained(layer, leaf<float>({0, 3})); }, {"two values"});
    check_shape_error([&] { trained(layer, leaf<float>({4, 2})); }, {"(4,2)", "(N, 3)"});
    check_shape_error([&] { layer(leaf<float>({4, 3, 2}), Mode::evaluation()); }, {"(4,3,2)", "(N, 3, H, W)"});
    check_equal(layer.running_mean.value(), list<float>({0, 0, 0}));
    CHECK(layer(leaf<float>({1, 3}), Mode::evaluation()).shape() == Shape{1, 3});
}
