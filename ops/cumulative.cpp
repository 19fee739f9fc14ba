#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/graph/record.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/cumulative.hpp>
#include <xgrad/ops/joining.hpp>
#include <xgrad/ops/reduction.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace xgrad
{

namespace
{

/** y[i] = y[i − step] + x[i] along an axis, from its first or its last element on. */
template <class T>
Variable<T> running_sums(const Variable<T>& x, std::size_t axis, bool from_end)
{
    const detail::Split split(x.shape(), axis);
    Variable<T> y = uninitialized<T>(x.shape());
    const T* from = x.data();
    T* const to = y.mutable_data();
    for (std::size_t outer = 0; outer < split.outer; ++outer)
        for (std::size_t i = 0; i < split.extent; ++i) {
            const std::size_t place = outer * split.extent + (from_end ? split.extent - 1 - i : i);
            const T* const element = from + place * split.inner;
            T* const sum = to + place * split.inner;
            if (i == 0)
                std::copy_n(element, split.inner, sum);
            else if (from_end)
                for (std::size_t k = 0; k < split.inner; ++k)
                    sum[k] = sum[k + split.inner] + element[k];
            else
                for (std::size_t k = 0; k < split.inner; ++k)
                    sum[k] = *(sum + k - split.inner) + element[k];
        }
    return y;
}

template <class T>
Variable<T> sums_from_start(const Variable<T>& x, std::size_t axis);

template <class T>
Variable<T> sums_from_end(const Variable<T>& x, std::size_t axis)
{
    return record("cumsum_from_end", running_sums(x, axis, true),
                  wrt(x, [axis](const auto& g) { return sums_from_start(g, axis); }));
}

template <class T>
Variable<T> sums_from_start(const Variable<T>& x, std::size_t axis)
{
    return record(
        "cumsum", [axis] { return Attributes{.axes = {axis}}; }, running_sums(x, axis, false),
        wrt(x, [axis](const auto& g) { return sums_from_end(g, axis); }));
}

} // namespace

template <class T>
Variable<T> cumsum(const Variable<T>& x)
{
    return cumsum(flatten(x), 0);
}

template <class T>
Variable<T> cumsum(const Variable<T>& x, Axis axis)
{
    return sums_from_start(x, detail::normalize_axis("cumsum", axis, x.dimension()));
}

template <class T>
Variable<T> cumprod(const Variable<T>& x)
{
    return cumprod(flatten(x), 0);
}

// After each round y_i is the product of the last 2, 4, 8, … elements up to i.
template <class T>
Variable<T> cumprod(const Variable<T>& x, Axis axis)
{
    const std::size_t n = x.shape()[detail::normalize_axis("cumprod", axis, x.dimension())];
    Variable<T> y = x;
    for (std::size_t span = 1; span < n; span *= 2)
        y = concatenate({slice(y, axis, 0, span), slice(y, axis, span, n) * slice(y, axis, 0, n - span)}, axis);
    return y;
}

template <class T>
Variable<T> diff(const Variable<T>& x, std::size_t n, Axis axis)
{
    std::size_t extent = x.shape()[detail::normalize_axis("diff", axis, x.dimension())];
    Variable<T> y = x;
    for (; n > 0 && extent > 0; --n, --extent)
        y = slice(y, axis, 1, extent) - slice(y, axis, 0, extent - 1);
    return y;
}

namespace
{

/** The sums of neighbours along an axis, weighted and added up. */
template <class T>
Variable<T> trapezoids(const Variable<T>& f, const Variable<T>& widths, Axis axis)
{
    const std::size_t n = f.shape()[detail::normalize_axis("trapz", axis, f.dimension())];
    if (n == 0)
        return sum(f, axis);
    return sum((slice(f, axis, 1, n) + slice(f, axis, 0, n - 1)) * widths, axis) / 2;
}

} // namespace

template <class T>
Variable<T> trapz(const Variable<T>& f, Number<T> dx, Axis axis)
{
    return trapezoids(f, constant<T>(T(dx)), axis);
}

template <class T>
Variable<T> trapz(const Variable<T>& f, const Variable<T>& x, Axis axis)
{
    const std::size_t place = detail::normalize_axis("trapz", axis, f.dimension());
    const Shape along = detail::with_extent(Shape(f.dimension(), 1), place, f.shape()[place]);
    if (x.shape() != f.shape() && x.shape() != Shape{f.shape()[place]})
        throw ShapeError(fmt::format("[trapz] places of shape {} for f of shape {}: the same shape is needed, or a "
                                     "vector along axis {}",
                                     to_string(x.shape()), to_string(f.shape()), axis));
    return trapezoids(f, diff(x.shape() == f.shape() ? x : reshape(x, along), 1, axis), axis);
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> cumsum(const Variable<T>&);                                                                   \
    template Variable<T> cumsum(const Variable<T>&, Axis);                                                             \
    template Variable<T> cumprod(const Variable<T>&);                                                                  \
    template Variable<T> cumprod(const Variable<T>&, Axis);                                                            \
    template Variable<T> diff(const Variable<T>&, std::size_t, Axis);                                                  \
    template Variable<T> trapz(const Variable<T>&, Number<T>, Axis);                                                   \
    template Variable<T> trapz(const Variable<T>&, const Variable<T>&, Axis);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
