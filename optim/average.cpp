#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/optim/average.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace xgrad::optim
{

template <class T>
ExponentialAverage<T>::ExponentialAverage(const Parameters<T>& parameters, T decay)
    : parameters_(parameters), decay_(decay)
{
    if (!(decay >= 0 && decay < 1))
        throw Error(fmt::format("[average] the decay is {}: it must be at least 0 and less than 1", decay));
    for (const Variable<T>& parameter : parameters_)
        averages_.push_back(parameter.value());
}

template <class T>
void ExponentialAverage<T>::check_shapes() const
{
    for (std::size_t i = 0; i < averages_.size(); ++i)
        if (parameters_[i].shape() != averages_[i].shape())
            throw ShapeError(fmt::format("[average] '{}' has another shape, {}, than it had at first, {}: make the "
                                         "average anew",
                                         parameters_.name(i), to_string(parameters_[i].shape()),
                                         to_string(averages_[i].shape())));
}

template <class T>
void ExponentialAverage<T>::update()
{
    check_shapes();
    ++updates_;
    // 1 − δᵗ by its logarithm: for δ close to 1 and small t the difference would lose all digits. δ = 0 gives 1.
    const double logarithm = std::log(static_cast<double>(decay_));
    const T weight =
        static_cast<T>((1 - static_cast<double>(decay_)) / -std::expm1(static_cast<double>(updates_) * logarithm));
    for (std::size_t i = 0; i < averages_.size(); ++i) {
        T* const a = averages_[i].data();
        const T* const w = parameters_[i].data();
        for (std::size_t k = 0; k < averages_[i].size(); ++k)
            a[k] = updates_ == 1 ? w[k] : a[k] + weight * (w[k] - a[k]);
    }
}

template <class T>
std::map<std::string, Array<T>> ExponentialAverage<T>::state() const
{
    std::map<std::string, Array<T>> arrays;
    for (std::size_t i = 0; i < averages_.size(); ++i)
        arrays.emplace(parameters_.name(i), averages_[i]);
    return arrays;
}

template <class T>
void ExponentialAverage<T>::restore(const std::map<std::string, Array<T>>& state, std::uint64_t updates)
{
    std::vector<Array<T>> restored;
    for (std::size_t i = 0; i < averages_.size(); ++i) {
        const auto found = state.find(parameters_.name(i));
        if (found == state.end() || found->second.shape() != averages_[i].shape())
            throw ShapeError(fmt::format("[average] the state has no array '{}' of shape {}", parameters_.name(i),
                                         to_string(averages_[i].shape())));
        restored.push_back(found->second);
    }
    averages_ = std::move(restored);
    updates_ = updates;
}

template <class T>
void ExponentialAverage<T>::exchange()
{
    if (updates_ == 0)
        return;
    for (Variable<T> parameter : parameters_)
        parameter.mutable_data(); // what needs memory comes before the first change
    for (std::size_t i = 0; i < averages_.size(); ++i) {
        Variable<T> parameter = parameters_[i];
        std::swap_ranges(averages_[i].begin(), averages_[i].end(), parameter.mutable_data());
    }
}

#define XGRAD_INSTANTIATE(T) template class ExponentialAverage<T>;
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad::optim
