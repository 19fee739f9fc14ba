// This file is compiled once per instruction set, whose name is XGRAD_ARCHITECTURE. Only the two tables, and what has
// the instruction set in its type, may have external linkage. Any other inline function that is shared with other files
// would carry this file's instructions into them.

#include "convolution/convolution.ipp"
#include "elementwise/elementwise.ipp"
#include "pooling/pooling.ipp"
#include "product/product.ipp"
#include "reduction/reduction.ipp"
#include "update/update.ipp"
#include <xgrad/kernels/table.hpp>

#include <xsimd/xsimd.hpp>

namespace xgrad::kernels::XGRAD_ARCHITECTURE
{
namespace
{

#define XGRAD_KERNEL(Rule) update<update_rules::Rule<T>, T>,
template <class T>
constexpr Table<T> kernels{
    .unary = unary<T>,
    .unary_gradient = unary_gradient<T>,
    .binary = binary<T>,
    .sum = sum<T>,
    .dot = dot<T>,
    .maximum = maximum<T>,
    .place_of_maximum = place_of_maximum<T>,
    .softmax = softmax<T>,
    .log_softmax = log_softmax<T>,
    .product = product<T>,
    .correlate2d = correlate2d<T>,
    .correlate2d_input = correlate2d_input<T>,
    .correlate2d_kernel = correlate2d_kernel<T>,
    .convolution_layer = convolution_layer<T>,
    .max_pool2d = max_pool2d<T>,
    .scatter_planes = scatter_planes<T>,
    .gather_planes = gather_planes<T>,
    .mean_pool2d = mean_pool2d<T>,
    .mean_pool2d_input = mean_pool2d_input<T>,
    .update = {XGRAD_UPDATE_RULES(XGRAD_KERNEL) nullptr},
};

} // namespace

const Table<float>& table_float();
const Table<double>& table_double();
const Table<float>& table_float() { return kernels<float>; }
const Table<double>& table_double() { return kernels<double>; }

} // namespace xgrad::kernels::XGRAD_ARCHITECTURE
