#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/base/sizes.hpp>
#include <xgrad/models/layers/blocks.hpp>
#include <xgrad/ops/ops.hpp>

#include <fmt/core.h>

namespace xgrad
{

namespace
{

/** Returns `value`, after a check that it is not 0. */
std::size_t positive(const char* block, const char* what, std::size_t value)
{
    if (value == 0)
        throw ShapeError(fmt::format("[{}] no {}: 1 or more are needed", block, what));
    return value;
}

template <class T>
Variable<T> chain(const std::vector<Convolution<T>>& layers, Activation between, Variable<T> x)
{
    for (std::size_t i = 0; i < layers.size(); ++i)
        x = layers[i](i == 0 ? std::move(x) : activate(between, std::move(x)));
    return x;
}

/** The parameters of the layers, named "prefix1.weight", "prefix1.bias", … */
template <class T>
Parameters<T> numbered(const char* prefix, const std::vector<Convolution<T>>& layers)
{
    Parameters<T> all;
    for (std::size_t i = 0; i < layers.size(); ++i)
        all.add(fmt::format("{}{}", prefix, i + 1), layers[i].parameters());
    return all;
}

} // namespace

template <class T>
StackedSmall<T>::StackedSmall(std::size_t inputs, std::size_t outputs, std::ptrdiff_t kernel, std::ptrdiff_t small,
                              Random& random, Initialization initialization)
{
    if (small < 2 || kernel < small || (kernel - 1) % (small - 1) != 0)
        throw ShapeError(
            fmt::format("[stacked_small] {0}x{0} kernels in place of {1}x{1}: {1} - 1 has to be a multiple "
                        "of {0} - 1, which is 1 or more",
                        small, kernel));
    for (std::ptrdiff_t i = 0; i < (kernel - 1) / (small - 1); ++i)
        layers.emplace_back(i == 0 ? inputs : outputs, outputs, small, random, initialization,
                            ConvolutionOptions{.padding = Padding::same});
}

template <class T>
Variable<T> StackedSmall<T>::operator()(const Variable<T>& x) const
{
    return chain(layers, activation, x);
}

template <class T>
Parameters<T> StackedSmall<T>::parameters() const
{
    return numbered("layer", layers);
}

template <class T>
Asymmetric<T>::Asymmetric(std::size_t inputs, std::size_t outputs, std::ptrdiff_t n, Random& random,
                          Initialization initialization)
    : row(inputs, outputs, {1, n}, random, initialization, {.padding = Padding::same}),
      column(outputs, outputs, {n, 1}, random, initialization, {.padding = Padding::same})
{}

template <class T>
Variable<T> Asymmetric<T>::operator()(const Variable<T>& x) const
{
    return column(activate(activation, row(x)));
}

template <class T>
ParallelBlock<T>::ParallelBlock(std::size_t inputs, const std::vector<Path>& kernels, Random& random,
                                Initialization initialization)
{
    positive("parallel_block", "paths", kernels.size());
    for (const Path& path : kernels)
        paths.emplace_back(inputs, positive("parallel_block", "maps in a path", path.outputs), path.kernel, random,
                           initialization, ConvolutionOptions{.padding = Padding::same});
}

template <class T>
Variable<T> ParallelBlock<T>::operator()(const Variable<T>& x) const
{
    Variables<T> maps;
    for (const Convolution<T>& path : paths)
        maps.push_back(path(x));
    return concatenate(maps, 1);
}

template <class T>
Parameters<T> ParallelBlock<T>::parameters() const
{
    return numbered("path", paths);
}

template <class T>
Bottleneck<T>::Bottleneck(std::size_t inputs, std::size_t reduced, std::size_t outputs, Size2d kernel, Random& random,
                          Initialization initialization)
    : reduce(inputs, positive("bottleneck", "maps in the middle", reduced), 1, random, initialization),
      middle(reduced, reduced, kernel, random, initialization, {.padding = Padding::same}),
      expand(reduced, outputs, 1, random, initialization)
{}

template <class T>
Variable<T> Bottleneck<T>::operator()(const Variable<T>& x) const
{
    return expand(activate(activation, middle(activate(activation, reduce(x)))));
}

template <class T>
DepthwiseSeparable<T>::DepthwiseSeparable(std::size_t inputs, std::size_t outputs, Size2d kernel, Random& random,
                                          Initialization initialization, Size2d stride)
    : depthwise(inputs, inputs, kernel, random, initialization,
                {.padding = Padding::same, .stride = stride, .groups = static_cast<std::ptrdiff_t>(inputs)}),
      pointwise(inputs, outputs, 1, random, initialization)
{}

template <class T>
Variable<T> DepthwiseSeparable<T>::operator()(const Variable<T>& x) const
{
    return pointwise(activate(activation, depthwise(x)));
}

template <class T>
NormalizedSeparable<T>::NormalizedSeparable(DepthwiseSeparable<T> separable)
    : layer(std::move(separable)), inner(layer.depthwise.bias.size()), outer(layer.pointwise.bias.size())
{}

template <class T>
Variable<T> NormalizedSeparable<T>::operator()(const Variable<T>& x, Mode mode) const
{
    return outer(layer.pointwise(activate(layer.activation, inner(layer.depthwise(x), mode))), mode);
}

template <class T>
ShuffleUnit<T>::ShuffleUnit(std::size_t inputs, std::size_t outputs, Size2d kernel, std::ptrdiff_t groups,
                            Random& random, Initialization initialization)
    : pointwise(inputs, outputs, 1, random, initialization, {.groups = groups}),
      spatial(outputs, outputs, kernel, random, initialization, {.padding = Padding::same, .groups = groups})
{}

template <class T>
Variable<T> ShuffleUnit<T>::operator()(const Variable<T>& x) const
{
    return spatial(channel_shuffle(activate(activation, pointwise(x)), pointwise.options.groups));
}

template <class T>
SqueezeExcitation<T>::SqueezeExcitation(std::size_t channels, std::size_t reduction, Random& random,
                                        Initialization initialization)
    : reduce(channels,
             positive("squeeze_excitation", "units left between the layers",
                      channels / positive("squeeze_excitation", "reduction", reduction)),
             random, initialization),
      expand(channels / reduction, channels, random, initialization)
{}

template <class T>
Variable<T> SqueezeExcitation<T>::operator()(const Variable<T>& x) const
{
    const std::size_t channels = expand.bias.size();
    if (x.dimension() != 4 || x.shape()[1] != channels)
        throw ShapeError(fmt::format("[squeeze_excitation] images (N, {}, H, W) are needed, the shape is {}", channels,
                                     to_string(x.shape())));
    const Variable<T> s = sigmoid(expand(relu(reduce(mean(x, {2, 3})))));
    return x * reshape(s, {s.shape()[0], channels, 1, 1});
}

template <class T>
HybridDilation<T>::HybridDilation(std::size_t inputs, std::size_t outputs, Size2d kernel,
                                  const std::vector<std::ptrdiff_t>& dilations, Random& random,
                                  Initialization initialization)
{
    positive("hybrid_dilation", "layers", dilations.size());
    for (const std::ptrdiff_t dilation : dilations) {
        if (dilation < 1)
            throw ShapeError(fmt::format("[hybrid_dilation] dilation {}: taps are 1 or more apart", dilation));
        layers.emplace_back(layers.empty() ? inputs : outputs, outputs, kernel, random, initialization,
                            ConvolutionOptions{.padding = Padding::same, .dilation = dilation});
    }
}

template <class T>
Variable<T> HybridDilation<T>::operator()(const Variable<T>& x) const
{
    return chain(layers, activation, x);
}

template <class T>
Parameters<T> HybridDilation<T>::parameters() const
{
    return numbered("layer", layers);
}

template <class T>
Maxout<T>::Maxout(std::size_t inputs, std::size_t outputs, std::size_t number, Random& random,
                  Initialization initialization)
    : linear(inputs, detail::product_of_sizes("maxout", "units", outputs, positive("maxout", "pieces", number)), random,
             initialization),
      pieces(number)
{}

template <class T>
Variable<T> Maxout<T>::operator()(const Variable<T>& x) const
{
    return maxout(linear(x), pieces);
}

namespace
{

template <class T>
std::string kernel(const Convolution<T>& layer)
{
    return fmt::format("{}x{}", layer.weight.shape()[2], layer.weight.shape()[3]);
}

/** A line for a block: the sum of its parts. */
LayerSummary total(std::string name, std::string kind, const Shape& output, const std::vector<LayerSummary>& parts)
{
    LayerSummary block{std::move(name), std::move(kind), output};
    for (const LayerSummary& part : parts) {
        block.parameters += part.parameters;
        block.connections += part.connections;
        block.multiply_adds += part.multiply_adds;
    }
    return block;
}

/** A line for each convolution; their maps all have the height and width of the block's. */
template <class T>
std::vector<LayerSummary> each(const std::vector<Convolution<T>>& layers, const Shape& output)
{
    std::vector<LayerSummary> lines;
    lines.reserve(layers.size());
    for (const Convolution<T>& layer : layers)
        lines.push_back(summarize("", layer, {layer.bias.size(), output[1], output[2]}));
    return lines;
}

} // namespace

template <class T>
LayerSummary summarize(std::string name, const StackedSmall<T>& block, const Shape& output)
{
    return total(std::move(name), fmt::format("{} stacked {}", block.layers.size(), kernel(block.layers[0])), output,
                 each(block.layers, output));
}

template <class T>
LayerSummary summarize(std::string name, const Asymmetric<T>& block, const Shape& output)
{
    return total(std::move(name), kernel(block.row) + ", " + kernel(block.column), output,
                 each<T>({block.row, block.column}, output));
}

template <class T>
LayerSummary summarize(std::string name, const ParallelBlock<T>& block, const Shape& output)
{
    std::string kind;
    for (const Convolution<T>& path : block.paths)
        kind += (kind.empty() ? "" : " | ") + kernel(path);
    return total(std::move(name), kind, output, each(block.paths, output));
}

template <class T>
LayerSummary summarize(std::string name, const Bottleneck<T>& block, const Shape& output)
{
    return total(std::move(name), "bottleneck " + kernel(block.middle), output,
                 each<T>({block.reduce, block.middle, block.expand}, output));
}

template <class T>
LayerSummary summarize(std::string name, const DepthwiseSeparable<T>& block, const Shape& output)
{
    return total(std::move(name), "depthwise " + kernel(block.depthwise) + ", 1x1", output,
                 each<T>({block.depthwise, block.pointwise}, output));
}

template <class T>
LayerSummary summarize(std::string name, const NormalizedSeparable<T>& block, const Shape& output)
{
    LayerSummary layer = summarize("", block.layer, output);
    const std::size_t biases = block.inner.gamma.size() + block.outer.gamma.size();
    layer.parameters -= biases;
    layer.connections -= biases * output[1] * output[2];
    return total(std::move(name), layer.kind + ", normalized", output,
                 {layer, summarize("", block.inner, {block.inner.gamma.size(), output[1], output[2]}),
                  summarize("", block.outer, output)});
}

template <class T>
LayerSummary summarize(std::string name, const ShuffleUnit<T>& block, const Shape& output)
{
    return total(std::move(name),
                 fmt::format("1x1, shuffle, {} in {} groups", kernel(block.spatial), block.spatial.options.groups),
                 output, each<T>({block.pointwise, block.spatial}, output));
}

template <class T>
LayerSummary summarize(std::string name, const SqueezeExcitation<T>& block, const Shape& output)
{
    const std::size_t units = element_count(output);
    return total(std::move(name), "squeeze and excitation", output,
                 {summarize_pooling("", "mean", {output[0]}, output[1] * output[2]),
                  summarize("", block.reduce),
                  summarize("", block.expand),
                  {"", "product", output, 0, 2 * units, units}});
}

template <class T>
LayerSummary summarize(std::string name, const HybridDilation<T>& block, const Shape& output)
{
    std::string dilations;
    for (const Convolution<T>& layer : block.layers)
        dilations += (dilations.empty() ? "" : ", ") + std::to_string(layer.options.dilation.height);
    return total(std::move(name), kernel(block.layers[0]) + " dilated " + dilations, output,
                 each(block.layers, output));
}

template <class T>
LayerSummary summarize(std::string name, const Maxout<T>& block)
{
    const Shape output{block.linear.bias.size() / block.pieces};
    return total(std::move(name), fmt::format("maxout of {}", block.pieces), output,
                 {summarize("", block.linear), summarize_pooling("", "maximum", output, block.pieces)});
}

#define XGRAD_INSTANTIATE_BLOCK(T, Block)                                                                              \
    template struct Block<T>;                                                                                          \
    template LayerSummary summarize(std::string, const Block<T>&, const Shape&);
#define XGRAD_INSTANTIATE(T)                                                                                           \
    XGRAD_INSTANTIATE_BLOCK(T, StackedSmall)                                                                           \
    XGRAD_INSTANTIATE_BLOCK(T, Asymmetric)                                                                             \
    XGRAD_INSTANTIATE_BLOCK(T, ParallelBlock)                                                                          \
    XGRAD_INSTANTIATE_BLOCK(T, Bottleneck)                                                                             \
    XGRAD_INSTANTIATE_BLOCK(T, DepthwiseSeparable)                                                                     \
    XGRAD_INSTANTIATE_BLOCK(T, NormalizedSeparable)                                                                    \
    XGRAD_INSTANTIATE_BLOCK(T, ShuffleUnit)                                                                            \
    XGRAD_INSTANTIATE_BLOCK(T, SqueezeExcitation)                                                                      \
    XGRAD_INSTANTIATE_BLOCK(T, HybridDilation)                                                                         \
    template struct Maxout<T>;                                                                                         \
    template LayerSummary summarize(std::string, const Maxout<T>&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE
#undef XGRAD_INSTANTIATE_BLOCK

} // namespace xgrad
