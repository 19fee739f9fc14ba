#pragma once

#include <xgrad/ops/shape.hpp>

namespace xgrad
{

// Diagonals
//
// These ops take and fill diagonals and triangles of matrices. Diagonal k is that of the elements [i, i + k]: above the
// main diagonal for k > 0, below it for k < 0. All throw ShapeError if the axes do not fit.

/** The matrix with a vector of n elements on its k-th diagonal, of n + |k| rows and columns: y[i, i + k] = x_i, 0
 *  elsewhere. The diagonal of a matrix: y_i = x[i, i + k]. For k < 0 they are x[i − k, i].
 *  Gradient: `diag(g, k)`, in the shape of x. */
template <class T>
Variable<T> diag(const Variable<T>& x, std::ptrdiff_t k = 0);

/** The diagonals of the planes of two axes, along a new last axis: y[…, i] = x[i, …, i + offset], and x[i − offset, …,
 *  i] for a negative offset. Gradient: g at the places of the diagonal, 0 elsewhere. */
template <class T>
Variable<T> diagonal(const Variable<T>& x, std::ptrdiff_t offset = 0, Axis axis1 = 0, Axis axis2 = 1);

/** The lower triangle of a matrix or of each of a stack: y[…, i, j] = x[…, i, j] where j ≤ i + k, else 0.
 *  Gradient: `tril(g, k)`. */
template <class T>
Variable<T> tril(const Variable<T>& x, std::ptrdiff_t k = 0);

/** The upper triangle of a matrix or of each of a stack: y[…, i, j] = x[…, i, j] where j ≥ i + k, else 0.
 *  Gradient: `triu(g, k)`. */
template <class T>
Variable<T> triu(const Variable<T>& x, std::ptrdiff_t k = 0);

} // namespace xgrad
