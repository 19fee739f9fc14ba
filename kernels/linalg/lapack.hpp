#pragma once
// Decompositions of one large matrix by LAPACK (Anderson et al. 1999). Each function does what the one of the same name
// in factorizations.hpp does. It returns false, and has changed nothing, if there is no LAPACK, if the matrix is so
// small that our own loops are as fast or too large for `int`, or if an element is not finite.

#include <cstddef>

namespace xgrad::kernels::lapack
{

/** @param sign  becomes the sign of the permutation */
bool factor_lu(std::size_t n, double* a, std::size_t* pivots, int& sign);

/** @param is_definite  becomes whether A is positive definite */
bool factor_cholesky(std::size_t n, double* a, bool& is_definite);

bool factor_qr(std::size_t m, std::size_t n, double* a, double* r);

bool decompose_symmetric(std::size_t n, double* a, double* w);

bool decompose_singular(std::size_t m, std::size_t n, double* a, double* s, double* vt);

} // namespace xgrad::kernels::lapack
