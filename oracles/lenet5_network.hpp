#pragma once
// LeNet-5 of the course, forward and backward, for one image: C1, max pooling S2, C3 with its table, max
// pooling S4, C5, F6, F7, softmax, cross-entropy.

#include "lenet5.hpp"
#include "steps.hpp"

namespace oracles
{

/** The activations: f of C1, C3, C5 and F6; F7 has its own. */
struct LeNet5Activations
{
    Function f, f_derivative;
    Function f7, f7_derivative;
};

/** The values of one image, and the weights among them: "c1.input" (1, 32, 32), "c1.u" (6, 28, 28), "s2.input", …,
 *  "f7.output" (10) and "y", the softmax of that.
 *  @param weights  "c1.weight" (6, 1, 5, 5), "c1.bias" (6), …; "c3.weight" with zeros outside Cbn */
Tensors lenet5_forward(const Tensors& weights, const LeNet5Activations& activations, const Tensor& image);

/** The steps for the gradients of J = −Σ z log y: the sensitivities of F7, F6, C5, S4, C3, S2 and C1, and the
 *  parameters. The values have "y" and the target "z" (10), too. */
Steps lenet5_backward(const LeNet5Activations& activations);

} // namespace oracles
