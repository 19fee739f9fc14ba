#include <xgrad/graph/error.hpp>
#include <xgrad/graph/record.hpp>
#include <xgrad/graph/shape.hpp>
#include <xgrad/ops/convolution.hpp>
#include <xgrad/ops/instantiate.hpp>
#include <xgrad/ops/kernels/table.hpp>
#include <xgrad/ops/shape.hpp>

#include <fmt/core.h>

namespace xgrad
{

namespace
{

using kernels::Window;

Shape image_shape(const Window& w) { return {w.batch, w.channels, w.height, w.width}; }
Shape kernel_shape(const Window& w) { return {w.maps, w.channels / w.groups, w.kernel_height, w.kernel_width}; }
Shape result_shape(const Window& w) { return {w.batch, w.maps, w.out_height, w.out_width}; }

// The three faces with their geometry settled. Each one's rules are the other two.

template <class T>
Variable<T> input_face(const Window& window, const Variable<T>& g, const Variable<T>& w);
template <class T>
Variable<T> kernel_face(const Window& window, const Variable<T>& x, const Variable<T>& g);

template <class T>
Variable<T> result_face(const Window& window, const Variable<T>& x, const Variable<T>& w)
{
    Array<T> y = empty<T>(result_shape(window));
    kernels::table<T>().correlate2d(window, x.data(), w.data(), y.data());
    return record("correlate2d", std::move(y), //
                  wrt(x, [window, w](const auto& g) { return input_face(window, g, w); }),
                  wrt(w, [window, x](const auto& g) { return kernel_face(window, x, g); }));
}

template <class T>
Variable<T> input_face(const Window& window, const Variable<T>& g, const Variable<T>& w)
{
    Array<T> x = empty<T>(image_shape(window));
    kernels::table<T>().correlate2d_input(window, g.data(), w.data(), x.data());
    return record("correlate2d_input", std::move(x), //
                  wrt(g, [window, w](const auto& h) { return result_face(window, h, w); }),
                  wrt(w, [window, g](const auto& h) { return kernel_face(window, h, g); }));
}

template <class T>
Variable<T> kernel_face(const Window& window, const Variable<T>& x, const Variable<T>& g)
{
    Array<T> w = empty<T>(kernel_shape(window));
    kernels::table<T>().correlate2d_kernel(window, x.data(), g.data(), w.data());
    return record("correlate2d_kernel", std::move(w), //
                  wrt(x, [window, g](const auto& h) { return input_face(window, g, h); }),
                  wrt(g, [window, x](const auto& h) { return result_face(window, x, h); }));
}

Size2d plane(const Shape& shape)
{
    return {static_cast<std::ptrdiff_t>(shape[shape.size() - 2]), static_cast<std::ptrdiff_t>(shape[shape.size() - 1])};
}

/** (N, C, H, W) of a plain matrix. */
template <class T>
Variable<T> as_batch(const Variable<T>& matrix)
{
    return reshape(matrix, {1, 1, matrix.shape()[0], matrix.shape()[1]});
}

template <class T>
Variable<T> as_matrix(const Variable<T>& batch)
{
    return reshape(batch, {batch.shape()[2], batch.shape()[3]});
}

/** Whether both are plain matrices. @throws ShapeError if they are neither that nor both of rank 4 */
template <class T>
bool are_matrices(const char* op, const Variable<T>& a, const Variable<T>& b)
{
    if (a.dimension() != b.dimension() || (a.dimension() != 2 && a.dimension() != 4))
        throw ShapeError(
            fmt::format("[{}] two arrays of rank 4, (N, C, H, W) and (O, C, K_h, K_w), or two matrices are needed, "
                        "the shapes are {} and {}",
                        op, to_string(a.shape()), to_string(b.shape())));
    return a.dimension() == 2;
}

/** The window with its channels, checked.
 *  @param channels  of the images   @param maps  of the result   @param depth  second extent of the kernels */
Window with_channels(const char* op, Window window, const ConvolutionOptions& options, std::size_t batch,
                     std::size_t channels, std::size_t maps, std::size_t depth)
{
    if (options.groups < 1)
        throw ShapeError(fmt::format("[{}] the number of groups must be 1 or more, not {}", op, options.groups));
    const auto groups = static_cast<std::size_t>(options.groups);
    if (channels % groups != 0 || maps % groups != 0)
        throw ShapeError(fmt::format("[{}] {} groups divide neither or only one of {} channels and {} maps", op, groups,
                                     channels, maps));
    if (channels / groups != depth)
        throw ShapeError(fmt::format("[{}] the kernels have {} channels, the images {} in {} group(s): {} are needed",
                                     op, depth, channels, groups, channels / groups));
    window.batch = batch;
    window.channels = channels;
    window.maps = maps;
    window.groups = groups;
    return window;
}

void require_result(const char* op, const Window& window, const Shape& g)
{
    if (g != result_shape(window))
        throw ShapeError(fmt::format("[{}] g has shape {}, the result of these sizes has {}", op, to_string(g),
                                     to_string(result_shape(window))));
}

} // namespace

template <class T>
Variable<T> correlate2d(const Variable<T>& x, const Variable<T>& w, const ConvolutionOptions& options)
{
    if (are_matrices("correlate2d", x, w))
        return as_matrix(correlate2d(as_batch(x), as_batch(w), options));
    const Shape &sx = x.shape(), &sw = w.shape();
    const Window window = with_channels(
        "correlate2d",
        Padding::window("correlate2d", options.padding, plane(sx), plane(sw), options.stride, options.dilation),
        options, sx[0], sx[1], sw[0], sw[1]);
    return result_face(window, x, w);
}

template <class T>
Variable<T> correlate2d_input(const Variable<T>& g, const Variable<T>& w, Size2d size,
                              const ConvolutionOptions& options)
{
    if (are_matrices("correlate2d_input", g, w))
        return as_matrix(correlate2d_input(as_batch(g), as_batch(w), size, options));
    const Shape &sg = g.shape(), &sw = w.shape();
    const std::size_t channels = sw[1] * static_cast<std::size_t>(std::max<std::ptrdiff_t>(options.groups, 1));
    const Window window = with_channels(
        "correlate2d_input",
        Padding::window("correlate2d_input", options.padding, size, plane(sw), options.stride, options.dilation),
        options, sg[0], channels, sw[0], sw[1]);
    require_result("correlate2d_input", window, sg);
    return input_face(window, g, w);
}

template <class T>
Variable<T> correlate2d_kernel(const Variable<T>& x, const Variable<T>& g, Size2d size,
                               const ConvolutionOptions& options)
{
    if (are_matrices("correlate2d_kernel", x, g))
        return as_matrix(correlate2d_kernel(as_batch(x), as_batch(g), size, options));
    const Shape &sx = x.shape(), &sg = g.shape();
    const std::size_t depth = sx[1] / static_cast<std::size_t>(std::max<std::ptrdiff_t>(options.groups, 1));
    const Window window = with_channels(
        "correlate2d_kernel",
        Padding::window("correlate2d_kernel", options.padding, plane(sx), size, options.stride, options.dilation),
        options, sx[0], sx[1], sg[1], depth);
    require_result("correlate2d_kernel", window, sg);
    return kernel_face(window, x, g);
}

template <class T>
Variable<T> conv2d(const Variable<T>& x, const Variable<T>& w, const ConvolutionOptions& options)
{
    return correlate2d(x, rot180(w), options);
}

template <class T>
Variable<T> conv2d_input(const Variable<T>& g, const Variable<T>& w, Size2d size, const ConvolutionOptions& options)
{
    return correlate2d_input(g, rot180(w), size, options);
}

template <class T>
Variable<T> conv2d_kernel(const Variable<T>& x, const Variable<T>& g, Size2d size, const ConvolutionOptions& options)
{
    return rot180(correlate2d_kernel(x, g, size, options));
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> correlate2d(const Variable<T>&, const Variable<T>&, const ConvolutionOptions&);               \
    template Variable<T> correlate2d_input(const Variable<T>&, const Variable<T>&, Size2d, const ConvolutionOptions&); \
    template Variable<T> correlate2d_kernel(const Variable<T>&, const Variable<T>&, Size2d,                            \
                                            const ConvolutionOptions&);                                                \
    template Variable<T> conv2d(const Variable<T>&, const Variable<T>&, const ConvolutionOptions&);                    \
    template Variable<T> conv2d_input(const Variable<T>&, const Variable<T>&, Size2d, const ConvolutionOptions&);      \
    template Variable<T> conv2d_kernel(const Variable<T>&, const Variable<T>&, Size2d, const ConvolutionOptions&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
