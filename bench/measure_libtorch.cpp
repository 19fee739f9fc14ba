// Measures the time and the memory of libtorch for the same works: see measure.hpp. The argument is the number of
// threads.

#include "heap.hpp"
#include "measure.hpp"
#include "networks.hpp"

#include <cstdlib>
#include <torch/torch.h>

namespace
{

using torch::Tensor;
namespace nn = torch::nn;

std::int64_t extent(std::size_t n) { return static_cast<std::int64_t>(n); }

nn::Sequential lenet5()
{
    return nn::Sequential(nn::Conv2d(1, 6, 5), nn::Tanh(), nn::MaxPool2d(2), nn::Conv2d(6, 16, 5), nn::Tanh(),
                          nn::MaxPool2d(2), nn::Conv2d(16, 120, 5), nn::Tanh(), nn::Flatten(), nn::Linear(120, 84),
                          nn::Tanh(), nn::Linear(84, 10));
}

nn::Sequential maps()
{
    const auto convolution = [](std::size_t from, std::size_t to) {
        return nn::Conv2d(nn::Conv2dOptions(extent(from), extent(to), 3).padding(1));
    };
    return nn::Sequential(convolution(3, bench::maps_1), nn::ReLU(), nn::MaxPool2d(2),
                          convolution(bench::maps_1, bench::maps_2), nn::ReLU(), nn::MaxPool2d(2), nn::Flatten(),
                          nn::Linear(extent(bench::maps_2 * 8 * 8), extent(bench::classes)));
}

nn::Sequential perceptron(const std::vector<std::size_t>& sizes)
{
    nn::Sequential net;
    for (std::size_t i = 1; i < sizes.size(); ++i) {
        net->push_back(nn::Linear(extent(sizes[i - 1]), extent(sizes[i])));
        if (i + 1 < sizes.size())
            net->push_back(nn::ReLU());
    }
    return net;
}

/** A network, its optimizer and a batch. */
struct Task
{
    Tensor images, labels;
    nn::Sequential net;
    torch::optim::SGD optimizer{
        net->parameters(), torch::optim::SGDOptions(bench::learning_rate).momentum(bench::momentum).nesterov(true)};

