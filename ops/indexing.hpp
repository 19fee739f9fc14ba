#pragma once

#include <xgrad/ops/shape.hpp>

namespace xgrad
{

// Indexing
//
// These ops choose elements by integer indices, which are `Labels` and carry no gradient. An index counts from 0. All
// throw ShapeError if an index is outside its axis or the shapes do not fit.

/** The slices along an axis that the indices name, repeats allowed: y[…, i, …] = x[…, indices[i], …]. The indices have
 *  one axis. Gradient: `scatter_add(g, indices, extent of x, axis)`. */
template <class T>
Variable<T> gather(const Variable<T>& x, const Labels& indices, Axis axis = 0);

/** The sums of the slices that have the same index: y[…, j, …] = Σ_{i: indices[i] = j} x[…, i, …], with j < extent. It
 *  is the transpose of `gather`. Gradient: `gather(g, indices, axis)`. */
template <class T>
Variable<T> scatter_add(const Variable<T>& x, const Labels& indices, std::size_t extent, Axis axis = 0);

/** The array x with slice i of another one added to its slice indices[i] along an axis: y = x, then y[indices[i]] +=
 *  part[i]. Repeats are allowed. Gradients: g for x; `gather(g, indices, axis)` for part.
 *  @throws ShapeError if an index is outside or the part does not have one slice for each index */
template <class T>
Variable<T> index_add(Variable<T> x, const Variable<T>& part, const Labels& indices, Axis axis = 0);

/** The element of each row that its index names: y[…] = x[…, indices[…]], for x of shape (…, K) and indices of shape
 *  (…). Gradient: `place_last(g, indices, K)`. */
template <class T>
Variable<T> take_last(const Variable<T>& x, const Labels& indices);

/** The rows of zeros with an element of x where its index says: y[…, indices[…]] = x[…], of shape (…, extent). It is
 *  the transpose of `take_last`. Gradient: `take_last(g, indices)`. */
template <class T>
Variable<T> place_last(const Variable<T>& x, const Labels& indices, std::size_t extent);

} // namespace xgrad
