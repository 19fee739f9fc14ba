#pragma once

#include <xgrad/graph/variable.hpp>

namespace xgrad
{

// Decompositions
//
// These ops take matrices (…, m, n) apart, alone or in stacks, and are named as in numpy.linalg. A float matrix is
// computed in double and rounded once. The signs of vectors are free, as in LAPACK. So a loss should not depend on
// them. The gradients are those of Seeger et al. (2017, Auto-differentiating linear algebra), Walter and Lehmann (2010,
// Algorithmic differentiation of linear algebra functions), Townsend (2016, Differentiating the singular value
// decomposition), and Golub and Pereyra (1973) for `pinv`. k is the smaller one of m and n.
//
// All throw ShapeError if the shapes do not fit. A gradient throws NumericalError where there is none: at dependent
// columns, or at equal eigenvalues or singular values if it flows through the vectors. The message says in which matrix
// of the stack.

/** The result of `qr`. */
template <class T>
struct Qr
{
    Variable<T> q; ///< (…, m, k), with orthonormal columns
    Variable<T> r; ///< (…, k, n), upper triangular
};

/** The reduced QR decomposition, by Householder's reflections: qᵀ·q = I.
 *
 *  a = q·r
 *
 *  @param a  (…, m, n)
 *  @return   q (…, m, k) and r (…, k, n)
 *
 *  Gradient: (g_q + q·(L + Kᵀ))·r⁻ᵀ for m ≥ n, where L is the lower triangle of r·g_rᵀ − g_qᵀ·q, and K is L without its
 *  diagonal. If m < n the first m columns are taken apart, and the others are q·(qᵀ·a).
 *  @throws NumericalError if the gradient at dependent columns is asked for, of the first k */
template <class T>
Qr<T> qr(const Variable<T>& a);

/** The result of `eigh`. */
template <class T>
struct Eigh
{
    Variable<T> eigenvalues;  ///< (…, n), ascending
    Variable<T> eigenvectors; ///< (…, n, n), a vector a column
};

/** The eigenvalues w and orthonormal eigenvectors v of a symmetric matrix. They are those of the symmetric part
 *  (a + aᵀ)/2, so the gradient is symmetric.
 *
 *  (a + aᵀ)/2 = v·diag(w)·vᵀ
 *
 *  @param a  (…, n, n)
 *  @return   w (…, n) and v (…, n, n)
 *
 *  Gradient: the symmetric part of v·(diag(g_w) + F∘(vᵀ·g_v))·vᵀ, with F_ij = 1/(w_j − w_i) and F_ii = 0. If g_v is 0,
 *  equal eigenvalues are allowed.
 *  @throws NumericalError if two eigenvalues are equal, within rounding, and the gradient flows through v */
template <class T>
Eigh<T> eigh(const Variable<T>& a);

/** The eigenvalues of a symmetric matrix, ascending, as of `eigh`.
 *
 *  (a + aᵀ)/2 = v·diag(w)·vᵀ
 *
 *  @param a  (…, n, n)
 *  @return   (…, n)
 *
 *  Gradient: v·diag(g)·vᵀ. */
template <class T>
Variable<T> eigvalsh(const Variable<T>& a);

/** The result of `svd`. */
template <class T>
struct Svd
{
    Variable<T> u;  ///< (…, m, k), with orthonormal columns
    Variable<T> s;  ///< (…, k), descending, 0 or more
    Variable<T> vt; ///< (…, k, n), vᵀ, with orthonormal rows
};

/** The thin singular value decomposition: uᵀ·u = vᵀ·v = I.
 *
 *  a = u·diag(s)·vᵀ
 *
 *  @param a  (…, m, n)
 *  @return   u (…, m, k), s (…, k) and vᵀ (…, k, n)
 *
 *  Gradient: u·(J·diag(s) + diag(s)·H + diag(g_s))·vᵀ, with J = F∘(uᵀ·g_u − g_uᵀ·u), H = F∘(vᵀ·g_v − g_vᵀ·v),
 *  F_ij = 1/(s_j² − s_i²) and F_ii = 0. If m > n, (I − u·uᵀ)·g_u·diag(1/s)·vᵀ is added; if m < n, the same of aᵀ.
 *  @throws NumericalError if the gradient flows through u or v and two singular values are equal, within rounding, or
 *          one is 0 and m ≠ n */
template <class T>
Svd<T> svd(const Variable<T>& a);

/** The solution of a system with more equations than unknowns, by `qr`. It is the first of the results of
 *  numpy.linalg.lstsq.
 *
 *  y = argmin |a·y − b|² = r⁻¹·qᵀ·b
 *
 *  @param a  (…, m, n), m ≥ n, with independent columns
 *  @param b  (…, m, c), or (m) for one right side; the leading axes are broadcast
 *  @return   (…, n, c), or (…, n)
 *
 *  Gradients: those of the products and of `qr`.
 *  @throws NumericalError if the columns of a matrix are dependent; `pinv` takes them */
template <class T>
Variable<T> lstsq(const Variable<T>& a, const Variable<T>& b);

/** The pseudo-inverse of Moore and Penrose. Singular values up to ε·max(m, n) times the largest one count as 0.
 *
 *  y = v·diag(1/s)·uᵀ
 *
 *  @param a  (…, m, n)
 *  @return   (…, n, m)
 *
 *  Gradient: −yᵀ·g·yᵀ + (I − a·y)·gᵀ·y·yᵀ + yᵀ·y·gᵀ·(I − y·a). It holds as long as the rank does not change. */
template <class T>
Variable<T> pinv(const Variable<T>& a);

/** The rank: the number of singular values above ε·max(m, n) times the largest one.
 *
 *  y = rank a
 *
 *  @param a  (…, m, n)
 *  @return   (…)
 *
 *  Gradient: none, y are Labels. */
template <class T>
Labels matrix_rank(const Variable<T>& a);

/** The kinds of `matrix_norm`. */
enum class MatrixNorm : unsigned char
{
    frobenius, ///< √(Σ x²)
    nuclear,   ///< the sum of the singular values
    spectral   ///< the largest singular value, numpy's 2
};

/** The norm of a matrix, one of three kinds.
 *
 *  y = √(Σ_ij x²_ij), Σ_i s_i or max_i s_i
 *
 *  @param x  (…, m, n)
 *  @param kind  frobenius, nuclear or spectral
 *  @return   (…)
 *
 *  Gradient: g·x/y, 0 where y = 0; g·u·vᵀ; g·u_0·v_0ᵀ. At singular values that are 0 or equal it is one subgradient.
 *  @throws ShapeError if there is no largest singular value */
template <class T>
Variable<T> matrix_norm(const Variable<T>& x, MatrixNorm kind = MatrixNorm::frobenius);

/** The condition number, ∞ for a singular matrix.
 *
 *  y = s_max/s_min
 *
 *  @param a  (…, m, n)
 *  @return   (…)
 *
 *  Gradient: those of the singular values and of their quotient.
 *  @throws ShapeError if the matrices have no elements */
template <class T>
Variable<T> cond(const Variable<T>& a);

} // namespace xgrad
