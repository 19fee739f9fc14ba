#pragma once

#include <xgrad/graph/variable.hpp>

namespace xgrad
{

// Matrices
//
// These are the products of matrices and vectors. `matmul` and `kron` also take stacks of matrices, whose leading axes
// are broadcast.

/** The operands of `matmul` that are meant transposed: `{.a = true}` takes aᵀ, without a copy. */
struct Transposed
{
    bool a = false, b = false;
};

/** The matrix product.
 *
 *  y[…, i, j] = Σ_l a[…, i, l] · b[…, l, j]
 *
 *  @param a  (…, m, k), or (k) for a row
 *  @param b  (…, k, n), or (k) for a column
 *  @param transposed  takes aᵀ or bᵀ instead
 *  @return   (…, m, n), without the axis that a vector lacks
 *
 *  Gradients: g·bᵀ for a; aᵀ·g for b.
 *  @throws ShapeError if an operand is a scalar, the inner extents differ or the leading axes do not broadcast
 *
 *  Source: B5, B7, G0, G5. */
template <class T>
Variable<T> matmul(const Variable<T>& a, const Variable<T>& b, Transposed transposed = {});

/** The outer product of two vectors.
 *
 *  y_ij = a_i·b_j
 *
 *  Gradients: g·b for a; gᵀ·a for b.
 *  @throws ShapeError unless both are vectors
 *
 *  Source: B7, G1. */
template <class T>
Variable<T> outer(const Variable<T>& a, const Variable<T>& b);

/** The Kronecker product a ⊗ b over the last two axes. With a block of ones for b it is Bouvrie's upsampling.
 *
 *  y[…, i·p + u, j·q + v] = a[…, i, j] · b[…, u, v]
 *
 *  @param a  (…, m, n)
 *  @param b  (…, p, q)
 *  @return   (…, m·p, n·q)
 *
 *  Gradients: the sum over each block of g∘b for a; the sum over the blocks of g∘a for b.
 *  @throws ShapeError if an operand has fewer than two axes or the leading axes do not broadcast
 *
 *  Source: B10u. */
template <class T>
Variable<T> kron(const Variable<T>& a, const Variable<T>& b);

} // namespace xgrad
