#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/kernels/table.hpp>
#include <xgrad/ops/detail/values.hpp>
#include <xgrad/ops/resampling.hpp>

#include <fmt/core.h>

namespace xgrad
{

namespace
{

using kernels::Divisor;
using kernels::Window;

/** Blocks that fill planes of the given shape (…, H, W). */
Window blocks_of(const Shape& shape, Size2d block)
{
    const std::size_t height = shape[shape.size() - 2], width = shape[shape.size() - 1];
    const auto n = static_cast<std::size_t>(block.height), m = static_cast<std::size_t>(block.width);
    return {.batch = height * width == 0 ? 0 : element_count(shape) / (height * width),
            .height = height,
            .width = width,
            .out_height = height / n,
            .out_width = width / m,
            .kernel_height = n,
            .kernel_width = m,
            .stride_height = n,
            .stride_width = m};
}

void check(const char* op, const Shape& shape, Size2d block)
{
    if (shape.size() < 2 || block.height < 1 || block.width < 1)
        throw ShapeError(
            fmt::format("[{}] blocks of {}x{} in an array of shape {}: (…, H, W) and 1x1 or more are needed", op,
                        block.height, block.width, to_string(shape)));
    detail::product_of_sizes(op, "block's area", static_cast<std::size_t>(block.height),
                             static_cast<std::size_t>(block.width));
}

Shape with_plane(Shape shape, std::size_t height, std::size_t width)
{
    shape[shape.size() - 2] = height;
    shape[shape.size() - 1] = width;
    return shape;
}

} // namespace

template <class T>
Variable<T> block_sum(const Variable<T>& x, Size2d block)
{
    check("block_sum", x.shape(), block);
    const Window window = blocks_of(x.shape(), block);
    if (window.out_height * window.kernel_height != window.height ||
        window.out_width * window.kernel_width != window.width)
        throw ShapeError(
            fmt::format("[block_sum] blocks of {}x{} do not fill the planes of shape {}: the block's extents "
                        "must divide the last two axes",
                        block.height, block.width, to_string(x.shape())));
    Array<T> y = empty_array<T>(with_plane(x.shape(), window.out_height, window.out_width));
    kernels::table<T>().mean_pool2d(window, Divisor::one, x.data(), y.data());
    return record("block_sum", std::move(y), wrt(x, [block](const auto& g) { return upsample(g, block); }));
}

template <class T>
Variable<T> upsample(const Variable<T>& x, Size2d block)
{
    check("upsample", x.shape(), block);
    const auto times = [](std::size_t extent, std::ptrdiff_t factor) {
        return detail::product_of_sizes("upsample", "size", extent, static_cast<std::size_t>(factor));
    };
    const Shape shape = with_plane(x.shape(), times(x.shape()[x.dimension() - 2], block.height),
                                   times(x.shape()[x.dimension() - 1], block.width));
    Array<T> y = empty_array<T>(shape);
    kernels::table<T>().mean_pool2d_input(blocks_of(shape, block), Divisor::one, x.data(), y.data());
    return record("upsample", detail::moves, std::move(y),
                  wrt(x, [block](const auto& g) { return block_sum(g, block); }));
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> block_sum(const Variable<T>&, Size2d);                                                        \
    template Variable<T> upsample(const Variable<T>&, Size2d);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
