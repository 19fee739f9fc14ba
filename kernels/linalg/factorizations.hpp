#pragma once
// Factorizations of one matrix. All matrices are row-major and dense, and are computed in double: a float matrix is
// rounded once, at the end. An element that is NaN or infinite makes results that are not finite, and never a loop
// without end.

#include <cstddef>

namespace xgrad::kernels
{

/** P·A = L·U in place, with partial pivoting: U with its diagonal, and below it L, whose diagonal is 1.
 *  @param pivots  (n); row i was exchanged with row pivots[i]
 *  @return the sign of the permutation, 1 or −1. A is singular if the diagonal of U has a 0 */
int factor_lu(std::size_t n, double* a, std::size_t* pivots);

/** Solves A·X = B in place, from the factors of A, for B of (n, columns). */
void solve_lu(std::size_t n, std::size_t columns, const double* lu, const std::size_t* pivots, double* b);

/** The half of a matrix that a system is solved with: its lower triangle, or the upper one. */
struct TrianglePart
{
    bool lower = true, transposed = false, unit_diagonal = false;
};

/** Solves A·X = B, or Aᵀ·X = B, in place for a triangular A. The other half of A is not read. */
void solve_triangular(TrianglePart part, std::size_t n, std::size_t columns, const double* a, double* b);

/** A = L·Lᵀ in place, from the lower half; the other half becomes 0. Returns whether A is positive definite. */
bool factor_cholesky(std::size_t n, double* a);

/** A = Q·R by Householder's reflections, for m ≥ n. The signs are LAPACK's: a reflection makes the diagonal of R
 *  negative where that of A was positive.
 *  @param a  (m, n), becomes Q
 *  @param r  (n, n), with zeros below the diagonal */
void factor_qr(std::size_t m, std::size_t n, double* a, double* r);

/** A = V·diag(w)·Vᵀ of a symmetric A, by Jacobi's rotations (Golub and Van Loan, Matrix Computations, 8.5).
 *  @param a  (n, n), becomes V, a vector a column
 *  @param w  (n), ascending */
void decompose_symmetric(std::size_t n, double* a, double* w);

/** A = U·diag(s)·Vᵀ for m ≥ n, by one-sided Jacobi rotations of R from A = Q·R (Demmel and Veselić 1992).
 *  @param a   (m, n), becomes U
 *  @param s   (n), descending
 *  @param vt  (n, n) */
void decompose_singular(std::size_t m, std::size_t n, double* a, double* s, double* vt);

} // namespace xgrad::kernels
