#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/kernels/layout/layout.hpp>
#include <xgrad/ops/detail/values.hpp>
#include <xgrad/ops/shape.hpp>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <numeric>

namespace xgrad
{

using kernels::copy_strided;
using kernels::Strides;

Axes Axes::all(std::size_t dimension)
{
    Axes axes{};
    for (std::size_t axis = 0; axis < dimension; ++axis)
        axes.push_back(static_cast<Axis>(axis));
    return axes;
}

std::size_t detail::normalize_axis(const char* op, Axis axis, std::size_t dimension)
{
    const auto count = static_cast<Axis>(dimension);
    if (axis < -count || axis >= count)
        throw ShapeError(fmt::format("[{}] there is no axis {} in an array of {} axes", op, axis, dimension));
    return static_cast<std::size_t>(axis < 0 ? axis + count : axis);
}

Shape detail::with_extent(Shape shape, std::size_t axis, std::size_t extent)
{
    shape[axis] = extent;
    return shape;
}

namespace
{

using detail::moves;
using detail::normalize_axis;
using detail::with_extent;

/** The elements of x that `offset` and `strides` point to, as an array of the given shape. */
template <class T>
Array<T> gather_strided(const Variable<T>& x, const Shape& shape, std::ptrdiff_t offset, const Strides& strides)
{
    Array<T> y = empty_array<T>(shape);
    if (y.size() > 0) // an empty array has no first element
        copy_strided(shape, x.data() + offset, strides.data(), y.data(), kernels::row_major_strides(shape).data());
    return y;
}

/** The offset and strides at which the ranges of an array of `shape` lie. The step of a range of one element, which may
 *  be of any size, leads nowhere. */
std::pair<std::ptrdiff_t, Strides> locate(const Shape& shape, const Ranges& ranges)
{
    Strides strides = kernels::row_major_strides(shape);
    std::ptrdiff_t offset = 0;
    for (std::size_t axis = 0; axis < ranges.size(); ++axis) {
        const auto [begin, count, step] = ranges[axis];
        offset += count > 0 ? static_cast<std::ptrdiff_t>(begin) * strides[axis] : 0;
        strides[axis] *= count > 1 ? static_cast<std::ptrdiff_t>(step) : 1;
    }
    return {offset, strides};
}

Shape extents(const Ranges& ranges)
{
    Shape shape(ranges.size());
    std::transform(ranges.begin(), ranges.end(), shape.begin(), [](const Range& range) { return range.count; });
    return shape;
}

// Tells observers the part that an op takes or fills; it only moves elements.

auto of_part(const Ranges& ranges)
{
    return [&ranges] { return Attributes{.ranges = ranges, .flop = 0}; };
}

void check_ranges(const char* op, const Shape& shape, const Ranges& ranges)
{
    if (ranges.size() != shape.size())
        throw ShapeError(fmt::format("[{}] {} ranges for an array of shape {}: one for each axis is needed", op,
                                     ranges.size(), to_string(shape)));
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        const auto [begin, count, step] = ranges[axis];
        if (step == 0 || (count > 0 && (begin >= shape[axis] || (count - 1) > (shape[axis] - 1 - begin) / step)))
            throw ShapeError(
                fmt::format("[{}] the range of {} from {} in steps of {} does not lie on axis {} of shape {}", op,
                            count, begin, step, axis, to_string(shape)));
    }
}

} // namespace

template <class T>
Variable<T> reshape(Variable<T> x, const Shape& shape)
{
    if (element_count(shape) != x.size())
        throw ShapeError(fmt::format("[reshape] {} elements of shape {} do not fill the shape {}", x.size(),
                                     to_string(x.shape()), to_string(shape)));
    if (x.shape() == shape)
        return x;
    // The rule gets the shape from before: changed in place, x has the new one afterwards.
    return record(
        "reshape", moves,
        [&] {
            Variable<T> y = detail::changeable(x);
            detail::Access::array(y).reshape(shape);
            return y;
        },
        wrt(x, [](auto g, const Shape& before) { return reshape(std::move(g), before); }));
}

