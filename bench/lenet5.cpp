// A training step of LeNet-5 with dense C3: forward, loss, backward, Nesterov update.

#include <xgrad/xgrad.hpp>

#include <benchmark/benchmark.h>

namespace
{

using namespace xgrad;

void lenet5_step(benchmark::State& state)
{
    const auto batch = static_cast<std::size_t>(state.range(0));
    set_threads(static_cast<std::size_t>(state.range(1)));
    const LeNet5<float> net(1, {.activation = Activation::tanh});
    const Parameters<float> parameters = net.parameters();
    optim::Nesterov<float> optimizer(parameters, {.learning_rate = 0.01f});
    Random random(2);
    const Array<float> images = random.normal<float>({batch, 1, 32, 32}, 0, 1);
    Labels labels = empty<std::int32_t>({batch});
    for (std::int32_t& label : labels)
        label = static_cast<std::int32_t>(random.below(10));
    for (auto _ : state) {
        const auto [loss, gradients] =
            value_and_gradient(parameters, images, labels, [&](const Variable<float>& x, const Labels& t) {
                return softmax_cross_entropy(net(x), t);
            });
        benchmark::DoNotOptimize(loss);
        optimizer.step(gradients);
    }
    state.counters["images/s"] = benchmark::Counter(
        static_cast<double>(batch) * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(lenet5_step)->ArgNames({"batch", "threads"})->ArgsProduct({{1, 16, 64, 128, 256}, {1, 2}})->UseRealTime();

} // namespace
