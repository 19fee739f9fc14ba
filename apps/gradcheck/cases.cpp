#include "families.hpp"

#include <iterator>

namespace xgrad::test
{

std::vector<GradientCase> gradient_cases()
{
    Cases all;
    for (Cases (*family)() :
         {arithmetic_cases, elementwise_cases, shape_cases, indexing_cases, reduction_cases, matmul_cases,
          softmax_cases, loss_cases, convolution_cases, circulant_cases, pooling_cases, resampling_cases, layer_cases,
          block_cases, combination_cases, local_cases})
    {
        Cases cases = family();
        std::move(cases.begin(), cases.end(), std::back_inserter(all));
    }
    return all;
}

} // namespace xgrad::test
