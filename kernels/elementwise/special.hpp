#pragma once
// Functions of numbers that the C library lacks.

namespace xgrad::kernels::special
{

/** ln |Γ(x)|; ∞ at 0, −1, −2, …. Unlike std::lgamma it may be called by several threads at once. */
double log_gamma(double x);

/** The derivative of order n + 1 of ln Γ at x, NaN at 0, −1, −2, …. For n = 0 it is the digamma function ψ.
 *
 *  For large x it is the asymptotic series. A smaller x moves there by ψ⁽ⁿ⁾(x) = ψ⁽ⁿ⁾(x + 1) − (−1)ⁿ·n!/xⁿ⁺¹, and
 *  a negative one is reflected: ψ⁽ⁿ⁾(x) = (−1)ⁿ·ψ⁽ⁿ⁾(1 − x) − π·dⁿ/dxⁿ cot πx (NIST Digital Library of Mathematical
 *  Functions, 5.15).
 *  @param n  0 or more, else the result is NaN */
double polygamma(double n, double x);

} // namespace xgrad::kernels::special
