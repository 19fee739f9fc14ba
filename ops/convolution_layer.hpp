#pragma once

#include <xgrad/ops/activation.hpp>
#include <xgrad/ops/window.hpp>

namespace xgrad
{

// Convolution layers
//
// A layer's bias, activation and pooling are cheap where its sums are still in the cache, and cost as much as the sums
// where each is a pass of its own.

/** The ops that follow the sums of a convolution layer. */
struct LayerEnd
{
    Activation activation = Activation::identity; ///< f
    bool halve = false;                           ///< true if the largest of each 2×2 block is taken, as by max_pool2d
};

/** A convolution layer in one pass: bias, activation and pooling follow while the sums are in the cache.
 *
 *  y = f(x ⋆ w + b), or with `halve` max_pool2d(f(x ⋆ w + b)) as f(max(x ⋆ w + b)), the same for an f that never falls
 *
 *  @param x  images (N, C, H, W)
 *  @param w  kernels (O, C/groups, K_h, K_w)
 *  @param b  a number for each map, (O)
 *  @return   (N, O, H', W'), or (N, O, ⌊H'/2⌋, ⌊W'/2⌋)
 *
 *  Gradients: with g' = g·f′, at the places of the largest where blocks are halved, else 0: `correlate2d_input(g', w)`
 *  for x; `correlate2d_kernel(x, g')` for w; Σ_{n,i,j} g' for b.
 *
 *  One pass are f = identity, sigmoid, tanh, scaled_tanh, relu and leaky_relu, by the direct algorithm. All else is a
 *  composition of ops, and so is all of it for observers that want parts: the printed derivation has a line for each.
 *
 *  @throws ShapeError as correlate2d and max_pool2d do, or if b has another shape
 *
 *  Sources: N2, H-conv, B3, G0, H-max. */
template <class T>
Variable<T> convolution_layer(const Variable<T>& x, const Variable<T>& w, const Variable<T>& b,
                              const LayerEnd& end = {}, const ConvolutionOptions& options = {});

} // namespace xgrad
