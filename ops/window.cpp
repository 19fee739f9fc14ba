#include <xgrad/base/error.hpp>
#include <xgrad/ops/window.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <tuple>

namespace xgrad
{

namespace
{

constexpr auto largest = static_cast<std::ptrdiff_t>(detail::largest_size);

/** One axis of a window. */
struct WindowAxis
{
    std::ptrdiff_t image, kernel, stride, dilation, before, after;

    /** The extent of the dilated kernel, or one that fits no padded image if it is beyond the numbers. */
    std::ptrdiff_t reach() const
    {
        return kernel > 1 && dilation > largest / (kernel - 1) ? 8 * largest : dilation * (kernel - 1) + 1;
    }
    std::ptrdiff_t count() const { return (image + before + after - reach()) / stride + 1; }
    bool fits() const { return image + before + after >= reach(); }
};

void require(const char* op, const char* what, std::ptrdiff_t value, std::ptrdiff_t least)
{
    if (value < least || value > largest)
        throw ShapeError(fmt::format("[{}] the {} must be {} … 2^40, not {}", op, what, least, value));
}

} // namespace

kernels::Window Padding::window(const char* op, const Padding& padding, Size2d image, Size2d kernel, Size2d stride,
                                Size2d dilation)
{
    for (const auto& [size, what, least] :
         {std::tuple{image, "image size", 1}, std::tuple{kernel, "kernel size", 1}, std::tuple{stride, "stride", 1},
          std::tuple{dilation, "dilation", 1}, std::tuple{Size2d(padding.above_, padding.below_), "padding", 0},
          std::tuple{Size2d(padding.left_, padding.right_), "padding", 0}})
    {
        require(op, what, size.height, least);
        require(op, what, size.width, least);
    }
    WindowAxis rows{image.height, kernel.height, stride.height, dilation.height, padding.above_, padding.below_};
    WindowAxis columns{image.width, kernel.width, stride.width, dilation.width, padding.left_, padding.right_};
    for (WindowAxis* extent : {&rows, &columns}) {
        if (padding.kind_ == Kind::full)
            extent->before = extent->after = extent->reach() - 1;
        if (padding.kind_ == Kind::same) {
            const std::ptrdiff_t count = (extent->image + extent->stride - 1) / extent->stride;
            const std::ptrdiff_t zeros =
                std::max<std::ptrdiff_t>((count - 1) * extent->stride + extent->reach() - extent->image, 0);
            extent->before = zeros / 2;
            extent->after = zeros - extent->before;
        }
    }
    if (!rows.fits() || !columns.fits()) {
        const bool plain = padding.kind_ == Kind::valid;
        const std::string with =
            plain ? "'valid' padding"
                  : fmt::format("padding ({},{},{},{})", rows.before, rows.after, columns.before, columns.after);
        const std::string dilated =
            dilation == Size2d(1) ? "" : fmt::format(", dilated to {}x{},", rows.reach(), columns.reach());
        throw ShapeError(fmt::format("[{}] the {}x{} kernel{} does not fit the {}x{} input with {}", op, kernel.height,
                                     kernel.width, dilated, image.height, image.width, with));
    }
    const auto u = [](std::ptrdiff_t x) { return static_cast<std::size_t>(x); };
    return {.height = u(image.height),
            .width = u(image.width),
            .out_height = u(rows.count()),
            .out_width = u(columns.count()),
            .kernel_height = u(kernel.height),
            .kernel_width = u(kernel.width),
            .stride_height = u(stride.height),
            .stride_width = u(stride.width),
            .dilation_height = u(dilation.height),
            .dilation_width = u(dilation.width),
            .pad_top = u(rows.before),
            .pad_left = u(columns.before)};
}

} // namespace xgrad
