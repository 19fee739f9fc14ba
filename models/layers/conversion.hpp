#pragma once

#include <xgrad/models/layers/layers.hpp>

namespace xgrad
{

// The same function written as another layer (N19). The weights are copied: the two layers share nothing.

/** The convolution that equals a full layer over (maps, h, w) blocks: each row of W is a bank of h×w kernels. On a
 *  block it gives one position; on a larger image it slides and applies the full layer at each position.
 *
 *  @throws ShapeError if the layer does not have maps·h·w inputs */
template <class T>
Convolution<T> as_convolution(const Linear<T>& layer, std::size_t maps, Size2d size);

/** The full layer that equals a convolution on images of one size: flatten(y, 1) = x·Wᵀ + b for flattened x. W is the
 *  doubly blocked Toeplitz matrix of the kernels, (O·H'·W', C·H·W), and b repeats a map's bias at each position.
 *
 *  @throws ShapeError if the kernel does not fit the image */
template <class T>
Linear<T> as_linear(const Convolution<T>& layer, Size2d image);

} // namespace xgrad
