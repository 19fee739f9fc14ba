#pragma once

#include <xgrad/ops/window.hpp>

namespace xgrad
{

// Convolution
//
// `correlate2d` is cross-correlation, which deep learning calls convolution. `conv2d` is true convolution, MATLAB's
// conv2 and the forward pass of Bouvrie's notes. They share one engine and differ in one flip:
//
//     correlate2d   y[i,j] = Σ x[i+u, j+v] · w[u,v]        (N2, H-conv)
//     conv2d        y[i,j] = Σ x[i−u, j−v] · w[u,v]        (N1, B9)
//
// So `conv2d(x, w)` is `correlate2d(x, rot180(w))`, and the gradients differ in one flip too. A formula for one,
// checked against the other, is off by a `rot180` of the kernel.
//
// Each operation is linear in the input, the kernel and the upstream gradient. So it has three faces: the result, the
// gradient to the input and the gradient to the kernel. The rules of each face are the other two, by the same
// algorithm. The separable algorithm has no kernel face and uses the direct one. docs/convolution.md shows the whole
// family and says when to use which algorithm.
//
// Images are (N, C, H, W) and kernels (O, C/groups, K_h, K_w), or both are plain matrices. ops/window.hpp explains the
// options and the other letters. All throw ShapeError if the kernel does not fit, the channels do not match, or the
// groups do not divide channels and maps. So they do if the algorithm is separable and a kernel is not of rank 1.
//
// A connection table leaves kernels w[o,c] that are all zero. Such a kernel may be skipped. Then map o does not show ∞
// and NaN of channel c.

/** The cross-correlation of a batch of images with a bank of kernels, x ⋆ w.
 *
 *  y[n,o,i,j] = Σ_{c,u,v} x[n,c, i·s+u·d−p, j·s+v·d−p] · w[o,c,u,v]
 *
 *  @param x  images (N, C, H, W)
 *  @param w  kernels (O, C/groups, K_h, K_w)
 *  @return   (N, O, H', W')
 *
 *  Gradients: `correlate2d_input(g, w)` for x; `correlate2d_kernel(x, g)` for w.
 *
 *  Source: N2, N5, N6, N10, N18, N20, N21, H-conv, G6, G8, G9. */
template <class T>
Variable<T> correlate2d(const Variable<T>& x, const Variable<T>& w, const ConvolutionOptions& options = {});

/** The gradient of `correlate2d` to its input, also known as transposed convolution. With valid padding and stride 1 it
 *  is g * w, full.
 *
 *  x[n,c,a,b] = Σ_{o,u,v} Σ_{i,j: i·s+u·d−p = a, j·s+v·d−p = b} g[n,o,i,j] · w[o,c,u,v]
 *
 *  @param g     (N, O, H', W')
 *  @param w     kernels (O, C/groups, K_h, K_w)
 *  @param size  H × W, of the images
 *  @return      (N, C, H, W)
 *
 *  Gradients, with h upstream: `correlate2d(h, w)` for g; `correlate2d_kernel(h, g)` for w.
 *
 *  Source: N21, G8, H-C3.4. */
template <class T>
Variable<T> correlate2d_input(const Variable<T>& g, const Variable<T>& w, Size2d size,
                              const ConvolutionOptions& options = {});

/** The gradient of `correlate2d` to its kernel. With valid padding and stride 1 it is x ⋆ g, valid.
 *
 *  w[o,c,u,v] = Σ_{n,i,j} x[n,c, i·s+u·d−p, j·s+v·d−p] · g[n,o,i,j]
 *
 *  @param x     images (N, C, H, W)
 *  @param g     (N, O, H', W')
 *  @param size  K_h × K_w, of the kernels
 *  @return      (O, C/groups, K_h, K_w)
 *
 *  Gradients, with h upstream: `correlate2d_input(g, h)` for x; `correlate2d(x, h)` for g.
 *
 *  Source: N20, G9, H-C3.2. */
template <class T>
Variable<T> correlate2d_kernel(const Variable<T>& x, const Variable<T>& g, Size2d size,
                               const ConvolutionOptions& options = {});

/** The true convolution of a batch of images with a bank of kernels, x * w: `correlate2d` with the kernels turned by
 *  180°.
 *
 *  y[n,o,i,j] = Σ_{c,u,v} x[n,c, i·s+(K_h−1−u)·d−p, j·s+(K_w−1−v)·d−p] · w[o,c,u,v]
 *
 *  @param x  images (N, C, H, W)
 *  @param w  kernels (O, C/groups, K_h, K_w)
 *  @return   (N, O, H', W')
 *
 *  Gradients: `conv2d_input(g, w)` for x; `conv2d_kernel(x, g)` for w.
 *
 *  Source: N1, B9, B13, B14d. */
template <class T>
Variable<T> conv2d(const Variable<T>& x, const Variable<T>& w, const ConvolutionOptions& options = {});

/** The gradient of `conv2d` to its input. With valid padding and stride 1 it is g * rot180(w), full.
 *
 *  x[n,c,a,b] = Σ_{o,u,v} Σ_{i,j: i·s+(K_h−1−u)·d−p = a, j·s+(K_w−1−v)·d−p = b} g[n,o,i,j] · w[o,c,u,v]
 *
 *  @param g     (N, O, H', W')
 *  @param w     kernels (O, C/groups, K_h, K_w)
 *  @param size  H × W, of the images
 *  @return      (N, C, H, W)
 *
 *  Gradients, with h upstream: `conv2d(h, w)` for g; `conv2d_kernel(h, g)` for w.
 *
 *  Source: B14d. */
template <class T>
Variable<T> conv2d_input(const Variable<T>& g, const Variable<T>& w, Size2d size,
                         const ConvolutionOptions& options = {});

/** The gradient of `conv2d` to its kernel. With valid padding and stride 1 it is rot180(x * rot180(g)), valid.
 *
 *  w[o,c,u,v] = Σ_{n,i,j} x[n,c, i·s+(K_h−1−u)·d−p, j·s+(K_w−1−v)·d−p] · g[n,o,i,j]
 *
 *  @param x     images (N, C, H, W)
 *  @param g     (N, O, H', W')
 *  @param size  K_h × K_w, of the kernels
 *  @return      (O, C/groups, K_h, K_w)
 *
 *  Gradients, with h upstream: `conv2d_input(g, h)` for x; `conv2d(x, h)` for g.
 *
 *  Source: B12, B13. */
template <class T>
Variable<T> conv2d_kernel(const Variable<T>& x, const Variable<T>& g, Size2d size,
                          const ConvolutionOptions& options = {});

} // namespace xgrad
