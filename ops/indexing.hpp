#pragma once

#include <xgrad/ops/shape.hpp>

namespace xgrad
{

// Indexing
//
// These ops choose elements by integer indices, which are `Labels` and carry no gradient, or by a mask. An index counts
// from 0. All throw ShapeError if an index is outside its axis or the shapes do not fit.

/** The slices along an axis that the indices name, repeats allowed: y[…, i, …] = x[…, indices[i], …]. The axes of the
 *  indices replace the axis, as in NumPy's take. Gradient: `scatter_add(g, indices, extent of x, axis)`. */
template <class T>
Variable<T> gather(const Variable<T>& x, const Labels& indices, Axis axis = 0);

/** The sums of the slices that have the same index: y[…, j, …] = Σ_{i: indices[i] = j} x[…, i, …], with j < extent. It
 *  is the transpose of `gather`; `axis` is an axis of y. Gradient: `gather(g, indices, axis)`. */
template <class T>
Variable<T> scatter_add(const Variable<T>& x, const Labels& indices, std::size_t extent, Axis axis = 0);

/** The array x with slice i of another one added to its slice indices[i] along an axis: y = x, then y[indices[i]] +=
 *  part[i]. Repeats are allowed. Gradients: g for x; `gather(g, indices, axis)` for part.
 *  @throws ShapeError if an index is outside or the part does not have one slice for each index */
template <class T>
Variable<T> index_add(Variable<T> x, const Variable<T>& part, const Labels& indices, Axis axis = 0);

/** The element at each index along an axis: y[…, i, …] = x[…, indices[…, i, …], …]. The indices have the extents of x
 *  along the other axes. Gradient: g, added to 0 at the indices as `add_along_axis` does. */
template <class T>
Variable<T> take_along_axis(const Variable<T>& x, const Labels& indices, Axis axis = -1);

/** The array x with elements added at the indices along an axis: y = x, then y[…, indices[…, i, …], …] += part[…, i,
 *  …]. Repeats are allowed. It is the transpose of `take_along_axis`.
 *  Gradients: g for x; `take_along_axis(g, indices, axis)` for part. */
template <class T>
Variable<T> add_along_axis(const Variable<T>& x, const Variable<T>& part, const Labels& indices, Axis axis = -1);

/** The array x with the elements at the indices along an axis replaced: y = x, then y[…, indices[…, i, …], …] =
 *  values[…, i, …]. Of repeats the last one stays.
 *  Gradients: g for what stays of x; g at its place for each value that stays; 0 for the others. */
template <class T>
Variable<T> put_along_axis(const Variable<T>& x, const Labels& indices, const Variable<T>& values, Axis axis = -1);

/** An array of truth values of the shape of another one: `x.value() > 0`, or `x > 0` of a variable. */
using Mask = Array<bool>;

/** The elements where the mask is true, in row-major order, as a vector: y = x[mask].
 *  Gradient: `place(0, mask, g)`. */
template <class T>
Variable<T> filter(const Variable<T>& x, const Mask& mask);

/** The array x with its elements where the mask is true replaced, in row-major order: y = x, then y[mask] = values. The
 *  values are a vector with one element for each of them.
 *  Gradients: g where the mask is false for x; `filter(g, mask)` for the values. */
template <class T>
Variable<T> place(const Variable<T>& x, const Mask& mask, const Variable<T>& values);

// clang-format off
template <class T> Variable<T> filter(const Variable<T>& x, const Variable<T>& mask) { return filter(x, Mask(xt::not_equal(mask.value(), T{0}))); }
template <class T> Variable<T> place(const Variable<T>& x, const Variable<T>& mask, const Variable<T>& values) { return place(x, Mask(xt::not_equal(mask.value(), T{0})), values); }
// clang-format on

/** The element of each row that its index names: y[…] = x[…, indices[…]], for x of shape (…, K) and indices of shape
 *  (…). Gradient: `place_last(g, indices, K)`. */
template <class T>
Variable<T> take_last(const Variable<T>& x, const Labels& indices);

/** The rows of zeros with an element of x where its index says: y[…, indices[…]] = x[…], of shape (…, extent). It is
 *  the transpose of `take_last`. Gradient: `take_last(g, indices)`. */
template <class T>
Variable<T> place_last(const Variable<T>& x, const Labels& indices, std::size_t extent);

namespace detail
{

/** A number of positions that Labels can name. @throws ShapeError if there are more */
std::size_t checked_index_count(const char* op, std::size_t count);

} // namespace detail

} // namespace xgrad
