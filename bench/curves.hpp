#pragma once

#include "comparison.hpp"

namespace bench
{

/** Plots the times of xgrad and libtorch over the batch size, the depth and width of a network, and the image size, as
 *  scaling_batch.svg … in a folder. */
void draw_curves(Comparison& by, const std::string& folder);

} // namespace bench
