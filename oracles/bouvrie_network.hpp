#pragma once
// Forward and backward passes of whole networks, one sample at a time, as Bouvrie's notes put them together.

#include "bouvrie.hpp"
#include "steps.hpp"

namespace oracles
{

/** The values of layers x^ℓ = f(W^ℓ x^(ℓ−1) + b^ℓ), and the weights among them: "layer1.input", "layer1.u", …, and the
 *  output of the last layer as "y".
 *  @param weights  "layer1.weight" (outputs, inputs), "layer1.bias" (outputs), …
 *  @param hidden   the activation of all layers but the last */
Tensors perceptron_forward(const Tensors& weights, const Tensor& x, const BouvrieActivation& hidden,
                           const BouvrieActivation& output);

/** The steps for the gradients under squared error: B2 to B7. The values have the targets "t", too. */
Steps perceptron_backward(std::size_t layers, const BouvrieActivation& hidden, const BouvrieActivation& output);

/** The kernels of C3 (outputs, inputs, rows, columns); for combinations α_ij k_i. */
Tensor kernels_of_c3(const Tensors& weights);

/** A penalty λ Σ p(α) on the weights of combinations; `slope` is p'. */
struct BouvriePenalty
{
    double lambda = 0;
    Function slope = nullptr;
};

/** The values of C1 5×5 · S2 2×2 · C3 5×5 · S4 2×2 · F5, and the weights among them; the output is "y".
 *  @param weights  "c1.weight", "c1.bias", "s2.beta", "s2.bias", "c3.weight", "c3.bias", "s4.beta", "s4.bias",
 *                  "f5.weight", "f5.bias"; for combinations "c3.kernels" and "c3.scores" in place of "c3.weight"
 *  @param image    (1, rows, columns) */
Tensors bouvrie_forward(const Tensors& weights, const Tensor& image, const BouvrieActivation& hidden,
                        const BouvrieActivation& output);

/** The steps for the gradients under squared error: B2 to B21. The values have the targets "t", too. */
Steps bouvrie_backward(bool combines, const BouvrieActivation& hidden, const BouvrieActivation& output,
                       const BouvriePenalty& penalty = {});

} // namespace oracles
