#include <xgrad/base/instantiate.hpp>
#include <xgrad/ops/activation.hpp>
#include <xgrad/ops/elementwise.hpp>

#include <utility>

namespace xgrad
{

template <class T>
Variable<T> activate(Activation activation, Variable<T> x)
{
    switch (activation) {
    case Activation::sigmoid:
        return sigmoid(std::move(x));
    case Activation::tanh:
        return tanh(std::move(x));
    case Activation::scaled_tanh:
        return scaled_tanh(std::move(x));
    case Activation::relu:
        return relu(std::move(x));
    case Activation::leaky_relu:
        return leaky_relu(std::move(x));
    case Activation::gelu:
        return gelu(std::move(x));
    case Activation::gelu_tanh:
        return gelu_tanh(std::move(x));
    case Activation::silu:
        return silu(std::move(x));
    case Activation::mish:
        return mish(std::move(x));
    case Activation::elu:
        return elu(std::move(x));
    case Activation::selu:
        return selu(std::move(x));
    case Activation::softsign:
        return softsign(std::move(x));
    case Activation::hard_sigmoid:
        return hard_sigmoid(std::move(x));
    case Activation::hard_swish:
        return hard_swish(std::move(x));
    case Activation::identity:
        break;
    }
    return x;
}

#define XGRAD_INSTANTIATE(T) template Variable<T> activate(Activation, Variable<T>);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
