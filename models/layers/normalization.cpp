#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/models/layers/normalization.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/normalization.hpp>
#include <xgrad/ops/reduction.hpp>

#include <fmt/core.h>

#include <algorithm>

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

/** x (N, C, …) with each group of channels of a sample standardized. */
template <class T>
Variable<T> standardize_groups(const char* layer, const Variable<T>& x, std::size_t channels, std::size_t groups,
                               T epsilon)
{
    if (x.dimension() < 2 || x.shape()[1] != channels)
        throw ShapeError(fmt::format("[{}] shape {}: (N, {}, …) is needed", layer, to_string(x.shape()), channels));
    if (x.size() == 0)
        return x;
    const std::size_t rows = x.shape()[0] * groups;
    return reshape(standardize(reshape(x, {rows, x.size() / rows}), epsilon), x.shape());
}

/** w_c·x + b_c for the channels c of x (N, C, …). */
template <class T>
Variable<T> scale_channels(const Variable<T>& x, const Variable<T>& weight, const Variable<T>& bias)
{
    Shape each(x.dimension(), 1);
    each[1] = weight.size();
    return x * reshape(weight, each) + reshape(bias, each);
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
LayerNorm<T>::LayerNorm(const Shape& shape)
    : weight(variable(filled_array(shape, T{1}))), bias(variable(filled_array(shape, T{0})))
{
    if (shape.empty() || weight.size() == 0)
        throw ShapeError(fmt::format("[layer_norm] the shape {}: one axis or more, and 1 or more elements, are needed",
                                     to_string(shape)));
}

template <class T>
Variable<T> LayerNorm<T>::operator()(const Variable<T>& x) const
{
    const Shape &whole = x.shape(), &part = weight.shape();
    if (whole.size() < part.size() || !std::equal(part.begin(), part.end(), whole.end() - part.size()))
        throw ShapeError(fmt::format("[layer_norm] shape {}: it must end in {}", to_string(whole), to_string(part)));
    const Variable<T> rows = part.size() == 1 ? x : reshape(x, {x.size() / weight.size(), weight.size()});
    return reshape(standardize(rows, epsilon), whole) * weight + bias;
}

template <class T>
GroupNorm<T>::GroupNorm(std::size_t count, std::size_t channels)
    : weight(variable(filled_array({channels}, T{1}))), bias(variable(filled_array({channels}, T{0}))), groups(count)
{
    if (count == 0 || channels % count != 0)
        throw ShapeError(
            fmt::format("[group_norm] {} groups of {} channels: the groups must divide the channels", count, channels));
}

template <class T>
Variable<T> GroupNorm<T>::operator()(const Variable<T>& x) const
{
    return scale_channels(standardize_groups("group_norm", x, weight.size(), groups, epsilon), weight, bias);
}

template <class T>
InstanceNorm<T>::InstanceNorm(std::size_t count, bool affine) : channels(count)
{
    if (!affine)
        return;
    weight = variable(filled_array({count}, T{1}));
    bias = variable(filled_array({count}, T{0}));
}

template <class T>
Variable<T> InstanceNorm<T>::operator()(const Variable<T>& x) const
{
    const Variable<T> y = standardize_groups("instance_norm", x, channels, channels, epsilon);
    return weight.has_value() ? scale_channels(y, weight, bias) : y;
}

template <class T>
RMSNorm<T>::RMSNorm(std::size_t width) : weight(variable(filled_array({width}, T{1})))
{}

template <class T>
Variable<T> RMSNorm<T>::operator()(const Variable<T>& x) const
{
    if (x.dimension() == 0 || x.shape().back() != weight.size())
        throw ShapeError(fmt::format("[rms_norm] shape {}: (…, {}) is needed", to_string(x.shape()), weight.size()));
    return rms_normalize(x, epsilon) * weight;
}

namespace
{

/** The line of a layer that scales each unit. */
LayerSummary scaling(std::string name, const char* kind, const Shape& output, std::size_t parameters)
{
    const std::size_t units = element_count(output);
    return {std::move(name), kind, output, parameters, 2 * units, units};
}

} // namespace

template <class T>
LayerSummary summarize(std::string name, const LayerNorm<T>& layer, const Shape& output)
{
    return scaling(std::move(name), "layer normalization", output, layer.parameters().element_count());
}

template <class T>
LayerSummary summarize(std::string name, const GroupNorm<T>& layer, const Shape& output)
{
    return scaling(std::move(name), "group normalization", output, layer.parameters().element_count());
}

template <class T>
LayerSummary summarize(std::string name, const InstanceNorm<T>& layer, const Shape& output)
{
    return scaling(std::move(name), "instance normalization", output, layer.parameters().element_count());
}

template <class T>
LayerSummary summarize(std::string name, const RMSNorm<T>& layer, const Shape& output)
{
    return scaling(std::move(name), "RMS normalization", output, layer.parameters().element_count());
}

template <class T>
LayerSummary summarize(std::string name, const BatchNorm<T>& layer, const Shape& output)
{
    return scaling(std::move(name), "batch normalization", output, layer.parameters().element_count());
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template struct BatchNorm<T>;                                                                                      \
    template struct LayerNorm<T>;                                                                                      \
    template struct GroupNorm<T>;                                                                                      \
    template struct InstanceNorm<T>;                                                                                   \
    template struct RMSNorm<T>;                                                                                        \
    template LayerSummary summarize(std::string, const LayerNorm<T>&, const Shape&);                                   \
    template LayerSummary summarize(std::string, const GroupNorm<T>&, const Shape&);                                   \
    template LayerSummary summarize(std::string, const InstanceNorm<T>&, const Shape&);                                \
    template LayerSummary summarize(std::string, const RMSNorm<T>&, const Shape&);                                     \
    template LayerSummary summarize(std::string, const BatchNorm<T>&, const Shape&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