template <class T>
Variable<T> flatten(Variable<T> x, std::size_t first_axis)
{
    if (first_axis > x.dimension())
        throw ShapeError(fmt::format("[flatten] there is no axis {} in shape {}", first_axis, to_string(x.shape())));
    Shape shape(x.shape().begin(), x.shape().begin() + static_cast<std::ptrdiff_t>(first_axis));
    shape.push_back(std::accumulate(x.shape().begin() + static_cast<std::ptrdiff_t>(first_axis), x.shape().end(),
                                    std::size_t{1}, std::multiplies<>()));
    return reshape(std::move(x), shape);
}

template <class T>
Variable<T> expand_dims(Variable<T> x, Axis axis)
{
    const std::size_t place = normalize_axis("expand_dims", axis, x.dimension() + 1);
    Shape shape(x.dimension() + 1, 1);
    for (std::size_t i = 0; i < x.dimension(); ++i)
        shape[i + (i >= place)] = x.shape()[i];
    return reshape(std::move(x), shape);
}

template <class T>
Variable<T> squeeze(Variable<T> x, Axis axis)
{
    const std::size_t place = normalize_axis("squeeze", axis, x.dimension());
    if (x.shape()[place] != 1)
        throw ShapeError(
            fmt::format("[squeeze] axis {} of shape {} does not have extent 1", axis, to_string(x.shape())));
    Shape shape;
    for (std::size_t i = 0; i < x.dimension(); ++i)
        if (i != place)
            shape.push_back(x.shape()[i]);
    return reshape(std::move(x), shape);
}

template <class T>
Variable<T> permute(const Variable<T>& x, const Axes& order)
{
    const std::size_t dimension = x.dimension();
    Axes inverse = Axes::all(dimension);
    std::array<bool, Shape::capacity> named{};
    Shape shape(dimension);
    Strides strides(dimension);
    const Strides from = kernels::row_major_strides(x.shape());
    if (order.size() != dimension)
        throw ShapeError(fmt::format("[permute] {} axes for an array of shape {}: name each axis once", order.size(),
                                     to_string(x.shape())));
    for (std::size_t i = 0; i < dimension; ++i) {
        const std::size_t source = normalize_axis("permute", order[i], dimension);
        if (std::exchange(named[source], true))
            throw ShapeError(fmt::format("[permute] the order ({}) names axis {} twice",
                                         fmt::join(order.begin(), order.end(), ","), source));
        inverse[source] = static_cast<Axis>(i);
        shape[i] = x.shape()[source];
        strides[i] = from[source];
    }
    const auto attributes = [&] {
        Attributes told{.flop = 0};
        for (const Axis axis : order)
            told.axes.push_back(normalize_axis("permute", axis, dimension));
        return told;
    };
    return record("permute", attributes, gather_strided(x, shape, 0, strides),
                  wrt(x, [inverse](const auto& g) { return permute(g, inverse); }));
}

template <class T>
Variable<T> channel_shuffle(const Variable<T>& x, std::ptrdiff_t groups)
{
    const auto count = static_cast<std::size_t>(groups);
    if (x.dimension() < 2 || groups < 1 || x.shape()[1] % count != 0)
        throw ShapeError(
            fmt::format("[channel_shuffle] {} groups of the channels of shape {}: (N, C, …) and groups that "
                        "divide C are needed",
                        groups, to_string(x.shape())));
    const detail::Split split(x.shape(), 1);
    const auto grouped = reshape(x, {split.outer, count, split.extent / count, split.inner});
    return reshape(permute(grouped, {0, 2, 1, 3}), x.shape());
}

