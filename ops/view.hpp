#pragma once

#include <xgrad/base/axis_index.hpp>
#include <xgrad/ops/shape.hpp>

#include <concepts>
#include <initializer_list>
#include <span>

namespace xgrad
{

// Views
//
// A view takes part of an array as NumPy's x[0:5, :, ::-2, 3] does, and is written as in xtensor:
// `view(x, range(0, 5), all(), range({}, {}, -2), 3)`. There is a place for each axis:
//
//     3                      an index, −1 the last one; the axis is dropped
//     range(begin, end)      the positions from begin to before end; negative ones count from the end of the axis,
//     range(begin, end, s)   in steps of s, which may be negative; {} for a position that is not given
//     all()                  the whole axis, as do places that are left out at the end
//     newaxis()              no axis of x, but a new one of extent 1
//     ellipsis()             all axes that the other places leave
//
// Unlike xtensor's, a view has elements of its own.

/** The part of an array at a place for each axis: y[i, j, …] = x[begin + i·step, index, begin + j·step, …]. As in
 *  NumPy, the part of a range that lies outside its axis is left out. Gradient: g at the places of y, 0 elsewhere.
 *  @throws ShapeError if an index is outside its axis, a step is 0, or there are too many places */
template <class T>
Variable<T> view(const Variable<T>& x, std::span<const AxisIndex> places);

// clang-format off
template <class T> Variable<T> view(const Variable<T>& x, std::initializer_list<AxisIndex> places) { return view(x, std::span<const AxisIndex>(places.begin(), places.size())); }
template <class T, class... Places> Variable<T> view(const Variable<T>& x, const Places&... places) requires(std::convertible_to<Places, AxisIndex>&&...) { return view(x, std::initializer_list<AxisIndex>{places...}); }
// clang-format on

} // namespace xgrad
