// Measures the time and the memory of xgrad: see measure.hpp. The argument is the number of threads.

#include "handwritten_lenet5.hpp"
#include "heap.hpp"
#include "measure.hpp"
#include "networks.hpp"
#include <xgrad/kernels/product/product.hpp>
#include <xgrad/xgrad.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>

namespace
{

using namespace xgrad;

constexpr std::size_t chunk = 16; // the chunk of value_and_gradient for LeNet-5

Labels random_labels(std::size_t count, Random& random)
{
    Labels labels = empty_array<std::int32_t>({count});
    for (std::int32_t& label : labels)
        label = static_cast<std::int32_t>(random.below(bench::classes));
    return labels;
}

/** A network, its optimizer and a batch. */
template <class Net>
struct Learner
{
    Random random{2};
    Array<float> images;
    Labels labels;
    Net net;
    Parameters<float> parameters = net.parameters();
    optim::Nesterov<float> optimizer{parameters, {.learning_rate = bench::learning_rate, .momentum = bench::momentum}};

    Learner(const Shape& shape, Net model)
        : images(random.normal<float>(shape, 0, 1)), labels(random_labels(shape[0], random)), net(std::move(model))
    {}

    ValueAndGradient<float> gradient() const
    {
        return value_and_gradient(parameters, images, labels, [&](const Variable<float>& x, const Labels& t) {
            return softmax_cross_entropy(net(x), t);
        });
    }
    void step() { optimizer.step(gradient().gradients); }
    /** The loss alone, in the same chunks. */
    void value() const
    {
        const std::size_t samples = labels.size();
        for (std::size_t begin = 0; begin < samples; begin += chunk) {
            const std::size_t end = std::min(begin + chunk, samples);
            const detail::Part x(images, begin, end);
            softmax_cross_entropy(net(x.get()), detail::rows(labels, begin, end));
        }
    }
};

Learner<LeNet5<float>> lenet5(std::size_t batch)
{
    return {{batch, 1, 32, 32}, LeNet5<float>(1, {.activation = Activation::tanh})};
}

/** Two convolutions with pooling, then a fully connected layer. */
struct Maps
{
    Random random{1};
    Convolution<float> first{3, bench::maps_1, 3, random, Initialization::he, {.padding = 1}};
    Convolution<float> second{bench::maps_1, bench::maps_2, 3, random, Initialization::he, {.padding = 1}};
    Linear<float> last{bench::maps_2 * 8 * 8, bench::classes, random};

