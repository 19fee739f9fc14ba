#pragma once

#include <xgrad/ops/kernels/table.hpp>

namespace xgrad::kernels
{

/** C = op(A)·op(B) by whatever is fastest here. */
template <class T>
void matrix_product(const Product& shape, const T* a, const T* b, T* c);

} // namespace xgrad::kernels
