#include <xgrad/graph/error.hpp>
#include <xgrad/graph/shape.hpp>
#include <xgrad/models/lenet5.hpp>
#include <xgrad/ops/detail/instantiate.hpp>
#include <xgrad/ops/ops.hpp>

#include <fmt/core.h>

namespace xgrad
{

namespace
{

Initialization initialization_for(const LeNet5Options& options)
{
    return options.activation == Activation::relu ? Initialization::he : Initialization::lecun;
}

} // namespace

template <class T>
const ConnectionTable& LeNet5<T>::table()
{
    static const ConnectionTable connections = [] {
        const char* const rows[] = {"x...xxx..xxxx.xx", "xx...xxx..xxxx.x", "xxx...xxx..x.xxx",
                                    ".xxx..xxxx..x.xx", "..xxx..xxxx.xx.x", "...xxx..xxxx.xxx"};
        ConnectionTable result;
        for (const char* row : rows) {
            result.emplace_back();
            for (; *row; ++row)
                result.back().push_back(*row == 'x');
        }
        return result;
    }();
    return connections;
}

template <class T>
LeNet5<T>::LeNet5(std::uint64_t seed, const LeNet5Options& choice) : LeNet5(Random(seed), choice)
{}

// The members are initialised in their order, so the weights follow from the seed alone.
template <class T>
LeNet5<T>::LeNet5(Random random, const LeNet5Options& choice)
    : options(choice),
      c1(1, 6, 5, random, initialization_for(choice)),
      c3(choice.connection_table ? Convolution<T>(table(), 5, random, initialization_for(choice))
                                 : Convolution<T>(6, 16, 5, random, initialization_for(choice))),
      c5(16, 120, 5, random, initialization_for(choice)),
      f6(120, 84, random, initialization_for(choice)),
      f7(84, choice.classes, random, Initialization::lecun)
{}

template <class T>
Variable<T> LeNet5<T>::operator()(const Variable<T>& images) const
{
    const Shape& shape = images.shape();
    if (shape.size() != 4 || shape[1] != 1 || shape[2] != 32 || shape[3] != 32)
        throw ShapeError(fmt::format(
            "[lenet5] images (N, 1, 32, 32) are needed, the shape is {}: pad 28x28 digits by 2", to_string(shape)));
    const auto squash = [&](Variable<T> u) { return activate(options.activation, std::move(u)); };
    const auto pool = [&](const Variable<T>& x) { return options.mean_pooling ? mean_pool2d(x) : max_pool2d(x); };
    const auto s2 = pool(squash(c1(images)));
    const auto s4 = pool(squash(c3(s2)));
    return f7(squash(f6(flatten(squash(c5(s4)), 1))));
}

template <class T>
Parameters<T> LeNet5<T>::parameters() const
{
    return {{"c1", c1.parameters()},
            {"c3", c3.parameters()},
            {"c5", c5.parameters()},
            {"f6", f6.parameters()},
            {"f7", f7.parameters()}};
}

template <class T>
std::vector<LayerSummary> LeNet5<T>::summary() const
{
    const std::string pooling = options.mean_pooling ? "mean pooling 2x2" : "max pooling 2x2";
    return {summarize("C1", c1, {6, 28, 28}),
            summarize_pooling("S2", pooling, {6, 14, 14}, 4),
            summarize("C3", c3, {16, 10, 10}),
            summarize_pooling("S4", pooling, {16, 5, 5}, 4),
            summarize("C5", c5, {120, 1, 1}),
            summarize("F6", f6),
            summarize("F7", f7)};
}

#define XGRAD_INSTANTIATE(T) template struct LeNet5<T>;
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
