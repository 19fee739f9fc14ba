#pragma once

#include <xgrad/ops/shape.hpp>

#include <concepts>
#include <initializer_list>
#include <span>
#include <type_traits>

namespace xgrad
{

// Manipulation
//
// These are NumPy's names for moves of elements, made of the ops of Shape and Indexing, which have the rules. All throw
// ShapeError if axes or extents do not fit.

/** An extent of a new shape. −1 stands for the one that the number of elements implies. */
class Extent
{
  public:
    template <std::integral Number>
    constexpr Extent(Number extent)
        : value_(static_cast<std::size_t>(extent)), is_negative_(std::is_signed_v<Number> && extent < Number{0})
    {}

    constexpr bool is_negative() const { return is_negative_; }
    constexpr bool is_implied() const { return is_negative_ && value_ == static_cast<std::size_t>(-1); }
    constexpr std::size_t value() const { return value_; }

  private:
    std::size_t value_;
    bool is_negative_;
};

/** The same elements in another shape, one extent of which may be −1: `reshape(x, {2, -1})`. It is the number of
 *  elements divided by the other extents: y_i = x_i, counted in row-major order.
 *  Gradient: `reshape(g, shape of x)`. */
template <class T>
Variable<T> reshape(Variable<T> x, std::initializer_list<Extent> shape);

/** The elements as a vector, in row-major order: y = flatten(x). Gradient: `reshape(g, shape of x)`. */
template <class T>
Variable<T> ravel(Variable<T> x);

/** The array with one axis or more: y = reshape(x, (1)) of a scalar, else y = x. Gradient: `reshape(g, shape of x)`. */
template <class T>
Variable<T> atleast_1d(Variable<T> x);

/** The array with two axes or more: y = reshape(x, (1, N)) of a vector of N elements, (1, 1) of a scalar.
 *  Gradient: `reshape(g, shape of x)`. */
template <class T>
Variable<T> atleast_2d(Variable<T> x);

/** The array with three axes or more: y = reshape(x, (M, N, 1)) of an M×N matrix, (1, N, 1) of a vector of N elements.
 *  Gradient: `reshape(g, shape of x)`. */
template <class T>
Variable<T> atleast_3d(Variable<T> x);

/** The axes in reversed order, as NumPy's transpose: y[k, j, i] = x[i, j, k]. Gradient: `permute(g)`. */
template <class T>
Variable<T> permute(const Variable<T>& x);

/** The array with two axes exchanged: y[j, …, i] = x[i, …, j]. Gradient: `swapaxes(g, first, second)`. */
template <class T>
Variable<T> swapaxes(const Variable<T>& x, Axis first, Axis second);

/** The array with some axes at other places, the others in their order: y[j, k, i] = x[i, j, k] for the source 0 and
 *  the destination −1. Gradient: `moveaxis(g, destination, source)`. */
template <class T>
Variable<T> moveaxis(const Variable<T>& x, const Axes& source, const Axes& destination);

/** The array reversed along all axes: y[i, …, j] = x[H − 1 − i, …, W − 1 − j]. Gradient: `flip(g)`. */
template <class T>
Variable<T> flip(const Variable<T>& x);

/** The matrix, or each of a stack along later axes, with its columns reversed: y[i, j, …] = x[i, W − 1 − j, …].
 *  Gradient: `fliplr(g)`. */
template <class T>
Variable<T> fliplr(const Variable<T>& x);

/** The array with its rows reversed: y[i, …] = x[H − 1 − i, …]. Gradient: `flipud(g)`. */
template <class T>
Variable<T> flipud(const Variable<T>& x);

/** The array turned by k·90° in the plane of two axes, from the first to the second: y[i, j] = x[j, W − 1 − i] for
 *  k = 1. Gradient: `rot90(g, −k, axes)`. */
template <class T>
Variable<T> rot90(const Variable<T>& x, std::ptrdiff_t k = 1, const Axes& axes = {0, 1});

/** The array shifted along an axis, around its end: y[…, (i + shift) mod n, …] = x[…, i, …].
 *  Gradient: `roll(g, −shift, axis)`. */
template <class T>
Variable<T> roll(const Variable<T>& x, std::ptrdiff_t shift, Axis axis);

/** The elements shifted in row-major order, around the end: y_{(i + shift) mod n} = x_i. Gradient: `roll(g, −shift)`.
 */
template <class T>
Variable<T> roll(const Variable<T>& x, std::ptrdiff_t shift);

/** The equal sections of an array along an axis: y_k[…, i, …] = x[…, k·n/sections + i, …]. The number of sections
 *  divides the extent n. Gradient: the gradients of the sections, joined. */
template <class T>
Variables<T> split(const Variable<T>& x, std::size_t sections, Axis axis = 0);

/** The parts of an array between points of an axis: y_0, y_1, y_2 = x[0 … a), x[a … b), x[b … n) for the points a, b.
 *  The points ascend. Gradient: the gradients of the parts, joined. */
template <class T>
Variables<T> split(const Variable<T>& x, std::span<const std::size_t> points, Axis axis = 0);

// clang-format off
template <class T> Variables<T> split(const Variable<T>& x, std::initializer_list<std::size_t> points, Axis axis = 0) { return split(x, std::span<const std::size_t>(points.begin(), points.size()), axis); }
// clang-format on

} // namespace xgrad
