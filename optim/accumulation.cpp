#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/optim/accumulation.hpp>

#include <fmt/core.h>

#include <utility>

namespace xgrad::optim
{

template <class T>
void GradientAccumulator<T>::add(const Variables<T>& gradients, std::size_t samples)
{
    if (samples == 0)
        throw ShapeError("[accumulation] a gradient over 0 samples has no weight in the mean");
    if (samples_ == 0) {
        mean_ = gradients;
        samples_ = samples;
        return;
    }
    if (gradients.size() != mean_.size())
        throw ShapeError(fmt::format("[accumulation] {} gradients came after {}", gradients.size(), mean_.size()));
    for (std::size_t i = 0; i < mean_.size(); ++i)
        if (gradients[i].shape() != mean_[i].shape())
            throw ShapeError(fmt::format("[accumulation] gradient {} has shape {}, and had {} before", i,
                                         to_string(gradients[i].shape()), to_string(mean_[i].shape())));
    Variables<T> sum; // arrays of its own: nobody else sees the change
    for (const Variable<T>& gradient : mean_)
        sum.push_back(constant(Array<T>(gradient.value())));
    const T weight = static_cast<T>(samples) / static_cast<T>(samples_ + samples);
    for (std::size_t i = 0; i < sum.size(); ++i) {
        T* const m = sum[i].mutable_data();
        const T* const g = gradients[i].data();
        for (std::size_t k = 0; k < sum[i].size(); ++k)
            m[k] += weight * (g[k] - m[k]);
    }
    mean_ = std::move(sum);
    samples_ += samples;
}

template <class T>
Variables<T> GradientAccumulator<T>::take()
{
    if (samples_ == 0)
        throw Error("[accumulation] there is no gradient yet: add one first");
    samples_ = 0;
    return std::exchange(mean_, {});
}

template <class T>
void GradientAccumulator<T>::restore(Variables<T> mean, std::size_t samples)
{
    mean_ = std::move(mean);
    samples_ = samples;
}

#define XGRAD_INSTANTIATE(T) template class GradientAccumulator<T>;
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad::optim
