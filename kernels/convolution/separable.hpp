#pragma once

#include <xgrad/kernels/geometry.hpp>

namespace xgrad::kernels
{

// Correlations with kernels of rank 1, K = k1 ⊗ k2, as two one-dimensional ones (N25). The kernel's own gradient may
// have any rank, so that face has no separable form.

/** The index of the first kernel, in storage order, that is not of rank 1 to rounding; the number of kernels if there
 *  is none. */
template <class T>
std::size_t first_inseparable(const Window& window, const T* w);

template <class T>
void correlate2d_separable(const Window& window, const T* x, const T* w, T* y);
template <class T>
void correlate2d_input_separable(const Window& window, const T* g, const T* w, T* x);

} // namespace xgrad::kernels
