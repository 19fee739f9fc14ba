#pragma once
// Forward and backward passes of whole networks, one sample at a time, as Bouvrie's notes put them together.

#include "bouvrie.hpp"

#include <map>
#include <string>

namespace oracles
{

using Tensors = std::map<std::string, Tensor>;

/** What a pass of one sample finds. */
struct BouvriePass
{
    Tensor output;
    Tensors sensitivities; ///< ∂E/∂u of each layer, "u1", "u2", …, and ∂E/∂x of the input, "x0"
    Tensors gradients;     ///< of the parameters, by their names
};

/** Layers x^ℓ = f(W^ℓ x^(ℓ−1) + b^ℓ) under squared error: B2 to B7.
 *  @param weights  "layer1.weight" (outputs, inputs), "layer1.bias" (outputs), …
 *  @param hidden   of all layers but the last */
BouvriePass perceptron(const Tensors& weights, const Tensor& x, const Tensor& t, const BouvrieActivation& hidden,
                       const BouvrieActivation& output);

/** A penalty λ Σ p(α) on the weights of combinations; `slope` is p'. */
struct BouvriePenalty
{
    double lambda = 0;
    Function slope = nullptr;
};

/** C1 5×5 · S2 2×2 · C3 5×5 · S4 2×2 · F5 under squared error: B2 to B21.
 *  @param weights  "c1.weight", "c1.bias", "s2.beta", "s2.bias", "c3.weight", "c3.bias", "s4.beta", "s4.bias",
 *                  "f5.weight", "f5.bias"; for combinations "c3.kernels" and "c3.scores" in place of "c3.weight"
 *  @param image    (1, rows, columns) */
BouvriePass bouvrie_network(const Tensors& weights, const Tensor& image, const Tensor& t,
                            const BouvrieActivation& hidden, const BouvrieActivation& output,
                            const BouvriePenalty& penalty = {});

} // namespace oracles
