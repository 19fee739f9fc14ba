// The same training step in libtorch, for comparison.

#include <benchmark/benchmark.h>

#include <torch/torch.h>

namespace
{

struct LeNet5 : torch::nn::Module
{
    torch::nn::Conv2d c1{torch::nn::Conv2dOptions(1, 6, 5)};
    torch::nn::Conv2d c3{torch::nn::Conv2dOptions(6, 16, 5)};
    torch::nn::Conv2d c5{torch::nn::Conv2dOptions(16, 120, 5)};
    torch::nn::Linear f6{120, 84};
    torch::nn::Linear f7{84, 10};

    LeNet5()
    {
        register_module("c1", c1);
        register_module("c3", c3);
        register_module("c5", c5);
        register_module("f6", f6);
        register_module("f7", f7);
    }
    torch::Tensor forward(torch::Tensor x)
    {
        x = torch::max_pool2d(torch::tanh(c1(x)), 2);
        x = torch::max_pool2d(torch::tanh(c3(x)), 2);
        x = torch::tanh(c5(x)).flatten(1);
        return f7(torch::tanh(f6(x)));
    }
};

void libtorch_lenet5_step(benchmark::State& state)
{
    torch::set_num_threads(static_cast<int>(state.range(1)));
    LeNet5 net;
    torch::optim::SGD optimizer(net.parameters(), torch::optim::SGDOptions(0.01).momentum(0.9).nesterov(true));
    const auto images = torch::randn({state.range(0), 1, 32, 32});
    const auto labels = torch::randint(10, {state.range(0)}, torch::kLong);
    for (auto _ : state) {
        optimizer.zero_grad();
        const auto loss = torch::nn::functional::cross_entropy(net.forward(images), labels);
        loss.backward();
        optimizer.step();
    }
    state.counters["images/s"] =
        benchmark::Counter(static_cast<double>(state.range(0) * state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(libtorch_lenet5_step)
    ->ArgNames({"batch", "threads"})
    ->ArgsProduct({{1, 16, 64, 128, 256}, {1, 2}})
    ->UseRealTime();

} // namespace