template <class T>
Variable<T> transpose(const Variable<T>& x)
{
    const std::size_t dimension = x.dimension();
    if (dimension < 2)
        throw ShapeError(fmt::format("[transpose] two axes or more are needed, the shape is {}", to_string(x.shape())));
    Shape shape = x.shape();
    Strides strides = kernels::row_major_strides(shape);
    std::swap(shape[dimension - 1], shape[dimension - 2]);
    std::swap(strides[dimension - 1], strides[dimension - 2]);
    return record("transpose", moves, gather_strided(x, shape, 0, strides),
                  wrt(x, [](const auto& g) { return transpose(g); }));
}

template <class T>
Variable<T> flip(const Variable<T>& x, const Axes& axes)
{
    Strides strides = kernels::row_major_strides(x.shape());
    std::ptrdiff_t offset = 0;
    for (const Axis axis : axes) {
        const std::size_t i = normalize_axis("flip", axis, x.dimension());
        if (strides[i] < 0)
            throw ShapeError(fmt::format("[flip] axis {} is named twice", axis));
        if (x.shape()[i] > 0)
            offset += static_cast<std::ptrdiff_t>(x.shape()[i] - 1) * strides[i];
        strides[i] = -strides[i];
    }
    const auto tell = [&] {
        Attributes told{.flop = 0};
        for (const Axis axis : axes)
            told.axes.push_back(normalize_axis("flip", axis, x.dimension()));
        return told;
    };
    return record("flip", tell, gather_strided(x, x.shape(), offset, strides),
                  wrt(x, [axes](const auto& g) { return flip(g, axes); }));
}

template <class T>
Variable<T> rot180(const Variable<T>& x)
{
    if (x.dimension() < 2)
        throw ShapeError(fmt::format("[rot180] two axes or more are needed, the shape is {}", to_string(x.shape())));
    const std::size_t plane = x.shape()[x.dimension() - 1] * x.shape()[x.dimension() - 2];
    Array<T> y = empty_array<T>(x.shape());
    for (std::size_t begin = 0; begin < x.size(); begin += plane)
        std::reverse_copy(x.data() + begin, x.data() + begin + plane, y.data() + begin);
    return record("rot180", moves, std::move(y), wrt(x, [](const auto& g) { return rot180(g); }));
}

template <class T>
Variable<T> slice(const Variable<T>& x, const Ranges& ranges)
{
    check_ranges("slice", x.shape(), ranges);
    const auto [offset, strides] = locate(x.shape(), ranges);
    return record("slice", of_part(ranges), gather_strided(x, extents(ranges), offset, strides),
                  wrt(x, [ranges](const auto& g, GradientSum<T> sum) {
                      return sum.is_empty() ? embed(g, sum.shape(), ranges)
                                            : add_part(std::move(sum).take(), g, ranges);
                  }));
}

template <class T>
Variable<T> slice(const Variable<T>& x, Axis axis, std::size_t begin, std::size_t end, std::size_t step)
{
    const std::size_t place = normalize_axis("slice", axis, x.dimension());
    if (begin > end || end > x.shape()[place] || step == 0)
        throw ShapeError(fmt::format("[slice] {} … {} in steps of {} does not lie on axis {} of shape {}", begin, end,
                                     step, axis, to_string(x.shape())));
    Ranges ranges;
    for (const std::size_t extent : x.shape())
        ranges.push_back({0, extent, 1});
    ranges[place] = {begin, begin == end ? 0 : (end - begin - 1) / step + 1, step};
    return slice(x, ranges);
}

template <class T>
Variable<T> embed(const Variable<T>& x, const Shape& shape, const Ranges& ranges)
{
    check_ranges("embed", shape, ranges);
    if (extents(ranges) != x.shape())
        throw ShapeError(fmt::format("[embed] the ranges have shape {}, x has shape {}", to_string(extents(ranges)),
                                     to_string(x.shape())));
    Array<T> y = filled_array(shape, T{0});
    const auto [offset, strides] = locate(shape, ranges);
    if (x.size() > 0) // an empty array has no elements to point to
        copy_strided(x.shape(), x.data(), kernels::row_major_strides(x.shape()).data(), y.data() + offset,
                     strides.data());
    return record("embed", of_part(ranges), std::move(y), wrt(x, [ranges](const auto& g) { return slice(g, ranges); }));
}

