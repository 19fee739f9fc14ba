#pragma once

#include <xgrad/kernels/geometry.hpp>

namespace xgrad::kernels
{

// The instruction set's convolution, a large one in pieces that threads share: images, or rows of one image's result;
// of the kernels' gradient, output maps. How it is cut does not depend on the number of threads, so neither do the
// bits.

template <class T>
void correlate2d_direct(const Window& window, const T* x, const T* w, T* y);
template <class T>
void correlate2d_input_direct(const Window& window, const T* g, const T* w, T* x);
template <class T>
void correlate2d_kernel_direct(const Window& window, const T* x, const T* g, T* w);

} // namespace xgrad::kernels
