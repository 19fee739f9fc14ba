#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/kernels/layout/layout.hpp>
#include <xgrad/ops/detail/values.hpp>
#include <xgrad/ops/patches.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <functional>

namespace xgrad
{

namespace
{

using kernels::Window;

Shape image_shape(const Window& w) { return {w.batch, w.channels, w.height, w.width}; }
Shape patches_shape(const Window& w)
{
    const auto times = [](std::size_t a, std::size_t b) { return detail::product_of_sizes("patches", "size", a, b); };
    return {times(w.out_height, w.out_width), times(w.channels, times(w.kernel_height, w.kernel_width)), w.batch};
}

/** Calls f(tap, pixel) for each element of each patch, in order. `tap` counts them. `pixel` is the position in an image
 *  of all channels, or −1 outside of it. */
template <class F>
void for_each_tap(const Window& w, F f)
{
    constexpr std::ptrdiff_t none = -1;
    std::size_t tap = 0;
    for (std::size_t i = 0; i < w.out_height; ++i)
        for (std::size_t j = 0; j < w.out_width; ++j)
            for (std::size_t c = 0; c < w.channels; ++c)
                for (std::size_t u = 0; u < w.kernel_height; ++u)
                    for (std::size_t v = 0; v < w.kernel_width; ++v) {
                        const std::size_t row = i * w.stride_height + u * w.dilation_height - w.pad_top;
                        const std::size_t column = j * w.stride_width + v * w.dilation_width - w.pad_left;
                        const bool inside = row < w.height && column < w.width; // positions below 0 wrap around
                        f(tap++, inside ? static_cast<std::ptrdiff_t>((c * w.height + row) * w.width + column) : none);
                    }
}

/** Transposes a matrix of rows × columns. */
template <class T>
void transpose_matrix(std::size_t rows, std::size_t columns, const T* from, T* to)
{
    const kernels::Strides steps{1, static_cast<std::ptrdiff_t>(columns)};
    const Shape shape{columns, rows};
    kernels::copy_strided(shape, from, steps.data(), to, kernels::row_major_strides(shape).data());
}

template <class T>
Variable<T> patches_sum_of(const Window& window, const Variable<T>& p);

template <class T>
Variable<T> patches_of(const Window& window, const Variable<T>& x)
{
    const std::size_t batch = window.batch, pixels = window.channels * window.height * window.width;
    Array<T> images = empty_array<T>({pixels, batch}), p = empty_array<T>(patches_shape(window));
    transpose_matrix(batch, pixels, x.data(), images.data());
    for_each_tap(window, [&, from = images.data(), to = p.data()](std::size_t tap, std::ptrdiff_t pixel) {
        if (pixel < 0)
            std::fill_n(to + tap * batch, batch, T{0});
        else
            std::copy_n(from + static_cast<std::size_t>(pixel) * batch, batch, to + tap * batch);
    });
    const auto tell = [&] { return Attributes{.window = window, .flop = 0}; };
    return record("patches", tell, std::move(p), wrt(x, [window](const auto& g) { return patches_sum_of(window, g); }));
}

template <class T>
Variable<T> patches_sum_of(const Window& window, const Variable<T>& p)
{
    const std::size_t batch = window.batch, pixels = window.channels * window.height * window.width;
    Array<T> images = filled_array(Shape{pixels, batch}, T{0}), x = empty_array<T>(image_shape(window));
    for_each_tap(window, [&, from = p.data(), to = images.data()](std::size_t tap, std::ptrdiff_t pixel) {
        if (pixel < 0)
            return;
        T* sum = to + static_cast<std::size_t>(pixel) * batch;
        std::transform(sum, sum + batch, from + tap * batch, sum, std::plus<>());
    });
    transpose_matrix(pixels, batch, images.data(), x.data());
    return record("patches_sum", std::move(x), wrt(p, [window](const auto& g) { return patches_of(window, g); }));
}

} // namespace

template <class T>
Variable<T> patches(const Variable<T>& x, Size2d size, const PatchOptions& options)
{
    const Shape& shape = x.shape();
    if (shape.size() != 4)
        throw ShapeError(fmt::format("[patches] images (N, C, H, W) are needed, the shape is {}", to_string(shape)));
    Window window = Padding::window("patches", options.padding,
                                    {static_cast<std::ptrdiff_t>(shape[2]), static_cast<std::ptrdiff_t>(shape[3])},
                                    size, options.stride, options.dilation);
    window.batch = shape[0];
    window.channels = shape[1];
    return patches_of(window, x);
}

template <class T>
Variable<T> patches_sum(const Variable<T>& p, Size2d image, Size2d size, const PatchOptions& options)
{
    const Shape& shape = p.shape();
    if (shape.size() != 3)
        throw ShapeError(
            fmt::format("[patches_sum] patches (H'·W', C·K_h·K_w, N) are needed, the shape is {}", to_string(shape)));
    Window window = Padding::window("patches_sum", options.padding, image, size, options.stride, options.dilation);
    window.batch = shape[2];
    window.channels = shape[1] / (window.kernel_height * window.kernel_width);
    if (shape != patches_shape(window))
        throw ShapeError(fmt::format("[patches_sum] p has shape {}: {} positions of {}x{} patches are needed",
                                     to_string(shape), window.out_height * window.out_width, size.height, size.width));
    return patches_sum_of(window, p);
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> patches(const Variable<T>&, Size2d, const PatchOptions&);                                     \
    template Variable<T> patches_sum(const Variable<T>&, Size2d, Size2d, const PatchOptions&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
