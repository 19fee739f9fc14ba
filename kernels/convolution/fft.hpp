#pragma once

#include <xgrad/kernels/geometry.hpp>

namespace xgrad::kernels
{

// The three faces of the correlation by Fourier transforms (N24). Each image channel, kernel and map is transformed
// once, the sums are taken there, and each plane of the result is transformed back. A NaN or an infinity spreads over
// its plane. It takes the memory of the transforms of both operands.

template <class T>
void correlate2d_fft(const Window& window, const T* x, const T* w, T* y);
template <class T>
void correlate2d_input_fft(const Window& window, const T* g, const T* w, T* x);
template <class T>
void correlate2d_kernel_fft(const Window& window, const T* x, const T* g, T* w);

} // namespace xgrad::kernels