template <class T>
Variable<T> add_part(Variable<T> x, const Variable<T>& part, const Ranges& ranges)
{
    check_ranges("add_part", x.shape(), ranges);
    if (extents(ranges) != part.shape())
        throw ShapeError(fmt::format("[add_part] the ranges have shape {}, the part has shape {}",
                                     to_string(extents(ranges)), to_string(part.shape())));
    return record(
        "add_part", of_part(ranges),
        [&] {
            const auto [offset, strides] = locate(x.shape(), ranges);
            Variable<T> y = detail::changeable(x);
            if (part.size() > 0)
                kernels::add_strided(part.shape(), part.data(), kernels::row_major_strides(part.shape()).data(),
                                     y.mutable_data() + offset, strides.data());
            return y;
        },
        wrt(x, [](const auto& g) { return g; }), wrt(part, [ranges](const auto& g) { return slice(g, ranges); }));
}

template <class T>
Variable<T> pad(const Variable<T>& x, const Borders& borders, Number<T> value)
{
    if (borders.size() != x.dimension())
        throw ShapeError(fmt::format("[pad] {} borders for an array of shape {}: one for each axis is needed",
                                     borders.size(), to_string(x.shape())));
    Shape shape = x.shape();
    Ranges ranges;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        const auto [before, after] = borders[axis];
        ranges.push_back({detail::checked_size("pad", "border", before), shape[axis], 1});
        shape[axis] = detail::sum_of_sizes("pad", "padded extent", shape[axis] + before,
                                           detail::checked_size("pad", "border", after));
    }
    Array<T> y = filled_array<T>(shape, value);
    const auto [offset, strides] = locate(shape, ranges);
    if (x.size() > 0) // an empty array has no elements to point to
        copy_strided(x.shape(), x.data(), kernels::row_major_strides(x.shape()).data(), y.data() + offset,
                     strides.data());
    const auto tell = [&] { return Attributes{.numbers = {double{T(value)}}, .ranges = ranges, .flop = 0}; };
    return record("pad", tell, std::move(y), wrt(x, [ranges](const auto& g) { return slice(g, ranges); }));
}

template <class To, class From>
Variable<To> cast(const Variable<From>& x)
{
    return record("cast", moves, xt::cast<To>(x.value()), wrt(x, [](const auto& g) { return cast<From>(g); }));
}

template Variable<float> cast(const Variable<float>&);
template Variable<float> cast(const Variable<double>&);
template Variable<double> cast(const Variable<float>&);
template Variable<double> cast(const Variable<double>&);

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> reshape(Variable<T>, const Shape&);                                                           \
    template Variable<T> flatten(Variable<T>, std::size_t);                                                            \
    template Variable<T> expand_dims(Variable<T>, Axis);                                                               \
    template Variable<T> squeeze(Variable<T>, Axis);                                                                   \
    template Variable<T> permute(const Variable<T>&, const Axes&);                                                     \
    template Variable<T> channel_shuffle(const Variable<T>&, std::ptrdiff_t);                                          \
    template Variable<T> transpose(const Variable<T>&);                                                                \
    template Variable<T> flip(const Variable<T>&, const Axes&);                                                        \
    template Variable<T> rot180(const Variable<T>&);                                                                   \
    template Variable<T> slice(const Variable<T>&, const Ranges&);                                                     \
    template Variable<T> slice(const Variable<T>&, Axis, std::size_t, std::size_t, std::size_t);                       \
    template Variable<T> embed(const Variable<T>&, const Shape&, const Ranges&);                                       \
    template Variable<T> add_part(Variable<T>, const Variable<T>&, const Ranges&);                                     \
    template Variable<T> pad(const Variable<T>&, const Borders&, Number<T>);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
