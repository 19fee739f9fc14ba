// ONNX' layers: products, convolutions, pooling, resizing.
#include <xgrad/formats/onnx/call.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/convolution.hpp>
#include <xgrad/ops/convolution_nd.hpp>
#include <xgrad/ops/einsum.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/linalg.hpp>
#include <xgrad/ops/manipulation.hpp>
#include <xgrad/ops/matmul.hpp>
#include <xgrad/ops/pooling.hpp>
#include <xgrad/ops/reduction.hpp>
#include <xgrad/ops/repetition.hpp>
#include <xgrad/ops/resampling.hpp>
#include <xgrad/ops/view.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace xgrad::onnx
{

namespace
{

using Integers = std::vector<std::int64_t>;

/** A window that moves over the axes behind the first two. */
struct Windows
{
    Integers kernel, stride, dilation, before, after;
};

/** The attributes of a window; the pads of auto_pad are worked out for the image. */
template <class T>
Windows windows_of(const Call<T>& call, const Integers& kernel)
{
    const Shape& image = call[0].shape();
    const std::size_t count = kernel.size();
    const auto of_each = [&](const char* name, std::int64_t usual) {
        Integers values = call.node.integers(name, Integers(count, usual));
        if (values.size() != count || std::any_of(values.begin(), values.end(), [](std::int64_t x) { return x < 0; }))
            call.refuse(fmt::format("needs a number of at least 0 in {} for each of {} axes", name, count));
        return values;
    };
    if (image.size() != count + 2)
        call.refuse(fmt::format("has a window of {} axes over {}", count, to_string(image)));
    Windows windows{kernel, of_each("strides", 1), of_each("dilations", 1), Integers(count), Integers(count)};
    const std::string automatic = call.node.text("auto_pad", "NOTSET");
    const Integers pads = call.node.integers("pads", Integers(2 * count));
    if (pads.size() != 2 * count)
        call.refuse("needs two pads for each axis");
    for (std::size_t i = 0; i < count; ++i) {
        if (windows.stride[i] < 1 || windows.dilation[i] < 1)
            call.refuse("has a stride or a dilation below 1");
        if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
            const auto extent = static_cast<std::int64_t>(image[i + 2]);
            const std::int64_t steps = (extent + windows.stride[i] - 1) / windows.stride[i];
            const std::int64_t reach = (kernel[i] - 1) * windows.dilation[i] + 1;
            const std::int64_t pad = std::max<std::int64_t>((steps - 1) * windows.stride[i] + reach - extent, 0);
            windows.before[i] = automatic == "SAME_UPPER" ? pad / 2 : pad - pad / 2;
            windows.after[i] = pad - windows.before[i];
        } else if (automatic == "NOTSET") {
            windows.before[i] = pads[i];
            windows.after[i] = pads[count + i];
        }
    }
    return windows;
}

template <class T>
Integers kernel_of(const Call<T>& call, const Shape& weights)
{
    Integers kernel;
    for (std::size_t i = 2; i < weights.size(); ++i)
        kernel.push_back(static_cast<std::int64_t>(weights[i]));
    if (call.node.integers("kernel_shape", kernel) != kernel)
        call.refuse(fmt::format("has another kernel_shape than its weights {}", to_string(weights)));
    return kernel;
}

/** Adds a number for each channel, axis 1. */
template <class T>
Variable<T> with_bias(const Call<T>& call, const Variable<T>& y, std::size_t input)
{
    if (!call.has(input))
        return y;
    Shape shape(y.dimension(), 1);
    shape[1] = call[input].shape()[0];
    return y + reshape(call.real(input), shape);
}

template <class T>
Operands<T> convolved(const Call<T>& call)
{
    const Variable<T> x = call.real(0), w = call.real(1);
    const Windows of = windows_of(call, kernel_of(call, w.shape()));
    const auto groups = static_cast<std::ptrdiff_t>(call.node.integer("group", 1));
    const auto& [kernel, stride, dilation, before, after] = of;
    switch (kernel.size()) {
    case 1:
        return {with_bias(call,
                          correlate1d(x, w,
                                      {.padding = Padding(0, 0, before[0], after[0]),
                                       .stride = stride[0],
                                       .dilation = dilation[0],
                                       .groups = groups}),
                          2)};
    case 2:
        return {with_bias(call,
                          correlate2d(x, w,
                                      {.padding = Padding(before[0], after[0], before[1], after[1]),
                                       .stride = {stride[0], stride[1]},
                                       .dilation = {dilation[0], dilation[1]},
                                       .groups = groups}),
                          2)};
    case 3:
        return {
            with_bias(call,
                      correlate3d(x, w,
                                  {.padding = Padding(before[0], after[0], before[1], after[1], before[2], after[2]),
                                   .stride = {stride[0], stride[1], stride[2]},
                                   .dilation = {dilation[0], dilation[1], dilation[2]},
                                   .groups = groups}),
                      2)};
    default:
        call.refuse(fmt::format("moves over {} axes: xgrad has 1 to 3", kernel.size()));
    }
}

/** The gradient of a correlation for its input: https://onnx.ai/onnx/operators/onnx__ConvTranspose.html */
template <class T>
Operands<T> convolved_back(const Call<T>& call)
{
    const Variable<T> x = call.real(0), w = call.real(1);
    const Integers kernel = kernel_of(call, w.shape());
    if (kernel.size() > 2)
        call.refuse(fmt::format("moves over {} axes: xgrad has 1 and 2", kernel.size()));
    Windows of = windows_of(call, kernel);
    const std::size_t count = kernel.size();
    const Integers more = call.node.integers("output_padding", Integers(count));
    const Integers wanted = call.node.integers("output_shape", Integers());
    const std::string automatic = call.node.text("auto_pad", "NOTSET");
    const bool is_same = automatic == "SAME_UPPER" || automatic == "SAME_LOWER";
    if (more.size() != count || (!wanted.empty() && wanted.size() != count))
        call.refuse("needs a number for each axis in output_padding and output_shape");
    Integers size(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto extent = static_cast<std::int64_t>(x.shape()[i + 2]);
        const std::int64_t full = of.stride[i] * (extent - 1) + more[i] + (kernel[i] - 1) * of.dilation[i] + 1;
        if (!wanted.empty() || is_same) { // the pads follow from the size
            size[i] = wanted.empty() ? extent * of.stride[i] : wanted[i];
            const std::int64_t pad = std::max<std::int64_t>(full - size[i], 0);
            of.before[i] = automatic == "SAME_UPPER" ? pad / 2 : pad - pad / 2;
            of.after[i] = pad - of.before[i];
        } else {
            size[i] = full - of.before[i] - of.after[i];
        }
        of.after[i] -= more[i]; // what the window does not reach at the end is 0
        if (size[i] < 1)
            call.refuse(fmt::format("would make {} elements along axis {}", size[i], i + 2));
    }
    const auto groups = static_cast<std::ptrdiff_t>(call.node.integer("group", 1));
    // A pad below 0 is room that no window reaches: the sum is made without it, then lengthened.
    Borders borders(x.dimension());
    for (std::size_t i = 0; i < count; ++i)
        if (of.after[i] < 0) {
            borders[i + 2].after = static_cast<std::size_t>(-of.after[i]);
            size[i] += of.after[i];
            of.after[i] = 0;
        }
    Variable<T> y = count == 1
                        ? correlate1d_input(x, w, size[0],
                                            {.padding = Padding(0, 0, of.before[0], of.after[0]),
                                             .stride = of.stride[0],
                                             .dilation = of.dilation[0],
                                             .groups = groups})
                        : correlate2d_input(x, w, {size[0], size[1]},
                                            {.padding = Padding(of.before[0], of.after[0], of.before[1], of.after[1]),
                                             .stride = {of.stride[0], of.stride[1]},
                                             .dilation = {of.dilation[0], of.dilation[1]},
                                             .groups = groups});
    if (std::any_of(borders.begin(), borders.end(), [](const Border& border) { return border.after > 0; }))
        y = pad(y, borders);
    return {with_bias(call, y, 2)};
}

/** Pools over one or two axes; with ceil_mode the last window may begin inside and end outside. */
template <class T, class F>
Operands<T> pooled(const Call<T>& call, F pool)
{
    Windows of = windows_of(call, call.node.integers("kernel_shape"));
    const std::size_t count = of.kernel.size();
    if (count > 2)
        call.refuse(fmt::format("pools over {} axes: xgrad has 1 and 2", count));
    if (call.node.integer("ceil_mode", 0) != 0)
        for (std::size_t i = 0; i < count; ++i) {
            const std::int64_t reach = (of.kernel[i] - 1) * of.dilation[i] + 1;
            const std::int64_t room =
                static_cast<std::int64_t>(call[0].shape()[i + 2]) + of.before[i] + of.after[i] - reach;
            of.after[i] += (of.stride[i] - room % of.stride[i]) % of.stride[i];
        }
    Variable<T> x = call.real(0);
    if (count == 1) {
        x = expand_dims(x, 2);
        for (Integers* each : {&of.kernel, &of.stride, &of.dilation})
            each->insert(each->begin(), 1);
        for (Integers* each : {&of.before, &of.after})
            each->insert(each->begin(), 0);
    }
    const PoolingOptions options{.size = {of.kernel[0], of.kernel[1]},
                                 .stride = {of.stride[0], of.stride[1]},
                                 .padding = Padding(of.before[0], of.after[0], of.before[1], of.after[1]),
                                 .dilation = {of.dilation[0], of.dilation[1]}};
    const Variable<T> y = pool(x, options);
    return {count == 1 ? squeeze(y, 2) : y};
}

/** The mean over the axes behind the first two, or the maximum, with extents of 1 in their place. */
template <class T, class F>
Operands<T> pooled_globally(const Call<T>& call, F f)
{
    const Variable<T> x = call.real(0);
    Axes axes = {};
    for (std::size_t i = 2; i < x.dimension(); ++i)
        axes.push_back(static_cast<Axis>(i));
    return {f(x, axes)};
}

/** α·A·B + β·C, with A and B transposed or not. */
template <class T>
Operands<T> product(const Call<T>& call)
{
    const Transposed transposed{call.node.integer("transA", 0) != 0, call.node.integer("transB", 0) != 0};
    const double alpha = call.node.real("alpha", 1), beta = call.node.real("beta", 1);
    Variable<T> y = matmul(call.real(0), call.real(1), transposed);
    if (alpha != 1)
        y = alpha * y;
    if (call.has(2))
        y = y + (beta == 1 ? call.real(2) : beta * call.real(2));
    return {y};
}

template <class T>
Operands<T> einsum_of(const Call<T>& call)
{
    std::vector<Variable<T>> xs;
    for (std::size_t i = 0; i < call.inputs.size(); ++i)
        xs.push_back(call.real(i));
    std::string equation = call.node.text("equation");
    equation.erase(std::remove(equation.begin(), equation.end(), ' '), equation.end());
    return {einsum(equation, std::span<const Variable<T>>(xs))};
}

} // namespace

