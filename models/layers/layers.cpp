#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/names.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/base/sizes.hpp>
#include <xgrad/models/layers/layers.hpp>
#include <xgrad/ops/ops.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace xgrad
{

template <class T>
Variable<T> initial_weights(Initialization initialization, const Shape& shape, std::size_t n_in, std::size_t n_out,
                            Random& random)
{
    const auto in = static_cast<double>(n_in), out = static_cast<double>(n_out);
    switch (initialization) {
    case Initialization::lecun:
        return variable(random.normal<T>(shape, 0, std::sqrt(1 / in)));
    case Initialization::lecun_1998:
        return variable(random.uniform<T>(shape, -2.4 / in, 2.4 / in));
    case Initialization::glorot:
        return variable(random.uniform<T>(shape, -std::sqrt(6 / (in + out)), std::sqrt(6 / (in + out))));
    case Initialization::he:
        break;
    }
    return variable(random.normal<T>(shape, 0, std::sqrt(2 / in)));
}

std::vector<std::string> activation_names()
{
    return {"identity", "sigmoid", "tanh", "scaled-tanh", "relu",     "leaky-relu",   "gelu",      "gelu-tanh",
            "silu",     "mish",    "elu",  "selu",        "softsign", "hard-sigmoid", "hard-swish"};
}

Activation activation_named(std::string_view name)
{
    return detail::value_named<Activation>("activation", activation_names(), name);
}

Initialization initialization_for(Activation activation)
{
    const bool is_like_relu =
        !squashes(activation) && activation != Activation::identity && activation != Activation::selu;
    return is_like_relu ? Initialization::he : Initialization::lecun;
}

bool squashes(Activation activation)
{
    using enum Activation;
    return activation == sigmoid || activation == tanh || activation == scaled_tanh || activation == softsign ||
           activation == hard_sigmoid;
}

template <class T>
Linear<T>::Linear(std::size_t inputs, std::size_t outputs, Random& random, Initialization initialization)
    : weight(initial_weights<T>(initialization, {outputs, inputs}, inputs, outputs, random)),
      bias(variable(filled_array({outputs}, T{0})))
{}

template <class T>
Variable<T> Linear<T>::operator()(const Variable<T>& x) const
{
    if (x.dimension() <= 2)
        return matmul(x, weight, {.b = true}) + bias;
    const std::size_t inputs = weight.shape()[1];
    if (x.shape().back() != inputs)
        throw ShapeError(
            fmt::format("[linear layer] inputs of shape {}: (…, {}) is needed", to_string(x.shape()), inputs));
    const Variable<T> rows = reshape(x, {x.size() / std::max<std::size_t>(inputs, 1), inputs});
    return reshape(matmul(rows, weight, {.b = true}) + bias,
                   detail::with_extent(x.shape(), x.dimension() - 1, bias.size()));
}

namespace
{

/** The number of elements of a kernel or block, of 1 or more each way. */
std::size_t area(Size2d size)
{
    return detail::product_of_sizes("layer", "kernel", static_cast<std::size_t>(size.height),
                                    static_cast<std::size_t>(size.width));
}

Shape weight_shape(std::size_t inputs, std::size_t outputs, Size2d kernel, std::ptrdiff_t groups)
{
    if (kernel.height < 1 || kernel.width < 1 || groups < 1 || inputs % static_cast<std::size_t>(groups) != 0 ||
        outputs % static_cast<std::size_t>(groups) != 0)
        throw ShapeError(fmt::format(
            "[convolution layer] {}x{} kernels from {} to {} maps in {} group(s): kernels must be 1 or more "
            "each way, and the groups, 1 or more, must divide both numbers of maps",
            kernel.height, kernel.width, inputs, outputs, groups));
    return {outputs, inputs / static_cast<std::size_t>(groups), static_cast<std::size_t>(kernel.height),
            static_cast<std::size_t>(kernel.width)};
}

std::size_t table_outputs(const ConnectionTable& table)
{
    const std::size_t outputs = table.empty() ? 0 : table.front().size();
    if (outputs == 0)
        throw ShapeError("[convolution layer] the connection table is empty: it must be inputs x outputs");
    for (const std::vector<bool>& row : table)
        if (row.size() != outputs)
            throw ShapeError(
                fmt::format("[convolution layer] the rows of the connection table have {} and {} columns: it must be "
                            "inputs x outputs, with a column for each output map in every row",
                            outputs, row.size()));
    return outputs;
}

} // namespace

template <class T>
Convolution<T>::Convolution(std::size_t inputs, std::size_t outputs, Size2d kernel, Random& random,
                            Initialization initialization, const ConvolutionOptions& how, Product kind)
    : bias(variable(filled_array({outputs}, T{0}))), options(how), product(kind)
{
    const Shape shape = weight_shape(inputs, outputs, kernel, how.groups);
    weight = initial_weights<T>(initialization, shape, shape[1] * area(kernel), shape[0] * area(kernel), random);
}

template <class T>
Convolution<T>::Convolution(const ConnectionTable& table, Size2d kernel, Random& random, Initialization initialization,
                            const ConvolutionOptions& how)
    : bias(variable(filled_array({table_outputs(table)}, T{0}))), options(how)
{
    if (how.groups != 1)
        throw ShapeError("[convolution layer] a connection table and groups exclude each other");
    const std::size_t inputs = table.size(), outputs = table.front().size();
    const Shape shape = weight_shape(inputs, outputs, kernel, 1);
    Array<T> values = empty_array<T>(shape), exists(shape, T{0});
    for (std::size_t output = 0; output < outputs; ++output) {
        const auto reads = [&](const std::vector<bool>& row) { return row[output]; };
        const auto fan_in = static_cast<std::size_t>(std::count_if(table.begin(), table.end(), reads));
        if (fan_in == 0)
            throw ShapeError(
                fmt::format("[convolution layer] output map {} of the connection table reads no input map", output));
        const Variable<T> own = initial_weights<T>(initialization, {inputs, shape[2], shape[3]}, fan_in * area(kernel),
                                                   outputs * area(kernel), random);
        for (std::size_t input = 0; input < inputs; ++input)
            for (std::size_t k = 0; k < area(kernel); ++k) {
                const std::size_t place = (output * inputs + input) * area(kernel) + k;
                values.data()[place] = table[input][output] ? own.data()[input * area(kernel) + k] : T{0};
                exists.data()[place] = table[input][output] ? T{1} : T{0};
            }
    }
    weight = variable(std::move(values));
    mask = constant(std::move(exists));
}

template <class T>
Variable<T> Convolution<T>::operator()(const Variable<T>& x, const LayerEnd& end) const
{
    const Variable<T> w = mask.has_value() ? weight * mask : weight;
    return convolution_layer(x, product == Product::correlation ? w : rot180(w), bias, end, options);
}

template <class T>
Variable<T> Convolution<T>::transposed(const Variable<T>& maps, Size2d size) const
{
    const Variable<T> w = mask.has_value() ? weight * mask : weight;
    return product == Product::correlation ? correlate2d_input(maps, w, size, options)
                                           : conv2d_input(maps, w, size, options);
}

template <class T>
Subsampling<T>::Subsampling(std::size_t maps, Size2d extents)
    : beta(variable(filled_array({maps}, T{1} / static_cast<T>(area(extents))))),
      bias(variable(filled_array({maps}, T{0}))),
      block(extents)
{
    if (maps == 0 || extents.height < 1 || extents.width < 1)
        throw ShapeError(fmt::format("[subsampling layer] {} maps in blocks of {}x{}: 1 or more of each are needed",
                                     maps, extents.height, extents.width));
}

template <class T>
Variable<T> Subsampling<T>::operator()(const Variable<T>& x) const
{
    if (x.dimension() != 4 || x.shape()[1] != beta.size())
        throw ShapeError(fmt::format("[subsampling layer] maps of shape {}: (N, {}, H, W) are needed",
                                     to_string(x.shape()), beta.size()));
    const Shape per_map = {1, beta.size(), 1, 1};
    Variable<T> u = block_sum(x, block) * reshape(beta, per_map);
    return std::move(u) + reshape(bias, per_map);
}

template <class T>
LayerSummary summarize(std::string name, const Convolution<T>& layer, const Shape& output)
{
    std::size_t weights = layer.weight.size();
    if (layer.mask.has_value())
        weights = static_cast<std::size_t>(std::count(layer.mask.data(), layer.mask.data() + layer.mask.size(), T{1}));
    const std::size_t positions = output[1] * output[2];
    const Shape& shape = layer.weight.shape();
    return {std::move(name),
            fmt::format("convolution {}x{}{}", shape[2], shape[3], layer.mask.has_value() ? ", connection table" : ""),
            output,
            weights + layer.bias.size(),
            (weights + layer.bias.size()) * positions,
            weights * positions};
}

template <class T>
LayerSummary summarize(std::string name, const Linear<T>& layer)
{
    const std::size_t connections = layer.weight.size() + layer.bias.size();
    return {std::move(name), "full", {layer.bias.size()}, connections, connections, layer.weight.size()};
}

template <class T>
LayerSummary summarize(std::string name, const Linear<T>& layer, const Shape& output)
{
    LayerSummary line = summarize(std::move(name), layer);
    const std::size_t places = element_count(output) / std::max<std::size_t>(layer.bias.size(), 1);
    line.output = output;
    line.connections *= places;
    line.multiply_adds *= places;
    return line;
}

template <class T>
LayerSummary summarize(std::string name, const Subsampling<T>& layer, const Shape& output)
{
    const std::size_t units = element_count(output);
    return {std::move(name),
            fmt::format("subsampling {}x{}", layer.block.height, layer.block.width),
            output,
            layer.beta.size() + layer.bias.size(),
            units * (area(layer.block) + 1),
            units};
}

LayerSummary summarize_pooling(std::string name, std::string kind, const Shape& output, std::size_t window)
{
    return {std::move(name), std::move(kind), output, 0, element_count(output) * window, 0};
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> initial_weights(Initialization, const Shape&, std::size_t, std::size_t, Random&);             \
    template struct Linear<T>;                                                                                         \
    template struct Convolution<T>;                                                                                    \
    template struct Subsampling<T>;                                                                                    \
    template LayerSummary summarize(std::string, const Subsampling<T>&, const Shape&);                                 \
    template LayerSummary summarize(std::string, const Convolution<T>&, const Shape&);                                 \
    template LayerSummary summarize(std::string, const Linear<T>&);                                                    \
    template LayerSummary summarize(std::string, const Linear<T>&, const Shape&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
