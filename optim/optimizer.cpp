#include <xgrad/base/error.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/base/workers.hpp>
#include <xgrad/kernels/table.hpp>
#include <xgrad/optim/optimizer.hpp>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace xgrad::optim
{

template <class T>
Optimizer<T>::Optimizer(const Parameters<T>& parameters, T learning_rate, T weight_decay,
                        std::vector<std::string> slots)
    : parameters_(parameters),
      learning_rate_(learning_rate),
      weight_decay_(weight_decay),
      rates_(parameters.size(), T{1}),
      weight_rates_(parameters.size()),
      slot_names_(std::move(slots))
{
    for (std::size_t slot = 0; slot < slot_names_.size(); ++slot) {
        slots_.emplace_back();
        for (const Variable<T>& parameter : parameters_)
            slots_.back().emplace_back(parameter.shape(), T{0});
    }
}

template <class T>
void Optimizer<T>::step(const Variables<T>& gradients)
{
    if (gradients.size() != parameters_.size())
        throw ShapeError(
            fmt::format("[optimizer] {} gradients for {} parameters", gradients.size(), parameters_.size()));
    for (std::size_t i = 0; i < gradients.size(); ++i)
        if (gradients[i].shape() != parameters_[i].shape())
            throw ShapeError(fmt::format("[optimizer] the gradient of '{}' has shape {}, the parameter has {}",
                                         parameters_.name(i), to_string(gradients[i].shape()),
                                         to_string(parameters_[i].shape())));
    ++steps_;
    for (std::size_t i = 0; i < gradients.size(); ++i)
        update_weights(i, gradients[i]);
}

template <class T>
void Optimizer<T>::update_weights(std::size_t index, const Variable<T>& gradient)
{
    Variable<T> parameter = parameters_[index];
    T* const w = parameter.mutable_value().data();
    kernels::Step<T> step{.n = parameter.size(),
                          .w = w,
                          .g = gradient.data(),
                          .slot = {},
                          .learning_rate = learning_rate_ * rates_[index],
                          .weight_decay = parameter.dimension() >= 2 ? weight_decay_ : T{0}};
    for (std::size_t slot = 0; slot < slots_.size(); ++slot)
        step.slot[slot] = slots_[slot][index].data();
    if (!weight_rates_[index]) {
        update_in_pieces(step);
        return;
    }
    const Array<T> before = parameter.value();
    update_in_pieces(step);
    const T* const factors = weight_rates_[index]->data();
    for (std::size_t i = 0; i < step.n; ++i)
        w[i] = before.data()[i] + factors[i] * (w[i] - before.data()[i]);
}

template <class T>
void Optimizer<T>::update_in_pieces(const kernels::Step<T>& step) const
{
    // The gradient lies in the caches of the threads that have computed it. Nobody is woken up: the weights would move
    // to another core and back.
    constexpr std::size_t together = 8192;
    detail::parallel_for((step.n + together - 1) / together,
                         [&](std::size_t i) {
                             const std::size_t begin = i * together;
                             kernels::Step<T> piece = step;
                             piece.n = std::min(together, step.n - begin);
                             piece.w += begin;
                             piece.g += begin;
                             for (std::size_t slot = 0; slot < slots_.size(); ++slot)
                                 piece.slot[slot] += begin;
                             update(piece);
                         },
                         detail::Helpers::awake);
}

template <class T>
void Optimizer<T>::check_factor(std::string_view name, T factor) const
{
    if (!std::isfinite(factor) || factor < 0)
        throw Error(
            fmt::format("[optimizer] the learning rate of '{}' times {}: a factor must be 0 or more", name, factor));
}

template <class T>
void Optimizer<T>::scale_rate(std::string_view name, T factor)
{
    check_factor(name, factor);
    const std::vector<std::size_t> places = parameters_.places_of(name);
    if (places.empty()) {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < parameters_.size(); ++i)
            names.push_back(parameters_.name(i));
        throw GraphError(fmt::format("[optimizer] there is no layer or parameter '{}'; there are: {}", name,
                                     fmt::join(names, ", ")));
    }
    for (const std::size_t place : places)
        rates_[place] = factor;
}

template <class T>
void Optimizer<T>::scale_rates(std::string_view name, const Array<T>& factors)
{
    const Shape& shape = parameters_[name].shape();
    if (factors.shape() != shape)
        throw ShapeError(fmt::format("[optimizer] rates of shape {} for '{}', whose shape is {}: one for each weight "
                                     "is needed",
                                     to_string(factors.shape()), name, to_string(shape)));
    for (const T factor : factors)
        check_factor(name, factor);
    for (std::size_t i = 0; i < parameters_.size(); ++i)
        if (parameters_.name(i) == name)
            weight_rates_[i] = factors;
}

template <class T>
std::map<std::string, Array<T>> Optimizer<T>::state() const
{
    std::map<std::string, Array<T>> arrays;
    for (std::size_t slot = 0; slot < slots_.size(); ++slot)
        for (std::size_t i = 0; i < parameters_.size(); ++i)
            arrays[slot_names_[slot] + "." + parameters_.name(i)] = slots_[slot][i];
    return arrays;
}

