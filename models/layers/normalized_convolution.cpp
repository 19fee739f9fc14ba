#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/models/layers/normalized_convolution.hpp>
#include <xgrad/ops/convolution.hpp>
#include <xgrad/ops/pooling.hpp>

#include <fmt/core.h>

namespace xgrad
{

template <class T>
NormalizedConvolution<T>::NormalizedConvolution(std::size_t inputs, std::size_t outputs, Size2d kernel, Random& random,
                                                Initialization initialization, const ConvolutionOptions& how,
                                                std::ptrdiff_t block, std::size_t groups)
    : weight(Convolution<T>(inputs, outputs, kernel, random, initialization, how).weight),
      norm(BatchNorm<T>(outputs)),
      options(how),
      pooling(block)
{
    if (pooling < 1)
        throw ShapeError(fmt::format("[normalized_convolution] pooling over {0}x{0}: 1 or more is needed", pooling));
    if (groups > 0)
        norm = GroupNorm<T>(groups, outputs);
}

template <class T>
Variable<T> NormalizedConvolution<T>::operator()(const Variable<T>& x, Mode mode) const
{
    const Variable<T> maps = correlate2d(x, weight, options);
    const Variable<T> pooled = pooling == 1 ? maps : max_pool2d(maps, {.size = pooling});
    const auto* const over_batch = std::get_if<BatchNorm<T>>(&norm);
    return over_batch != nullptr ? (*over_batch)(pooled, mode) : std::get<GroupNorm<T>>(norm)(pooled);
}

template <class T>
Parameters<T> NormalizedConvolution<T>::parameters() const
{
    return std::visit(
        [this](const auto& of_kind) {
            return Parameters<T>{{"weight", weight}, {"norm", of_kind.parameters()}};
        },
        norm);
}

template <class T>
Parameters<T> NormalizedConvolution<T>::state() const
{
    const auto* const over_batch = std::get_if<BatchNorm<T>>(&norm);
    return over_batch != nullptr ? Parameters<T>{{"norm", over_batch->state()}} : Parameters<T>();
}

template <class T>
LayerSummary summarize(std::string name, const NormalizedConvolution<T>& layer, const Shape& output)
{
    const Shape& shape = layer.weight.shape();
    const auto block = static_cast<std::size_t>(layer.pooling * layer.pooling);
    const std::size_t positions = output[1] * output[2] * block;
    LayerSummary line =
        std::visit([&](const auto& norm) { return summarize(std::move(name), norm, output); }, layer.norm);
    line.kind = fmt::format("convolution {}x{}, {}normalized", shape[2], shape[3],
                            block == 1 ? "" : fmt::format("max pooling {0}x{0}, ", layer.pooling));
    line.parameters += layer.weight.size();
    line.connections += layer.weight.size() * positions + (block == 1 ? 0 : shape[0] * positions);
    line.multiply_adds += layer.weight.size() * positions;
    return line;
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template struct NormalizedConvolution<T>;                                                                          \
    template LayerSummary summarize(std::string, const NormalizedConvolution<T>&, const Shape&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
