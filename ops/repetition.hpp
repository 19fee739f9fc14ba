#pragma once

#include <xgrad/ops/shape.hpp>

#include <concepts>
#include <initializer_list>
#include <span>
#include <vector>

namespace xgrad
{

// Repetition
//
// These ops repeat elements, as NumPy's functions of these names do. The gradient of an element is the sum over its
// copies. All throw ShapeError if axes, counts or sizes do not fit.

/** The array side by side with itself: y[i, j] = x[i mod H, j mod W], of shape (reps[0]·H, reps[1]·W). The shorter of
 *  the shape and `reps` is filled up with 1 in front. Gradient: the sum of g over the copies. */
template <class T>
Variable<T> tile(const Variable<T>& x, const Shape& reps);

/** The array with each slice along an axis repeated: y[…, i, …] = x[…, ⌊i/count⌋, …].
 *  Gradient: the sum of g over the copies. */
template <class T>
Variable<T> repeat(const Variable<T>& x, std::size_t count, Axis axis);

/** The array with slice i along an axis repeated counts[i] times: y = x[0], x[0], x[1] for the counts 2, 1. A single
 *  count is that of all slices. Gradient: the sum of g over the copies. */
template <class T>
Variable<T> repeat(const Variable<T>& x, std::span<const std::size_t> counts, Axis axis);

/** The vector with each element repeated: y_i = x_{⌊i/count⌋}, in row-major order.
 *  Gradient: the sum of g over the copies. */
template <class T>
Variable<T> repeat(const Variable<T>& x, std::size_t count);

// clang-format off
template <class T> Variable<T> repeat(const Variable<T>& x, std::initializer_list<std::size_t> counts, Axis axis) { return repeat(x, std::span<const std::size_t>(counts.begin(), counts.size()), axis); }
// clang-format on

/** The elements that a border gets, shown for x = a b c and two elements on each side. */
enum class PadMode
{
    constant,  ///< a number: 0 0 a b c 0 0
    edge,      ///< the nearest element: a a a b c c c
    reflect,   ///< x mirrored at its first and last element: c b a b c b a
    symmetric, ///< x mirrored at its edges: b a a b c c b
    wrap,      ///< x again and again: b c a b c a b
};

/** The array with a Border around each axis: y[before + i, …] = x[i, …], and in the border elements of x as the mode
 *  tells. A border may be longer than x. Gradient: for each element the sum of g over its copies. */
template <class T>
Variable<T> pad(const Variable<T>& x, const Borders& borders, PadMode mode, Number<T> value = 0);

/** The order of the first two axes of a mesh: y, x as in images, or x, y as in matrices. */
enum class MeshIndexing
{
    xy, ///< the first vector varies along the second axis, as in NumPy
    ij, ///< vector k varies along axis k, as in xtensor
};

/** The coordinates of a mesh, an array for each vector of coordinates: y_k[…, i, …] = x_k[i], with i at its axis. All
 *  have one shape. Gradient: for each vector the sum of g over the other axes. */
template <class T>
Variables<T> meshgrid(std::span<const Variable<T>> xs, MeshIndexing indexing = MeshIndexing::xy);

// clang-format off
template <class T> Variables<T> meshgrid(std::initializer_list<Variable<T>> xs, MeshIndexing indexing = MeshIndexing::xy) { return meshgrid(std::span<const Variable<T>>(xs.begin(), xs.size()), indexing); }
template <class T, class A> Variables<T> meshgrid(const std::vector<Variable<T>, A>& xs, MeshIndexing indexing = MeshIndexing::xy) { return meshgrid(std::span<const Variable<T>>(xs), indexing); }
template <class T, class... More> Variables<T> meshgrid(const Variable<T>& a, const Variable<T>& b, const More&... more) requires(std::same_as<More, Variable<T>>&&...) { return meshgrid({a, b, more...}); }
// clang-format on

} // namespace xgrad
