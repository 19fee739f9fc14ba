#include <xgrad/base/instantiate.hpp>
#include <xgrad/kernels/reduction/reduce.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/detail/values.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/reduction.hpp>
#include <xgrad/ops/softmax.hpp>

namespace xgrad
{

namespace
{

/** Tells observers the axis. */
auto along(std::size_t dimension, Axis axis)
{
    return [=] { return Attributes{.axes = {detail::normalize_axis("softmax", axis, dimension)}}; };
}

/** Calls kernel(x, y, outer, extent, inner) with the extents before, along and after the axis. */
template <class T, class Kernel>
Variable<T> along(const char* op, Variable<T>& x, Axis axis, Kernel kernel)
{
    const detail::Split split(x.shape(), detail::normalize_axis(op, axis, x.dimension()));
    const T* from = x.data();
    Variable<T> y = detail::result_in_place_of(x);
    if (y.size() > 0) // the extents of an empty array may be long ways to nothing
        kernel(from, y.mutable_data(), split.outer, split.extent, split.inner);
    return y;
}

} // namespace

template <class T>
Variable<T> softmax(Variable<T> x, Axis axis)
{
    return record(
        "softmax", along(x.dimension(), axis), [&] { return along("softmax", x, axis, kernels::softmax_axis<T>); },
        wrt(x, [axis](const auto& g, const auto& y) { return y * (g - sum(g * y, axis, true)); }));
}

template <class T>
Variable<T> log_softmax(Variable<T> x, Axis axis)
{
    return record(
        "log_softmax", along(x.dimension(), axis),
        [&] { return along("log_softmax", x, axis, kernels::log_softmax_axis<T>); },
        wrt(x, [axis](const auto& g, const auto& y) { return g - exp(y) * sum(g, axis, true); }));
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> softmax(Variable<T>, Axis);                                                                   \
    template Variable<T> log_softmax(Variable<T>, Axis);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
