#include <xgrad/base/error.hpp>
#include <xgrad/models/networks/mlp.hpp>
#include <xgrad/ops/detail/instantiate.hpp>
#include <xgrad/ops/loss.hpp>
#include <xgrad/ops/shape.hpp>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace xgrad
{

namespace
{

std::string layer_name(std::size_t index) { return fmt::format("layer{}", index + 1); }

} // namespace

template <class T>
MLP<T>::MLP(const std::vector<std::size_t>& sizes, std::uint64_t seed, const MLPOptions& choice) : options(choice)
{
    if (sizes.size() < 2 || std::find(sizes.begin(), sizes.end(), std::size_t{0}) != sizes.end())
        throw ShapeError(
            fmt::format("[mlp] two sizes or more are needed, none of them 0; given: {}", fmt::join(sizes, ", ")));
    Random random(seed);
    for (std::size_t i = 0; i + 1 < sizes.size(); ++i)
        layers.emplace_back(sizes[i], sizes[i + 1], random, initialization_for(options.activation));
}

template <class T>
Variable<T> MLP<T>::operator()(const Variable<T>& x) const
{
    Variable<T> y = x.dimension() > 2 ? flatten(x, 1) : x;
    for (std::size_t i = 0; i < layers.size(); ++i)
        y = activate(i + 1 < layers.size() ? options.activation : options.output_activation, layers[i](y));
    return y;
}

template <class T>
Variable<T> MLP<T>::loss(const Variable<T>& outputs, const Labels& labels) const
{
    using Loss = MLPOptions::Loss;
    const std::size_t classes = layers.back().bias.size();
    if (options.loss == Loss::softmax_cross_entropy)
        return softmax_cross_entropy(outputs, labels);
    if (options.loss == Loss::binary_cross_entropy)
        return binary_cross_entropy_with_logits(outputs, one_hot<T>(labels, classes));
    return squared_error(outputs, one_hot<T>(labels, classes, off_target<T>(options.output_activation)));
}

template <class T>
Parameters<T> MLP<T>::parameters() const
{
    Parameters<T> all;
    for (std::size_t i = 0; i < layers.size(); ++i)
        all.add(layer_name(i), layers[i].parameters());
    return all;
}

template <class T>
std::vector<LayerSummary> MLP<T>::summary() const
{
    std::vector<LayerSummary> lines;
    for (std::size_t i = 0; i < layers.size(); ++i)
        lines.push_back(summarize(layer_name(i), layers[i]));
    return lines;
}

#define XGRAD_INSTANTIATE(T) template struct MLP<T>;
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
