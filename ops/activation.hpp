#pragma once

#include <xgrad/graph/variable.hpp>

namespace xgrad
{

// Activations
//
// These name the activation functions of layers, which are ops of their own (ops/elementwise.hpp).

/** The activation functions by name; each is an op. */
enum class Activation
{
    identity,
    sigmoid,
    tanh,
    scaled_tanh,
    relu,
    leaky_relu, ///< the slope below 0 is 0.01
    gelu,
    gelu_tanh,
    silu,
    mish,
    elu, ///< the limit far below 0 is −1
    selu,
    softsign,
    hard_sigmoid,
    hard_swish
};

/** The function of this name: y = f(x) of each element. Gradient: g·f′(x). Source: B3. */
template <class T>
Variable<T> activate(Activation activation, Variable<T> x);

} // namespace xgrad
