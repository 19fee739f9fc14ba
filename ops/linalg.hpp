#pragma once

#include <xgrad/graph/variable.hpp>

#include <cstddef>

namespace xgrad
{

// Linear systems
//
// These ops solve systems, and need square matrices (…, n, n), alone or in stacks. They are named and behave as in
// numpy.linalg. A float matrix is computed in double and rounded once. The gradients are those of Giles (2008, An
// extended collection of matrix derivative results) and Murray (2016, Differentiation of the Cholesky decomposition).
// ops/decomposition.hpp has what takes matrices apart.
//
// All throw ShapeError if the shapes do not fit. They throw NumericalError if a matrix is singular where its inverse is
// needed; the message says which one of the stack.

/** The solution of a system of linear equations, by elimination with pivots.
 *
 *  y = a⁻¹·b
 *
 *  @param a  (…, n, n)
 *  @param b  (…, n, c), or (n) for one right side; the leading axes are broadcast
 *  @return   (…, n, c), or (…, n)
 *
 *  Gradients: `solve(aᵀ, g)` for b; −that·yᵀ for a.
 *  @throws NumericalError if a matrix is singular */
template <class T>
Variable<T> solve(const Variable<T>& a, const Variable<T>& b);

/** The triangle that `triangular_solve` reads, and how. */
struct Triangle
{
    bool lower = true;          ///< the upper triangle if false
    bool transposed = false;    ///< solves aᵀ·y = b
    bool unit_diagonal = false; ///< takes the diagonal for 1, and does not read it
};

/** The solution of a triangular system, by substitution. The other triangle of a is not read.
 *
 *  y = a⁻¹·b
 *
 *  @param a  (…, n, n)
 *  @param b  (…, n, c), or (n) for one right side; the leading axes are broadcast
 *  @param triangle  lower or upper, transposed, with a diagonal of 1
 *  @return   (…, n, c), or (…, n)
 *
 *  Gradients: the solution of the transposed system for g, for b; −that·yᵀ inside the triangle for a.
 *  @throws NumericalError if there is a 0 on a diagonal */
template <class T>
Variable<T> triangular_solve(const Variable<T>& a, const Variable<T>& b, Triangle triangle = {});

/** The inverse.
 *
 *  y = a⁻¹
 *
 *  @param a  (…, n, n)
 *  @return   (…, n, n)
 *
 *  Gradient: −yᵀ·g·yᵀ.
 *  @throws NumericalError if a matrix is singular */
template <class T>
Variable<T> inv(const Variable<T>& a);

/** The lower triangular factor of a symmetric positive definite matrix, with zeros above its diagonal. It is that of
 *  the symmetric part (a + aᵀ)/2, so the gradient is symmetric.
 *
 *  y·yᵀ = (a + aᵀ)/2
 *
 *  @param a  (…, n, n)
 *  @return   (…, n, n)
 *
 *  Gradient: y⁻ᵀ·(Φ + Φᵀ)·y⁻¹/2, where Φ is the lower triangle of yᵀ·g with half of its diagonal.
 *  @throws NumericalError if a matrix is not positive definite */
template <class T>
Variable<T> cholesky(const Variable<T>& a);

/** The determinant, 1 for a matrix without rows.
 *
 *  y = ± Π_i u_ii, from a = P·L·U
 *
 *  @param a  (…, n, n)
 *  @return   (…)
 *
 *  Gradient: g·y·a⁻ᵀ.
 *  @throws NumericalError if the gradient at a singular matrix is asked for */
template <class T>
Variable<T> det(const Variable<T>& a);

/** The result of `slogdet`. */
template <class T>
struct Slogdet
{
    Variable<T> sign;      ///< 1, −1, or 0 for a singular matrix: a constant
    Variable<T> logabsdet; ///< the logarithm, −∞ for a singular matrix
};

/** The sign and the logarithm of the absolute value of the determinant, without overflow: det a = sign·e^logabsdet.
 *
 *  logabsdet = ln |det a|
 *
 *  @param a  (…, n, n)
 *  @return   two arrays of shape (…)
 *
 *  Gradients: none for the sign, which is a constant; g·a⁻ᵀ for the logarithm.
 *  @throws NumericalError if the gradient at a singular matrix is asked for */
template <class T>
Slogdet<T> slogdet(const Variable<T>& a);

/** The sum of the diagonal. It takes matrices that are not square, too.
 *
 *  y = Σ_i x[…, i, i]
 *
 *  @param x  (…, m, n)
 *  @return   (…)
 *
 *  Gradient: g on the diagonal, 0 elsewhere. */
template <class T>
Variable<T> trace(const Variable<T>& x);

/** The product of k times the same matrix. The power 0 is the identity, a negative one is that of the inverse.
 *
 *  y = aᵏ
 *
 *  @param a  (…, n, n)
 *  @param power  k, 0 or negative too
 *  @return   (…, n, n)
 *
 *  Gradient: that of the products, Σ_i (aᵀ)ⁱ·g·(aᵀ)^(k−1−i) with i < k.
 *  @throws NumericalError if the power is negative and a matrix is singular */
template <class T>
Variable<T> matrix_power(const Variable<T>& a, std::ptrdiff_t power);

} // namespace xgrad
