#pragma once

#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/statistics.hpp>

namespace xgrad
{

// Other names
//
// These are the names that xtensor has for ops which have another one here.

/** The largest element along some axes, or of all: y = max x, which is `max`. Gradient: that of `max`. */
template <class T>
Variable<T> amax(const Variable<T>& x, const Axes& axes, bool keepdims = false)
{
    return max(x, axes, keepdims);
}

/** The smallest element along some axes, or of all: y = min x, which is `min`. Gradient: that of `min`. */
template <class T>
Variable<T> amin(const Variable<T>& x, const Axes& axes, bool keepdims = false)
{
    return min(x, axes, keepdims);
}

/** The absolute value: y = |x|, which is `abs`. Gradient: g·sign x, 0 at 0. */
template <class T>
Variable<T> fabs(Variable<T> x)
{
    return abs(std::move(x));
}

/** The nearest whole number: y = x + d with |d| ≤ ½, which is `rint`. Gradient: none, y is a constant. */
template <class T>
Variable<T> nearbyint(Variable<T> x)
{
    return rint(std::move(x));
}

/** The angle in degrees of one in radians: y = x·180/π, which is `rad2deg`. Gradient: g·180/π. */
template <class T>
Variable<T> degrees(Variable<T> x)
{
    return rad2deg(std::move(x));
}

/** The angle in radians of one in degrees: y = x·π/180, which is `deg2rad`. Gradient: g·π/180. */
template <class T>
Variable<T> radians(Variable<T> x)
{
    return deg2rad(std::move(x));
}

// clang-format off
template <class T> Variable<T> amax(const Variable<T>& x) { return max(x); }
template <class T> Variable<T> amin(const Variable<T>& x) { return min(x); }
// clang-format on

} // namespace xgrad
