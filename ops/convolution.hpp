#pragma once

#include <xgrad/ops/window.hpp>

namespace xgrad
{

// Two operations share one engine and differ in one flip:
//   correlate2d  y[i,j] = Σ x[i+u, j+v]·w[u,v]   cross-correlation, what deep learning calls convolution (N2, H-conv)
//   conv2d       y[i,j] = Σ x[i−u, j−v]·w[u,v]   true convolution, MATLAB's conv2, the forward pass of Bouvrie's notes
//   (B9)
// so conv2d(x, w) = correlate2d(x, rot180(w)). Each is a trilinear form in (input, kernel, upstream gradient) with
// three faces: the result, the gradient to the input, the gradient to the kernel. The rules of each face are the other
// two, by the same algorithm; only the kernel face has no separable form and is the direct one then. Images and kernels
// are (N, C, H, W) and (O, C/groups, K_h, K_w), or both plain matrices. All throw ShapeError if the kernel does not
// fit, the channels do not match, or the algorithm is separable and a kernel is not of rank 1. Kernels w[o,c] that are
// all zero, as a connection table leaves them, may be skipped or not: map o may or may not show ∞ and NaN of a channel
// that it reads with such a kernel.

/** Cross-correlation of a batch of images with a bank of kernels.
 *
 *  y[n,o,i,j] = Σ_{c,u,v} x[n,c, i·s+u·d−p, j·s+v·d−p] · w[o,c,u,v]        (N5, N6, N18)
 *
 *  @param x  images (N, C, H, W)
 *  @param w  kernels (O, C/groups, K_h, K_w)
 *  @return   (N, O, H', W'), H' = ⌊(H + 2p − d(K_h−1) − 1)/s⌋ + 1 (G6)
 *  Gradients: input, `correlate2d_input` (G8, N21); kernel, `correlate2d_kernel` (G9, N20). */
template <class T>
Variable<T> correlate2d(const Variable<T>& x, const Variable<T>& w, const ConvolutionOptions& options = {});

/** The gradient of correlate2d to its input: g correlated in full with the turned kernel, for stride 1 (G8, H-C3.4,
 * N21).
 *
 *  x[n,c,a,b] = Σ_{o,u,v} Σ_{i,j: i·s+u·d−p = a, j·s+v·d−p = b} g[n,o,i,j] · w[o,c,u,v]
 *
 *  Also known as transposed convolution.
 *  @param g     (N, O, H', W')
 *  @param size  height and width of the images
 *  @return      (N, C, H, W) */
template <class T>
Variable<T> correlate2d_input(const Variable<T>& g, const Variable<T>& w, Size2d size,
                              const ConvolutionOptions& options = {});

/** The gradient of correlate2d to its kernel: x ⋆ g, valid, for stride 1 (G9, H-C3.2, N20).
 *
 *  w[o,c,u,v] = Σ_{n,i,j} x[n,c, i·s+u·d−p, j·s+v·d−p] · g[n,o,i,j]
 *
 *  @param size  height and width of the kernels
 *  @return      (O, C/groups, K_h, K_w) */
template <class T>
Variable<T> correlate2d_kernel(const Variable<T>& x, const Variable<T>& g, Size2d size,
                               const ConvolutionOptions& options = {});

/** True convolution of a batch of images with a bank of kernels (B9, N1): correlate2d with the kernels turned by 180°.
 *
 *  y[n,o,i,j] = Σ_{c,u,v} x[n,c, i·s+(K_h−1−u)·d−p, j·s+(K_w−1−v)·d−p] · w[o,c,u,v]
 *
 *  Gradients: input, `conv2d_input`: g * rot180(w), full (B14d); kernel, `conv2d_kernel`: rot180(x * rot180(g)), valid
 * (B13). */
template <class T>
Variable<T> conv2d(const Variable<T>& x, const Variable<T>& w, const ConvolutionOptions& options = {});

/** The gradient of conv2d to its input (B14d). Parameters as of correlate2d_input. */
template <class T>
Variable<T> conv2d_input(const Variable<T>& g, const Variable<T>& w, Size2d size,
                         const ConvolutionOptions& options = {});

/** The gradient of conv2d to its kernel (B12, B13). Parameters as of correlate2d_kernel. */
template <class T>
Variable<T> conv2d_kernel(const Variable<T>& x, const Variable<T>& g, Size2d size,
                          const ConvolutionOptions& options = {});

} // namespace xgrad