    Task(std::vector<std::int64_t> shape, nn::Sequential model)
        : images(torch::randn(shape)),
          labels(torch::randint(extent(bench::classes), {shape[0]}, torch::kLong)),
          net(std::move(model))
    {}
    void step()
    {
        optimizer.zero_grad();
        torch::cross_entropy_loss(net->forward(images), labels).backward();
        optimizer.step();
    }
};

double step(std::vector<std::int64_t> shape, nn::Sequential net)
{
    Task task(std::move(shape), std::move(net));
    return bench::seconds_a_call([&] { task.step(); });
}

/** The seconds for a training step of a network for sequences, whose loss is the mean square of its results. */
template <class Net>
double sequence_step(std::vector<std::int64_t> shape, std::vector<Tensor> parameters, Net net)
{
    torch::optim::SGD optimizer(
        std::move(parameters), torch::optim::SGDOptions(bench::learning_rate).momentum(bench::momentum).nesterov(true));
    const Tensor x = torch::randn(shape);
    return bench::seconds_a_call([&] {
        optimizer.zero_grad();
        net(x).square().mean().backward();
        optimizer.step();
    });
}

double transformer_block_step(std::size_t batch)
{
    nn::TransformerEncoderLayer block(nn::TransformerEncoderLayerOptions(bench::block_width, bench::block_heads)
                                          .dim_feedforward(bench::block_hidden)
                                          .dropout(0)
                                          .activation(torch::kGELU));
    // Steps first is libtorch's own order.
    return sequence_step({extent(bench::block_steps), extent(batch), extent(bench::block_width)}, block->parameters(),
                         [&](const Tensor& x) { return block->forward(x); });
}

double lstm_step(std::size_t batch)
{
    nn::LSTM lstm(nn::LSTMOptions(bench::lstm_width, bench::lstm_width));
    return sequence_step({extent(bench::lstm_steps), extent(batch), extent(bench::lstm_width)}, lstm->parameters(),
                         [&](const Tensor& x) { return std::get<0>(lstm->forward(x)); });
}

double perceptron_step(std::size_t batch, const std::vector<std::size_t>& sizes)
{
    return step({extent(batch), extent(sizes.front())}, perceptron(sizes));
}

double two_convolutions(std::vector<std::int64_t> images, std::size_t maps, const bench::ConvolutionKind& kind)
{
    const auto layer = [&](std::int64_t from) {
        return nn::Conv2d(nn::Conv2dOptions(from, extent(maps), 3)
                              .stride(extent(kind.stride))
                              .padding(extent(kind.padding))
                              .dilation(extent(kind.dilation))
                              .groups(extent(kind.groups)));
    };
    nn::Sequential net(layer(images[1]), nn::ReLU(), layer(extent(maps)), nn::ReLU());
    const Tensor x = torch::randn(images);
    return bench::seconds_a_call([&] {
        net->zero_grad();
        net->forward(x).square().mean().backward();
    });
}

template <class Op>
double chain(Op op, bool backward)
{
    Tensor x = torch::full({extent(bench::chain_size)}, 0.5f).requires_grad_();
    const Tensor upstream = torch::ones({extent(bench::chain_size)});
    return bench::seconds_a_call([&] {
               Tensor y = x;
               for (std::size_t i = 0; i < bench::chain_length; ++i)
                   y = op(y);
               if (backward)
                   torch::autograd::grad({y}, {x}, {upstream});
           }) /
           static_cast<double>(bench::chain_length);
}

double peak(std::size_t batch)
{
    const Tensor images = torch::randn({extent(batch), 1, 32, 32});
    bench::watch_heap();
    Task task({1, 1, 32, 32}, lenet5());
    task.images = images;
    task.labels = torch::randint(extent(bench::classes), {extent(batch)}, torch::kLong);
    for (int i = 0; i < 5; ++i)
        task.step();
    return static_cast<double>(bench::unwatch_heap().peak);
}

double product_rate(std::size_t n)
{
    const torch::NoGradGuard no_gradient;
    const Tensor a = torch::full({extent(n), extent(n)}, 0.5f), b = a.clone();
    Tensor c = torch::empty_like(a);
    return 2 * static_cast<double>(n * n * n) / bench::seconds_a_call([&] { torch::mm_out(c, a, b); });
}

} // namespace

int main(int, char** arguments)
{
    torch::set_num_threads(std::atoi(arguments[1]));
    const Tensor one = torch::ones({extent(bench::chain_size)});
    const auto increment = [one](const Tensor& x) { return x + one; };
    const auto squash = [](const Tensor& x) { return torch::tanh(x); };
    bench::Works works = {
        {"lenet5",
         [](std::size_t batch) {
             return step({extent(batch), 1, 32, 32}, lenet5());
         }},
        {"tanh", [=](std::size_t) { return chain(squash, false); }},
        {"tanh_and_backward", [=](std::size_t) { return chain(squash, true); }},
        {"add", [=](std::size_t) { return chain(increment, false); }},
        {"add_and_backward", [=](std::size_t) { return chain(increment, true); }},
        {"peak", peak},
        {"product", product_rate},
        {"maps",
         [](std::size_t batch) {
             return step({extent(batch), 3, 32, 32}, maps());
         }},
        {"transformer_block", transformer_block_step},
        {"lstm", lstm_step},
        {"image",
         [](std::size_t size) {
             return two_convolutions({extent(bench::image_batch), 1, extent(size), extent(size)}, bench::image_maps,
                                     {"image", 1, 1, 1, 1});
         }},
    };
    bench::add_perceptrons(works, perceptron_step);
    for (const auto& kind : bench::convolution_kinds)
        works[kind.name] = [&kind](std::size_t batch) {
            return two_convolutions(
                {extent(batch), extent(bench::kind_maps), extent(bench::kind_size), extent(bench::kind_size)},
                bench::kind_maps, kind);
        };
    return bench::serve(works);
}
