#include <xgrad/base/instantiate.hpp>
#include <xgrad/kernels/elementwise/functions.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/detail/reduced_axes.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/norm.hpp>
#include <xgrad/ops/statistics.hpp>

#include <cmath>
#include <limits>

namespace xgrad
{

using detail::ReducedAxes;
using kernels::or_one;

namespace
{

/** The largest absolute value along the axes, as a number to divide by: 1 in place of 0, ∞ and NaN. */
template <class T>
Variable<T> scale_of(const Variable<T>& x, const Axes& axes)
{
    const auto largest = norm_linf(x, axes, true);
    return where(inside(largest, std::numeric_limits<T>::denorm_min(), std::numeric_limits<T>::max()), largest, 1);
}

void require_matrix(const char* op, const Shape& shape)
{
    if (shape.size() < 2)
        throw ShapeError(fmt::format("[{}] shape {}: a matrix or a stack of them is needed", op, to_string(shape)));
}

} // namespace

template <class T>
Variable<T> norm_l0(const Variable<T>& x, const Axes& axes, bool keepdims)
{
    return count_nonzero(x, axes, keepdims);
}

template <class T>
Variable<T> norm_l1(const Variable<T>& x, const Axes& axes, bool keepdims)
{
    return sum(abs(x), axes, keepdims);
}

template <class T>
Variable<T> norm_sq(const Variable<T>& x, const Axes& axes, bool keepdims)
{
    return sum(square(x), axes, keepdims);
}

template <class T>
Variable<T> norm_l2(const Variable<T>& x, const Axes& axes, bool keepdims)
{
    const ReducedAxes r("norm_l2", x.shape(), axes);
    const auto value = [&] {
        const PauseRecording pause;
        const auto scale = scale_of(x, axes);
        return sqrt(sum(square(x / scale), axes, true)) * scale;
    };
    return reshape(record("norm_l2", detail::over(r.reduced, x.dimension()), value,
                          wrt(x, [x](const auto& g, const auto& y) { return g * (x / or_one(y)); })),
                   keepdims ? r.kept : r.dropped);
}

template <class T>
Variable<T> norm_linf(const Variable<T>& x, const Axes& axes, bool keepdims)
{
    if (ReducedAxes("norm_linf", x.shape(), axes).count == 0)
        return norm_l1(x, axes, keepdims);
    return max(abs(x), axes, keepdims);
}

template <class T>
Variable<T> norm_lp_to_p(const Variable<T>& x, Number<T> p, const Axes& axes, bool keepdims)
{
    return sum(pow(abs(x), p), axes, keepdims);
}

template <class T>
Variable<T> norm_lp(const Variable<T>& x, Number<T> p, const Axes& axes, bool keepdims)
{
    const T power = p;
    if (!(power > 0))
        throw ShapeError(fmt::format("[norm_lp] p = {}: a number above 0 is needed", power));
    if (std::isinf(power))
        return norm_linf(x, axes, keepdims);
    const ReducedAxes r("norm_lp", x.shape(), axes);
    const auto value = [&] {
        const PauseRecording pause;
        const auto scale = scale_of(x, axes);
        return pow(sum(pow(abs(x) / scale, power), axes, true), 1 / power) * scale;
    };
    return reshape(
        record("norm_lp", detail::over(r.reduced, x.dimension()), value,
               wrt(x, [x, power](const auto& g,
                                 const auto& y) { return g * sign(x) * pow(abs(x) / or_one(y), power - 1); })),
        keepdims ? r.kept : r.dropped);
}

template <class T>
Variable<T> norm_induced_l1(const Variable<T>& x)
{
    require_matrix("norm_induced_l1", x.shape());
    return max(norm_l1(x, -2), -1);
}

template <class T>
Variable<T> norm_induced_linf(const Variable<T>& x)
{
    require_matrix("norm_induced_linf", x.shape());
    return max(norm_l1(x, -1), -1);
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> norm_l0(const Variable<T>&, const Axes&, bool);                                               \
    template Variable<T> norm_l1(const Variable<T>&, const Axes&, bool);                                               \
    template Variable<T> norm_sq(const Variable<T>&, const Axes&, bool);                                               \
    template Variable<T> norm_l2(const Variable<T>&, const Axes&, bool);                                               \
    template Variable<T> norm_linf(const Variable<T>&, const Axes&, bool);                                             \
    template Variable<T> norm_lp_to_p(const Variable<T>&, Number<T>, const Axes&, bool);                               \
    template Variable<T> norm_lp(const Variable<T>&, Number<T>, const Axes&, bool);                                    \
    template Variable<T> norm_induced_l1(const Variable<T>&);                                                          \
    template Variable<T> norm_induced_linf(const Variable<T>&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
