// All ops, with the shapes and options that a program may give them: also those that no array can have. An op, and its
// gradient, either succeeds or throws an Error.

#include "input.hpp"
#include <xgrad/base/random.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/ops/ops.hpp>

#include <limits>

using namespace xgrad;

namespace
{

using X = Variable<float>;
using fuzz::Input;

// Extents small enough that no result is large, and sizes that must be refused or cannot make a result larger.
constexpr std::size_t small_extents[] = {1, 2, 3, 4, 0, 5, 1, 2};
constexpr std::size_t extremes[] = {std::size_t{1} << 32,       (std::size_t{1} << 62) + 1, std::size_t(-3),
                                    std::size_t{1} << 63,       (std::size_t{1} << 40) + 1, std::size_t(-1),
                                    (std::size_t{1} << 31) - 1, std::size_t{1} << 40};
// These make a result larger than all memory. So they are refused, where 2^32 would be granted.
constexpr std::size_t growing_extremes[] = {(std::size_t{1} << 62) + 1, std::size_t(-3), std::size_t{1} << 63,
                                            (std::size_t{1} << 40) + 1, std::size_t(-1), std::size_t{1} << 41};

std::size_t extent(Input& in)
{
    const std::uint8_t byte = in.byte();
    return byte < 0xe0 ? small_extents[byte % 8] : growing_extremes[byte % 6];
}

/** A size that does not make the result larger. */
std::size_t any_size(Input& in)
{
    const std::uint8_t byte = in.byte();
    return byte < 0xe0 ? small_extents[byte % 8] : extremes[byte % 8];
}

std::ptrdiff_t length(Input& in) { return static_cast<std::ptrdiff_t>(extent(in)); }
Size2d size(Input& in) { return {length(in), length(in)}; }
Size2d any_size2d(Input& in)
{
    return {static_cast<std::ptrdiff_t>(any_size(in)), static_cast<std::ptrdiff_t>(any_size(in))};
}

Shape shape(Input& in, std::size_t most_axes)
{
    Shape extents(in.byte() % (most_axes + 1));
    for (std::size_t& each : extents)
        each = extent(in);
    return extents;
}

Array<float> array(Input& in)
{
    constexpr std::size_t most_elements = 64; // patches of such an image have 100,000
    Shape extents = shape(in, 4);
    std::size_t count = 1;
    for (std::size_t& each : extents) {
        each = each > 5 || count * each > most_elements ? 1 : each; // only options are extreme
        count *= each;
    }
    if (extents.size() > 1 && in.byte() == 0xff) { // no array has this shape, though it would have no elements
        extents.front() = 0;
        extents.back() = in.one_of(growing_extremes);
    }
    Array<float> values = empty_array<float>(extents);
    const float first = static_cast<float>(in.byte()) / 16 - 8;
    for (std::size_t i = 0; i < values.size(); ++i)
        values.data()[i] = first + static_cast<float>(i % 7);
    return values;
}

X x(Input& in) { return variable(array(in)); }

Labels labels(Input& in)
{
    constexpr std::int32_t values[] = {
        0, 1, 2, 3, 5, -1, std::numeric_limits<std::int32_t>::max(), std::numeric_limits<std::int32_t>::min()};
    Labels all = empty_array<std::int32_t>(shape(in, 2));
    if (all.size() > 64)
        return Labels(Shape{1}, 0);
    for (std::int32_t& each : all)
        each = in.one_of(values);
    return all;
}

float number(Input& in)
{
    constexpr float values[] = {0,
                                1,
                                -1,
                                0.5f,
                                3,
                                1e30f,
                                -1e-30f,
                                std::numeric_limits<float>::infinity(),
                                -std::numeric_limits<float>::infinity(),
                                std::numeric_limits<float>::quiet_NaN()};
    return in.one_of(values);
}

Axis axis(Input& in)
{
    constexpr Axis values[] = {
        0, 1, 2, 3, -1, -2, -5, 9, std::numeric_limits<Axis>::max(), std::numeric_limits<Axis>::min()};
    return in.one_of(values);
}

Axes axes(Input& in)
{
    Axes all = {};
    for (std::size_t count = in.byte() % 5; count > 0; --count)
        all.push_back(axis(in));
    return all;
}

Padding padding(Input& in)
{
    switch (in.byte() % 5) {
    case 0:
        return Padding::same;
    case 1:
        return Padding::full;
    case 2:
        return {length(in), length(in), length(in), length(in)};
    default:
        return Padding::valid;
    }
}

ConvolutionOptions convolution(Input& in)
{
    constexpr Algorithm algorithms[] = {Algorithm::direct, Algorithm::fft, Algorithm::separable};
    return {padding(in), any_size2d(in), size(in), length(in), in.one_of(algorithms)};
}

// A window of full padding makes the result as much larger as it is itself.
PatchOptions patch(Input& in) { return {padding(in), any_size2d(in), size(in)}; }
PoolingOptions pooling(Input& in) { return {size(in), any_size2d(in), padding(in), size(in)}; }

Ranges ranges(Input& in)
{
    Ranges all(in.byte() % 5);
    for (Range& each : all)
        each = {any_size(in), any_size(in), any_size(in)};
    return all;
}

Borders borders(Input& in)
{
    Borders all(in.byte() % 5);
    for (Border& each : all)
        each = {extent(in), extent(in)};
    return all;
}

X first_of(Variables<float> all) { return all.empty() ? constant<float>(0) : all.front(); }

X sum_of(const Labels& all) { return constant(Array<float>(xt::cast<float>(all))); }

struct Op
{
    const char* name;
    X (*call)(Input& in, const X& a, const X& b);
};

#define XGRAD_OP(name, call)                                                                                           \
    {                                                                                                                  \
        name, []([[maybe_unused]] Input& in, [[maybe_unused]] const X& a, [[maybe_unused]] const X& b) -> X {          \
            return call;                                                                                               \
        }                                                                                                              \
    }

// clang-format off
const Op ops[] = {
    XGRAD_OP("add", add(a, b)), XGRAD_OP("subtract", subtract(a, b)), XGRAD_OP("multiply", multiply(a, b)),
    XGRAD_OP("divide", divide(a, b)), XGRAD_OP("pow", pow(a, b)), XGRAD_OP("maximum", maximum(a, b)),
    XGRAD_OP("minimum", minimum(a, b)), XGRAD_OP("greater", greater(a, b)),
    XGRAD_OP("greater_equal", greater_equal(a, b)), XGRAD_OP("where", where(a, b, x(in))),
    XGRAD_OP("negative", negative(a)), XGRAD_OP("add", add(a, number(in))), XGRAD_OP("multiply", multiply(a, number(in))),
    XGRAD_OP("divide", divide(a, number(in))), XGRAD_OP("subtract", subtract(number(in), a)),
    XGRAD_OP("divide", divide(number(in), a)), XGRAD_OP("pow", pow(a, number(in))),
    XGRAD_OP("circulant", circulant(a, length(in))),
    XGRAD_OP("doubly_block_circulant", doubly_block_circulant(a, size(in))),
    XGRAD_OP("circulant_convolution", circulant_convolution(a, b)),
    XGRAD_OP("correlate2d", correlate2d(a, b, convolution(in))),
    XGRAD_OP("correlate2d_input", correlate2d_input(a, b, size(in), convolution(in))),
    XGRAD_OP("correlate2d_kernel", correlate2d_kernel(a, b, size(in), convolution(in))),
    XGRAD_OP("conv2d", conv2d(a, b, convolution(in))),
    XGRAD_OP("conv2d_input", conv2d_input(a, b, size(in), convolution(in))),
    XGRAD_OP("conv2d_kernel", conv2d_kernel(a, b, size(in), convolution(in))),
    XGRAD_OP("exp", exp(a)), XGRAD_OP("log", log(a)), XGRAD_OP("log1p", log1p(a)), XGRAD_OP("sqrt", sqrt(a)),
    XGRAD_OP("abs", abs(a)), XGRAD_OP("sign", sign(a)), XGRAD_OP("square", square(a)), XGRAD_OP("sin", sin(a)),
    XGRAD_OP("cos", cos(a)), XGRAD_OP("clip", clip(a, number(in), number(in))),
    XGRAD_OP("inside", inside(a, number(in), number(in))), XGRAD_OP("step", step(a, number(in))),
    XGRAD_OP("sigmoid", sigmoid(a)), XGRAD_OP("tanh", tanh(a)),
    XGRAD_OP("scaled_tanh", scaled_tanh(a, number(in), number(in))), XGRAD_OP("relu", relu(a)),
    XGRAD_OP("leaky_relu", leaky_relu(a, number(in))), XGRAD_OP("softplus", softplus(a)),
    XGRAD_OP("elementwise", elementwise("fuzzed", [](auto u, auto v) { return tanh(u * v); }, a, b)),
    XGRAD_OP("gather", gather(a, labels(in), axis(in))),
    XGRAD_OP("scatter_add", scatter_add(a, labels(in), extent(in), axis(in))),
    XGRAD_OP("index_add", index_add(a, b, labels(in), axis(in))), XGRAD_OP("take_last", take_last(a, labels(in))),
    XGRAD_OP("place_last", place_last(a, labels(in), extent(in))),
    XGRAD_OP("concatenate", concatenate({a, b, a}, axis(in))), XGRAD_OP("stack", stack({a, b}, axis(in))),
    XGRAD_OP("unstack", first_of(unstack(a, axis(in)))),
    XGRAD_OP("locally_connected2d", locally_connected2d(a, b, patch(in))), XGRAD_OP("tiled2d", tiled2d(a, b, patch(in))),
    XGRAD_OP("cycle", cycle(a, extent(in), axis(in))), XGRAD_OP("squared_error", squared_error(a, b)),
    XGRAD_OP("binary_cross_entropy", binary_cross_entropy(a, b)),
    XGRAD_OP("binary_cross_entropy_with_logits", binary_cross_entropy_with_logits(a, b)),
    XGRAD_OP("softmax_cross_entropy", softmax_cross_entropy(a, labels(in))),
    XGRAD_OP("softmax_cross_entropy", softmax_cross_entropy(a, b)),
    XGRAD_OP("one_hot", one_hot<float>(labels(in), extent(in), number(in), number(in))),
    XGRAD_OP("matmul", matmul(a, b, {in.flag(), in.flag()})), XGRAD_OP("outer", outer(a, b)),
    XGRAD_OP("kron", kron(a, b)), XGRAD_OP("patches", patches(a, size(in), patch(in))),
    XGRAD_OP("patches_sum", patches_sum(a, size(in), size(in), patch(in))),
    XGRAD_OP("max_pool2d", max_pool2d(a, pooling(in))), XGRAD_OP("mean_pool2d", mean_pool2d(a, pooling(in), in.flag())),
    XGRAD_OP("square_pool2d", square_pool2d(a, pooling(in))), XGRAD_OP("l2_pool2d", l2_pool2d(a, pooling(in))),
    XGRAD_OP("weighted_pool2d", weighted_pool2d(a, b, pooling(in))),
    XGRAD_OP("distance_weights", distance_weights<float>(size(in), number(in))),
    XGRAD_OP("stochastic_pool2d", [&] { Random random(1); return stochastic_pool2d(a, pooling(in), random); }()),
    XGRAD_OP("probability_pool2d", probability_pool2d(a, pooling(in))),
    XGRAD_OP("global_mean_pool2d", global_mean_pool2d(a)), XGRAD_OP("global_max_pool2d", global_max_pool2d(a)),
    XGRAD_OP("adaptive_mean_pool2d", adaptive_mean_pool2d(a, size(in))),
    XGRAD_OP("adaptive_max_pool2d", adaptive_max_pool2d(a, size(in))),
    XGRAD_OP("maxout", maxout(a, any_size(in), axis(in))), XGRAD_OP("sum", sum(a)),
    XGRAD_OP("sum", sum(a, axes(in), in.flag())), XGRAD_OP("mean", mean(a)),
    XGRAD_OP("mean", mean(a, axes(in), in.flag())), XGRAD_OP("max", max(a)),
    XGRAD_OP("max", max(a, axes(in), in.flag())), XGRAD_OP("log_sum_exp", log_sum_exp(a)),
    XGRAD_OP("log_sum_exp", log_sum_exp(a, axes(in), in.flag())), XGRAD_OP("argmax", sum_of(argmax(a, axis(in)))),
    XGRAD_OP("broadcast_to", broadcast_to(a, shape(in, 5))), XGRAD_OP("sum_to", sum_to(a, shape(in, 5))),
    XGRAD_OP("block_sum", block_sum(a, any_size2d(in))), XGRAD_OP("upsample", upsample(a, size(in))),
    XGRAD_OP("reshape", reshape(a, shape(in, 8))), XGRAD_OP("flatten", flatten(a, any_size(in))),
    XGRAD_OP("expand_dims", expand_dims(a, axis(in))), XGRAD_OP("squeeze", squeeze(a, axis(in))),
    XGRAD_OP("permute", permute(a, axes(in))), XGRAD_OP("channel_shuffle", channel_shuffle(a, length(in))),
    XGRAD_OP("transpose", transpose(a)), XGRAD_OP("flip", flip(a, axes(in))), XGRAD_OP("rot180", rot180(a)),
    XGRAD_OP("slice", slice(a, ranges(in))),
    XGRAD_OP("slice", slice(a, axis(in), any_size(in), any_size(in), any_size(in))),
    XGRAD_OP("embed", embed(a, shape(in, 4), ranges(in))), XGRAD_OP("add_part", add_part(a, b, ranges(in))),
    XGRAD_OP("pad", pad(a, borders(in), number(in))), XGRAD_OP("cast", cast<float>(cast<double>(a))),
    XGRAD_OP("softmax", softmax(a, axis(in))), XGRAD_OP("log_softmax", log_softmax(a, axis(in))),
};
// clang-format on
#undef XGRAD_OP

} // namespace

/** The first byte is the op; the next ones are two arrays, then its options. */
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    Input in(data, size);
    const Op& op = in.one_of(ops);
    Tape tape;
    Variables<float> inputs, results;
    fuzz::may_refuse([&] {
        inputs.push_back(x(in));
        inputs.push_back(x(in));
        results.push_back(op.call(in, inputs[0], inputs[1]));
    });
    if (!results.empty()) // what an op has accepted has a gradient
        tape.gradient(sum(results[0]), inputs, {.unused_is_zero = true});
    return 0;
}
