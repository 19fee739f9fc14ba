#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/base/sizes.hpp>
#include <xgrad/models/layers/convolution_kinds.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/convolution.hpp>
#include <xgrad/ops/convolution_nd.hpp>
#include <xgrad/ops/shape.hpp>

#include <fmt/core.h>

namespace xgrad
{

namespace
{

/** The shape (first, second/groups, K_h, K_w) of the kernels. */
Shape weight_shape(const char* layer, std::size_t first, std::size_t second, Size2d kernel, std::ptrdiff_t groups)
{
    const auto count = static_cast<std::size_t>(groups);
    if (kernel.height < 1 || kernel.width < 1 || groups < 1 || first % count != 0 || second % count != 0)
        throw ShapeError(fmt::format("[{}] {}x{} kernels between {} and {} maps in {} group(s): kernels must be 1 or "
                                     "more each way, and the groups, 1 or more, must divide both numbers of maps",
                                     layer, kernel.height, kernel.width, first, second, groups));
    return {first, second / count, static_cast<std::size_t>(kernel.height), static_cast<std::size_t>(kernel.width)};
}

/** The number of weights behind each of the first axis. */
std::size_t fan(const char* layer, const Shape& shape)
{
    return detail::product_of_sizes(layer, "kernel", shape[1],
                                    detail::product_of_sizes(layer, "kernel", shape[2], shape[3]));
}

/** The extent of a transposed convolution along one axis. */
std::ptrdiff_t transposed_extent(std::size_t places, std::size_t kernel, std::ptrdiff_t padding, std::ptrdiff_t stride,
                                 std::ptrdiff_t further, std::ptrdiff_t dilation)
{
    const char* const layer = "conv_transpose2d";
    if (stride < 1 || dilation < 1 || padding < 0 || further < 0 || further >= stride)
        throw ShapeError(fmt::format("[{}] padding {}, stride {}, dilation {}, output padding {}: stride and dilation "
                                     "must be 1 or more, the paddings 0 or more, and that of the output smaller than "
                                     "the stride",
                                     layer, padding, stride, dilation, further));
    const auto size = [](std::ptrdiff_t n) { return static_cast<std::size_t>(n); };
    const std::size_t moved = detail::product_of_sizes(layer, "stride", places == 0 ? 0 : places - 1, size(stride));
    const std::size_t seen = detail::product_of_sizes(layer, "dilation", kernel - 1, size(dilation));
    const std::size_t whole =
        detail::sum_of_sizes(layer, "result", detail::sum_of_sizes(layer, "result", moved, seen), size(further) + 1);
    const std::size_t cut = detail::product_of_sizes(layer, "padding", 2, size(padding));
    if (places == 0 || cut >= whole)
        throw ShapeError(fmt::format("[{}] {} rows or columns with a padding of {}: nothing remains of the result",
                                     layer, places, padding));
    return static_cast<std::ptrdiff_t>(whole - cut);
}

} // namespace

template <class T>
ConvTranspose2d<T>::ConvTranspose2d(std::size_t inputs, std::size_t outputs, Size2d kernel, Random& random,
                                    Initialization initialization, const TransposedOptions& how)
    : bias(variable(filled_array({outputs}, T{0}))), options(how)
{
    const Shape shape = weight_shape("conv_transpose2d", inputs, outputs, kernel, how.groups);
    const std::size_t n_out = fan("conv_transpose2d", shape), taps = shape[2] * shape[3];
    transposed_extent(1, shape[2], 0, how.stride.height, how.output_padding.height, how.dilation.height);
    transposed_extent(1, shape[3], 0, how.stride.width, how.output_padding.width, how.dilation.width);
    weight = initial_weights<T>(
        initialization, shape,
        detail::product_of_sizes("conv_transpose2d", "kernel", inputs / static_cast<std::size_t>(how.groups), taps),
        n_out, random);
}

template <class T>
Variable<T> ConvTranspose2d<T>::operator()(const Variable<T>& x) const
{
    const Shape& kernels = weight.shape();
    if (x.dimension() != 4 || x.shape()[1] != kernels[0])
        throw ShapeError(fmt::format("[conv_transpose2d] maps of shape {}: (N, {}, H, W) is needed",
                                     to_string(x.shape()), kernels[0]));
    const auto& [padding, stride, further, dilation, groups] = options;
    const Size2d size(
        transposed_extent(x.shape()[2], kernels[2], padding.height, stride.height, further.height, dilation.height),
        transposed_extent(x.shape()[3], kernels[3], padding.width, stride.width, further.width, dilation.width));
    const ConvolutionOptions how{.padding = {padding.height, padding.height, padding.width, padding.width},
                                 .stride = stride,
                                 .dilation = dilation,
                                 .groups = groups};
    return correlate2d_input(x, weight, size, how) + reshape(bias, {1, bias.size(), 1, 1});
}

template <class T>
Conv1d<T>::Conv1d(std::size_t inputs, std::size_t outputs, std::ptrdiff_t kernel, Random& random,
                  Initialization initialization, const Convolution1dOptions& how)
    : bias(variable(filled_array({outputs}, T{0}))), options(how)
{
    const Shape shape = weight_shape("conv1d", outputs, inputs, {1, kernel}, how.groups);
    const std::size_t n_out = outputs / static_cast<std::size_t>(how.groups) * shape[3];
    weight = initial_weights<T>(initialization, {shape[0], shape[1], shape[3]}, fan("conv1d", shape), n_out, random);
}

template <class T>
Variable<T> Conv1d<T>::operator()(const Variable<T>& x) const
{
    const Shape& kernels = weight.shape();
    const std::size_t maps = kernels[1] * static_cast<std::size_t>(options.groups);
    if (x.dimension() != 3 || x.shape()[1] != maps)
        throw ShapeError(
            fmt::format("[conv1d] sequences of shape {}: (N, {}, L) is needed", to_string(x.shape()), maps));
    return correlate1d(x, weight, options) + reshape(bias, {1, bias.size(), 1});
}

template <class T>
LayerSummary summarize(std::string name, const ConvTranspose2d<T>& layer, const Shape& output)
{
    // Each place of the kernel meets a part of the outputs, one of stride_h·stride_w on average.
    const Shape& shape = layer.weight.shape();
    const auto strides = static_cast<std::size_t>(layer.options.stride.height * layer.options.stride.width);
    const std::size_t positions = output[1] * output[2], products = layer.weight.size() * positions / strides;
    return {std::move(name),
            fmt::format("transposed convolution {}x{}", shape[2], shape[3]),
            output,
            layer.weight.size() + layer.bias.size(),
            products + layer.bias.size() * positions,
            products};
}

template <class T>
LayerSummary summarize(std::string name, const Conv1d<T>& layer, const Shape& output)
{
    const std::size_t weights = layer.weight.size(), biases = layer.bias.size();
    return {std::move(name),
            fmt::format("convolution {}", layer.weight.shape()[2]),
            output,
            weights + biases,
            (weights + biases) * output[1],
            weights * output[1]};
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template struct ConvTranspose2d<T>;                                                                                \
    template struct Conv1d<T>;                                                                                         \
    template LayerSummary summarize(std::string, const ConvTranspose2d<T>&, const Shape&);                             \
    template LayerSummary summarize(std::string, const Conv1d<T>&, const Shape&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
