#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/sizes.hpp>
#include <xgrad/models/layers/local.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/local.hpp>

#include <fmt/core.h>

namespace xgrad
{

namespace
{

Size2d outputs_of(Size2d image, Size2d kernel, const PatchOptions& options)
{
    const kernels::Window window =
        Padding::window("locally connected layer", options.padding, image, kernel, options.stride, options.dilation);
    return {static_cast<std::ptrdiff_t>(window.out_height), static_cast<std::ptrdiff_t>(window.out_width)};
}

/** The first weights of a bank of kernels for each place of `banks`. */
template <class T>
Variable<T> initial_banks(Initialization initialization, Size2d banks, std::size_t inputs, std::size_t outputs,
                          Size2d kernel, Random& random)
{
    if (banks.height < 1 || banks.width < 1 || kernel.height < 1 || kernel.width < 1)
        throw ShapeError(
            fmt::format("[tiled layer] {}x{} tiles of {}x{} kernels: tiles and kernels must be 1 or more each way",
                        banks.height, banks.width, kernel.height, kernel.width));
    const auto u = [](std::ptrdiff_t extent) { return static_cast<std::size_t>(extent); };
    const std::size_t area = detail::product_of_sizes("tiled layer", "kernel", u(kernel.height), u(kernel.width));
    return initial_weights<T>(initialization,
                              {u(banks.height), u(banks.width), outputs, inputs, u(kernel.height), u(kernel.width)},
                              inputs * area, outputs * area, random);
}

/** Zeros (O, t_h, t_w) for weights (t_h, t_w, O, C, K_h, K_w). */
template <class T>
Variable<T> biases_of(const Variable<T>& weight)
{
    const Shape& shape = weight.shape();
    return variable(filled_array({shape[2], shape[0], shape[1]}, T{0}));
}

} // namespace

template <class T>
LocallyConnected<T>::LocallyConnected(std::size_t inputs, std::size_t outputs, Size2d image, Size2d kernel,
                                      Random& random, Initialization initialization, const PatchOptions& how)
    : weight(initial_banks<T>(initialization, outputs_of(image, kernel, how), inputs, outputs, kernel, random)),
      bias(biases_of(weight)),
      options(how)
{}

template <class T>
Variable<T> LocallyConnected<T>::operator()(const Variable<T>& x) const
{
    return locally_connected2d(x, weight, options) + bias;
}

template <class T>
Tiled<T>::Tiled(std::size_t inputs, std::size_t outputs, Size2d tiles, Size2d kernel, Random& random,
                Initialization initialization, const PatchOptions& how)
    : weight(initial_banks<T>(initialization, tiles, inputs, outputs, kernel, random)),
      bias(biases_of(weight)),
      options(how)
{}

template <class T>
Variable<T> Tiled<T>::operator()(const Variable<T>& x) const
{
    Variable<T> u = tiled2d(x, weight, options);
    const std::size_t height = u.shape()[2], width = u.shape()[3];
    return std::move(u) + cycle(cycle(bias, width, 2), height, 1);
}

template <class T>
LayerSummary summarize(std::string name, const LocallyConnected<T>& layer)
{
    const Shape& shape = layer.weight.shape();
    const std::size_t connections = layer.weight.size() + layer.bias.size();
    std::string kind = fmt::format("locally connected {}x{}", shape[4], shape[5]);
    return {std::move(name), std::move(kind), layer.bias.shape(), connections, connections, layer.weight.size()};
}

template <class T>
LayerSummary summarize(std::string name, const Tiled<T>& layer, const Shape& output)
{
    const Shape& shape = layer.weight.shape();
    const std::size_t units = element_count(output), fan_in = shape[3] * shape[4] * shape[5];
    return {std::move(name),
            fmt::format("tiled {}x{}, {}x{} tiles", shape[4], shape[5], shape[0], shape[1]),
            output,
            layer.weight.size() + layer.bias.size(),
            units * (fan_in + 1),
            units * fan_in};
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template struct LocallyConnected<T>;                                                                               \
    template struct Tiled<T>;                                                                                          \
    template LayerSummary summarize(std::string, const LocallyConnected<T>&);                                          \
    template LayerSummary summarize(std::string, const Tiled<T>&, const Shape&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
