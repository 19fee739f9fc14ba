#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/kernels/elementwise/broadcast.hpp>
#include <xgrad/kernels/layout/layout.hpp>
#include <xgrad/kernels/reduction/reduce.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/detail/indexing.hpp>
#include <xgrad/ops/detail/reduced_axes.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/reduction.hpp>

#include <fmt/core.h>

#include <array>
#include <cmath>

namespace xgrad
{

namespace
{

using detail::over;
using detail::ReducedAxes;
using detail::require_elements;

} // namespace

template <class T>
Variable<T> sum(const Variable<T>& x, const Axes& axes, bool keepdims)
{
    const ReducedAxes r("sum", x.shape(), axes);
    Variable<T> y = uninitialized<T>(keepdims ? r.kept : r.dropped);
    kernels::reduce_sum(x.data(), x.shape(), r.reduced.data(), y.mutable_data());
    return record(
        "sum", over(r.reduced, x.dimension()), std::move(y),
        wrt(x, [kept = r.kept](const auto& g, const Shape& shape) { return broadcast_to(reshape(g, kept), shape); }));
}

template <class T>
Variable<T> mean(const Variable<T>& x, const Axes& axes, bool keepdims)
{
    const ReducedAxes r("mean", x.shape(), axes);
    require_elements("mean", x.shape(), r.count);
    return sum(x, axes, keepdims) / static_cast<T>(r.count);
}

template <class T>
Variable<T> max(const Variable<T>& x, const Axes& axes, bool keepdims)
{
    const ReducedAxes r("max", x.shape(), axes);
    require_elements("max", x.shape(), r.count);
    const auto candidates = detail::rows_of(x, r);
    return reshape(detail::take_best("max", candidates, argmax(candidates)), keepdims ? r.kept : r.dropped);
}

template <class T>
Variable<T> log_sum_exp(const Variable<T>& x, const Axes& axes, bool keepdims)
{
    const ReducedAxes r("log_sum_exp", x.shape(), axes);
    const auto value = [&] {
        const PauseRecording pause;
        Array<T> largest = empty_array<T>(r.kept);
        kernels::reduce_max(x.data(), x.shape(), r.reduced.data(), largest.data());
        for (T& m : largest) // ∞ − ∞ would be NaN
            m = std::isinf(m) ? T{0} : m;
        const auto shift = constant(std::move(largest));
        return log(sum(exp(x - shift), axes, true)) + shift;
    };
    return reshape(record("log_sum_exp", over(r.reduced, x.dimension()), value,
                          wrt(x, [x](const auto& g, const auto& y) { return g * exp(x - y); })),
                   keepdims ? r.kept : r.dropped);
}

template <class T>
Labels argmax(const Variable<T>& x, Axis axis)
{
    const std::size_t place = detail::normalize_axis("argmax", axis, x.dimension());
    require_elements("argmax", x.shape(), x.shape()[place]);
    const detail::Split split(x.shape(), place);
    Labels y = empty_array<std::int32_t>(ReducedAxes("argmax", x.shape(), axis).dropped);
    kernels::argmax_axis(x.data(), y.data(), split.outer, split.extent, split.inner);
    return y;
}

// clang-format off
template <class T> Variable<T> sum(const Variable<T>& x) { return sum(x, Axes::all(x.dimension())); }
template <class T> Variable<T> mean(const Variable<T>& x) { return mean(x, Axes::all(x.dimension())); }
template <class T> Variable<T> max(const Variable<T>& x) { return max(x, Axes::all(x.dimension())); }
template <class T> Variable<T> log_sum_exp(const Variable<T>& x) { return log_sum_exp(x, Axes::all(x.dimension())); }
// clang-format on

template <class T>
Variable<T> broadcast_to(const Variable<T>& x, const Shape& shape)
{
    if (x.shape() == shape)
        return x;
    if (kernels::broadcast_shapes("broadcast_to", x.shape(), shape) != shape)
        throw ShapeError(
            fmt::format("[broadcast_to] shape {} does not broadcast to {}", to_string(x.shape()), to_string(shape)));
    const kernels::Strides from = kernels::row_major_strides(x.shape());
    const std::size_t missing = shape.size() - x.dimension();
    kernels::Strides strides(shape.size(), 0);
    for (std::size_t axis = missing; axis < shape.size(); ++axis)
        strides[axis] = x.shape()[axis - missing] == 1 ? 0 : from[axis - missing];
    Variable<T> y = uninitialized<T>(shape);
    kernels::copy_strided(shape, x.data(), strides.data(), y.mutable_data(), kernels::row_major_strides(shape).data());
    return record(
        "broadcast_to", [] { return Attributes{.flop = 0}; }, std::move(y),
        wrt(x, [](const auto& g, const Shape& before) { return sum_to(g, before); }));
}

template <class T>
Variable<T> sum_to(const Variable<T>& x, const Shape& shape)
{
    if (x.shape() == shape)
        return x;
    if (shape.size() > x.dimension() || kernels::broadcast_shapes("sum_to", x.shape(), shape) != x.shape())
        throw ShapeError(
            fmt::format("[sum_to] shape {} does not broadcast to {}", to_string(shape), to_string(x.shape())));
    const std::size_t missing = x.dimension() - shape.size();
    std::array<bool, Shape::capacity> summed{};
    for (std::size_t axis = 0; axis < x.dimension(); ++axis)
        summed[axis] = axis < missing || shape[axis - missing] != x.shape()[axis];
    Variable<T> y = uninitialized<T>(shape);
    kernels::reduce_sum(x.data(), x.shape(), summed.data(), y.mutable_data());
    return record("sum_to", over(summed, x.dimension()), std::move(y),
                  wrt(x, [](const auto& g, const Shape& before) { return broadcast_to(g, before); }));
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> sum(const Variable<T>&);                                                                      \
    template Variable<T> sum(const Variable<T>&, const Axes&, bool);                                                   \
    template Variable<T> mean(const Variable<T>&);                                                                     \
    template Variable<T> mean(const Variable<T>&, const Axes&, bool);                                                  \
    template Variable<T> max(const Variable<T>&);                                                                      \
    template Variable<T> max(const Variable<T>&, const Axes&, bool);                                                   \
    template Variable<T> log_sum_exp(const Variable<T>&);                                                              \
    template Variable<T> log_sum_exp(const Variable<T>&, const Axes&, bool);                                           \
    template Labels argmax(const Variable<T>&, Axis);                                                                  \
    template Variable<T> broadcast_to(const Variable<T>&, const Shape&);                                               \
    template Variable<T> sum_to(const Variable<T>&, const Shape&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
