#pragma once

#include <xgrad/kernels/geometry.hpp>

namespace xgrad::kernels
{

// Convolution by the kernels of the instruction set in use. Threads share a large one in pieces: images, rows of one
// image's result, or output maps of the kernels' gradient. The pieces do not depend on the number of threads, so
// neither do the bits.

template <class T>
void correlate2d_direct(const Window& window, const T* x, const T* w, T* y);
template <class T>
void correlate2d_input_direct(const Window& window, const T* g, const T* w, T* x);
template <class T>
void correlate2d_kernel_direct(const Window& window, const T* x, const T* g, T* w);

} // namespace xgrad::kernels
