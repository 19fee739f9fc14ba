#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/ops/convolution.hpp>
#include <xgrad/ops/convolution_nd.hpp>
#include <xgrad/ops/joining.hpp>
#include <xgrad/ops/shape.hpp>

#include <fmt/core.h>

#include <vector>

namespace xgrad
{

namespace
{

void require_axes(const char* op, const Shape& a, const Shape& b, std::size_t axes)
{
    if (a.size() != axes || b.size() != axes)
        throw ShapeError(
            fmt::format("[{}] shapes {} and {}: {} axes are needed", op, to_string(a), to_string(b), axes));
}

/** An op on images as one on sequences, which are images of one row. */
template <class T, class Op, class... Size>
Variable<T> on_rows(const char* name, Op op, const Variable<T>& a, const Variable<T>& b,
                    const Convolution1dOptions& options, Size... size)
{
    require_axes(name, a.shape(), b.shape(), 3);
    const ConvolutionOptions two{.padding = options.padding.of_row(),
                                 .stride = {1, options.stride},
                                 .dilation = {1, options.dilation},
                                 .groups = options.groups};
    return squeeze(op(expand_dims(a, 2), expand_dims(b, 2), size..., two), 2);
}

} // namespace

#define XGRAD_DEFINE(name, of_images)                                                                                  \
    template <class T>                                                                                                 \
    Variable<T> name(const Variable<T>& x, const Variable<T>& w, const Convolution1dOptions& options)                  \
    {                                                                                                                  \
        return on_rows(#name, of_images<T>, x, w, options);                                                            \
    }
XGRAD_DEFINE(correlate1d, correlate2d)
XGRAD_DEFINE(conv1d, conv2d)
#undef XGRAD_DEFINE

#define XGRAD_DEFINE(name, of_images)                                                                                  \
    template <class T>                                                                                                 \
    Variable<T> name(const Variable<T>& a, const Variable<T>& b, std::ptrdiff_t length,                                \
                     const Convolution1dOptions& options)                                                              \
    {                                                                                                                  \
        return on_rows(#name, of_images<T>, a, b, options, Size2d(1, length));                                         \
    }
XGRAD_DEFINE(correlate1d_input, correlate2d_input)
XGRAD_DEFINE(correlate1d_kernel, correlate2d_kernel)
XGRAD_DEFINE(conv1d_input, conv2d_input)
XGRAD_DEFINE(conv1d_kernel, conv2d_kernel)
#undef XGRAD_DEFINE

template <class T>
Variable<T> convolve(const Variable<T>& a, const Variable<T>& b, ConvolveMode mode)
{
    if (a.dimension() != 1 || b.dimension() != 1 || a.size() == 0 || b.size() == 0)
        throw ShapeError(fmt::format("[convolve] shapes {} and {}: two vectors with elements are needed",
                                     to_string(a.shape()), to_string(b.shape())));
    const Variable<T>&longer = a.size() < b.size() ? b : a, &shorter = a.size() < b.size() ? a : b;
    const std::size_t n = longer.size(), m = shorter.size();
    const auto row = [](const Variable<T>& x) { return reshape(x, {1, 1, x.size()}); };
    const bool valid = mode == ConvolveMode::valid;
    const auto y = flatten(conv1d(row(longer), row(shorter), {.padding = valid ? Padding::valid : Padding::full}));
    return mode == ConvolveMode::same ? slice(y, 0, (m - 1) / 2, (m - 1) / 2 + n) : y;
}

template <class T>
Variable<T> correlate3d(const Variable<T>& x, const Variable<T>& w, const Convolution3dOptions& options)
{
    require_axes("correlate3d", x.shape(), w.shape(), 5);
    const auto extent = [](const Variable<T>& of, std::size_t axis) {
        return static_cast<std::ptrdiff_t>(of.shape()[axis]);
    };
    const kernels::Window planes =
        Padding::window("correlate3d", options.padding.of_depth(), {extent(x, 2), 1}, {extent(w, 2), 1},
                        {options.stride.depth, 1}, {options.dilation.depth, 1});
    const std::size_t depth = planes.out_height, stride = planes.stride_height;
    const std::size_t reach = (depth - 1) * stride + (planes.kernel_height - 1) * planes.dilation_height + 1;
    const std::size_t there = planes.pad_top + planes.height;
    const auto padded =
        pad(x, {{}, {}, {.before = planes.pad_top, .after = reach > there ? reach - there : 0}, {}, {}});
    // The planes that the kernel covers become channels, and the places of the kernel samples.
    std::vector<Variable<T>> covered;
    for (std::size_t t = 0; t < planes.kernel_height; ++t) {
        const std::size_t first = t * planes.dilation_height;
        covered.push_back(slice(padded, 2, first, first + (depth - 1) * stride + 1, stride));
    }
    const Shape& of_x = x.shape();
    const Shape& of_w = w.shape();
    const auto channels = permute(stack(covered, 2), {0, 3, 1, 2, 4, 5});
    const auto images = reshape(channels, {of_x[0] * depth, of_x[1] * planes.kernel_height, of_x[3], of_x[4]});
    const auto kernels = reshape(w, {of_w[0], of_w[1] * of_w[2], of_w[3], of_w[4]});
    const auto maps = correlate2d(images, kernels,
                                  {.padding = options.padding,
                                   .stride = {options.stride.height, options.stride.width},
                                   .dilation = {options.dilation.height, options.dilation.width},
                                   .groups = options.groups});
    return permute(reshape(maps, {of_x[0], depth, of_w[0], maps.shape()[2], maps.shape()[3]}), {0, 2, 1, 3, 4});
}

template <class T>
Variable<T> conv3d(const Variable<T>& x, const Variable<T>& w, const Convolution3dOptions& options)
{
    require_axes("conv3d", x.shape(), w.shape(), 5);
    return correlate3d(x, flip(w, {2, 3, 4}), options);
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> correlate1d(const Variable<T>&, const Variable<T>&, const Convolution1dOptions&);             \
    template Variable<T> conv1d(const Variable<T>&, const Variable<T>&, const Convolution1dOptions&);                  \
    template Variable<T> correlate1d_input(const Variable<T>&, const Variable<T>&, std::ptrdiff_t,                     \
                                           const Convolution1dOptions&);                                               \
    template Variable<T> correlate1d_kernel(const Variable<T>&, const Variable<T>&, std::ptrdiff_t,                    \
                                            const Convolution1dOptions&);                                              \
    template Variable<T> conv1d_input(const Variable<T>&, const Variable<T>&, std::ptrdiff_t,                          \
                                      const Convolution1dOptions&);                                                    \
    template Variable<T> conv1d_kernel(const Variable<T>&, const Variable<T>&, std::ptrdiff_t,                         \
                                       const Convolution1dOptions&);                                                   \
    template Variable<T> convolve(const Variable<T>&, const Variable<T>&, ConvolveMode);                               \
    template Variable<T> correlate3d(const Variable<T>&, const Variable<T>&, const Convolution3dOptions&);             \
    template Variable<T> conv3d(const Variable<T>&, const Variable<T>&, const Convolution3dOptions&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
