#include "families.hpp"

#include <iterator>

namespace xgrad::test
{

std::vector<GradientCase> gradient_cases()
{
    Cases all;
    for (Cases (*family)() :
         {arithmetic_cases,    elementwise_cases,    shape_cases,         manipulation_cases, repetition_cases,
          diagonals_cases,     view_cases,           indexing_cases,      sorting_cases,      reduction_cases,
          matmul_cases,        linalg_cases,         decomposition_cases, fourier_cases,      softmax_cases,
          normalization_cases, attention_cases,      recurrence_cases,    dropout_cases,      loss_cases,
          convolution_cases,   convolution_nd_cases, cumulative_cases,    einsum_cases,       circulant_cases,
          pooling_cases,       resampling_cases,     layer_cases,         block_cases,        sequence_layer_cases,
          combination_cases,   local_cases,          functions_cases})
    {
        Cases cases = family();
        std::move(cases.begin(), cases.end(), std::back_inserter(all));
    }
    return all;
}

} // namespace xgrad::test
