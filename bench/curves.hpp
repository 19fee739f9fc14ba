#pragma once

#include "comparison.hpp"

namespace bench
{

/** How times grow with the size of the batch, the depth and width of a network, the size of images: plots of xgrad and
 *  libtorch, scaling_batch.svg … in a folder. */
void draw_curves(Comparison& by, const std::string& folder);

} // namespace bench
