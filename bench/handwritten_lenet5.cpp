#include "handwritten_lenet5.hpp"

#include <algorithm>
#include <cmath>

namespace bench
{

using namespace xgrad;
using kernels::Binary;
using kernels::Operands;
using kernels::Unary;
using kernels::Window;

namespace
{

enum // the layers, in the order of LeNet5's parameters
{
    layer_c1,
    layer_c3,
    layer_c5,
    layer_f6,
    layer_f7
};

Window convolution(std::size_t batch, std::size_t channels, std::size_t size, std::size_t maps)
{
    Window w;
    w.batch = batch;
    w.channels = channels;
    w.height = w.width = size;
    w.maps = maps;
    w.out_height = w.out_width = size - 4;
    w.kernel_height = w.kernel_width = 5;
    return w;
}

Window halving(std::size_t batch, std::size_t channels, std::size_t size)
{
    Window w;
    w.batch = batch;
    w.channels = w.maps = w.groups = channels;
    w.height = w.width = size;
    w.out_height = w.out_width = size / 2;
    w.kernel_height = w.kernel_width = w.stride_height = w.stride_width = 2;
    return w;
}

std::size_t outputs(const Window& w) { return w.batch * w.maps * w.out_height * w.out_width; }

} // namespace

HandwrittenLenet5::HandwrittenLenet5(const Kernels& kernels, const Parameters<float>& parameters, std::size_t chunk,
                                     float learning_rate, float momentum)
    : kernels_(kernels), chunk_(chunk), learning_rate_(learning_rate), momentum_(momentum)
{
    for (std::size_t i = 0; i < parameters.size(); i += 2) {
        const std::size_t weight = parameters_.size(), bias = weight + parameters[i].size();
        for (const std::size_t place : {i, i + 1})
            parameters_.insert(parameters_.end(), parameters[place].data(),
                               parameters[place].data() + parameters[place].size());
        layers_.push_back({weight, bias, parameters_.size()});
    }
    velocity_.resize(parameters_.size());
    gradient_.resize(parameters_.size());
    part_.resize(parameters_.size());
    const struct
    {
        Numbers &values, &gradient;
        std::size_t size;
    } units[] = {{c1_, dc1_, 6 * 28 * 28}, {s2_, ds2_, 6 * 14 * 14}, {c3_, dc3_, 16 * 10 * 10},
                 {s4_, ds4_, 16 * 5 * 5},  {c5_, dc5_, 120},         {f6_, df6_, 84},
                 {f7_, df7_, 10}};
    for (const auto& unit : units) {
        unit.values.resize(chunk * unit.size);
        unit.gradient.resize(chunk * unit.size);
    }
    winners2_.resize(s2_.size());
    winners4_.resize(s4_.size());
}

void HandwrittenLenet5::squash(Numbers& u, std::size_t n)
{
    kernels_.table.unary(Unary::tanh, u.data(), u.data(), n, 0, 0);
}

void HandwrittenLenet5::through_squash(Numbers& g, const Numbers& y, std::size_t n)
{
    kernels_.table.unary_gradient(Unary::tanh, g.data(), y.data(), g.data(), n, 0, 0);
}

void HandwrittenLenet5::pool(const Window& window, const Numbers& x, Numbers& y, std::vector<std::int32_t>& winners)
{
    kernels_.table.max_pool2d(window, x.data(), y.data(), winners.data());
}

void HandwrittenLenet5::forward(const Layer& layer, Window window, const float* x, Numbers& y)
{
    kernels_.table.correlate2d(window, x, &parameters_[layer.weight], y.data());
    kernels_.add_bias(y.data(), &parameters_[layer.bias], window.batch, window.maps,
                      window.out_height * window.out_width);
}

// y = x·Wᵀ + b
void HandwrittenLenet5::forward(const Layer& layer, std::size_t count, const Numbers& x, Numbers& y)
{
    const std::size_t units = layer.end - layer.bias, inputs = (layer.bias - layer.weight) / units;
    kernels_.table.product(
        {.m = count, .n = units, .k = inputs, .transpose_b = true, .lda = inputs, .ldb = inputs, .ldc = units},
        x.data(), &parameters_[layer.weight], y.data());
    kernels_.add_bias(y.data(), &parameters_[layer.bias], count, units, 1);
}

void HandwrittenLenet5::backward_parameters(const Layer& layer, const Window& window, const float* x, const Numbers& g,
                                            Numbers& gradient)
{
    kernels_.table.correlate2d_kernel(window, x, g.data(), &gradient[layer.weight]);
    kernels_.sum_bias(g.data(), &gradient[layer.bias], window.batch, window.maps, window.out_height * window.out_width);
}

void HandwrittenLenet5::backward(const Layer& layer, std::size_t count, const Numbers& x, const Numbers& g,
                                 Numbers& gradient, Numbers& dx)
{
    const std::size_t units = layer.end - layer.bias, inputs = (layer.bias - layer.weight) / units;
    kernels_.table.product(
        {.m = units, .n = inputs, .k = count, .transpose_a = true, .lda = units, .ldb = inputs, .ldc = inputs},
        g.data(), x.data(), &gradient[layer.weight]);
    kernels_.sum_bias(g.data(), &gradient[layer.bias], count, units, 1);
    kernels_.table.product({.m = count, .n = inputs, .k = units, .lda = units, .ldb = inputs, .ldc = inputs}, g.data(),
                           &parameters_[layer.weight], dx.data());
}

float HandwrittenLenet5::chunk(const float* images, const std::int32_t* labels, std::size_t count, float scale,
                               Numbers& gradient)
{
    const auto& table = kernels_.table;
    const Window c1 = convolution(count, 1, 32, 6), s2 = halving(count, 6, 28), c3 = convolution(count, 6, 14, 16),
                 s4 = halving(count, 16, 10), c5 = convolution(count, 16, 5, 120);
    forward(layers_[layer_c1], c1, images, c1_);
    squash(c1_, outputs(c1));
    pool(s2, c1_, s2_, winners2_);
    forward(layers_[layer_c3], c3, s2_.data(), c3_);
    squash(c3_, outputs(c3));
    pool(s4, c3_, s4_, winners4_);
    forward(layers_[layer_c5], c5, s4_.data(), c5_);
    squash(c5_, outputs(c5));
    forward(layers_[layer_f6], count, c5_, f6_);
    squash(f6_, count * 84);
    forward(layers_[layer_f7], count, f6_, f7_);

    table.softmax(f7_.data(), df7_.data(), count, 10);
    float loss = 0;
    for (std::size_t n = 0; n < count; ++n) {
        float& of_label = df7_[n * 10 + static_cast<std::size_t>(labels[n])];
        loss -= std::log(of_label) * scale;
        of_label -= 1;
    }
    table.binary(Binary::multiply, Operands::vector_scalar, df7_.data(), &scale, df7_.data(), count * 10);

    backward(layers_[layer_f7], count, f6_, df7_, gradient, df6_);
    through_squash(df6_, f6_, count * 84);
    backward(layers_[layer_f6], count, c5_, df6_, gradient, dc5_);
    through_squash(dc5_, c5_, outputs(c5));
    backward_parameters(layers_[layer_c5], c5, s4_.data(), dc5_, gradient);
    table.correlate2d_input(c5, dc5_.data(), &parameters_[layers_[layer_c5].weight], ds4_.data());
    table.scatter_planes(s4, ds4_.data(), winners4_.data(), dc3_.data());
    through_squash(dc3_, c3_, outputs(c3));
    backward_parameters(layers_[layer_c3], c3, s2_.data(), dc3_, gradient);
    table.correlate2d_input(c3, dc3_.data(), &parameters_[layers_[layer_c3].weight], ds2_.data());
    table.scatter_planes(s2, ds2_.data(), winners2_.data(), dc1_.data());
    through_squash(dc1_, c1_, outputs(c1));
    backward_parameters(layers_[layer_c1], c1, images, dc1_, gradient);
    return loss;
}

float HandwrittenLenet5::step(const Array<float>& images, const Labels& labels)
{
    const std::size_t samples = labels.size();
    const float scale = 1 / static_cast<float>(samples);
    float loss = 0;
    for (std::size_t begin = 0; begin < samples; begin += chunk_) {
        Numbers& gradient = begin == 0 ? gradient_ : part_;
        loss += chunk(images.data() + begin * 32 * 32, labels.data() + begin, std::min(chunk_, samples - begin), scale,
                      gradient);
        if (begin > 0)
            kernels_.table.binary(Binary::add, Operands::vector_vector, gradient_.data(), part_.data(),
                                  gradient_.data(), gradient_.size());
    }
    using Rule = xgrad::update_rules::Nesterov<float>;
    std::get<xgrad::kernels::Update<Rule, float>>(kernels_.table.update)(
        {.n = parameters_.size(),
         .w = parameters_.data(),
         .g = gradient_.data(),
         .slot = {velocity_.data(), nullptr},
         .learning_rate = learning_rate_,
         .weight_decay = 0},
        Rule::formula({.learning_rate = learning_rate_, .momentum = momentum_}, 1));
    return loss;
}

} // namespace bench
