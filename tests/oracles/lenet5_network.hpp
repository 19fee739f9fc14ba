#pragma once
// LeNet-5 as the course has it, forward and all the way back, for one image: C1, max pooling S2, C3 with its table, max
// pooling S4, C5, F6, F7, softmax, cross-entropy.

#include "lenet5.hpp"

namespace oracles
{

/** Parameters and activations. f is that of C1, C3, C5 and F6; F7 has its own. */
struct LeNet5
{
    Tensor w1, b1; ///< (6, 1, 5, 5), (6)
    Tensor w3, b3; ///< (16, 6, 5, 5) with zeros outside Cbn, (16)
    Tensor w5, b5; ///< (120, 16, 5, 5), (120)
    Tensor w6, b6; ///< (84, 120), (84)
    Tensor w7, b7; ///< (10, 84), (10)
    Function f, f_derivative;
    Function f7, f7_derivative;
};

/** What the units have: u before the activation, and the layers' outputs. */
struct LeNet5Values
{
    Tensor x;          ///< (1, 32, 32)
    Tensor u1, c1, s2; ///< (6, 28, 28) twice, (6, 14, 14)
    Tensor u3, c3, s4; ///< (16, 10, 10) twice, (16, 5, 5)
    Tensor u5, c5;     ///< (120, 1, 1)
    Tensor u6, f6;     ///< (84)
    Tensor u7, f7, y;  ///< (10)
};

LeNet5Values forward(const LeNet5& net, const Tensor& x);

/** The four of a layer: δ(u), δ(w), δ(b), and that of what it reads. */
struct Sensitivities
{
    Tensor u, w, b, input;
};

struct LeNet5Sensitivities
{
    Tensor f7; ///< δ(f7), what the softmax net gives
    Sensitivities layer_f7, layer_f6, layer_c5, layer_c3, layer_c1;
    Tensor c3, c1; ///< δ(c3) and δ(c1), what S4 and S2 give: they have no parameters
};

/** The gradients of J = −Σ z log y, from the values of a forward pass and the target z (10). */
LeNet5Sensitivities backward(const LeNet5& net, const LeNet5Values& values, const Tensor& z);

} // namespace oracles
