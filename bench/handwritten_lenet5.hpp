#pragma once
// A training step of LeNet-5 (dense C3, tanh, max pooling, Nesterov's momentum) written out by hand: no tape, no
// allocation after the first step. It runs on any table of kernels: the library's own or plain loops.

#include "kernels.hpp"
#include <xgrad/base/array.hpp>
#include <xgrad/graph/parameters.hpp>

#include <vector>

namespace bench
{

using Numbers = std::vector<float, xgrad::PooledAllocator<float>>;

class HandwrittenLenet5
{
  public:
    /** @param parameters  those of LeNet5<float>, for their values   @param chunk  the number of images at once */
    HandwrittenLenet5(const Kernels& kernels, const xgrad::Parameters<float>& parameters, std::size_t chunk,
                      float learning_rate, float momentum);

    /** Runs a training step. @return  the loss */
    float step(const xgrad::Array<float>& images, const xgrad::Labels& labels);

    const Numbers& parameters() const { return parameters_; }
    const Numbers& gradient() const { return gradient_; }

  private:
    /** The places of a layer's weights and biases among all parameters. */
    struct Layer
    {
        std::size_t weight, bias, end;
    };

    float chunk(const float* images, const std::int32_t* labels, std::size_t count, float scale, Numbers& gradient);
    void forward(const Layer& layer, xgrad::kernels::Window window, const float* x, Numbers& y);
    void forward(const Layer& layer, std::size_t count, const Numbers& x, Numbers& y);
    void backward_parameters(const Layer& layer, const xgrad::kernels::Window& window, const float* x, const Numbers& g,
                             Numbers& gradient);
    void backward(const Layer& layer, std::size_t count, const Numbers& x, const Numbers& g, Numbers& gradient,
                  Numbers& dx);
    void squash(Numbers& u, std::size_t n);
    void through_squash(Numbers& g, const Numbers& y, std::size_t n);
    void pool(const xgrad::kernels::Window& window, const Numbers& x, Numbers& y, std::vector<std::int32_t>& winners);

    Kernels kernels_;
    std::size_t chunk_;
    float learning_rate_, momentum_;
    std::vector<Layer> layers_;
    Numbers parameters_, velocity_, gradient_, part_;
    Numbers c1_, s2_, c3_, s4_, c5_, f6_, f7_;        // the outputs of each layer
    Numbers dc1_, ds2_, dc3_, ds4_, dc5_, df6_, df7_; // the gradients of the loss to them
    std::vector<std::int32_t> winners2_, winners4_;
};

} // namespace bench
