#pragma once

#include <xgrad/graph/variable.hpp>

namespace xgrad
{

/** Which operands of `matmul` are meant transposed. */
struct Transposed
{
    bool a = false, b = false;
};

/** The matrix product y = a·b, of matrices or of stacks of them.
 *
 *  @param a  (…, m, k), or (k) for a row
 *  @param b  (…, k, n), or (k) for a column
 *  @param transposed  takes aᵀ or bᵀ instead, without a copy
 *  @return   (…, m, n), the leading axes broadcast; without the axis that a vector lacks
 *  @throws ShapeError if the inner extents differ
 *  Gradients: a, g·bᵀ; b, aᵀ·g (B5, B7). */
template <class T>
Variable<T> matmul(const Variable<T>& a, const Variable<T>& b, Transposed transposed = {});

/** The outer product y_ij = a_i·b_j of two vectors (B7). Gradients: a, g·b; b, gᵀ·a. */
template <class T>
Variable<T> outer(const Variable<T>& a, const Variable<T>& b);

/** The Kronecker product over the last two axes; `kron(x, 1_n)` is Bouvrie's upsampling (B10u).
 *
 *  y[…, i·p + u, j·q + v] = a[…, i, j] · b[…, u, v]
 *
 *  @param a  (…, m, n)   @param b  (…, p, q), the leading axes broadcast   @return  (…, m·p, n·q)
 *  Gradients: a, the block sums of g∘b; b, the sum over the blocks of g∘a. */
template <class T>
Variable<T> kron(const Variable<T>& a, const Variable<T>& b);

} // namespace xgrad
