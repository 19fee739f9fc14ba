#include "kernels.hpp"
#include <xgrad/kernels/elementwise/broadcast.hpp>
#include <xgrad/kernels/product/product.hpp>
#include <xgrad/kernels/reduction/reduce.hpp>

namespace bench
{

using namespace xgrad::kernels;

Kernels library_kernels()
{
    Kernels all{
        table<float>(),
        [](float* y, const float* b, std::size_t samples, std::size_t units, std::size_t area) {
            binary_broadcast(Binary::add, y, {samples, units, area}, b, {1, units, 1}, y, {samples, units, area});
        },
        [](const float* g, float* b, std::size_t samples, std::size_t units, std::size_t area) {
            const bool reduced[] = {true, false, true};
            reduce_sum(g, {samples, units, area}, reduced, b);
        }};
    all.table.product = matrix_product<float>;
    return all;
}

} // namespace bench
