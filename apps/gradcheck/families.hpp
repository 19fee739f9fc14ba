#pragma once

#include "points.hpp"

namespace xgrad::test
{

Cases arithmetic_cases();
Cases elementwise_cases();
Cases shape_cases();
Cases indexing_cases();
Cases reduction_cases();
Cases matmul_cases();
Cases softmax_cases();
Cases loss_cases();
Cases convolution_cases();
Cases circulant_cases();
Cases pooling_cases();
Cases resampling_cases();
Cases layer_cases();
Cases block_cases();
Cases combination_cases();
Cases local_cases();

} // namespace xgrad::test
