#pragma once

#include <xgrad/ops/shape.hpp>

namespace xgrad
{

// Elements chosen by integer indices, which carry no gradient. All throw ShapeError if an index is outside its axis or
// the shapes do not fit.

/** The slices indices[0], indices[1], … of x along an axis (repeats allowed). Gradient: scatter_add(g).
 *  @param indices  of rank 1; each from 0 to the axis' extent − 1 */
template <class T>
Variable<T> gather(const Variable<T>& x, const Labels& indices, Axis axis = 0);

/** Zeros with `extent` slices along an axis, slice i of x added at indices[i]: the transpose of gather.
 *  Gradient: gather(g). */
template <class T>
Variable<T> scatter_add(const Variable<T>& x, const Labels& indices, std::size_t extent, Axis axis = 0);

/** x[…, indices[…]]: of each row along the last axis the one element that its index names. Gradient: place_last(g).
 *  @param x  (…, K)   @param indices  (…), from 0 to K − 1   @return  (…) */
template <class T>
Variable<T> take_last(const Variable<T>& x, const Labels& indices);

/** Zeros (…, K) with x[…] at indices[…] of the last axis: the transpose of take_last. Gradient: take_last(g). */
template <class T>
Variable<T> place_last(const Variable<T>& x, const Labels& indices, std::size_t extent);

} // namespace xgrad
