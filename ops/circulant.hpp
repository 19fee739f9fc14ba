#pragma once

#include <xgrad/ops/window.hpp>

namespace xgrad
{

// Convolution as a matrix
//
// Every output of a true convolution is a linear function of the input, and these ops make its matrix. The matrices are
// large and mostly zeros. They are there to look at and to reason with; `conv2d` is faster. docs/convolution.md shows
// some.

/** The circulant matrix of a vector. Column c is w_p, which is w padded with zeros to the length, rotated by c.
 *
 *  W[i,c] = w_p[(i − c) mod L]
 *
 *  @param w       (K)
 *  @param length  L, K or more
 *  @return        (L, L); W·x is the convolution of w and x on a ring of length L
 *
 *  Gradient: the sums of g along the wrapped diagonals.
 *  @throws ShapeError if w is no vector or longer than the length
 *
 *  Source: N3. */
template <class T>
Variable<T> circulant(const Variable<T>& w, std::ptrdiff_t length);

/** The doubly block circulant matrix of a kernel. Block (r,c) is the circulant matrix of row (r − c) mod M of k_p,
 *  which is k padded with zeros to the size.
 *
 *  G[r·N + i, c·N + j] = k_p[(r − c) mod M, (i − j) mod N]
 *
 *  @param k     (K_h, K_w)
 *  @param size  M and N, no less than the kernel's
 *  @return      (M·N, M·N), for images as vectors of M·N
 *
 *  Gradient: the sums of g over the elements that are the same.
 *  @throws ShapeError if k is no matrix or larger than the size
 *
 *  Source: N4. */
template <class T>
Variable<T> doubly_block_circulant(const Variable<T>& k, Size2d size);

/** The full true convolution of two vectors or two matrices by the circulant matrix W of w. It is the same as
 *  `conv2d(x, w, {.padding = Padding::full})`.
 *
 *  y = W·x_p
 *
 *  @param x  (H) or (H, W)
 *  @param w  (K) or (K_h, K_w)
 *  @return   (H + K − 1), or the same along both axes; x and w are padded with zeros to it
 *
 *  Gradients: Wᵀ·g, cut to its shape, for x; that of the matrix for w.
 *  @throws ShapeError unless x and w are both vectors or both matrices, with elements
 *
 *  Source: N3, N4. */
template <class T>
Variable<T> circulant_convolution(const Variable<T>& x, const Variable<T>& w);

} // namespace xgrad