    Variable<float> operator()(const Variable<float>& x) const
    {
        const auto maps = second(first(x, {Activation::relu, true}), {Activation::relu, true});
        return last(reshape(maps, {x.shape()[0], maps.size() / x.shape()[0]}));
    }
    Parameters<float> parameters() const
    {
        return {{"first", first.parameters()}, {"second", second.parameters()}, {"last", last.parameters()}};
    }
};

double perceptron_step(std::size_t batch, const std::vector<std::size_t>& sizes)
{
    Learner<MLP<float>> task({batch, sizes.front()}, MLP<float>(sizes, 1, {.activation = Activation::relu}));
    return bench::seconds_a_call([&] { task.step(); });
}

/** The seconds for value and gradient of the mean square of two convolution layers' results. */
double two_convolutions(const Shape& images, std::size_t maps, const ConvolutionOptions& options)
{
    Random random(1);
    const Convolution<float> first(images[1], maps, 3, random, Initialization::he, options);
    const Convolution<float> second(maps, maps, 3, random, Initialization::he, options);
    const Parameters<float> parameters = {{"first", first.parameters()}, {"second", second.parameters()}};
    const Array<float> x = random.normal<float>(images, 0, 1);
    return bench::seconds_a_call([&] {
        value_and_gradient(parameters, x, [&](const Variable<float>& part) {
            return mean(square(second(first(part, {Activation::relu}), {Activation::relu})));
        });
    });
}

double convolution_kind(const bench::ConvolutionKind& kind, std::size_t batch)
{
    const auto size = [](std::size_t n) { return static_cast<std::ptrdiff_t>(n); };
    return two_convolutions({batch, bench::kind_maps, bench::kind_size, bench::kind_size}, bench::kind_maps,
                            {.padding = size(kind.padding),
                             .stride = size(kind.stride),
                             .dilation = size(kind.dilation),
                             .groups = size(kind.groups)});
}

/** The seconds for a training step of a network for sequences, whose loss is the mean square of its results. */
template <class Parameters, class Net>
double sequence_step(const Shape& shape, const Parameters& parameters, Net net)
{
    Random random(2);
    const Array<float> x = random.normal<float>(shape, 0, 1);
    optim::Nesterov<float> optimizer(parameters, {.learning_rate = bench::learning_rate, .momentum = bench::momentum});
    return bench::seconds_a_call([&] {
        const auto loss = [&](const Variable<float>& part) { return mean(square(net(part))); };
        optimizer.step(value_and_gradient(parameters, x, loss).gradients);
    });
}

double transformer_block_step(std::size_t batch)
{
    Random random(1);
    const TransformerBlock<float> block(bench::block_width, bench::block_heads, bench::block_hidden, random,
                                        {.activation = Activation::gelu, .norm_first = false});
    return sequence_step({batch, bench::block_steps, bench::block_width}, block.parameters(),
                         [&](const Variable<float>& x) { return block(x, Mode::evaluation()); });
}

double lstm_step(std::size_t batch)
{
    Random random(1);
    const LSTM<float> lstm(bench::lstm_width, bench::lstm_width, random);
    return sequence_step({batch, bench::lstm_steps, bench::lstm_width}, lstm.parameters(),
                         [&](const Variable<float>& x) { return lstm(x).outputs; });
}

/** The step of `task` by hand. @throws Error unless the first gradient is that of autodiff */
bench::HandwrittenLenet5 by_hand(const bench::Kernels& kernels, const Learner<LeNet5<float>>& task)
{
    bench::HandwrittenLenet5 step(kernels, task.parameters, chunk, bench::learning_rate, bench::momentum);
    step.step(task.images, task.labels);
    auto g = step.gradient().begin();
    for (const auto& gradient : task.gradient().gradients)
        for (const float automatic : gradient.value())
            if (!(std::abs(*g++ - automatic) < 1e-5f))
                throw Error("the gradient by hand is wrong");
    return step;
}

double handwritten_step(const bench::Kernels& kernels, std::size_t batch)
{
    const auto task = lenet5(batch);
    auto step = by_hand(kernels, task);
    return bench::seconds_a_call([&] { step.step(task.images, task.labels); });
}

/** The time of the automatic step divided by that of the step by hand. */
double over_handwritten(std::size_t batch)
{
    auto task = lenet5(batch);
    auto step = by_hand(bench::library_kernels(), task);
    return bench::times_as_long([&] { task.step(); }, [&] { step.step(task.images, task.labels); });
}

/** The seconds for each op of a chain, recorded, with or without its rules. */
template <class Op>
double chain(Op op, bool backward)
{
    const auto x = variable(Array<float>(Shape{bench::chain_size}, 0.5f));
    return bench::seconds_a_call([&] {
               Tape tape;
               Variable<float> y = x;
               for (std::size_t i = 0; i < bench::chain_length; ++i)
                   y = op(y);
               if (backward)
                   tape.vector_jacobian_product(y, y, x);
           }) /
           static_cast<double>(bench::chain_length);
}

/** The allocations in a step, once the pool has all that steps need in any order of their threads. */
double allocations(std::size_t batch)
{
    constexpr int before = 400, steps = 40;
    auto task = lenet5(batch);
    for (int i = 0; i < before; ++i)
        task.step();
    bench::watch_heap();
    for (int i = 0; i < steps; ++i)
        task.step();
    return static_cast<double>(bench::unwatch_heap().allocations) / steps;
}

/** The bytes at the peak of some steps: network, optimizer, gradients, activations and all that the library keeps. */
double peak(std::size_t batch)
{
    release_unused_memory();
    Random random(2);
    Array<float> images = random.normal<float>({batch, 1, 32, 32}, 0, 1);
    bench::watch_heap();
    auto task = lenet5(1);
    task.images = std::move(images);
    task.labels = random_labels(batch, random);
    for (int i = 0; i < 5; ++i)
        task.step();
    return static_cast<double>(bench::unwatch_heap().peak);
}

/** A hash of the bits of loss and gradient. */
double fingerprint(std::size_t batch)
{
    const auto [loss, gradients] = lenet5(batch).gradient();
    std::uint64_t hash = std::bit_cast<std::uint32_t>(loss);
    for (const auto& gradient : gradients)
        for (const float g : gradient.value())
            hash = hash * 0x100000001b3 ^ std::bit_cast<std::uint32_t>(g);
    return static_cast<double>(hash >> 11); // 53 bits: all of a double
}

/** The seconds for adding the chunks' gradients, the most that their fixed order can cost. */
double sum_of_chunks(std::size_t batch)
{
    const std::size_t count = lenet5(1).parameters.element_count();
    const std::size_t additions = (batch - 1) / chunk;
    const std::vector<Array<float>> parts(additions, Array<float>(Shape{count}, 1.0f));
    Array<float> sum(Shape{count}, 0.0f);
    return bench::seconds_a_call([&] {
        for (const auto& part : parts)
            kernels::table<float>().binary(kernels::Binary::add, kernels::Operands::vector_vector, sum.data(),
                                           part.data(), sum.data(), count);
    });
}

/** The FLOP/s of a square matrix product, by the fastest code on this machine. */
double product_rate(std::size_t n)
{
    const Array<float> a(Shape{n, n}, 0.5f), b(Shape{n, n}, 0.5f);
    Array<float> c(Shape{n, n});
    const kernels::Product shape{.m = n, .n = n, .k = n, .lda = n, .ldb = n, .ldc = n};
    return 2 * static_cast<double>(n * n * n) /
           bench::seconds_a_call([&] { kernels::matrix_product(shape, a.data(), b.data(), c.data()); });
}

} // namespace

