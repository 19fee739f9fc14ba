#pragma once

#include <xgrad/kernels/table.hpp>

namespace xgrad::kernels
{

/** C = op(A)·op(B), a large one in pieces for the threads. It uses whatever is fastest here: our own kernel, or oneDNN
 *  or a CBLAS if the library was built with them. The environment variable XGRAD_PRODUCT=own, onednn or cblas forces
 *  one. Our own kernel does what that one cannot do (oneDNN: double).
 *  @throws Error if XGRAD_PRODUCT names something else */
template <class T>
void matrix_product(const Product& shape, const T* a, const T* b, T* c);

extern template void matrix_product(const Product&, const float*, const float*, float*);
extern template void matrix_product(const Product&, const double*, const double*, double*);

} // namespace xgrad::kernels
