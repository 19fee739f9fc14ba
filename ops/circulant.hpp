#pragma once

#include <xgrad/ops/window.hpp>

namespace xgrad
{

// True convolution as a product with a matrix: every output is a linear function of the input, and these are its
// matrices. They are large and mostly zeros: to look at and to reason with, not for speed (see `conv2d`). Gradients are
// those of the ops that they are made of.

/** The circulant matrix of w (N3): column c is w, padded with zeros to the length and rotated by c.
 *
 *  W[i,c] = w_p[(i − c) mod L]
 *
 *  @param w       (K)
 *  @param length  L, K or more
 *  @return        (L, L); W·x is the convolution of w and x on a ring of length L
 *  @throws ShapeError if w is no vector or longer than the length
 *  Gradient: the sums of g along the wrapped diagonals. */
template <class T>
Variable<T> circulant(const Variable<T>& w, std::ptrdiff_t length);

/** The doubly block circulant matrix of a kernel (N4): block (r,c) is G_{(r−c) mod M}, the circulant matrix of row
 *  (r − c) mod M of k, padded with zeros to the size.
 *
 *  G[r·N + i, c·N + j] = k_p[(r − c) mod M, (i − j) mod N]
 *
 *  @param k     (K_h, K_w)
 *  @param size  M and N, no less than the kernel's
 *  @return      (M·N, M·N), for images as vectors of M·N
 *  @throws ShapeError if k is no matrix or larger than the size
 *  Gradient: the sums of g over the elements that are the same. */
template <class T>
Variable<T> doubly_block_circulant(const Variable<T>& k, Size2d size);

/** The full true convolution of two vectors or two matrices, by the circulant matrix of w (N3, N4).
 *
 *  y = W·x_p, both padded with zeros to the extents of the result, H + K − 1 along each axis
 *
 *  The same as `conv2d(x, w, {.padding = Padding::full})`.
 *  @throws ShapeError unless x and w are both vectors or both matrices
 *  Gradients: x, Wᵀ·g, cut to its shape; w, that of the matrix. */
template <class T>
Variable<T> circulant_convolution(const Variable<T>& x, const Variable<T>& w);

} // namespace xgrad
