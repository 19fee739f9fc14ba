#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/ops/indexing.hpp>
#include <xgrad/ops/reduction.hpp>
#include <xgrad/ops/repetition.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace xgrad
{

namespace
{

using detail::normalize_axis;
using detail::product_of_sizes;
using detail::Split;
using detail::sum_of_sizes;
using detail::with_extent;

/** The runs of `length` elements that x consists of, each `count` times, in the given shape. */
template <class T>
Variable<T> repeat_runs(const Variable<T>& x, std::size_t length, std::size_t count, const Shape& shape)
{
    const std::size_t runs = x.size() / length;
    return reshape(broadcast_to(reshape(x, Shape{runs, 1, length}), {runs, count, length}), shape);
}

/** No element of x, in the given shape without elements. */
template <class T>
Variable<T> nothing_of(const Variable<T>& x, const Shape& shape)
{
    return reshape(slice(flatten(x), 0, 0, 0), shape);
}

/** The element of n ones that a border has at position i, which counts from −before to n + after. */
std::ptrdiff_t source_of(std::ptrdiff_t i, std::ptrdiff_t n, PadMode mode)
{
    if (mode == PadMode::edge)
        return std::clamp<std::ptrdiff_t>(i, 0, n - 1);
    const std::ptrdiff_t period = mode == PadMode::wrap        ? n
                                  : mode == PadMode::symmetric ? 2 * n
                                                               : std::max<std::ptrdiff_t>(2 * (n - 1), 1);
    const std::ptrdiff_t at = (i % period + period) % period;
    return at < n ? at : (mode == PadMode::symmetric ? 2 * n - 1 : period) - at;
}

/** The slices of an axis of n that lie along its border and itself. */
Labels border_sources(std::size_t n, const Border& border, PadMode mode)
{
    Labels sources = empty_array<std::int32_t>({border.before + n + border.after});
    std::ptrdiff_t i = -static_cast<std::ptrdiff_t>(border.before);
    for (std::int32_t& source : sources)
        source = static_cast<std::int32_t>(source_of(i++, static_cast<std::ptrdiff_t>(n), mode));
    return sources;
}

} // namespace

template <class T>
Variable<T> tile(const Variable<T>& x, const Shape& reps)
{
    const std::size_t dimension = std::max(x.dimension(), reps.size());
    Shape shape(dimension - x.dimension(), 1), counts(dimension - reps.size(), 1);
    for (const std::size_t extent : x.shape())
        shape.push_back(extent);
    for (const std::size_t count : reps)
        counts.push_back(count);
    Shape tiled(dimension);
    for (std::size_t axis = 0; axis < dimension; ++axis)
        tiled[axis] = product_of_sizes("tile", "tiled extent", shape[axis], counts[axis]);
    if (element_count(tiled) == 0)
        return nothing_of(x, tiled);
    Variable<T> y = reshape(x, shape);
    for (std::size_t axis = 0; axis < dimension; ++axis) {
        const std::size_t length = Split(shape, axis).inner * shape[axis];
        shape[axis] = tiled[axis];
        if (counts[axis] != 1)
            y = repeat_runs(y, length, counts[axis], shape);
    }
    return y;
}

template <class T>
Variable<T> repeat(const Variable<T>& x, std::size_t count, Axis axis)
{
    const std::size_t place = normalize_axis("repeat", axis, x.dimension());
    const std::size_t extent = product_of_sizes("repeat", "repeated extent", x.shape()[place], count);
    const Shape shape = with_extent(x.shape(), place, extent);
    return element_count(shape) == 0 ? nothing_of(x, shape)
                                     : repeat_runs(x, Split(x.shape(), place).inner, count, shape);
}

template <class T>
Variable<T> repeat(const Variable<T>& x, std::span<const std::size_t> counts, Axis axis)
{
    const std::size_t place = normalize_axis("repeat", axis, x.dimension()), extent = x.shape()[place];
    if (counts.size() == 1)
        return repeat(x, counts[0], axis);
    if (counts.size() != extent)
        throw ShapeError(fmt::format("[repeat] {} counts for axis {} of shape {}: one for each slice is needed",
                                     counts.size(), axis, to_string(x.shape())));
    std::size_t all = 0;
    for (const std::size_t count : counts)
        all = sum_of_sizes("repeat", "repeated extent", all, count);
    const Shape shape = with_extent(x.shape(), place, all);
    if (element_count(shape) == 0)
        return nothing_of(x, shape);
    detail::checked_index_count("repeat", extent);
    Labels slices = empty_array<std::int32_t>({all});
    std::int32_t* next = slices.data();
    for (std::size_t i = 0; i < extent; ++i)
        next = std::fill_n(next, counts[i], static_cast<std::int32_t>(i));
    return gather(x, slices, axis);
}

template <class T>
Variable<T> repeat(const Variable<T>& x, std::size_t count)
{
    return repeat(flatten(x), count, 0);
}

template <class T>
Variable<T> pad(const Variable<T>& x, const Borders& borders, PadMode mode, Number<T> value)
{
    if (mode == PadMode::constant || borders.size() != x.dimension())
        return pad(x, borders, value);
    Shape shape = x.shape();
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        const auto [before, after] = borders[axis];
        if (shape[axis] == 0 && (before > 0 || after > 0))
            throw ShapeError(
                fmt::format("[pad] axis {} of shape {} has no elements for its border", axis, to_string(x.shape())));
        shape[axis] = sum_of_sizes("pad", "padded extent", detail::checked_index_count("pad", shape[axis]),
                                   sum_of_sizes("pad", "border", before, after));
    }
    if (element_count(shape) == 0)
        return reshape(x, shape);
    Variable<T> y = x;
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
        if (shape[axis] != x.shape()[axis])
            y = gather(y, border_sources(x.shape()[axis], borders[axis], mode), static_cast<Axis>(axis));
    return y;
}

template <class T>
Variables<T> meshgrid(std::span<const Variable<T>> xs, MeshIndexing indexing)
{
    Shape shape(xs.size());
    const auto axis_of = [&](std::size_t k) {
        return indexing == MeshIndexing::xy && k < 2 && xs.size() > 1 ? 1 - k : k;
    };
    for (std::size_t k = 0; k < xs.size(); ++k) {
        if (xs[k].dimension() > 1)
            throw ShapeError(
                fmt::format("[meshgrid] coordinates are a vector, here their shape is {}", to_string(xs[k].shape())));
        shape[axis_of(k)] = xs[k].size();
    }
    Variables<T> ys;
    for (std::size_t k = 0; k < xs.size(); ++k)
        ys.push_back(broadcast_to(reshape(xs[k], with_extent(Shape(xs.size(), 1), axis_of(k), xs[k].size())), shape));
    return ys;
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> tile(const Variable<T>&, const Shape&);                                                       \
    template Variable<T> repeat(const Variable<T>&, std::size_t, Axis);                                                \
    template Variable<T> repeat(const Variable<T>&, std::span<const std::size_t>, Axis);                               \
    template Variable<T> repeat(const Variable<T>&, std::size_t);                                                      \
    template Variable<T> pad(const Variable<T>&, const Borders&, PadMode, Number<T>);                                  \
    template Variables<T> meshgrid(std::span<const Variable<T>>, MeshIndexing);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
