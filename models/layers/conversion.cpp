#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/models/layers/conversion.hpp>
#include <xgrad/ops/reduction.hpp>
#include <xgrad/ops/shape.hpp>

#include <fmt/core.h>

namespace xgrad
{

namespace
{

/** The images that are 1 at one place and 0 elsewhere: (n, maps, h, w) for the n places. */
template <class T>
Variable<T> unit_images(std::size_t maps, std::size_t height, std::size_t width)
{
    const std::size_t places = maps * height * width;
    Array<T> images(Shape{places, maps, height, width}, T{0});
    for (std::size_t i = 0; i < places; ++i)
        images.data()[i * places + i] = 1;
    return constant(std::move(images));
}

} // namespace

template <class T>
Convolution<T> as_convolution(const Linear<T>& layer, std::size_t maps, Size2d size)
{
    const std::size_t outputs = layer.weight.shape()[0], inputs = layer.weight.shape()[1];
    const auto height = static_cast<std::size_t>(size.height), width = static_cast<std::size_t>(size.width);
    if (size.height < 1 || size.width < 1 || maps * height * width != inputs)
        throw ShapeError(
            fmt::format("[as_convolution] {} maps of {}x{} for a layer of {} inputs: the numbers must agree", maps,
                        size.height, size.width, inputs));
    Random unused(0);
    Convolution<T> result(1, 1, 1, unused);
    result.weight = as_leaf(reshape(stop_gradient(layer.weight), {outputs, maps, height, width}));
    result.bias = as_leaf(layer.bias);
    return result;
}

template <class T>
Linear<T> as_linear(const Convolution<T>& layer, Size2d image)
{
    if (image.height < 1 || image.width < 1)
        throw ShapeError(fmt::format("[as_linear] images of {}x{} have no pixels", image.height, image.width));
    const PauseRecording pause;
    Convolution<T> unbiased = layer;
    unbiased.bias = constant(Array<T>(layer.bias.shape(), T{0}));
    const Variable<T> responses = unbiased(unit_images<T>(layer.input_maps(), static_cast<std::size_t>(image.height),
                                                          static_cast<std::size_t>(image.width)));
    const Shape& shape = responses.shape();
    Random unused(0);
    Linear<T> result(1, 1, unused);
    result.weight = as_leaf(transpose(flatten(responses, 1)));
    result.bias = as_leaf(flatten(broadcast_to(reshape(layer.bias, {shape[1], 1}), {shape[1], shape[2] * shape[3]})));
    return result;
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Convolution<T> as_convolution(const Linear<T>&, std::size_t, Size2d);                                     \
    template Linear<T> as_linear(const Convolution<T>&, Size2d);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
