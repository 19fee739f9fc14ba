#include <xgrad/ops/kernels/product.hpp>

namespace xgrad::kernels
{

template <class T>
void matrix_product(const Product& shape, const T* a, const T* b, T* c)
{
    table<T>().product(shape, a, b, c);
}
template void matrix_product(const Product&, const float*, const float*, float*);
template void matrix_product(const Product&, const double*, const double*, double*);

} // namespace xgrad::kernels
