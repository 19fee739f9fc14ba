#include <xgrad/graph/error.hpp>
#include <xgrad/graph/shape.hpp>
#include <xgrad/models/bouvrie.hpp>
#include <xgrad/ops/detail/instantiate.hpp>
#include <xgrad/ops/ops.hpp>

#include <fmt/core.h>

namespace xgrad
{

template <class T>
Bouvrie<T>::Bouvrie(std::uint64_t seed, const BouvrieOptions& choice) : Bouvrie(Random(seed), choice)
{}

// The members are initialised in their order, so the weights follow from the seed alone.
template <class T>
Bouvrie<T>::Bouvrie(Random random, const BouvrieOptions& choice)
    : options(choice),
      c1(1, 6, 5, random, Initialization::glorot),
      s2(6, 2),
      c3(6, 12, 5, random, Initialization::glorot),
      s4(12, 2),
      f5(12 * 4 * 4, choice.classes, random, Initialization::glorot)
{}

template <class T>
Variable<T> Bouvrie<T>::operator()(const Variable<T>& images) const
{
    const Shape& shape = images.shape();
    if (shape.size() != 4 || shape[1] != 1 || shape[2] != 28 || shape[3] != 28)
        throw ShapeError(fmt::format("[bouvrie] images (N, 1, 28, 28) are needed, the shape is {}", to_string(shape)));
    const auto squash = [&](Variable<T> u) { return activate(options.activation, std::move(u)); };
    const auto convolve = [&](const Convolution<T>& layer, const Variable<T>& x) {
        Variable<T> u = conv2d(x, layer.weight);
        return squash(std::move(u) + reshape(layer.bias, {1, layer.bias.size(), 1, 1}));
    };
    const auto x2 = squash(s2(convolve(c1, images)));
    const auto x4 = squash(s4(convolve(c3, x2)));
    return squash(f5(flatten(x4, 1)));
}

template <class T>
Variable<T> Bouvrie<T>::loss(const Variable<T>& outputs, const Labels& labels) const
{
    const T off = options.activation == Activation::sigmoid ? T{0} : T{-1};
    return squared_error(outputs, one_hot<T>(labels, options.classes, off));
}

template <class T>
Parameters<T> Bouvrie<T>::parameters() const
{
    return {{"c1", c1.parameters()},
            {"s2", s2.parameters()},
            {"c3", c3.parameters()},
            {"s4", s4.parameters()},
            {"f5", f5.parameters()}};
}

template <class T>
std::vector<LayerSummary> Bouvrie<T>::summary() const
{
    return {summarize("C1", c1, {6, 24, 24}), summarize("S2", s2, {6, 12, 12}), summarize("C3", c3, {12, 8, 8}),
            summarize("S4", s4, {12, 4, 4}), summarize("F5", f5)};
}

#define XGRAD_INSTANTIATE(T) template struct Bouvrie<T>;
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
