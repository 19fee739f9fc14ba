#pragma once

#include <xgrad/models/layers/layers.hpp>

#include <cstdint>
#include <vector>

namespace xgrad
{

/** The options of a multilayer perceptron. */
struct MLPOptions
{
    Activation activation = Activation::tanh;            ///< the activation of the hidden layers
    Activation output_activation = Activation::identity; ///< the activation of the last layer; identity gives logits
    enum class Loss
    {
        softmax_cross_entropy, ///< H-J
        binary_cross_entropy,  ///< G0 for logistic outputs; the network returns their logits
        squared_error          ///< B2, G0
    };
    Loss loss = Loss::softmax_cross_entropy;
};

/** A multilayer perceptron x^ℓ = f(W^ℓ x^{ℓ−1} + b^ℓ) of any depth (B3, G0). */
template <class T>
struct MLP
{
    MLPOptions options;
    std::vector<Linear<T>> layers;

    /** @param sizes  the sizes of the input, the hidden layers and the output: {784, 100, 10}
     *  @throws ShapeError if there are fewer than two or one is 0 */
    MLP(const std::vector<std::size_t>& sizes, std::uint64_t seed, const MLPOptions& options = {});

    /** @param x  (N, …), with all axes but the first taken as one   @return  (N, last size) */
    Variable<T> operator()(const Variable<T>& x) const;

    /** The mean loss over the samples. The targets are one-of-c: 1 and 0, or 1 and −1 if the outputs are a tanh (B1).
     */
    Variable<T> loss(const Variable<T>& outputs, const Labels& labels) const;

    /** The parameters "layer1.weight", "layer1.bias", … */
    Parameters<T> parameters() const;
    std::vector<LayerSummary> summary() const;
};

} // namespace xgrad