template <class T>
Table<T> layer_table()
{
    return {
        {"Conv", convolved<T>},
        {"ConvTranspose", convolved_back<T>},
        {"Gemm", product<T>},
        {"Einsum", einsum_of<T>},
        {"MatMul", [](const Call<T>& call) -> Operands<T> { return {matmul(call.real(0), call.real(1))}; }},
        {"Det", [](const Call<T>& call) -> Operands<T> { return {det(call.real(0))}; }},
        {"MaxPool",
         [](const Call<T>& call) {
             return pooled(call, [](const auto& x, const PoolingOptions& options) { return max_pool2d(x, options); });
         }},
        {"AveragePool",
         [](const Call<T>& call) {
             const bool counts = call.node.integer("count_include_pad", 0) != 0;
             if (counts && call.node.integer("ceil_mode", 0) != 0)
                 call.refuse("counts its pads and has ceil_mode");
             return pooled(
                 call, [&](const auto& x, const PoolingOptions& options) { return mean_pool2d(x, options, counts); });
         }},
        {"LpPool",
         [](const Call<T>& call) {
             if (call.node.integer("p", 2) != 2)
                 call.refuse("has another p than 2");
             return pooled(call, [](const auto& x, const PoolingOptions& options) { return l2_pool2d(x, options); });
         }},
        {"GlobalAveragePool",
         [](const Call<T>& call) {
             return pooled_globally(call, [](const auto& x, const Axes& axes) { return mean(x, axes, true); });
         }},
        {"GlobalMaxPool",
         [](const Call<T>& call) {
             return pooled_globally(call, [](const auto& x, const Axes& axes) { return max(x, axes, true); });
         }},
    };
}

template Table<float> layer_table();
template Table<double> layer_table();

} // namespace xgrad::onnx
