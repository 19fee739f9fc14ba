#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/never_destroyed.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/models/layers/rbf.hpp>
#include <xgrad/ops/ops.hpp>

#include <fmt/core.h>

namespace xgrad
{

namespace
{

constexpr std::size_t width = 7, height = 12;

// clang-format off
const char* const digits_0_to_4[height][5] = {
        {"..###..", "...##..", ".#####.", "#######", "....##."},
        {".#####.", "..###..", "#######", "#######", "...###."},
        {".##.##.", ".####..", "##...##", "....##.", "..####."},
        {"##...##", "...##..", ".....##", "...##..", ".##.##."},
        {"##...##", "...##..", "....##.", "..####.", "##..##."},
        {"##...##", "...##..", "...##..", "..#####", "##..##."},
        {"##...##", "...##..", "..##...", ".....##", "#######"},
        {"##...##", "...##..", ".##....", ".....##", "#######"},
        {"##...##", "...##..", "##.....", ".....##", "....##."},
        {".##.##.", "...##..", "##.....", "##...##", "....##."},
        {".#####.", ".######", "#######", "#######", "....##."},
        {"..###..", ".######", "#######", ".#####.", "....##."}};

const char* const digits_5_to_9[height][5] = {
        {"#######", "..####.", "#######", ".#####.", ".#####."},
        {"#######", ".#####.", "#######", "#######", "#######"},
        {"##.....", "##.....", ".....##", "##...##", "##...##"},
        {"##.....", "##.....", ".....##", "##...##", "##...##"},
        {"######.", "##.....", "....##.", ".##.##.", "##...##"},
        {"#######", "######.", "....##.", "..###..", "#######"},
        {".....##", "#######", "...##..", ".##.##.", ".######"},
        {".....##", "##...##", "...##..", "##...##", ".....##"},
        {".....##", "##...##", "..##...", "##...##", ".....##"},
        {"##...##", "##...##", "..##...", "##...##", "....##."},
        {"#######", "#######", ".##....", "#######", ".#####."},
        {".#####.", ".#####.", ".##....", ".#####.", ".####.."}};
// clang-format on

/** @throws ShapeError unless there is a label for each row of distances, and it is one of the units */
template <class T>
void check_labels(const Variable<T>& distances, const Labels& labels)
{
    const Shape& shape = distances.shape();
    if (shape.size() != 2 || labels.dimension() != 1 || labels.size() != shape[0] || distances.size() == 0)
        throw ShapeError(
            fmt::format("[rbf_loss] distances of shape {} and labels of shape {}: (N, units) and (N) are needed",
                        to_string(shape), to_string(labels.shape())));
    for (const std::int32_t label : labels)
        if (label < 0 || static_cast<std::size_t>(label) >= shape[1])
            throw ShapeError(fmt::format("[rbf_loss] label {} is not one of the {} units", label, shape[1]));
}

} // namespace

template <class T>
const Array<T>& digit_prototypes()
{
    static detail::NeverDestroyed<const Array<T>> prototypes([] {
        Array<T> values = empty_array<T>({10, width * height});
        T* value = values.data();
        for (const auto& drawing : {digits_0_to_4, digits_5_to_9})
            for (std::size_t digit = 0; digit < 5; ++digit)
                for (std::size_t row = 0; row < height; ++row)
                    for (const char* dot = drawing[row][digit]; *dot; ++dot)
                        *value++ = *dot == '#' ? T{1} : T{-1};
        return values;
    }());
    return *prototypes;
}

template <class T>
RadialBasis<T>::RadialBasis(const Array<T>& w) : prototypes(constant(Array<T>(w)))
{
    if (w.dimension() != 2)
        throw ShapeError(
            fmt::format("[rbf] prototypes (units, inputs) are needed, the shape is {}", to_string(w.shape())));
}

template <class T>
Variable<T> RadialBasis<T>::operator()(const Variable<T>& x) const
{
    if (x.dimension() != 2 || x.shape()[1] != prototypes.shape()[1])
        throw ShapeError(fmt::format("[rbf] inputs of shape {} for prototypes of shape {}: (N, {}) is needed",
                                     to_string(x.shape()), to_string(prototypes.shape()), prototypes.shape()[1]));
    return sum(square(reshape(x, {x.shape()[0], 1, x.shape()[1]}) - prototypes), 2);
}

template <class T>
Variable<T> rbf_loss(const Variable<T>& distances, const Labels& labels)
{
    check_labels(distances, labels);
    return mean(take_last(distances, labels));
}

template <class T>
Variable<T> rbf_loss(const Variable<T>& distances, const Labels& labels, double j)
{
    check_labels(distances, labels);
    if (!(j > 0))
        throw Error(fmt::format("[rbf_loss] j is {}: it must be positive", j));
    const auto rubbish = constant(Array<T>(Shape{labels.size(), 1}, static_cast<T>(-j)));
    return softmax_cross_entropy(concatenate({-distances, rubbish}, 1), labels);
}

template <class T>
LayerSummary summarize(std::string name, const RadialBasis<T>& layer)
{
    const std::size_t connections = layer.prototypes.size();
    return {std::move(name), "radial basis", {layer.prototypes.shape()[0]}, 0, connections, connections};
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template const Array<T>& digit_prototypes();                                                                       \
    template struct RadialBasis<T>;                                                                                    \
    template Variable<T> rbf_loss(const Variable<T>&, const Labels&);                                                  \
    template Variable<T> rbf_loss(const Variable<T>&, const Labels&, double);                                          \
    template LayerSummary summarize(std::string, const RadialBasis<T>&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
