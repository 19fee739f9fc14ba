#include <xgrad/base/instantiate.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/cumulative.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/nan.hpp>
#include <xgrad/ops/norm.hpp>

namespace xgrad
{

namespace
{

template <class T>
constexpr T infinity = std::numeric_limits<T>::infinity();

/** The array with a number in place of NaN. */
template <class T>
Variable<T> with(const Variable<T>& x, Number<T> in_place_of_nan)
{
    return where(isnan(x), in_place_of_nan, x);
}

/** The number of elements that are not NaN. */
template <class T>
Variable<T> count(const Variable<T>& x, const Axes& axes, bool keepdims)
{
    return sum(1 - isnan(x), axes, keepdims);
}

/** The differences from the mean, 0 for NaN. */
template <class T>
Variable<T> deviations(const Variable<T>& x, const Axes& axes)
{
    return where(isnan(x), 0, x - nanmean(x, axes, true));
}

/** The divisor of a variance; NaN if there are too few elements. */
template <class T>
Variable<T> degrees_of_freedom(const Variable<T>& x, const Axes& axes, const VarianceOptions& options)
{
    const auto n = count(x, axes, options.keepdims) - static_cast<T>(options.ddof);
    return where(n > 0, n, std::numeric_limits<T>::quiet_NaN());
}

/** A reduction, but NaN where all elements are. */
template <class T>
Variable<T> unless_all_are_nan(const Variable<T>& y, const Variable<T>& x, const Axes& axes, bool keepdims)
{
    return where(count(x, axes, keepdims) > 0, y, std::numeric_limits<T>::quiet_NaN());
}

} // namespace

template <class T>
Variable<T> nan_to_num(const Variable<T>& x, Number<T> nan, Number<T> positive, Number<T> negative)
{
    return where(isfinite(x), x, where(x > 0, positive, where(x < 0, negative, constant<T>(T(nan)))));
}

template <class T>
Variable<T> nansum(const Variable<T>& x, const Axes& axes, bool keepdims)
{
    return sum(with(x, 0), axes, keepdims);
}

template <class T>
Variable<T> nanprod(const Variable<T>& x, const Axes& axes, bool keepdims)
{
    return prod(with(x, 1), axes, keepdims);
}

template <class T>
Variable<T> nanmean(const Variable<T>& x, const Axes& axes, bool keepdims)
{
    return nansum(x, axes, keepdims) / count(x, axes, keepdims);
}

template <class T>
Variable<T> nanvar(const Variable<T>& x, const Axes& axes, const VarianceOptions& options)
{
    return sum(square(deviations(x, axes)), axes, options.keepdims) / degrees_of_freedom(x, axes, options);
}

template <class T>
Variable<T> nanstd(const Variable<T>& x, const Axes& axes, const VarianceOptions& options)
{
    return norm_l2(deviations(x, axes), axes, options.keepdims) / sqrt(degrees_of_freedom(x, axes, options));
}

template <class T>
Variable<T> nanmax(const Variable<T>& x, const Axes& axes, bool keepdims)
{
    return unless_all_are_nan(max(with(x, -infinity<T>), axes, keepdims), x, axes, keepdims);
}

template <class T>
Variable<T> nanmin(const Variable<T>& x, const Axes& axes, bool keepdims)
{
    return unless_all_are_nan(min(with(x, infinity<T>), axes, keepdims), x, axes, keepdims);
}

template <class T>
Variable<T> nancumsum(const Variable<T>& x, Axis axis)
{
    return cumsum(with(x, 0), axis);
}

template <class T>
Variable<T> nancumprod(const Variable<T>& x, Axis axis)
{
    return cumprod(with(x, 1), axis);
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> nan_to_num(const Variable<T>&, Number<T>, Number<T>, Number<T>);                              \
    template Variable<T> nansum(const Variable<T>&, const Axes&, bool);                                                \
    template Variable<T> nanprod(const Variable<T>&, const Axes&, bool);                                               \
    template Variable<T> nanmean(const Variable<T>&, const Axes&, bool);                                               \
    template Variable<T> nanvar(const Variable<T>&, const Axes&, const VarianceOptions&);                              \
    template Variable<T> nanstd(const Variable<T>&, const Axes&, const VarianceOptions&);                              \
    template Variable<T> nanmax(const Variable<T>&, const Axes&, bool);                                                \
    template Variable<T> nanmin(const Variable<T>&, const Axes&, bool);                                                \
    template Variable<T> nancumsum(const Variable<T>&, Axis);                                                          \
    template Variable<T> nancumprod(const Variable<T>&, Axis);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