template <class T>
void Optimizer<T>::restore(const std::map<std::string, Array<T>>& state, std::uint64_t steps)
{
    auto restored = slots_;
    for (std::size_t slot = 0; slot < slots_.size(); ++slot)
        for (std::size_t i = 0; i < parameters_.size(); ++i) {
            const std::string name = slot_names_[slot] + "." + parameters_.name(i);
            const auto found = state.find(name);
            if (found == state.end() || found->second.shape() != parameters_[i].shape())
                throw ShapeError(fmt::format("[optimizer] the state has no array '{}' of shape {}", name,
                                             to_string(parameters_[i].shape())));
            restored[slot][i] = found->second;
        }
    slots_ = std::move(restored);
    steps_ = steps;
}

template <class T>
void SGD<T>::update(const kernels::Step<T>& step) const
{
    kernels::table<T>().sgd(step);
}

template <class T>
void Momentum<T>::update(const kernels::Step<T>& step) const
{
    kernels::table<T>().momentum(step, momentum_);
}

template <class T>
void Nesterov<T>::update(const kernels::Step<T>& step) const
{
    kernels::table<T>().nesterov(step, momentum_);
}

template <class T>
void Adam<T>::update(const kernels::Step<T>& step) const
{
    const T t = static_cast<T>(this->steps());
    kernels::Step<T> own = step;
    kernels::AdamScales<T> scales{.beta1 = options_.beta1,
                                  .beta2 = options_.beta2,
                                  .epsilon = options_.epsilon,
                                  .mean = 1 / (1 - std::pow(options_.beta1, t)),
                                  .square = 1 / (1 - std::pow(options_.beta2, t)),
                                  .decay = 0};
    if (decoupled_) {
        scales.decay = step.learning_rate * step.weight_decay;
        own.weight_decay = 0;
    }
    kernels::table<T>().adam(own, scales);
}

template <class T>
void RMSProp<T>::update(const kernels::Step<T>& step) const
{
    kernels::table<T>().rmsprop(step, options_.decay, options_.epsilon);
}

template <class T>
void Adagrad<T>::update(const kernels::Step<T>& step) const
{
    kernels::table<T>().adagrad(step, epsilon_);
}

template <class T>
void SDLM<T>::set_curvature(const std::vector<Array<T>>& h)
{
    const Parameters<T>& parameters = this->parameters();
    if (h.size() != parameters.size())
        throw ShapeError(fmt::format("[sdlm] {} curvatures for {} parameters", h.size(), parameters.size()));
    for (std::size_t i = 0; i < h.size(); ++i)
        if (h[i].shape() != parameters[i].shape())
            throw ShapeError(fmt::format("[sdlm] the curvature along '{}' has shape {}, the parameter has {}",
                                         parameters.name(i), to_string(h[i].shape()),
                                         to_string(parameters[i].shape())));
    for (std::size_t i = 0; i < h.size(); ++i)
        this->slot(0, i) = h[i];
}

template <class T>
void SDLM<T>::update(const kernels::Step<T>& step) const
{
    kernels::table<T>().sdlm(step, mu_);
}

namespace
{

template <class T>
struct Maker
{
    const char* name;
    std::unique_ptr<Optimizer<T>> (*make)(const Parameters<T>& parameters, T learning_rate, T weight_decay);
};

template <class T, class O>
constexpr auto make =
    [](const Parameters<T>& parameters, T learning_rate, T weight_decay) -> std::unique_ptr<Optimizer<T>> {
    typename O::Options options;
    options.learning_rate = learning_rate;
    options.weight_decay = weight_decay;
    return std::make_unique<O>(parameters, options);
};

template <class T>
constexpr Maker<T> makers[] = {
    {"sgd", make<T, SGD<T>>},         {"momentum", make<T, Momentum<T>>}, {"nesterov", make<T, Nesterov<T>>},
    {"adam", make<T, Adam<T>>},       {"adamw", make<T, AdamW<T>>},       {"rmsprop", make<T, RMSProp<T>>},
    {"adagrad", make<T, Adagrad<T>>}, {"sdlm", make<T, SDLM<T>>},
};

} // namespace

std::vector<std::string> optimizer_names()
{
    std::vector<std::string> names;
    for (const Maker<float>& maker : makers<float>)
        names.emplace_back(maker.name);
    return names;
}

template <class T>
std::unique_ptr<Optimizer<T>> make_optimizer(std::string_view name, const Parameters<T>& parameters, T learning_rate,
                                             T weight_decay)
{
    for (const Maker<T>& maker : makers<T>)
        if (name == maker.name)
            return maker.make(parameters, learning_rate, weight_decay);
    throw Error(fmt::format("[optimizer] there is no '{}'; there are: {}", name, fmt::join(optimizer_names(), ", ")));
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template class Optimizer<T>;                                                                                       \
    template class SGD<T>;                                                                                             \
    template class Momentum<T>;                                                                                        \
    template class Nesterov<T>;                                                                                        \
    template class Adam<T>;                                                                                            \
    template class AdamW<T>;                                                                                           \
    template class RMSProp<T>;                                                                                         \
    template class SDLM<T>;                                                                                            \
    template class Adagrad<T>;                                                                                         \
    template std::unique_ptr<Optimizer<T>> make_optimizer(std::string_view, const Parameters<T>&, T, T);
XGRAD_INSTANTIATE(float)
XGRAD_INSTANTIATE(double)
#undef XGRAD_INSTANTIATE

} // namespace xgrad::optim
