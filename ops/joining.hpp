#pragma once

#include <xgrad/ops/shape.hpp>

#include <concepts>
#include <initializer_list>
#include <span>
#include <vector>

namespace xgrad
{

// Joining
//
// These ops put arrays together along an axis, and take them apart. Axes count from 0, negative ones from the end. All
// throw ShapeError on axes or extents that do not fit. `concatenate({a, b}, axis)` takes a list and an axis. Along axis
// 0 `concatenate(a, b)` will do, which is also found without `using namespace xgrad`; so with `stack`.

/** The arrays joined along an axis: y[…, e + i, …] = x_k[…, i, …], with e the extents of those before x_k. The other
 *  extents agree. Gradient: the `slice` of g at its place for each x_k. */
template <class T>
Variable<T> concatenate(std::span<const Variable<T>> xs, Axis axis = 0);

/** The arrays, of one shape, joined along a new axis: y[…, k, …] = x_k[…].
 *  Gradient: the `slice` of g at its place for each x_k. */
template <class T>
Variable<T> stack(std::span<const Variable<T>> xs, Axis axis = 0);

// clang-format off
template <class T> Variable<T> concatenate(std::initializer_list<Variable<T>> xs, Axis axis = 0) { return concatenate(std::span<const Variable<T>>(xs.begin(), xs.size()), axis); }
template <class T, class A> Variable<T> concatenate(const std::vector<Variable<T>, A>& xs, Axis axis = 0) { return concatenate(std::span<const Variable<T>>(xs), axis); }
template <class T, class... More> Variable<T> concatenate(const Variable<T>& a, const Variable<T>& b, const More&... more) requires(std::same_as<More, Variable<T>>&&...) { return concatenate({a, b, more...}); }
template <class T> Variable<T> stack(std::initializer_list<Variable<T>> xs, Axis axis = 0) { return stack(std::span<const Variable<T>>(xs.begin(), xs.size()), axis); }
template <class T, class A> Variable<T> stack(const std::vector<Variable<T>, A>& xs, Axis axis = 0) { return stack(std::span<const Variable<T>>(xs), axis); }
template <class T, class... More> Variable<T> stack(const Variable<T>& a, const Variable<T>& b, const More&... more) requires(std::same_as<More, Variable<T>>&&...) { return stack({a, b, more...}); }
// clang-format on

/** The slices of x along an axis, without it: y_i = x[i], the inverse of stack. Gradient: `stack(gs, axis)`.
 *  @throws ShapeError if there is no such axis */
template <class T>
Variables<T> unstack(const Variable<T>& x, Axis axis = 0);

} // namespace xgrad
