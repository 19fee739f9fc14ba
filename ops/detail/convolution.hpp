#pragma once
// The geometry of a convolution, which its ops share. Not for users.

#include <xgrad/ops/window.hpp>

namespace xgrad::detail
{

/** The geometry of x ⋆ w, from the shapes of batches (N, C, H, W) and (O, C/groups, K_h, K_w), or of two matrices.
 *  @throws ShapeError if they do not fit */
kernels::Window correlation_window(const char* op, const Shape& x, const Shape& w, const ConvolutionOptions& options);

} // namespace xgrad::detail
