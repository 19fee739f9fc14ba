// The pooling ops besides maximum and mean. All but the random draw are made of other ops.

#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/graph/parameters.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/convolution.hpp>
#include <xgrad/ops/detail/pooling.hpp>
#include <xgrad/ops/detail/values.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/joining.hpp>
#include <xgrad/ops/pooling.hpp>
#include <xgrad/ops/reduction.hpp>

#include <fmt/core.h>

#include <cmath>
#include <limits>

namespace xgrad
{

using detail::pooling_window;
using kernels::Divisor;
using kernels::Window;

namespace
{

template <class T>
void require_no_negative(const char* op, const char* what, const Variable<T>& x, const char* hint = "")
{
    for (const T element : x.value())
        if (element < 0)
            throw Error(fmt::format("[{}] an element of the {} is {}: 0 or more is needed{}", op, what, element, hint));
}

/** 1 where a sum of numbers that are never negative is 0, else 0. Added to the sum, it avoids poles in windows of
 *  zeros. */
template <class T>
Variable<T> is_zero(const Variable<T>& sum)
{
    return 1 - step(sum);
}

/** Calls f with the flat position of each element that a window covers inside the image. */
template <class F>
void for_each_covered(const Window& w, std::size_t i, std::size_t j, F f)
{
    for (std::size_t u = 0; u < w.kernel_height; ++u)
        for (std::size_t v = 0; v < w.kernel_width; ++v) {
            // A position above or to the left of the image wraps around, to a very large one.
            const std::size_t row = i * w.stride_height + u * w.dilation_height - w.pad_top;
            const std::size_t column = j * w.stride_width + v * w.dilation_width - w.pad_left;
            if (row < w.height && column < w.width)
                f(row * w.width + column);
        }
}

/** Computes the norms of a plane's windows again, where a square was too large or too small: with scaled elements. */
template <class T>
void scale_norms(const Window& window, const T* plane, T* y)
{
    // The square of a number between these is neither infinite nor inexact for being small.
    const T smallest = std::sqrt(std::numeric_limits<T>::min() / std::numeric_limits<T>::epsilon());
    const T largest = std::sqrt(std::numeric_limits<T>::max());
    for (std::size_t i = 0; i < window.out_height; ++i)
        for (std::size_t j = 0; j < window.out_width; ++j, ++y) {
            if (*y > smallest && *y < largest)
                continue;
            T scale = 0, sum = 0;
            for_each_covered(window, i, j, [&](std::size_t at) { scale = std::fmax(scale, std::abs(plane[at])); });
            if (scale == 0 || !std::isfinite(scale))
                scale = 1;
            for_each_covered(window, i, j, [&](std::size_t at) { sum += plane[at] / scale * (plane[at] / scale); });
            *y = scale * std::sqrt(sum);
        }
}

/** The position that a number from [0, 1) draws from a window: the last one before which the elements add up to no more
 *  than that part of the sum. It is −1 in a window of zeros. A NaN is drawn if there is one. */
template <class T>
std::int32_t draw(const Window& window, std::size_t i, std::size_t j, const T* plane, double part)
{
    double rest = 0;
    for_each_covered(window, i, j, [&](std::size_t position) { rest += plane[position]; });
    rest *= part;
    std::int32_t drawn = -1;
    for_each_covered(window, i, j, [&](std::size_t position) {
        const T element = plane[position];
        if ((element > 0 && rest >= 0) || std::isnan(element))
            drawn = static_cast<std::int32_t>(position);
        rest -= element;
    });
    return drawn;
}

/** The extents of h × w regions that divide images into equal blocks, or 0 if they do not. */
Size2d block_of(const char* op, const Shape& images, Size2d size)
{
    detail::require_images(op, images);
    const auto height = static_cast<std::ptrdiff_t>(images[2]), width = static_cast<std::ptrdiff_t>(images[3]);
    if (size.height < 1 || size.width < 1 || size.height > height || size.width > width)
        throw ShapeError(fmt::format(
            "[{}] {}x{} regions of {}x{} images: each axis needs at least 1 region, and no more regions than pixels",
            op, size.height, size.width, height, width));
    const bool equal = height % size.height == 0 && width % size.width == 0;
    return equal ? Size2d(height / size.height, width / size.width) : 0;
}

/** Reduces each of `count` regions of an axis to one element. */
template <class T, class Reduce>
Variable<T> reduce_regions(const Variable<T>& x, Axis axis, std::ptrdiff_t count, Reduce reduce)
{
    const std::size_t extent = x.shape()[static_cast<std::size_t>(axis)], regions = static_cast<std::size_t>(count);
    Variables<T> reduced;
    for (std::size_t i = 0; i < regions; ++i)
        reduced.push_back(
            reduce(slice(x, axis, i * extent / regions, ((i + 1) * extent + regions - 1) / regions), axis));
    return concatenate(reduced, axis);
}

} // namespace

template <class T>
Variable<T> square_pool2d(const Variable<T>& x, const PoolingOptions& options)
{
    const Window window = pooling_window("square_pool2d", x.shape(), options);
    return detail::pool(window, Divisor::one, square(x));
}

template <class T>
Variable<T> l2_pool2d(const Variable<T>& x, const PoolingOptions& options)
{
    const Window w = pooling_window("l2_pool2d", x.shape(), options);
    const auto value = [&] {
        const PauseRecording pause;
        Array<T> y = sqrt(detail::pool(w, Divisor::one, square(x))).value();
        for (std::size_t plane = 0; plane < w.batch * w.channels; ++plane)
            scale_norms(w, x.data() + plane * w.height * w.width, y.data() + plane * w.out_height * w.out_width);
        return y;
    };
    return record("l2_pool2d", detail::slides(w), value, wrt(x, [w, x](const auto& g, const auto& y) {
                      return x * detail::spread(w, Divisor::one, g / (y + is_zero(y)));
                  }));
}

template <class T>
Variable<T> weighted_pool2d(const Variable<T>& x, const Variable<T>& weights, const PoolingOptions& options)
{
    const Window w = pooling_window("weighted_pool2d", x.shape(), options);
    if (weights.shape() != Shape{w.kernel_height, w.kernel_width})
        throw ShapeError(fmt::format("[weighted_pool2d] weights of shape {} for windows of {}x{}: one for each element "
                                     "is needed",
                                     to_string(weights.shape()), w.kernel_height, w.kernel_width));
    require_no_negative("weighted_pool2d", "weights", weights);
    const Size2d stride = options.stride == Size2d(0) ? options.size : options.stride;
    const ConvolutionOptions sliding{.padding = options.padding, .stride = stride, .dilation = options.dilation};
    const Variable<T> kernel = reshape(weights, {1, 1, w.kernel_height, w.kernel_width});
    const Variable<T> inside = correlate2d(constant(Array<T>({1, 1, w.height, w.width}, T(1))), kernel, sliding);
    const Variable<T> sums = correlate2d(reshape(x, {w.batch * w.channels, 1, w.height, w.width}), kernel, sliding);
    return reshape(sums / (inside + is_zero(inside)), {w.batch, w.channels, w.out_height, w.out_width});
}

template <class T>
Variable<T> distance_weights(Size2d size, double sigma)
{
    if (size.height < 1 || size.width < 1 || !(sigma > 0))
        throw ShapeError(
            fmt::format("[distance_weights] a size of {}x{} and a sigma of {}: the size must be 1x1 or more, "
                        "and sigma positive",
                        size.height, size.width, sigma));
    Array<T> weights = empty_array<T>({static_cast<std::size_t>(size.height), static_cast<std::size_t>(size.width)});
    T* weight = weights.data();
    for (std::ptrdiff_t u = 0; u < size.height; ++u)
        for (std::ptrdiff_t v = 0; v < size.width; ++v) {
            const double down = static_cast<double>(2 * u + 1 - size.height) / 2;
            const double across = static_cast<double>(2 * v + 1 - size.width) / 2;
            *weight++ = static_cast<T>(std::exp(-(down * down + across * across) / (2 * sigma * sigma)));
        }
    const Variable<T> unscaled = constant(std::move(weights));
    return unscaled / sum(unscaled);
}

template <class T>
Variable<T> stochastic_pool2d(const Variable<T>& x, const PoolingOptions& options, SampleRandom random)
{
    const Window w = pooling_window("stochastic_pool2d", x.shape(), options);
    require_no_negative("stochastic_pool2d", "input", x, ", as after relu");
    const auto winners = std::allocate_shared<Labels>(
        PooledAllocator<Labels>(), empty_array<std::int32_t>({w.batch, w.channels, w.out_height, w.out_width}));
    std::int32_t* winner = winners->data();
    const T* plane = x.data();
    for (std::size_t n = 0; n < w.batch; ++n) {
        Random& own = random[n];
        for (std::size_t c = 0; c < w.channels; ++c, plane += w.height * w.width)
            for (std::size_t i = 0; i < w.out_height; ++i)
                for (std::size_t j = 0; j < w.out_width; ++j)
                    *winner++ = draw(w, i, j, plane, own.uniform());
    }
    return detail::take_winners(w, x, detail::Winners(winners));
}

template <class T>
Variable<T> probability_pool2d(const Variable<T>& x, const PoolingOptions& options)
{
    pooling_window("probability_pool2d", x.shape(), options);
    require_no_negative("probability_pool2d", "input", x, ", as after relu");
    const Variable<T> mean = mean_pool2d(x, options, true);
    return mean_pool2d(square(x), options, true) / (mean + is_zero(mean));
}

template <class T>
Variable<T> global_mean_pool2d(const Variable<T>& x)
{
    detail::require_images("global_mean_pool2d", x.shape());
    return mean(x, {2, 3});
}

template <class T>
Variable<T> global_max_pool2d(const Variable<T>& x)
{
    detail::require_images("global_max_pool2d", x.shape());
    return reshape(adaptive_max_pool2d(x, 1), {x.shape()[0], x.shape()[1]});
}

template <class T>
Variable<T> adaptive_mean_pool2d(const Variable<T>& x, Size2d size)
{
    const Size2d block = block_of("adaptive_mean_pool2d", x.shape(), size);
    if (block != Size2d(0))
        return mean_pool2d(x, {.size = block});
    const auto one_mean = [](const Variable<T>& region, Axis axis) { return mean(region, axis, true); };
    return reduce_regions(reduce_regions(x, 3, size.width, one_mean), 2, size.height, one_mean);
}

template <class T>
Variable<T> adaptive_max_pool2d(const Variable<T>& x, Size2d size)
{
    const Size2d block = block_of("adaptive_max_pool2d", x.shape(), size);
    if (block != Size2d(0))
        return max_pool2d(x, {.size = block});
    // Columns first: so of several maxima the one in the first row wins, and in that row the first one.
    const auto one_max = [](const Variable<T>& region, Axis axis) { return max(region, axis, true); };
    return reduce_regions(reduce_regions(x, 3, size.width, one_max), 2, size.height, one_max);
}

template <class T>
Variable<T> maxout(const Variable<T>& x, std::size_t pieces, Axis axis)
{
    const std::size_t place = detail::normalize_axis("maxout", axis, x.dimension());
    const detail::Split split(x.shape(), place);
    if (pieces == 0 || split.extent % pieces != 0)
        throw ShapeError(fmt::format("[maxout] {} pieces along axis {} of shape {}: they must divide its extent",
                                     pieces, axis, to_string(x.shape())));
    const std::size_t groups = split.extent / pieces;
    if (groups == 0)
        return reshape(x, detail::with_extent(x.shape(), place, 0));
    const Variable<T> parts = reshape(x, {split.outer * groups, pieces, split.inner});
    Variable<T> y = slice(parts, 1, 0, 1);
    for (std::size_t k = 1; k < pieces; ++k)
        y = maximum(std::move(y), slice(parts, 1, k, k + 1)); // of equals, maximum prefers the one before
    return reshape(y, detail::with_extent(x.shape(), place, groups));
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> square_pool2d(const Variable<T>&, const PoolingOptions&);                                     \
    template Variable<T> l2_pool2d(const Variable<T>&, const PoolingOptions&);                                         \
    template Variable<T> weighted_pool2d(const Variable<T>&, const Variable<T>&, const PoolingOptions&);               \
    template Variable<T> distance_weights(Size2d, double);                                                             \
    template Variable<T> stochastic_pool2d(const Variable<T>&, const PoolingOptions&, SampleRandom);                   \
    template Variable<T> probability_pool2d(const Variable<T>&, const PoolingOptions&);                                \
    template Variable<T> global_mean_pool2d(const Variable<T>&);                                                       \
    template Variable<T> global_max_pool2d(const Variable<T>&);                                                        \
    template Variable<T> adaptive_mean_pool2d(const Variable<T>&, Size2d);                                             \
    template Variable<T> adaptive_max_pool2d(const Variable<T>&, Size2d);                                              \
    template Variable<T> maxout(const Variable<T>&, std::size_t, Axis);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
