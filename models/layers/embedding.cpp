#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/models/layers/embedding.hpp>
#include <xgrad/ops/indexing.hpp>

#include <fmt/core.h>

#include <cmath>
#include <numbers>

namespace xgrad
{

template <class T>
Embedding<T>::Embedding(std::size_t words, std::size_t width, Random& random)
{
    if (words == 0)
        throw ShapeError("[embedding] a table of 0 words: 1 or more are needed");
    weight = variable(random.normal<T>({words, width}, 0, 1));
}

template <class T>
Variable<T> Embedding<T>::operator()(const Labels& words) const
{
    for (const std::int32_t word : words)
        if (word < 0 || static_cast<std::size_t>(word) >= weight.shape()[0])
            throw ShapeError(
                fmt::format("[embedding] word {} is not one of the {} of the table", word, weight.shape()[0]));
    Labels flat = words;
    flat.reshape(Shape{words.size()});
    Shape shape(words.shape().begin(), words.shape().end());
    shape.push_back(weight.shape()[1]);
    return reshape(gather(weight, flat), shape);
}

template <class T>
LayerSummary summarize(std::string name, const Embedding<T>& layer, const Shape& output)
{
    return {std::move(name),
            fmt::format("embedding of {} words", layer.weight.shape()[0]),
            output,
            layer.weight.size(),
            element_count(output),
            0};
}

template <class T>
Variable<T> sinusoidal_places(std::size_t length, std::size_t width)
{
    Array<T> y = empty_array<T>({length, width});
    for (std::size_t i = 0; i < width; ++i) {
        const double pair = static_cast<double>(i / 2 * 2) / static_cast<double>(width);
        const double frequency = std::pow(10000.0, -pair), phase = i % 2 == 0 ? 0 : std::numbers::pi / 2;
        for (std::size_t t = 0; t < length; ++t)
            y.data()[t * width + i] = static_cast<T>(std::sin(static_cast<double>(t) * frequency + phase));
    }
    return constant(std::move(y));
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template struct Embedding<T>;                                                                                      \
    template Variable<T> sinusoidal_places(std::size_t, std::size_t);                                                  \
    template LayerSummary summarize(std::string, const Embedding<T>&, const Shape&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
