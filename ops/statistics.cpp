#include <xgrad/base/instantiate.hpp>
#include <xgrad/ops/comparison.hpp>
#include <xgrad/ops/detail/indexing.hpp>
#include <xgrad/ops/detail/reduced_axes.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/joining.hpp>
#include <xgrad/ops/matmul.hpp>
#include <xgrad/ops/norm.hpp>
#include <xgrad/ops/statistics.hpp>

#include <cmath>

namespace xgrad
{

using detail::ReducedAxes;

namespace
{

/** The number that a variance divides by. */
std::size_t degrees_of_freedom(const char* op, const Shape& shape, const Axes& axes, std::size_t ddof)
{
    const std::size_t count = ReducedAxes(op, shape, axes).count;
    if (count <= ddof)
        throw ShapeError(fmt::format("[{}] {} elements of shape {} with ddof {}: more elements than that are needed",
                                     op, count, to_string(shape), ddof));
    return count - ddof;
}

/** A vector along an axis as an array with the other extents 1. */
template <class T>
Variable<T> along(const Variable<T>& vector, std::size_t axis, std::size_t dimension)
{
    return reshape(vector, detail::with_extent(Shape(dimension, 1), axis, vector.size()));
}

} // namespace

template <class T>
Variable<T> min(const Variable<T>& x, const Axes& axes, bool keepdims)
{
    const ReducedAxes r("min", x.shape(), axes);
    detail::require_elements("min", x.shape(), r.count);
    const auto candidates = detail::rows_of(x, r);
    return reshape(detail::take_best("min", candidates, argmin(candidates)), keepdims ? r.kept : r.dropped);
}

template <class T>
Labels argmin(const Variable<T>& x, Axis axis)
{
    const std::size_t place = detail::normalize_axis("argmin", axis, x.dimension());
    detail::require_elements("argmin", x.shape(), x.shape()[place]);
    const PauseRecording pause;
    return argmax(-x, axis);
}

template <class T>
Variable<T> prod(const Variable<T>& x, const Axes& axes, bool keepdims)
{
    const ReducedAxes r("prod", x.shape(), axes);
    const Shape& shape = keepdims ? r.kept : r.dropped;
    if (r.count == 0)
        return constant(filled_array(shape, T(1)));
    auto factors = detail::rows_of(x, r);
    for (std::size_t n = r.count; n > 1; n = (n + 1) / 2) {
        const std::size_t half = n / 2;
        const auto products = slice(factors, -1, 0, half) * slice(factors, -1, half, 2 * half);
        factors = n % 2 == 0 ? products : concatenate({products, slice(factors, -1, n - 1, n)}, -1);
    }
    return reshape(std::move(factors), shape);
}

template <class T>
Variable<T> variance(const Variable<T>& x, const Axes& axes, const VarianceOptions& options)
{
    const std::size_t n = degrees_of_freedom("variance", x.shape(), axes, options.ddof);
    return sum(square(x - mean(x, axes, true)), axes, options.keepdims) / static_cast<T>(n);
}

template <class T>
Variable<T> stddev(const Variable<T>& x, const Axes& axes, const VarianceOptions& options)
{
    const std::size_t n = degrees_of_freedom("stddev", x.shape(), axes, options.ddof);
    return norm_l2(x - mean(x, axes, true), axes, options.keepdims) / std::sqrt(static_cast<T>(n));
}

template <class T>
Variable<T> average(const Variable<T>& x, const Variable<T>& weights, const Axes& axes, bool keepdims)
{
    const ReducedAxes r("average", x.shape(), axes);
    if (weights.shape() == x.shape())
        return sum(x * weights, axes, keepdims) / sum(weights, axes, keepdims);
    if (axes.size() != 1 || weights.shape() != Shape{r.count})
        throw ShapeError(fmt::format("[average] weights of shape {} for x of shape {}: the same shape is needed, or a "
                                     "vector along the only axis",
                                     to_string(weights.shape()), to_string(x.shape())));
    const std::size_t axis = detail::normalize_axis("average", axes[0], x.dimension());
    return sum(x * along(weights, axis, x.dimension()), axes, keepdims) / sum(weights);
}

template <class T>
Variable<T> cov(const Variable<T>& x, std::size_t ddof)
{
    if (x.dimension() != 2)
        throw ShapeError(
            fmt::format("[cov] shape {}: a matrix is needed, a row for each quantity", to_string(x.shape())));
    const std::size_t n = degrees_of_freedom("cov", x.shape(), 1, ddof);
    const auto centred = x - mean(x, 1, true);
    return matmul(centred, centred, {.b = true}) / static_cast<T>(n);
}

template <class T>
Variable<T> count_nonzero(const Variable<T>& x, const Axes& axes, bool keepdims)
{
    return sum(not_equal(x, 0), axes, keepdims);
}

template <class T>
Variable<T> any(const Variable<T>& x, const Axes& axes, bool keepdims)
{
    return not_equal(count_nonzero(x, axes, keepdims), 0);
}

template <class T>
Variable<T> all(const Variable<T>& x, const Axes& axes, bool keepdims)
{
    return equal(sum(logical_not(x), axes, keepdims), 0);
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> min(const Variable<T>&, const Axes&, bool);                                                   \
    template Labels argmin(const Variable<T>&, Axis);                                                                  \
    template Variable<T> prod(const Variable<T>&, const Axes&, bool);                                                  \
    template Variable<T> variance(const Variable<T>&, const Axes&, const VarianceOptions&);                            \
    template Variable<T> stddev(const Variable<T>&, const Axes&, const VarianceOptions&);                              \
    template Variable<T> average(const Variable<T>&, const Variable<T>&, const Axes&, bool);                           \
    template Variable<T> cov(const Variable<T>&, std::size_t);                                                         \
    template Variable<T> count_nonzero(const Variable<T>&, const Axes&, bool);                                         \
    template Variable<T> any(const Variable<T>&, const Axes&, bool);                                                   \
    template Variable<T> all(const Variable<T>&, const Axes&, bool);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
