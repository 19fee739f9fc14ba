#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/detail/reduced_axes.hpp>
#include <xgrad/ops/indexing.hpp>
#include <xgrad/ops/joining.hpp>
#include <xgrad/ops/sorting.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace xgrad
{

namespace
{

using detail::normalize_axis;
using detail::Split;

/** The order of a line of n elements that are `stride` apart. */
template <class T>
struct Order
{
    const T* line;
    std::size_t stride;
    bool descends;

    T at(std::int32_t i) const { return line[static_cast<std::size_t>(i) * stride]; }
    /** Returns whether element i comes before element j: NaN counts as the largest, and of equals the first is first.
     */
    bool operator()(std::int32_t i, std::int32_t j) const
    {
        const T a = at(i), b = at(j);
        const bool less = a < b || (std::isnan(b) && !std::isnan(a)), more = b < a || (std::isnan(a) && !std::isnan(b));
        return less == more ? i < j : less != descends;
    }
};

/** The positions of the first `count` elements along an axis in their order. */
template <class T>
Labels positions_in_order(const char* op, const Variable<T>& x, std::size_t place, std::size_t count, bool descends)
{
    const Split split(x.shape(), place);
    Labels y = empty_array<std::int32_t>(detail::with_extent(x.shape(), place, count));
    if (y.size() == 0)
        return y;
    std::vector<std::int32_t> positions(detail::checked_index_count(op, split.extent));
    const auto first = positions.begin(), last = first + static_cast<std::ptrdiff_t>(count);
    for (std::size_t outer = 0; outer < split.outer; ++outer)
        for (std::size_t inner = 0; inner < split.inner; ++inner) {
            const Order<T> order{x.data() + outer * split.extent * split.inner + inner, split.inner, descends};
            std::iota(first, positions.end(), 0);
            if (count == split.extent)
                std::sort(first, last, order);
            else
                std::partial_sort(first, last, positions.end(), order);
            for (std::size_t i = 0; i < count; ++i)
                y.data()[(outer * count + i) * split.inner + inner] = positions[i];
        }
    return y;
}

/** Element k of the order of each row, or the row's NaN. */
template <class T>
Variable<T> take_ordered(const Variable<T>& rows, const Labels& order, std::size_t k)
{
    const std::size_t n = rows.shape().back();
    Labels chosen = empty_array<std::int32_t>(Shape(rows.shape().begin(), rows.shape().end() - 1));
    for (std::size_t row = 0; row < chosen.size(); ++row) {
        const std::int32_t* const of_row = order.data() + row * n;
        const std::int32_t largest = of_row[n - 1];
        const bool has_nan = std::isnan(rows.data()[row * n + static_cast<std::size_t>(largest)]);
        chosen.data()[row] = has_nan ? largest : of_row[k];
    }
    return take_last(rows, chosen);
}

/** The quantiles over some axes, an array for each probability. */
template <class T>
std::vector<Variable<T>> quantiles(const char* op, const Variable<T>& x, std::span<const double> probabilities,
                                   const Axes& axes, bool keepdims)
{
    const detail::ReducedAxes r(op, x.shape(), axes);
    detail::require_elements(op, x.shape(), r.count);
    for (const double probability : probabilities)
        if (!(probability >= 0 && probability <= 1))
            throw ShapeError(fmt::format("[{}] the probability {} is not in 0 … 1", op, probability));

    const auto rows = detail::rows_of(x, r);
    const Labels positions = positions_in_order(op, rows, rows.dimension() - 1, r.count, false);
    const auto element = [&](std::size_t k) { return take_ordered(rows, positions, k); };
    std::vector<Variable<T>> ys;
    for (const double probability : probabilities) {
        const double place = probability * static_cast<double>(r.count - 1), below = std::floor(place);
        const auto k = static_cast<std::size_t>(below);
        const T t = static_cast<T>(place - below);
        const auto y = t == 0 ? element(k) : (1 - t) * element(k) + t * element(k + 1);
        ys.push_back(reshape(y, keepdims ? r.kept : r.dropped));
    }
    return ys;
}

} // namespace

template <class T>
Labels argsort(const Variable<T>& x, Axis axis)
{
    const std::size_t place = normalize_axis("argsort", axis, x.dimension());
    return positions_in_order("argsort", x, place, x.shape()[place], false);
}

template <class T>
Variable<T> sort(const Variable<T>& x, Axis axis)
{
    const std::size_t place = normalize_axis("sort", axis, x.dimension());
    return take_along_axis(x, positions_in_order("sort", x, place, x.shape()[place], false), axis);
}

template <class T>
std::pair<Variable<T>, Labels> topk(const Variable<T>& x, std::size_t k, Axis axis)
{
    const std::size_t place = normalize_axis("topk", axis, x.dimension());
    if (k > x.shape()[place])
        throw ShapeError(fmt::format("[topk] axis {} of shape {} has no {} elements", axis, to_string(x.shape()), k));
    Labels order = positions_in_order("topk", x, place, k, true);
    return {take_along_axis(x, order, axis), std::move(order)};
}

template <class T>
Variable<T> median(const Variable<T>& x)
{
    return median(x, Axes::all(x.dimension()));
}

template <class T>
Variable<T> median(const Variable<T>& x, const Axes& axes, bool keepdims)
{
    return quantiles("median", x, std::array{0.5}, axes, keepdims).front();
}

template <class T>
Variable<T> quantile(const Variable<T>& x, double probability)
{
    return quantile(x, probability, Axes::all(x.dimension()));
}

template <class T>
Variable<T> quantile(const Variable<T>& x, double probability, const Axes& axes, bool keepdims)
{
    return quantiles("quantile", x, std::array{probability}, axes, keepdims).front();
}

template <class T>
Variable<T> quantile(const Variable<T>& x, std::span<const double> probabilities, const Axes& axes, bool keepdims)
{
    if (probabilities.empty())
        throw ShapeError("[quantile] one probability or more is needed");
    return stack(quantiles("quantile", x, probabilities, axes, keepdims));
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Labels argsort(const Variable<T>&, Axis);                                                                 \
    template Variable<T> sort(const Variable<T>&, Axis);                                                               \
    template std::pair<Variable<T>, Labels> topk(const Variable<T>&, std::size_t, Axis);                               \
    template Variable<T> median(const Variable<T>&);                                                                   \
    template Variable<T> median(const Variable<T>&, const Axes&, bool);                                                \
    template Variable<T> quantile(const Variable<T>&, double);                                                         \
    template Variable<T> quantile(const Variable<T>&, double, const Axes&, bool);                                      \
    template Variable<T> quantile(const Variable<T>&, std::span<const double>, const Axes&, bool);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
