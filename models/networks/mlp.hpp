#pragma once

#include <xgrad/models/layers/layers.hpp>

#include <cstdint>
#include <vector>

namespace xgrad
{

/** What a multilayer perceptron leaves open. */
struct MLPOptions
{
    Activation activation = Activation::tanh;            ///< of the hidden layers
    Activation output_activation = Activation::identity; ///< of the last one: identity gives logits
    enum class Loss
    {
        softmax_cross_entropy, ///< H-J
        binary_cross_entropy,  ///< G0, of logistic outputs; the network gives their logits
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

    /** @param sizes  of the input, the hidden layers and the output: {784, 100, 10}
     *  @throws ShapeError if there are fewer than two or one is 0 */
    MLP(const std::vector<std::size_t>& sizes, std::uint64_t seed, const MLPOptions& options = {});

    /** @param x  (N, …): all but the first axis are taken as one   @return  (N, last size) */
    Variable<T> operator()(const Variable<T>& x) const;

    /** The mean over the samples. The targets are one-of-c: 1, and 0, or −1 where the outputs are a tanh (B1). */
    Variable<T> loss(const Variable<T>& outputs, const Labels& labels) const;

    /** Named "layer1.weight", "layer1.bias", … */
    Parameters<T> parameters() const;
    std::vector<LayerSummary> summary() const;
};

} // namespace xgrad
