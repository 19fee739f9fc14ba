#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/ops/indexing.hpp>
#include <xgrad/ops/local.hpp>
#include <xgrad/ops/matmul.hpp>

#include <fmt/core.h>

namespace xgrad
{

namespace
{

using kernels::Window;

/** The geometry of images and banks of kernels that match. */
Window window_of(const char* op, const Shape& x, const Shape& w, const PatchOptions& options)
{
    if (x.size() != 4 || w.size() != 6 || x[1] != w[3])
        throw ShapeError(fmt::format("[{}] images (N, C, H, W) and kernels (t_h, t_w, O, C, K_h, K_w) are needed, the "
                                     "shapes are {} and {}",
                                     op, to_string(x), to_string(w)));
    const auto size = [](std::size_t height, std::size_t width) {
        return Size2d(static_cast<std::ptrdiff_t>(height), static_cast<std::ptrdiff_t>(width));
    };
    return Padding::window(op, options.padding, size(x[2], x[3]), size(w[4], w[5]), options.stride, options.dilation);
}

/** The matrix of each position's bank times the patches there. */
template <class T>
Variable<T> times_patches(const Window& window, const Variable<T>& x, const Variable<T>& w, const PatchOptions& options)
{
    const std::size_t maps = w.shape()[2], height = window.kernel_height, width = window.kernel_width;
    const Size2d size(static_cast<std::ptrdiff_t>(height), static_cast<std::ptrdiff_t>(width));
    const auto banks = reshape(w, {window.out_height * window.out_width, maps, w.shape()[3] * height * width});
    const auto y = matmul(banks, patches(x, size, options)); // (H'·W', O, N)
    return reshape(permute(y, {2, 1, 0}), {x.shape()[0], maps, window.out_height, window.out_width});
}

} // namespace

template <class T>
Variable<T> locally_connected2d(const Variable<T>& x, const Variable<T>& w, const PatchOptions& options)
{
    const Window window = window_of("locally_connected2d", x.shape(), w.shape(), options);
    if (w.shape()[0] != window.out_height || w.shape()[1] != window.out_width)
        throw ShapeError(fmt::format("[locally_connected2d] the kernels are for {}x{} outputs, but there are {}x{}",
                                     w.shape()[0], w.shape()[1], window.out_height, window.out_width));
    return times_patches(window, x, w, options);
}

template <class T>
Variable<T> tiled2d(const Variable<T>& x, const Variable<T>& w, const PatchOptions& options)
{
    const Window window = window_of("tiled2d", x.shape(), w.shape(), options);
    const std::size_t rows = w.shape()[0], columns = w.shape()[1];
    if (rows < 1 || columns < 1 || rows > window.out_height || columns > window.out_width)
        throw ShapeError(fmt::format(
            "[tiled2d] {}x{} tiles for {}x{} outputs: each axis needs at least 1 tile, and no more tiles than outputs",
            rows, columns, window.out_height, window.out_width));
    return times_patches(window, x, cycle(cycle(w, window.out_width, 1), window.out_height, 0), options);
}

template <class T>
Variable<T> cycle(const Variable<T>& x, std::size_t extent, Axis axis)
{
    const std::size_t count = x.shape()[detail::normalize_axis("cycle", axis, x.dimension())];
    if (count == 0)
        throw ShapeError(fmt::format("[cycle] axis {} of shape {} has nothing to repeat", axis, to_string(x.shape())));
    if (count == extent)
        return x;
    Labels turns = empty_array<std::int32_t>({extent});
    for (std::size_t i = 0; i < extent; ++i)
        turns.data()[i] = static_cast<std::int32_t>(i % count);
    return gather(x, turns, axis);
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> locally_connected2d(const Variable<T>&, const Variable<T>&, const PatchOptions&);             \
    template Variable<T> tiled2d(const Variable<T>&, const Variable<T>&, const PatchOptions&);                         \
    template Variable<T> cycle(const Variable<T>&, std::size_t, Axis);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
