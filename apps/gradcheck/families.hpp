#pragma once

#include "points.hpp"

namespace xgrad::test
{

Cases arithmetic_cases();
Cases elementwise_cases();
Cases shape_cases();
Cases manipulation_cases();
Cases repetition_cases();
Cases diagonals_cases();
Cases view_cases();
Cases indexing_cases();
Cases sorting_cases();
Cases reduction_cases();
Cases matmul_cases();
Cases linalg_cases();
Cases decomposition_cases();
Cases fourier_cases();
Cases softmax_cases();
Cases normalization_cases();
Cases attention_cases();
Cases recurrence_cases();
Cases dropout_cases();
Cases loss_cases();
Cases convolution_cases();
Cases convolution_nd_cases();
Cases cumulative_cases();
Cases einsum_cases();
Cases circulant_cases();
Cases pooling_cases();
Cases resampling_cases();
Cases layer_cases();
Cases block_cases();
Cases sequence_layer_cases();
Cases combination_cases();
Cases local_cases();
Cases functions_cases();

} // namespace xgrad::test
