// The cost of single ops over a range of shapes: forward and recorded, and with their rules.

#include <xgrad/base/shape.hpp>
#include <xgrad/xgrad.hpp>

#include <benchmark/benchmark.h>

#include <functional>
#include <string>
#include <vector>

namespace
{

using namespace xgrad;

using Op = std::function<Variable<float>(const Variables<float>&)>;

/** @param flop  that of the forward pass; each of the two rules has as many; 0: elements are counted */
void run(benchmark::State& state, const std::vector<Shape>& shapes, double flop, const Op& op, bool backward)
{
    Random random(1);
    Variables<float> leaves;
    for (const Shape& shape : shapes)
        leaves.push_back(variable(random.normal<float>(shape, 0, 1)));
    std::size_t elements = 0;
    for (auto _ : state) {
        Tape tape;
        const auto y = op(leaves);
        elements = y.size();
        if (backward)
            benchmark::DoNotOptimize(tape.vector_jacobian_product<float>({y}, {y}, leaves));
    }
    using benchmark::Counter;
    state.counters[flop > 0 ? "FLOP/s" : "elements/s"] = Counter(
        flop > 0 ? flop * (backward ? 3 : 1) : static_cast<double>(elements), Counter::kIsIterationInvariantRate);
}

/** Adds both benchmarks of an op, named after the op and the shapes. */
void add(std::string name, const std::vector<Shape>& shapes, double flop, const Op& op)
{
    for (const Shape& shape : shapes)
        name += to_string(shape);
    for (const bool backward : {false, true})
        benchmark::RegisterBenchmark((name + (backward ? "/and_backward" : "/forward")).c_str(),
                                     [=](benchmark::State& state) { run(state, shapes, flop, op, backward); });
}

double flop(std::initializer_list<std::size_t> factors)
{
    double result = 2;
    for (const std::size_t factor : factors)
        result *= static_cast<double>(factor);
    return result;
}

void add_elementwise()
{
    for (const std::size_t n : {10u, 100u, 1000u, 10000u, 100000u, 1000000u}) {
        add("add", {{n}, {n}}, 0, [](const auto& x) { return x[0] + x[1]; });
        add("multiply", {{n}, {n}}, 0, [](const auto& x) { return x[0] * x[1]; });
        add("relu", {{n}}, 0, [](const auto& x) { return relu(x[0]); });
        add("tanh", {{n}}, 0, [](const auto& x) { return tanh(x[0]); });
        add("sigmoid", {{n}}, 0, [](const auto& x) { return sigmoid(x[0]); });
        add("exp", {{n}}, 0, [](const auto& x) { return exp(x[0]); });
        add("sum", {{n}}, 0, [](const auto& x) { return sum(x[0]); });
    }
}

void add_rows_and_maps()
{
    for (const std::size_t rows : {16u, 256u})
        for (const std::size_t columns : {10u, 1000u})
            add("log_softmax", {{rows, columns}}, 0, [](const auto& x) { return log_softmax(x[0]); });
    for (const std::size_t maps : {6u, 32u})
        for (const std::size_t size : {8u, 28u, 64u}) {
            const Shape images = {16, maps, size, size};
            add("bias", {images, {1, maps, 1, 1}}, 0, [](const auto& x) { return x[0] + x[1]; });
            add("max_pool2d", {images}, 0, [](const auto& x) { return max_pool2d(x[0]); });
            add("mean_pool2d", {images}, 0, [](const auto& x) { return mean_pool2d(x[0]); });
        }
}

void add_products()
{
    const struct
    {
        std::size_t m, n, k;
    } sizes[] = {{16, 84, 120}, {16, 512, 784}, {64, 512, 512}, {256, 256, 256}, {1024, 1024, 1024}};
    for (const auto& [m, n, k] : sizes)
        add("matmul", {{m, k}, {k, n}}, flop({m, n, k}), [](const auto& x) { return matmul(x[0], x[1]); });
}

void add_convolutions()
{
    const struct
    {
        std::size_t batch, channels, maps, size, kernel;
        ConvolutionOptions options = {};
    } sizes[] = {
        {16, 1, 6, 32, 5}, // LeNet-5's C1, C3, C5
        {16, 6, 16, 14, 5},
        {16, 16, 120, 5, 5},
        {16, 3, 32, 32, 3},
        {16, 32, 64, 32, 3},
        {1, 32, 64, 128, 3},
        {16, 64, 64, 16, 1},
        {16, 32, 32, 32, 3, {.stride = 2}},
        {16, 32, 32, 32, 3, {.dilation = 2}},
        {16, 32, 32, 32, 3, {.groups = 4}},
        {16, 32, 32, 32, 3, {.groups = 32}},
    };
    for (const auto& s : sizes) {
        const auto stride = static_cast<std::size_t>(s.options.stride.height),
                   dilation = static_cast<std::size_t>(s.options.dilation.height),
                   depth = s.channels / static_cast<std::size_t>(s.options.groups),
                   out = (s.size - dilation * (s.kernel - 1) - 1) / stride + 1;
        const std::string name = std::string("correlate2d") + (stride > 1 ? "_strided" : "") +
                                 (dilation > 1 ? "_dilated" : "") + (s.options.groups > 1 ? "_grouped" : "");
        add(name, {{s.batch, s.channels, s.size, s.size}, {s.maps, depth, s.kernel, s.kernel}},
            flop({s.batch, s.maps, out, out, depth, s.kernel, s.kernel}),
            [options = s.options](const auto& x) { return correlate2d(x[0], x[1], options); });
    }
}

} // namespace

int main(int count, char** arguments)
{
    benchmark::Initialize(&count, arguments);
    if (benchmark::ReportUnrecognizedArguments(count, arguments))
        return 1;
    add_elementwise();
    add_rows_and_maps();
    add_products();
    add_convolutions();
    benchmark::RunSpecifiedBenchmarks();
}
