#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/kernels/table.hpp>
#include <xgrad/ops/detail/pooling.hpp>
#include <xgrad/ops/detail/values.hpp>
#include <xgrad/ops/pooling.hpp>

#include <fmt/core.h>

namespace xgrad
{

using detail::Winners;
using kernels::Window;

namespace
{

Shape image_shape(const Window& w) { return {w.batch, w.channels, w.height, w.width}; }
Shape result_shape(const Window& w) { return {w.batch, w.channels, w.out_height, w.out_width}; }

/** Tells observers how the window slides. */
auto slides(const Window& window)
{
    return [&window] { return Attributes{.window = window}; };
}

template <class T>
Variable<T> place_winners(const Window& window, const Variable<T>& g, const Winners& winners)
{
    Variable<T> x = uninitialized<T>(image_shape(window));
    kernels::table<T>().scatter_planes(window, g.data(), winners->data(), x.mutable_data());
    return record("place_winners", slides(window), std::move(x), wrt(g, [window, winners = winners](const auto& h) {
                      return detail::take_winners(window, h, winners);
                  }));
}

template <class T>
Variable<T> spread_mean(const Window& window, bool count_padding, const Variable<T>& g);

template <class T>
Variable<T> mean_of(const Window& window, bool count_padding, const Variable<T>& x)
{
    Variable<T> y = uninitialized<T>(result_shape(window));
    kernels::table<T>().mean_pool2d(window, count_padding, x.data(), y.mutable_data());
    return record("mean_pool2d", slides(window), std::move(y),
                  wrt(x, [window, count_padding](const auto& g) { return spread_mean(window, count_padding, g); }));
}

template <class T>
Variable<T> spread_mean(const Window& window, bool count_padding, const Variable<T>& g)
{
    Variable<T> x = uninitialized<T>(image_shape(window));
    kernels::table<T>().mean_pool2d_input(window, count_padding, g.data(), x.mutable_data());
    return record("mean_pool2d_input", slides(window), std::move(x),
                  wrt(g, [window, count_padding](const auto& h) { return mean_of(window, count_padding, h); }));
}

} // namespace

void detail::require_images(const char* op, const Shape& shape)
{
    if (shape.size() != 4 || element_count(shape) == 0)
        throw ShapeError(fmt::format("[{}] images (N, C, H, W) are needed, the shape is {}", op, to_string(shape)));
}

Window detail::pooling_window(const char* op, const Shape& images, const PoolingOptions& options)
{
    require_images(op, images);
    Window window = Padding::window(
        op, options.padding, {static_cast<std::ptrdiff_t>(images[2]), static_cast<std::ptrdiff_t>(images[3])},
        options.size, options.stride == Size2d(0) ? options.size : options.stride, options.dilation);
    window.batch = images[0];
    window.channels = window.maps = window.groups = images[1];
    return window;
}

template <class T>
Variable<T> detail::take_winners(const Window& window, const Variable<T>& x, const Winners& winners)
{
    Variable<T> y = uninitialized<T>(result_shape(window));
    kernels::table<T>().gather_planes(window, x.data(), winners->data(), y.mutable_data());
    return record("take_winners", detail::moves, std::move(y),
                  wrt(x, [window, winners = winners](const auto& g) { return place_winners(window, g, winners); }));
}

template <class T>
Variable<T> max_pool2d(const Variable<T>& x, const PoolingOptions& options)
{
    const Window window = detail::pooling_window("max_pool2d", x.shape(), options);
    Variable<T> y = uninitialized<T>(result_shape(window));
    const auto winners = std::allocate_shared<Labels>(PooledAllocator<Labels>(), empty_array<std::int32_t>(y.shape()));
    kernels::table<T>().max_pool2d(window, x.data(), y.mutable_data(), winners->data());
    return record("max_pool2d", std::move(y), wrt(x, [window, winners = Winners(winners)](const auto& g) {
                      return place_winners(window, g, winners);
                  }));
}

template <class T>
Variable<T> mean_pool2d(const Variable<T>& x, const PoolingOptions& options, bool count_padding)
{
    return mean_of(detail::pooling_window("mean_pool2d", x.shape(), options), count_padding, x);
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> detail::take_winners(const Window&, const Variable<T>&, const Winners&);                      \
    template Variable<T> max_pool2d(const Variable<T>&, const PoolingOptions&);                                        \
    template Variable<T> mean_pool2d(const Variable<T>&, const PoolingOptions&, bool);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
