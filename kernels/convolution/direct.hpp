#pragma once

#include <xgrad/kernels/convolution/layer.hpp>
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

/** Correlates images with kernels, and applies the end of a layer to the sums. */
template <class T>
void convolution_layer_direct(const Window& window, const Finish<T>& end, const T* x, const T* w);
/** Returns whether blocks can be taken in the same pass: images so large that threads share one cannot. */
bool halves_in_one_pass(const Window& window);

} // namespace xgrad::kernels
