#pragma once

#include <xgrad/models/layers/layers.hpp>

namespace xgrad
{

/** The options of a ConvTranspose2d. */
struct TransposedOptions
{
    Size2d padding = 0;        ///< rows and columns that are cut off at each side
    Size2d stride = 1;         ///< the distance of the places to which neighbours go
    Size2d output_padding = 0; ///< further rows below and columns to the right; smaller than the stride
    Size2d dilation = 1;       ///< the distance of the kernel's taps
    std::ptrdiff_t groups = 1;
};

/** A transposed convolution (Zeiler et al. 2010), the gradient of a convolution to its input as a layer: each number of
 * x adds a kernel to the result, y = `correlate2d_input(x, W)` + b.
 *
 *  x is (N, inputs, H, W), the weight (inputs, outputs/groups, K, K) as in PyTorch, b (outputs), and y has
 *  (H − 1)·s − 2p + d(K − 1) + 1 rows, and further ones of output_padding. */
template <class T>
struct ConvTranspose2d
{
    Variable<T> weight, bias;
    TransposedOptions options;

    /** @throws ShapeError for impossible numbers */
    ConvTranspose2d(std::size_t inputs, std::size_t outputs, Size2d kernel, Random& random,
                    Initialization initialization = Initialization::lecun, const TransposedOptions& options = {});
    /** @throws ShapeError for another number of maps, or if nothing remains of the result */
    Variable<T> operator()(const Variable<T>& x) const;
    Parameters<T> parameters() const { return {{"weight", weight}, {"bias", bias}}; }
};

/** A convolution of sequences, by cross-correlation: y = correlate1d(x, W) + b.
 *  x is (N, inputs, L), the weight (outputs, inputs/groups, K) as in PyTorch, b (outputs), and y (N, outputs, L'). */
template <class T>
struct Conv1d
{
    Variable<T> weight, bias;
    Convolution1dOptions options;

    /** @throws ShapeError for impossible numbers */
    Conv1d(std::size_t inputs, std::size_t outputs, std::ptrdiff_t kernel, Random& random,
           Initialization initialization = Initialization::lecun, const Convolution1dOptions& options = {});
    /** @throws ShapeError for another number of maps, or if the kernel does not fit */
    Variable<T> operator()(const Variable<T>& x) const;
    Parameters<T> parameters() const { return {{"weight", weight}, {"bias", bias}}; }
};

// `output` is that of one sample: (O, H, W) or (O, L).
template <class T>
LayerSummary summarize(std::string name, const ConvTranspose2d<T>& layer, const Shape& output);
template <class T>
LayerSummary summarize(std::string name, const Conv1d<T>& layer, const Shape& output);

} // namespace xgrad