int main(int, char** arguments)
{
    set_threads(std::strtoul(arguments[1], nullptr, 10));
    const auto increment = [one = constant(Array<float>(Shape{bench::chain_size}, 1.0f))](const Variable<float>& x) {
        return x + one;
    };
    const auto squash = [](const Variable<float>& x) { return tanh(x); };
    bench::Works works = {
        {"lenet5",
         [](std::size_t batch) {
             auto task = lenet5(batch);
             return bench::seconds_a_call([&] { task.step(); });
         }},
        {"lenet5_gradient",
         [](std::size_t batch) {
             const auto task = lenet5(batch);
             return bench::seconds_a_call([&] { task.gradient(); });
         }},
        {"lenet5_value",
         [](std::size_t batch) {
             const auto task = lenet5(batch);
             return bench::seconds_a_call([&] { task.value(); });
         }},
        {"handwritten", [](std::size_t batch) { return handwritten_step(bench::library_kernels(), batch); }},
        {"over_handwritten", over_handwritten},
        {"naive", [](std::size_t batch) { return handwritten_step(bench::naive_kernels(), batch); }},
        {"tanh", [=](std::size_t) { return chain(squash, false); }},
        {"tanh_and_backward", [=](std::size_t) { return chain(squash, true); }},
        {"add", [=](std::size_t) { return chain(increment, false); }},
        {"add_and_backward", [=](std::size_t) { return chain(increment, true); }},
        {"allocations", allocations},
        {"peak", peak},
        {"fingerprint", fingerprint},
        {"sum_of_chunks", sum_of_chunks},
        {"product", product_rate},
        {"maps",
         [](std::size_t batch) {
             Learner<Maps> task({batch, 3, 32, 32}, Maps());
             return bench::seconds_a_call([&] { task.step(); });
         }},
        {"transformer_block", transformer_block_step},
        {"lstm", lstm_step},
        {"image",
         [](std::size_t size) {
             return two_convolutions({bench::image_batch, 1, size, size}, bench::image_maps, {.padding = 1});
         }},
    };
    bench::add_perceptrons(works, perceptron_step);
    for (const auto& kind : bench::convolution_kinds)
        works[kind.name] = [&kind](std::size_t batch) { return convolution_kind(kind, batch); };
    return bench::serve(works);
}
