#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/kernels/pieces.hpp>
#include <xgrad/kernels/table.hpp>
#include <xgrad/ops/detail/pooling.hpp>
#include <xgrad/ops/detail/values.hpp>
#include <xgrad/ops/pooling.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace xgrad
{

using detail::Winners;
using kernels::Divisor;
using kernels::Window;

namespace
{

Shape image_shape(const Window& w) { return {w.batch, w.channels, w.height, w.width}; }
Shape result_shape(const Window& w) { return {w.batch, w.channels, w.out_height, w.out_width}; }

/** Calls kernel(window, offset of its images, offset of its results) for pieces of the planes. */
template <class Kernel>
void for_planes(const Window& window, Kernel kernel)
{
    const std::size_t image = window.height * window.width, result = window.out_height * window.out_width;
    kernels::for_pieces(window.batch * window.channels, std::max(image, result), [&](const kernels::Range& planes) {
        Window some = window;
        some.batch = planes.size();
        some.channels = some.maps = some.groups = 1;
        kernel(some, planes.begin * image, planes.begin * result);
    });
}

} // namespace

void detail::require_images(const char* op, const Shape& shape)
{
    if (shape.size() != 4 || shape[2] == 0 || shape[3] == 0)
        throw ShapeError(fmt::format("[{}] images (N, C, H, W) of a pixel or more are needed, the shape is {}", op,
                                     to_string(shape)));
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
Variable<T> detail::place_winners(const Window& window, const Variable<T>& g, const Winners& winners)
{
    Variable<T> x = uninitialized<T>(image_shape(window));
    T* const to = x.mutable_data();
    for_planes(window, [&](const Window& some, std::size_t image, std::size_t result) {
        kernels::table<T>().scatter_planes(some, g.data() + result, winners->data() + result, to + image);
    });
    return record("place_winners", slides(window), std::move(x),
                  wrt(g, [window, winners = winners](const auto& h) { return take_winners(window, h, winners); }));
}

template <class T>
Variable<T> detail::take_winners(const Window& window, const Variable<T>& x, const Winners& winners)
{
    Variable<T> y = uninitialized<T>(result_shape(window));
    T* const to = y.mutable_data();
    for_planes(window, [&](const Window& some, std::size_t image, std::size_t result) {
        kernels::table<T>().gather_planes(some, x.data() + image, winners->data() + result, to + result);
    });
    return record("take_winners", detail::moves, std::move(y),
                  wrt(x, [window, winners = winners](const auto& g) { return place_winners(window, g, winners); }));
}

template <class T>
Variable<T> detail::pool(const Window& window, Divisor divisor, const Variable<T>& x)
{
    Variable<T> y = uninitialized<T>(result_shape(window));
    T* const to = y.mutable_data();
    for_planes(window, [&](const Window& some, std::size_t image, std::size_t result) {
        kernels::table<T>().mean_pool2d(some, divisor, x.data() + image, to + result);
    });
    const auto tell = [&] {
        Attributes told{.window = window};
        if (divisor == Divisor::inside)
            told.numbers = {0}; // the elements of the padding do not count
        return told;
    };
    return record(divisor == Divisor::one ? "sum_pool2d" : "mean_pool2d", tell, std::move(y),
                  wrt(x, [window, divisor](const auto& g) { return spread(window, divisor, g); }));
}

template <class T>
Variable<T> detail::spread(const Window& window, Divisor divisor, const Variable<T>& g)
{
    Variable<T> x = uninitialized<T>(image_shape(window));
    T* const to = x.mutable_data();
    for_planes(window, [&](const Window& some, std::size_t image, std::size_t result) {
        kernels::table<T>().mean_pool2d_input(some, divisor, g.data() + result, to + image);
    });
    return record(divisor == Divisor::one ? "sum_pool2d_input" : "mean_pool2d_input", detail::slides(window),
                  std::move(x), wrt(g, [window, divisor](const auto& h) { return pool(window, divisor, h); }));
}

template <class T>
Variable<T> max_pool2d(const Variable<T>& x, const PoolingOptions& options)
{
    const Window window = detail::pooling_window("max_pool2d", x.shape(), options);
    Variable<T> y = uninitialized<T>(result_shape(window));
    const auto winners = std::allocate_shared<Labels>(PooledAllocator<Labels>(), empty_array<std::int32_t>(y.shape()));
    T* const to = y.mutable_data();
    for_planes(window, [&](const Window& some, std::size_t image, std::size_t result) {
        kernels::table<T>().max_pool2d(some, x.data() + image, to + result, winners->data() + result);
    });
    return record("max_pool2d", detail::slides(window), std::move(y),
                  wrt(x, [window, winners = Winners(winners)](const auto& g) {
                      return detail::place_winners(window, g, winners);
                  }));
}

template <class T>
Variable<T> mean_pool2d(const Variable<T>& x, const PoolingOptions& options, bool count_padding)
{
    const Window window = detail::pooling_window("mean_pool2d", x.shape(), options);
    return detail::pool(window, count_padding ? Divisor::window : Divisor::inside, x);
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> detail::take_winners(const Window&, const Variable<T>&, const Winners&);                      \
    template Variable<T> detail::place_winners(const Window&, const Variable<T>&, const Winners&);                     \
    template Variable<T> detail::pool(const Window&, Divisor, const Variable<T>&);                                     \
    template Variable<T> detail::spread(const Window&, Divisor, const Variable<T>&);                                   \
    template Variable<T> max_pool2d(const Variable<T>&, const PoolingOptions&);                                        \
    template Variable<T> mean_pool2d(const Variable<T>&, const PoolingOptions&, bool);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
