#include <xgrad/base/error.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/models/layers/positions.hpp>
#include <xgrad/models/networks/lenet5.hpp>
#include <xgrad/ops/detail/instantiate.hpp>
#include <xgrad/ops/ops.hpp>

#include <fmt/core.h>

namespace xgrad
{

Shape detail::sliding_windows(const char* model, const Shape& images)
{
    const auto fits = [](std::size_t extent) { return extent >= 32 && extent % 4 == 0; };
    if (images.size() != 4 || images[1] != 1 || !fits(images[2]) || !fits(images[3]))
        throw ShapeError(fmt::format("[{}] images (N, 1, H, W) with H and W of 32, 36, 40, ... are needed to slide "
                                     "over, the shape is {}",
                                     model, to_string(images)));
    return {images[0], (images[2] - 32) / 4 + 1, (images[3] - 32) / 4 + 1};
}

void detail::require_one_window(const char* model, const Shape& images)
{
    if (images.size() != 4 || images[1] != 1 || images[2] != 32 || images[3] != 32)
        throw ShapeError(fmt::format("[{}] images (N, 1, 32, 32) are needed, the shape is {}: pad 28x28 digits by 2",
                                     model, to_string(images)));
}

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
      c1(1, 6, 5, random, initialization_for(choice.activation)),
      c3(choice.connection_table ? Convolution<T>(table(), 5, random, initialization_for(choice.activation))
                                 : Convolution<T>(6, 16, 5, random, initialization_for(choice.activation))),
      c5(16, 120, 5, random, initialization_for(choice.activation)),
      f6(120, 84, random, initialization_for(choice.activation)),
      f7(84, choice.classes, random, Initialization::lecun)
{}

template <class T>
Variable<T> LeNet5<T>::pool(const Variable<T>& x) const
{
    return options.mean_pooling ? mean_pool2d(x) : max_pool2d(x);
}

template <class T>
Variable<T> LeNet5<T>::scores_of_windows(const Variable<T>& images) const
{
    return f7(squash(f6(rows_of_positions(squash(c5(s4(images)))))));
}

template <class T>
Variable<T> LeNet5<T>::operator()(const Variable<T>& images) const
{
    detail::require_one_window("lenet5", images.shape());
    return scores_of_windows(images);
}

template <class T>
Variable<T> LeNet5<T>::slide(const Variable<T>& images) const
{
    const Shape windows = detail::sliding_windows("lenet5", images.shape());
    return maps_of_rows(scores_of_windows(images), windows);
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

template <class T>
std::vector<ConvolutionStage<T>> LeNet5<T>::stages() const
{
    return {{"c1", c1, [](const auto& images) { return images; }},
            {"c3", c3, [net = *this](const auto& images) { return net.s2(images); }},
            {"c5", c5, [net = *this](const auto& images) { return net.s4(images); }}};
}

#define XGRAD_INSTANTIATE(T) template struct LeNet5<T>;
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
