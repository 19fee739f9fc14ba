#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/kernels/table.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/detail/values.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/indexing.hpp>
#include <xgrad/ops/resampling.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

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

/** The place in an axis of `from` elements that element i of `to` elements gets its value from. */
double place_of(std::size_t i, std::size_t from, std::size_t to, Interpolation interpolation)
{
    const auto index = static_cast<double>(i), before = static_cast<double>(from), after = static_cast<double>(to);
    switch (interpolation) {
    case Interpolation::nearest:
        return std::floor(index * before / after);
    case Interpolation::bilinear:
        return std::clamp((index + 0.5) * before / after - 0.5, 0., before - 1);
    case Interpolation::bilinear_corners:
        return to == 1 ? 0 : index * (before - 1) / (after - 1);
    }
    return 0;
}

/** Values between the neighbours along one axis. */
template <class T>
Variable<T> resized(const Variable<T>& x, Axis axis, std::size_t to, Interpolation interpolation)
{
    const std::size_t dimension = x.dimension(), place = detail::normalize_axis("resize", axis, dimension);
    const std::size_t from = x.shape()[place];
    if (from == to)
        return x;
    Labels below = empty_array<std::int32_t>({to}), above = below;
    Array<T> share = empty_array<T>(detail::with_extent(Shape(dimension, 1), place, to));
    for (std::size_t i = 0; i < to; ++i) {
        const double at = place_of(i, from, to, interpolation);
        const auto index = std::min(static_cast<std::size_t>(at), from - 1);
        below.data()[i] = static_cast<std::int32_t>(index);
        above.data()[i] = static_cast<std::int32_t>(std::min(index + 1, from - 1));
        share.data()[i] = static_cast<T>(at - static_cast<double>(index));
    }
    const auto low = gather(x, below, axis);
    if (interpolation == Interpolation::nearest)
        return low;
    const auto part = constant(std::move(share));
    return low * (1 - part) + gather(x, above, axis) * part;
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

template <class T>
Variable<T> resize(const Variable<T>& x, Size2d size, Interpolation interpolation)
{
    const bool has_pixels = x.dimension() >= 2 && x.shape()[x.dimension() - 2] > 0 && x.shape().back() > 0;
    if (!has_pixels || size.height < 1 || size.width < 1)
        throw ShapeError(fmt::format("[resize] an array of shape {} in the size {}x{}: (…, H, W) and 1x1 or more are "
                                     "needed",
                                     to_string(x.shape()), size.height, size.width));
    const auto height = static_cast<std::size_t>(size.height), width = static_cast<std::size_t>(size.width);
    detail::checked_size("resize", "height", height);
    detail::checked_size("resize", "width", width);
    element_count(with_plane(x.shape(), height, width));
    return resized(resized(x, -2, height, interpolation), -1, width, interpolation);
}

template <class T>
Variable<T> interp(const Variable<T>& x, const Variable<T>& places, const Variable<T>& values)
{
    const std::size_t n = places.size();
    if (places.dimension() != 1 || places.shape() != values.shape() || n == 0)
        throw ShapeError(
            fmt::format("[interp] places of shape {} and values of shape {}: two vectors of the same extent "
                        "are needed",
                        to_string(places.shape()), to_string(values.shape())));
    const T *const begin = places.data(), *const end = begin + n;
    for (const T* place = begin + 1; place < end; ++place)
        if (!(*place > place[-1]))
            throw ShapeError(
                fmt::format("[interp] place {} is {}, after {}: they must ascend", place - begin, *place, place[-1]));
    if (n == 1)
        return 0 * x + gather(values, Labels({1}, 0));
    Labels below = empty_array<std::int32_t>({x.size()}), above = below;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const auto next = std::upper_bound(begin + 1, end - 1, x.data()[i]) - begin;
        above.data()[i] = static_cast<std::int32_t>(next);
        below.data()[i] = static_cast<std::int32_t>(next - 1);
    }
    const auto left = gather(places, below);
    const auto share = clip((flatten(x) - left) / (gather(places, above) - left), 0, 1);
    return reshape(gather(values, below) * (1 - share) + gather(values, above) * share, x.shape());
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> block_sum(const Variable<T>&, Size2d);                                                        \
    template Variable<T> upsample(const Variable<T>&, Size2d);                                                         \
    template Variable<T> resize(const Variable<T>&, Size2d, Interpolation);                                            \
    template Variable<T> interp(const Variable<T>&, const Variable<T>&, const Variable<T>&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
