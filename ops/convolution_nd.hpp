#pragma once

#include <xgrad/ops/window.hpp>

namespace xgrad
{

// Convolution in one and three dimensions
//
// Sequences are images of one row, and volumes are images whose channels hold the planes that a kernel covers. So these
// ops are those of ops/convolution.hpp, and so are their rules. Letters and paddings are the same, and all throw
// ShapeError as they do.

/** The cross-correlation of sequences with kernels: y[n,o,i] = Σ_{c,u} x[n,c, i·s+u·d−p]·w[o,c,u], for x of shape
 *  (N, C, L) and w of shape (O, C/groups, K). Gradients: `correlate1d_input(g, w)` for x; `correlate1d_kernel(x, g)`
 * for w. Source: N2. */
template <class T>
Variable<T> correlate1d(const Variable<T>& x, const Variable<T>& w, const Convolution1dOptions& options = {});

/** The gradient of `correlate1d` to its input, of the given length: x[n,c,a] = Σ_{o, i·s+u·d−p = a} g[n,o,i]·w[o,c,u].
 *  Gradients, with h upstream: `correlate1d(h, w)` for g; `correlate1d_kernel(h, g)` for w. Source: N21. */
template <class T>
Variable<T> correlate1d_input(const Variable<T>& g, const Variable<T>& w, std::ptrdiff_t length,
                              const Convolution1dOptions& options = {});

/** The gradient of `correlate1d` to its kernel, of the given length: w[o,c,u] = Σ_{n,i} x[n,c, i·s+u·d−p]·g[n,o,i].
 *  Gradients, with h upstream: `correlate1d_input(g, h)` for x; `correlate1d(x, h)` for g. Source: N20. */
template <class T>
Variable<T> correlate1d_kernel(const Variable<T>& x, const Variable<T>& g, std::ptrdiff_t length,
                               const Convolution1dOptions& options = {});

/** The true convolution of sequences with kernels: y[n,o,i] = Σ_{c,u} x[n,c, i·s+(K−1−u)·d−p]·w[o,c,u], which is
 *  `correlate1d` with reversed kernels. Gradients: `conv1d_input(g, w)` for x; `conv1d_kernel(x, g)` for w.
 *  Source: N1. */
template <class T>
Variable<T> conv1d(const Variable<T>& x, const Variable<T>& w, const Convolution1dOptions& options = {});

/** The gradient of `conv1d` to its input, of the given length: x[n,c,a] = Σ_{o, i·s+(K−1−u)·d−p = a} g[n,o,i]·w[o,c,u].
 *  Gradients, with h upstream: `conv1d(h, w)` for g; `conv1d_kernel(h, g)` for w. */
template <class T>
Variable<T> conv1d_input(const Variable<T>& g, const Variable<T>& w, std::ptrdiff_t length,
                         const Convolution1dOptions& options = {});

/** The gradient of `conv1d` to its kernel, of the given length: w[o,c,u] = Σ_{n,i} x[n,c, i·s+(K−1−u)·d−p]·g[n,o,i].
 *  Gradients, with h upstream: `conv1d_input(g, h)` for x; `conv1d(x, h)` for g. */
template <class T>
Variable<T> conv1d_kernel(const Variable<T>& x, const Variable<T>& g, std::ptrdiff_t length,
                          const Convolution1dOptions& options = {});

/** The part of a convolution of two vectors that counts. */
enum class ConvolveMode : unsigned char
{
    full, ///< every overlap: n + m − 1 elements
    same, ///< the middle of it, as long as the longer vector
    valid ///< the places where the shorter vector lies within the longer one
};

/** The convolution of two vectors: y_i = Σ_k a_k·b_{i−k}, as `convolve` of NumPy and xtensor. Gradients: the
 * correlation of g and b for a; the correlation of g and a for b.
 *  @throws ShapeError unless both are vectors with elements */
template <class T>
Variable<T> convolve(const Variable<T>& a, const Variable<T>& b, ConvolveMode mode = ConvolveMode::full);

/** The cross-correlation of volumes with kernels.
 *
 *  y[n,o,h,i,j] = Σ_{c,t,u,v} x[n,c, h·s+t·d−p, i·s+u·d−p, j·s+v·d−p]·w[o,c,t,u,v]
 *
 *  @param x  volumes (N, C, D, H, W)
 *  @param w  kernels (O, C/groups, K_d, K_h, K_w)
 *  @return   (N, O, D', H', W')
 *
 *  Gradients: those of `correlate2d`, with the planes among the channels, for x; for w. */
template <class T>
Variable<T> correlate3d(const Variable<T>& x, const Variable<T>& w, const Convolution3dOptions& options = {});

/** The true convolution of volumes with kernels: y = `correlate3d` of x and w reversed along its last three axes.
 *  Gradients: those of `correlate3d` for x; the same, reversed, for w. */
template <class T>
Variable<T> conv3d(const Variable<T>& x, const Variable<T>& w, const Convolution3dOptions& options = {});

} // namespace xgrad
