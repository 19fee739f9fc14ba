#pragma once

#include <xgrad/models/layers/normalization.hpp>

#include <variant>

namespace xgrad
{

/** A convolution and a normalization: y = N(pool(x ⋆ W)). It has no bias, which the normalization would cancel.
 *
 *  N is batch normalization, or group normalization: then no sample depends on others, so a batch may be cut into
 *  chunks, which threads and ranks share.
 *
 *  `pool` is max pooling over distinct n×n blocks, and nothing if n = 1. Normalization after the pooling has n² times
 *  less to do, and the same result as before it where γ is positive, apart from the moments.
 *
 *  x is (N, inputs, H, W), W (outputs, inputs/groups, K, K), y (N, outputs, H', W'). */
template <class T>
struct NormalizedConvolution
{
    Variable<T> weight;
    std::variant<BatchNorm<T>, GroupNorm<T>> norm;
    ConvolutionOptions options;
    std::ptrdiff_t pooling; ///< n

    /** @param groups  the number of groups of maps for group normalization; 0: batch normalization
     *  @throws ShapeError for impossible numbers */
    NormalizedConvolution(std::size_t inputs, std::size_t outputs, Size2d kernel, Random& random,
                          Initialization initialization = Initialization::he,
                          const ConvolutionOptions& options = {.padding = Padding::same}, std::ptrdiff_t pooling = 1,
                          std::size_t groups = 0);

    /** @throws ShapeError for shapes that do not fit; Error as BatchNorm does */
    Variable<T> operator()(const Variable<T>& x, Mode mode) const;
    Parameters<T> parameters() const;
    /** The running moments of batch normalization. */
    Parameters<T> state() const;
};

template <class T>
LayerSummary summarize(std::string name, const NormalizedConvolution<T>& layer, const Shape& output);

} // namespace xgrad
