#include <xgrad/models/layers/positions.hpp>
#include <xgrad/models/networks/lenet5.hpp>
#include <xgrad/models/networks/lenet5_1998.hpp>
#include <xgrad/ops/detail/instantiate.hpp>
#include <xgrad/ops/ops.hpp>

namespace xgrad
{

using Outputs = LeNet5Of1998Options::Outputs;

template <class T>
LeNet5Of1998<T>::LeNet5Of1998(std::uint64_t seed, const LeNet5Of1998Options& choice)
    : LeNet5Of1998(Random(seed), choice)
{}

// The members are initialised in their order, so the weights follow from the seed alone.
template <class T>
LeNet5Of1998<T>::LeNet5Of1998(Random random, const LeNet5Of1998Options& choice)
    : options(choice),
      c1(1, 6, 5, random, Initialization::lecun_1998),
      s2(6, 2),
      c3(LeNet5<T>::table(), 5, random, Initialization::lecun_1998),
      s4(16, 2),
      c5(16, 120, 5, random, Initialization::lecun_1998),
      f6(120, 84, random, Initialization::lecun_1998)
{
    if (options.outputs == Outputs::softmax)
        f7.emplace(84, 10, random, Initialization::lecun_1998);
}

template <class T>
Variable<T> LeNet5Of1998<T>::features_of_windows(const Variable<T>& images) const
{
    return scaled_tanh(f6(rows_of_positions(scaled_tanh(c5(x4(images))))));
}

template <class T>
Variable<T> LeNet5Of1998<T>::scores(const Variable<T>& features) const
{
    return f7 ? (*f7)(features) : -rbf(features);
}

template <class T>
Variable<T> LeNet5Of1998<T>::features(const Variable<T>& images) const
{
    detail::require_one_window("lenet5_1998", images.shape());
    return features_of_windows(images);
}

template <class T>
Variable<T> LeNet5Of1998<T>::operator()(const Variable<T>& images) const
{
    return scores(features(images));
}

template <class T>
Variable<T> LeNet5Of1998<T>::slide(const Variable<T>& images) const
{
    const Shape windows = detail::sliding_windows("lenet5_1998", images.shape());
    return maps_of_rows(scores(features_of_windows(images)), windows);
}

template <class T>
Variable<T> LeNet5Of1998<T>::loss_of_features(const Variable<T>& features, const Labels& labels) const
{
    return loss(scores(features), labels);
}

template <class T>
Variable<T> LeNet5Of1998<T>::loss(const Variable<T>& scores, const Labels& labels) const
{
    if (f7)
        return softmax_cross_entropy(scores, labels);
    return options.discriminative ? rbf_loss(-scores, labels, options.j) : rbf_loss(-scores, labels);
}

template <class T>
Parameters<T> LeNet5Of1998<T>::parameters() const
{
    Parameters<T> all = {{"c1", c1.parameters()}, {"s2", s2.parameters()}, {"c3", c3.parameters()},
                         {"s4", s4.parameters()}, {"c5", c5.parameters()}, {"f6", f6.parameters()}};
    if (f7)
        all.add("f7", f7->parameters());
    return all;
}

template <class T>
std::vector<LayerSummary> LeNet5Of1998<T>::summary() const
{
    return {summarize("C1", c1, {6, 28, 28}),
            summarize("S2", s2, {6, 14, 14}),
            summarize("C3", c3, {16, 10, 10}),
            summarize("S4", s4, {16, 5, 5}),
            summarize("C5", c5, {120, 1, 1}),
            summarize("F6", f6),
            f7 ? summarize("F7", *f7) : summarize("RBF", rbf)};
}

template <class T>
std::vector<ConvolutionStage<T>> LeNet5Of1998<T>::stages() const
{
    return {{"c1", c1, [](const auto& images) { return images; }},
            {"c3", c3, [net = *this](const auto& images) { return net.x2(images); }},
            {"c5", c5, [net = *this](const auto& images) { return net.x4(images); }}};
}

#define XGRAD_INSTANTIATE(T) template struct LeNet5Of1998<T>;
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
