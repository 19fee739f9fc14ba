#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/ops/indexing.hpp>
#include <xgrad/ops/manipulation.hpp>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace xgrad
{

namespace
{

using detail::normalize_axis;

void require_axes(const char* op, const Shape& shape, std::size_t count)
{
    if (shape.size() < count)
        throw ShapeError(fmt::format("[{}] {} axes or more are needed, the shape is {}", op, count, to_string(shape)));
}

/** x with its axes in another order, or x itself if it is the same one. */
template <class T>
Variable<T> reordered(const Variable<T>& x, const Axes& order)
{
    return std::is_sorted(order.begin(), order.end()) ? x : permute(x, order);
}

} // namespace

template <class T>
Variable<T> reshape(Variable<T> x, std::initializer_list<Extent> extents)
{
    Shape shape;
    std::size_t known = 1, implied = extents.size();
    for (const Extent extent : extents) {
        if (extent.is_implied() && implied == extents.size())
            implied = shape.size();
        else if (extent.is_negative())
            throw ShapeError(fmt::format("[reshape] extent {} is {}: one extent may be -1, the others count elements",
                                         shape.size(), static_cast<std::ptrdiff_t>(extent.value())));
        else
            known = detail::product_of_sizes("reshape", "product of extents", known, extent.value());
        shape.push_back(extent.is_implied() ? 1 : extent.value());
    }
    if (implied < extents.size()) {
        if (known == 0 || x.size() % known != 0)
            throw ShapeError(fmt::format("[reshape] {} elements of shape {} do not imply an extent beside {} others",
                                         x.size(), to_string(x.shape()), known));
        shape[implied] = x.size() / known;
    }
    return reshape(std::move(x), shape);
}

template <class T>
Variable<T> ravel(Variable<T> x)
{
    return flatten(std::move(x));
}

template <class T>
Variable<T> atleast_1d(Variable<T> x)
{
    return x.dimension() == 0 ? expand_dims(std::move(x), 0) : x;
}

template <class T>
Variable<T> atleast_2d(Variable<T> x)
{
    x = atleast_1d(std::move(x));
    return x.dimension() == 1 ? expand_dims(std::move(x), 0) : x;
}

template <class T>
Variable<T> atleast_3d(Variable<T> x)
{
    x = atleast_2d(std::move(x));
    return x.dimension() == 2 ? expand_dims(std::move(x), 2) : x;
}

template <class T>
Variable<T> permute(const Variable<T>& x)
{
    Axes order{};
    for (std::size_t axis = x.dimension(); axis-- > 0;)
        order.push_back(static_cast<Axis>(axis));
    return permute(x, order);
}

template <class T>
Variable<T> swapaxes(const Variable<T>& x, Axis first, Axis second)
{
    Axes order = Axes::all(x.dimension());
    std::swap(order[normalize_axis("swapaxes", first, x.dimension())],
              order[normalize_axis("swapaxes", second, x.dimension())]);
    return reordered(x, order);
}

template <class T>
Variable<T> moveaxis(const Variable<T>& x, const Axes& source, const Axes& destination)
{
    const std::size_t dimension = x.dimension();
    if (source.size() != destination.size())
        throw ShapeError(
            fmt::format("[moveaxis] {} axes have {} destinations: each needs one", source.size(), destination.size()));
    constexpr Axis open = -1;
    Axes order{};
    for (std::size_t axis = 0; axis < dimension; ++axis)
        order.push_back(open);
    std::array<bool, Shape::capacity> moved{};
    for (std::size_t i = 0; i < source.size(); ++i) {
        const std::size_t from = normalize_axis("moveaxis", source[i], dimension);
        Axis& place = order[normalize_axis("moveaxis", destination[i], dimension)];
        if (std::exchange(moved[from], true) || place != open)
            throw ShapeError(fmt::format("[moveaxis] from ({}) to ({}): an axis is named twice",
                                         fmt::join(source.begin(), source.end(), ","),
                                         fmt::join(destination.begin(), destination.end(), ",")));
        place = static_cast<Axis>(from);
    }
    std::size_t next = 0; // of the axes that stay
    for (std::size_t axis = 0; axis < dimension; ++axis)
        if (!moved[axis]) {
            while (order[next] != open)
                ++next;
            order[next] = static_cast<Axis>(axis);
        }
    return reordered(x, order);
}

template <class T>
Variable<T> flip(const Variable<T>& x)
{
    return flip(x, Axes::all(x.dimension()));
}

template <class T>
Variable<T> fliplr(const Variable<T>& x)
{
    require_axes("fliplr", x.shape(), 2);
    return flip(x, 1);
}

template <class T>
Variable<T> flipud(const Variable<T>& x)
{
    require_axes("flipud", x.shape(), 1);
    return flip(x, 0);
}

template <class T>
Variable<T> rot90(const Variable<T>& x, std::ptrdiff_t k, const Axes& axes)
{
    if (axes.size() != 2 ||
        normalize_axis("rot90", axes[0], x.dimension()) == normalize_axis("rot90", axes[1], x.dimension()))
        throw ShapeError(fmt::format("[rot90] the axes ({}) are no plane: two different ones are needed",
                                     fmt::join(axes.begin(), axes.end(), ",")));
    switch ((k % 4 + 4) % 4) {
    case 0:
        return x;
    case 1:
        return flip(swapaxes(x, axes[0], axes[1]), axes[0]);
    case 2:
        return flip(x, axes);
    default:
        return flip(swapaxes(x, axes[0], axes[1]), axes[1]);
    }
}

template <class T>
Variable<T> roll(const Variable<T>& x, std::ptrdiff_t shift, Axis axis)
{
    const std::size_t extent = x.shape()[normalize_axis("roll", axis, x.dimension())];
    if (x.size() == 0)
        return x;
    const auto n = static_cast<std::ptrdiff_t>(detail::checked_index_count("roll", extent));
    const auto first = static_cast<std::size_t>((n - shift % n) % n); // the slice that comes to the front
    if (first == 0)
        return x;
    Labels slices = empty_array<std::int32_t>({extent});
    for (std::size_t i = 0; i < extent; ++i)
        slices.data()[i] = static_cast<std::int32_t>((first + i) % extent);
    return gather(x, slices, axis);
}

template <class T>
Variable<T> roll(const Variable<T>& x, std::ptrdiff_t shift)
{
    return reshape(roll(flatten(x), shift, 0), x.shape());
}

template <class T>
Variables<T> split(const Variable<T>& x, std::size_t sections, Axis axis)
{
    const std::size_t extent = x.shape()[normalize_axis("split", axis, x.dimension())];
    if (detail::checked_size("split", "number of sections", sections) == 0 || extent % sections != 0 ||
        (extent == 0 && sections > 1))
        throw ShapeError(
            fmt::format("[split] {} sections do not divide axis {} of shape {}", sections, axis, to_string(x.shape())));
    Variables<T> parts;
    for (std::size_t k = 0; k < sections; ++k)
        parts.push_back(slice(x, axis, k * (extent / sections), (k + 1) * (extent / sections)));
    return parts;
}

template <class T>
Variables<T> split(const Variable<T>& x, std::span<const std::size_t> points, Axis axis)
{
    const std::size_t extent = x.shape()[normalize_axis("split", axis, x.dimension())];
    if (!std::is_sorted(points.begin(), points.end()) || (!points.empty() && points.back() > extent))
        throw ShapeError(fmt::format("[split] the points {} of axis {} of shape {} must ascend to {} at most",
                                     fmt::join(points, ","), axis, to_string(x.shape()), extent));
    Variables<T> parts;
    std::size_t begin = 0;
    for (const std::size_t point : points)
        parts.push_back(slice(x, axis, std::exchange(begin, point), point));
    parts.push_back(slice(x, axis, begin, extent));
    return parts;
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> reshape(Variable<T>, std::initializer_list<Extent>);                                          \
    template Variable<T> ravel(Variable<T>);                                                                           \
    template Variable<T> atleast_1d(Variable<T>);                                                                      \
    template Variable<T> atleast_2d(Variable<T>);                                                                      \
    template Variable<T> atleast_3d(Variable<T>);                                                                      \
    template Variable<T> permute(const Variable<T>&);                                                                  \
    template Variable<T> swapaxes(const Variable<T>&, Axis, Axis);                                                     \
    template Variable<T> moveaxis(const Variable<T>&, const Axes&, const Axes&);                                       \
    template Variable<T> flip(const Variable<T>&);                                                                     \
    template Variable<T> fliplr(const Variable<T>&);                                                                   \
    template Variable<T> flipud(const Variable<T>&);                                                                   \
    template Variable<T> rot90(const Variable<T>&, std::ptrdiff_t, const Axes&);                                       \
    template Variable<T> roll(const Variable<T>&, std::ptrdiff_t, Axis);                                               \
    template Variable<T> roll(const Variable<T>&, std::ptrdiff_t);                                                     \
    template Variables<T> split(const Variable<T>&, std::size_t, Axis);                                                \
    template Variables<T> split(const Variable<T>&, std::span<const std::size_t>, Axis);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
