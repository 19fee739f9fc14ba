#pragma once

#include <xgrad/base/number.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/graph/parameters.hpp>

#include <cstddef>
#include <initializer_list>
#include <span>
#include <vector>

namespace xgrad
{

// Shape
//
// These ops move elements and compute nothing. The gradient of a move is the move back. An axis counts from 0, a
// negative one from the end. All throw ShapeError if the axes or the extents do not fit.

/** The number of an axis of an array. */
using Axis = std::ptrdiff_t;

/** The numbers of several axes: `{0, -1}`, or one number. */
class Axes
{
  public:
    Axes(std::initializer_list<Axis> axes) : axes_(axes.begin(), axes.end()) {}
    template <std::integral Number>
    Axes(Number axis) : axes_{static_cast<Axis>(axis)}
    {}
    template <std::floating_point Number>
    Axes(Number)
    {
        static_assert(std::is_integral_v<Number>, "an axis is an integer: max(x, 0) is the largest along axis 0, "
                                                  "maximum(x, 0.0) the larger of each element and 0");
    }
    static Axes all(std::size_t dimension);

    std::size_t size() const { return axes_.size(); }
    Axis operator[](std::size_t i) const { return axes_[i]; }
    Axis& operator[](std::size_t i) { return axes_[i]; }
    void push_back(Axis axis) { axes_.push_back(axis); }
    auto begin() const { return axes_.begin(); }
    auto end() const { return axes_.end(); }

  private:
    Extents<Axis> axes_;
};

/** The same elements in another shape of the same size: y_i = x_i, counted in row-major order.
 *  Gradient: `reshape(g, shape of x)`. */
template <class T>
Variable<T> reshape(Variable<T> x, const Shape& shape);

/** The array with all axes from `first_axis` on joined into one: y = reshape(x, (N, C·H·W)) for x of shape (N, C, H, W)
 *  and first_axis 1. Gradient: `reshape(g, shape of x)`. */
template <class T>
Variable<T> flatten(Variable<T> x, std::size_t first_axis = 0);

/** The array with a new axis of extent 1 at `axis` of the result: y[…, 0, …] = x[…].
 *  Gradient: `reshape(g, shape of x)`. */
template <class T>
Variable<T> expand_dims(Variable<T> x, Axis axis);

/** The array without an axis, which must have extent 1: y[…] = x[…, 0, …].
 *  Gradient: `reshape(g, shape of x)`. */
template <class T>
Variable<T> squeeze(Variable<T> x, Axis axis);

/** The axes in another order: axis i of y is axis order[i] of x, so y[i, j, k] = x[k, i, j] for the order {1, 2, 0}.
 *  Gradient: `permute(g, inverse order)`. */
template <class T>
Variable<T> permute(const Variable<T>& x, const Axes& order);

/** The channels of (N, C, …), one of each group in turn: y[n, i·groups + j, …] = x[n, j·C/groups + i, …]. The groups
 *  divide C. Gradient: `channel_shuffle(g, C/groups)`. Source: N16. */
template <class T>
Variable<T> channel_shuffle(const Variable<T>& x, std::ptrdiff_t groups);

/** The transpose of a matrix or of each of a stack: y[…, i, j] = x[…, j, i]. Gradient: `transpose(g)`. */
template <class T>
Variable<T> transpose(const Variable<T>& x);

/** The array reversed along the axes: y[…, i, …] = x[…, H − 1 − i, …]. Gradient: `flip(g, axes)`. */
template <class T>
Variable<T> flip(const Variable<T>& x, const Axes& axes);

/** The images turned by 180°: y[…, i, j] = x[…, H − 1 − i, W − 1 − j].
 *  Gradient: `rot180(g)`. Source: B13, B14d. */
template <class T>
Variable<T> rot180(const Variable<T>& x);

/** The part of an array at a Range for each axis: y[i, …] = x[begin + i·step, …].
 *  Gradient: `embed(g, shape of x, ranges)`. */
template <class T>
Variable<T> slice(const Variable<T>& x, const Ranges& ranges);

/** The part at begin, begin + step, … below `end` of one axis: y[…, i, …] = x[…, begin + i·step, …].
 *  Gradient: `embed(g)` at the same place. */
template <class T>
Variable<T> slice(const Variable<T>& x, Axis axis, std::size_t begin, std::size_t end, std::size_t step = 1);

/** The array of zeros with x at a Range for each axis: y[begin + i·step, …] = x[i, …], 0 elsewhere. It is the transpose
 *  of `slice`. Gradient: `slice(g, ranges)`. */
template <class T>
Variable<T> embed(const Variable<T>& x, const Shape& shape, const Ranges& ranges);

/** The array x with another one added to the part that the ranges name: y = x, then y[ranges] += part.
 *  Gradients: g for x; `slice(g, ranges)` for part.
 *  @throws ShapeError if the ranges do not lie in x or the part has another shape */
template <class T>
Variable<T> add_part(Variable<T> x, const Variable<T>& part, const Ranges& ranges);

/** The extents of padding before and after one axis: `{.before = 1, .after = 2}`. */
struct Border
{
    std::size_t before = 0, after = 0;
};

/** A list of Borders, one for each axis. */
using Borders = std::vector<Border, PooledAllocator<Border>>;

/** The array with a Border around each axis: y[before + i, …] = x[i, …], `value` elsewhere.
 *  Gradient: `slice(g)`, the part that is x. */
template <class T>
Variable<T> pad(const Variable<T>& x, const Borders& borders, Number<T> value = 0);

/** The values in another scalar type, float or double: y = To(x). Gradient: `cast<From>(g)`. */
template <class To, class From>
Variable<To> cast(const Variable<From>& x);

namespace detail
{

/** An axis counted from 0. @throws ShapeError if there is no such axis in an array of `dimension` axes */
std::size_t normalize_axis(const char* op, Axis axis, std::size_t dimension);

/** The extents before, along and after an axis. */
struct Split
{
    std::size_t outer = 1, extent = 1, inner = 1;

    Split(const Shape& shape, std::size_t axis) : extent(shape[axis])
    {
        for (std::size_t i = 0; i < shape.size(); ++i)
            (i < axis ? outer : inner) *= i == axis ? 1 : shape[i];
    }
};

/** The shape with another extent along one axis. */
Shape with_extent(Shape shape, std::size_t axis, std::size_t extent);

} // namespace detail

} // namespace xgrad
