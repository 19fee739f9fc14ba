#include <xgrad/base/error.hpp>
#include <xgrad/base/nearest.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/base/workers.hpp>
#include <xgrad/kernels/table.hpp>
#include <xgrad/optim/optimizer.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <tuple>
#include <type_traits>

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
    check_options();
    for (const Variable<T>& parameter : parameters_)
        shapes_.push_back(parameter.shape());
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
    for (std::size_t i = 0; i < gradients.size(); ++i)
        if (parameters_[i].shape() != shapes_[i])
            throw ShapeError(fmt::format("[optimizer] '{}' has another shape, {}, than it had at first, {}: make the "
                                         "optimizer anew",
                                         parameters_.name(i), to_string(parameters_[i].shape()),
                                         to_string(shapes_[i])));
    // What needs memory comes before the first change. A step is done as a whole or not at all.
    for (Variable<T> parameter : parameters_)
        parameter.mutable_data();
    kernels::table<T>();
    ++steps_;
    for (std::size_t i = 0; i < gradients.size(); ++i)
        update_weights(i, gradients[i]);
}

template <class T>
void Optimizer<T>::update_weights(std::size_t index, const Variable<T>& gradient)
{
    Variable<T> parameter = parameters_[index];
    kernels::Step<T> step{.n = parameter.size(),
                          .w = parameter.mutable_data(),
                          .g = gradient.data(),
                          .slot = {},
                          .learning_rate = learning_rate_ * rates_[index],
                          .weight_decay = parameter.dimension() >= 2 ? weight_decay_ : T{0}};
    for (std::size_t slot = 0; slot < slots_.size(); ++slot)
        step.slot[slot] = slots_[slot][index].data();
    const T* const factors = weight_rates_[index] ? weight_rates_[index]->data() : nullptr;
    // The gradient lies in the caches of the threads that have computed it. No thread is woken up, because the weights
    // would move to another core and back.
    constexpr std::size_t together = 8192, together_by_factors = 512;
    const std::size_t most = factors ? together_by_factors : together;
    detail::parallel_for((step.n + most - 1) / most,
                         [&](std::size_t i) {
                             const std::size_t begin = i * most;
                             kernels::Step<T> piece = step;
                             piece.n = std::min(most, step.n - begin);
                             piece.w += begin;
                             piece.g += begin;
                             for (std::size_t slot = 0; slot < slots_.size(); ++slot)
                                 piece.slot[slot] += begin;
                             if (!factors)
                                 return update(piece);
                             std::array<T, together_by_factors> before;
                             std::copy_n(piece.w, piece.n, before.begin());
                             update(piece);
                             for (std::size_t k = 0; k < piece.n; ++k)
                                 piece.w[k] = before[k] + factors[begin + k] * (piece.w[k] - before[k]);
                         },
                         detail::Helpers::awake);
}

template <class T>
void Optimizer<T>::set_learning_rate(T learning_rate)
{
    learning_rate_ = learning_rate;
    check_options();
}

template <class T>
void Optimizer<T>::check_options() const
{
    for (const auto& [value, what] : {std::pair{learning_rate_, "learning rate"}, {weight_decay_, "weight decay"}})
        if (!std::isfinite(value) || value < 0)
            throw Error(fmt::format("[optimizer] the {} is {}: it must be finite, and 0 or more", what, value));
}

template <class T>
void Optimizer<T>::check_factor(std::string_view name, T factor) const
{
    if (!std::isfinite(factor) || factor < 0)
        throw Error(fmt::format(
            "[optimizer] the learning rate of '{}' times {}: a factor must be finite, and 0 or more", name, factor));
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
        throw GraphError("[optimizer] " + detail::no_such("layer or parameter", name, names));
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

template <class T, template <class> class Rule>
void RuleOptimizer<T, Rule>::update(const kernels::Step<T>& step) const
{
    Options now = options_;
    now.learning_rate = step.learning_rate;
    now.weight_decay = step.weight_decay;
    kernels::Step<T> own = step;
    if constexpr (requires { Rule<T>::decoupled; })
        own.weight_decay = 0;
    static_assert(Rule<T>::kept.size() <= std::extent_v<decltype(own.slot)>,
                  "a rule keeps at most three arrays for each parameter");
    const auto run = std::get<kernels::Update<Rule<T>, T>>(kernels::table<T>().update);
    run(own, Rule<T>::formula(now, static_cast<T>(this->steps())));
}

template <class T, template <class> class Rule>
void RuleOptimizer<T, Rule>::set_curvature(
    const std::vector<Array<T>>& h) requires std::same_as<Rule<T>, update_rules::SDLM<T>>
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

namespace
{

template <class O, class T>
std::unique_ptr<Optimizer<T>> make(const Parameters<T>& parameters, T learning_rate, std::optional<T> weight_decay)
{
    typename O::Options options;
    options.learning_rate = learning_rate;
    options.weight_decay = weight_decay.value_or(options.weight_decay);
    return std::make_unique<O>(parameters, options);
}

/** The name of a rule as users write it. */
std::string in_lower_case(std::string name)
{
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return name;
}

} // namespace

std::vector<std::string> optimizer_names()
{
#define XGRAD_NAME(Rule) in_lower_case(#Rule),
    return {XGRAD_UPDATE_RULES(XGRAD_NAME)};
#undef XGRAD_NAME
}

double usual_weight_decay(std::string_view name)
{
#define XGRAD_DECAY(Rule)                                                                                              \
    if (name == in_lower_case(#Rule))                                                                                  \
        return Rule<double>::Options{}.weight_decay;
    XGRAD_UPDATE_RULES(XGRAD_DECAY)
#undef XGRAD_DECAY
    return 0;
}

template <class T>
std::unique_ptr<Optimizer<T>> make_optimizer(std::string_view name, const Parameters<T>& parameters, T learning_rate,
                                             std::optional<std::type_identity_t<T>> weight_decay)
{
#define XGRAD_MAKE(Rule)                                                                                               \
    if (name == in_lower_case(#Rule))                                                                                  \
        return make<Rule<T>>(parameters, learning_rate, weight_decay);
    XGRAD_UPDATE_RULES(XGRAD_MAKE)
#undef XGRAD_MAKE
    throw Error("[optimizer] " + detail::no_such("", name, optimizer_names()));
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template class Optimizer<T>;                                                                                       \
    template void SDLM<T>::set_curvature(const std::vector<Array<T>>&);                                                \
    template std::unique_ptr<Optimizer<T>> make_optimizer(std::string_view, const Parameters<T>&, T, std::optional<T>);
XGRAD_INSTANTIATE(float)
XGRAD_INSTANTIATE(double)
#undef XGRAD_INSTANTIATE
#define XGRAD_INSTANTIATE(Rule)                                                                                        \
    template void Rule<float>::update(const kernels::Step<float>&) const;                                              \
    template void Rule<double>::update(const kernels::Step<double>&) const;
XGRAD_UPDATE_RULES(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad::optim
