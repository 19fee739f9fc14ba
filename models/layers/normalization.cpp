#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/models/layers/normalization.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/reduction.hpp>

#include <fmt/core.h>

namespace xgrad
{

namespace
{

/** running ← running + momentum·(factor·seen − running) */
template <class T>
void follow(Variable<T> running, const Variable<T>& seen, T momentum, T factor)
{
    for (std::size_t c = 0; c < running.size(); ++c) {
        T& value = running.mutable_data()[c];
        value += momentum * (factor * seen.data()[c] - value);
    }
}

} // namespace

template <class T>
BatchNorm<T>::BatchNorm(std::size_t channels)
    : gamma(variable(filled_array({channels}, T{1}))),
      beta(variable(filled_array({channels}, T{0}))),
      running_mean(variable(filled_array({channels}, T{0}))),
      running_variance(variable(filled_array({channels}, T{1})))
{}

template <class T>
Variable<T> BatchNorm<T>::operator()(const Variable<T>& x, Mode mode) const
{
    const std::size_t channels = gamma.size();
    if ((x.dimension() != 2 && x.dimension() != 4) || x.shape()[1] != channels)
        throw ShapeError(fmt::format("[batch_norm] shape {}: (N, {}) or (N, {}, H, W) is needed", to_string(x.shape()),
                                     channels, channels));
    const bool images = x.dimension() == 4;
    const Shape each = images ? Shape{1, channels, 1, 1} : Shape{1, channels};
    if (!mode.is_training()) {
        const Variable<T> scale = gamma / sqrt(stop_gradient(running_variance) + epsilon);
        return x * reshape(scale, each) + reshape(beta - stop_gradient(running_mean) * scale, each);
    }
    if (detail::is_part_of_batch())
        throw Error("[batch_norm] the loss is computed in chunks, and training needs the whole batch: give "
                    "value_and_gradient a loss without arguments, or {.chunk = the size of the batch}");
    if (x.size() <= channels)
        throw ShapeError(fmt::format("[batch_norm] shape {}: training needs two values or more for each channel",
                                     to_string(x.shape())));
    const Axes axes = images ? Axes{0, 2, 3} : Axes{0};
    const Variable<T> average = mean(x, axes, true);
    const Variable<T> centred = x - average;
    const Variable<T> variance = mean(square(centred), axes, true);
    const std::size_t values = x.size() / channels;
    const T n = static_cast<T>(values);
    follow(running_mean, average, momentum, T{1});
    follow(running_variance, variance, momentum, n / (n - 1));
    return centred * (reshape(gamma, each) / sqrt(variance + epsilon)) + reshape(beta, each);
}

template <class T>
LayerSummary summarize(std::string name, const BatchNorm<T>& layer, const Shape& output)
{
    const std::size_t units = element_count(output);
    return {std::move(name), "batch normalization", output, 2 * layer.gamma.size(), 2 * units, units};
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template struct BatchNorm<T>;                                                                                      \
    template LayerSummary summarize(std::string, const BatchNorm<T>&, const Shape&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
