#pragma once

#include <xgrad/models/layers/normalization.hpp>

namespace xgrad
{

/** A convolution and batch normalization: y = BN(pool(x ⋆ W)). It has no bias, which the normalization would cancel.
 *
 *  `pool` is max pooling over distinct n×n blocks, and nothing if n = 1. Normalization after the pooling has n² times
 *  less to do, and the same result as before it where γ is positive, apart from the moments.
 *
 *  x is (N, inputs, H, W), W (outputs, inputs/groups, K, K), y (N, outputs, H', W'). */
template <class T>
struct NormalizedConvolution
{
    Variable<T> weight;
    BatchNorm<T> norm;
    ConvolutionOptions options;
    std::ptrdiff_t pooling; ///< n

    /** @throws ShapeError for impossible numbers */
    NormalizedConvolution(std::size_t inputs, std::size_t outputs, Size2d kernel, Random& random,
                          Initialization initialization = Initialization::he,
                          const ConvolutionOptions& options = {.padding = Padding::same}, std::ptrdiff_t pooling = 1);

    /** @throws ShapeError for shapes that do not fit; Error as BatchNorm does */
    Variable<T> operator()(const Variable<T>& x, Mode mode) const;
    Parameters<T> parameters() const { return {{"weight", weight}, {"norm", norm.parameters()}}; }
    Parameters<T> state() const { return {{"norm", norm.state()}}; }
};

template <class T>
LayerSummary summarize(std::string name, const NormalizedConvolution<T>& layer, const Shape& output);

} // namespace xgrad
