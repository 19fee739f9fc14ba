// What one small op costs: record and run it forward, and run its rule.

#include <xgrad/xgrad.hpp>

#include <benchmark/benchmark.h>

namespace
{

using namespace xgrad;

constexpr int chain_length = 1000;

void chain(benchmark::State& state, bool backward)
{
    const auto x = variable(Array<float>(Shape{10}, 0.5f));
    for (auto _ : state) {
        Tape tape;
        Variable<float> y = x;
        for (int i = 0; i < chain_length; ++i)
            y = tanh(y);
        if (backward)
            benchmark::DoNotOptimize(tape.vector_jacobian_product(y, y, x));
    }
    state.counters["s/op"] = benchmark::Counter(chain_length * static_cast<double>(state.iterations()),
                                                benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK_CAPTURE(chain, forward, false);
BENCHMARK_CAPTURE(chain, forward_and_backward, true);

} // namespace
