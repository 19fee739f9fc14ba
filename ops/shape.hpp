#pragma once

#include <xgrad/base/shape.hpp>
#include <xgrad/graph/variable.hpp>

#include <cstddef>
#include <initializer_list>
#include <span>
#include <vector>

namespace xgrad
{

// Ops that move elements and compute nothing. Axes count from 0, negative ones from the end. Every gradient is the
// transposed move of the upstream gradient g; the pairs are named in each comment. All throw ShapeError on axes or
// extents that do not fit.

/** An index into the axes of an array, or a list of them. */
using Axis = std::ptrdiff_t;
class Axes
{
  public:
    Axes(std::initializer_list<Axis> axes) : axes_(axes.begin(), axes.end()) {}
    Axes(Axis axis) : axes_{axis} {}
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

/** A run begin, begin + step, … of `count` positions along one axis. */
struct Range
{
    std::size_t begin = 0, count = 0, step = 1;
};

using Ranges = std::vector<Range, PooledAllocator<Range>>;

/** The same elements in another shape of the same size. Gradient: reshape(g). */
template <class T>
Variable<T> reshape(Variable<T> x, const Shape& shape);

/** All axes from `first_axis` on as one. (N, C, H, W) with first_axis 1 becomes (N, C·H·W). */
template <class T>
Variable<T> flatten(Variable<T> x, std::size_t first_axis = 0);

/** A new axis of extent 1 at `axis` of the result. */
template <class T>
Variable<T> expand_dims(Variable<T> x, Axis axis);

/** Without the axis, which must have extent 1. */
template <class T>
Variable<T> squeeze(Variable<T> x, Axis axis);

/** The axes in another order: result axis i is axis order[i] of x. Gradient: permute with the inverse order. */
template <class T>
Variable<T> permute(const Variable<T>& x, const Axes& order);

/** The channels of (N, C, …), one of each group in turn: channel i·groups + j of the result is channel i of group j
 *  (N16). Groups divide C.
 *  Gradient: the way back, channel_shuffle(g, C/groups). */
template <class T>
Variable<T> channel_shuffle(const Variable<T>& x, std::ptrdiff_t groups);

/** The last two axes exchanged: a matrix or a stack of them. Gradient: transpose(g). */
template <class T>
Variable<T> transpose(const Variable<T>& x);

/** The order along the axes reversed. Gradient: flip(g). */
template <class T>
Variable<T> flip(const Variable<T>& x, const Axes& axes);

/** The last two axes reversed: an image turned by 180°, the kernel of B13 and B14d. Gradient: rot180(g). */
template <class T>
Variable<T> rot180(const Variable<T>& x);

/** Part of an array, a Range for each axis. Gradient: embed(g) at the same place. */
template <class T>
Variable<T> slice(const Variable<T>& x, const Ranges& ranges);

/** The positions begin, begin + step, … below `end` along one axis, all of the others. */
template <class T>
Variable<T> slice(const Variable<T>& x, Axis axis, std::size_t begin, std::size_t end, std::size_t step = 1);

/** Zeros of the given shape with x at the positions of the ranges: the transpose of slice. Gradient: slice(g). */
template <class T>
Variable<T> embed(const Variable<T>& x, const Shape& shape, const Ranges& ranges);

/** Extents of padding before and after each axis. */
struct Border
{
    std::size_t before = 0, after = 0;
};

using Borders = std::vector<Border, PooledAllocator<Border>>;

/** x with a border of `value`, a Border for each axis. Gradient: slice(g). */
template <class T>
Variable<T> pad(const Variable<T>& x, const Borders& borders, std::type_identity_t<T> value = 0);

/** Arrays joined along an axis; the other extents must agree. Gradient: the slice of g that is each one's. */
template <class T>
Variable<T> concatenate(std::span<const Variable<T>> xs, Axis axis = 0);

/** Arrays of one shape joined along a new axis. */
template <class T>
Variable<T> stack(std::span<const Variable<T>> xs, Axis axis = 0);

// clang-format off
template <class T> Variable<T> concatenate(std::initializer_list<Variable<T>> xs, Axis axis = 0) { return concatenate(std::span<const Variable<T>>(xs.begin(), xs.size()), axis); }
template <class T, class A> Variable<T> concatenate(const std::vector<Variable<T>, A>& xs, Axis axis = 0) { return concatenate(std::span<const Variable<T>>(xs), axis); }
template <class T> Variable<T> stack(std::initializer_list<Variable<T>> xs, Axis axis = 0) { return stack(std::span<const Variable<T>>(xs.begin(), xs.size()), axis); }
template <class T, class A> Variable<T> stack(const std::vector<Variable<T>, A>& xs, Axis axis = 0) { return stack(std::span<const Variable<T>>(xs), axis); }
// clang-format on

/** The values in another scalar type. Gradient: cast back. */
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
