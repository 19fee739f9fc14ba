#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/graph/tape.hpp>

#include <fmt/core.h>

#include <memory>
#include <vector>

namespace xgrad
{

namespace
{

using detail::context;
using detail::TapeStore;

// The spare stores of a thread, reused so that a steady loop of tapes allocates nothing.
thread_local std::vector<std::unique_ptr<TapeStore>> spare_stores;

} // namespace

Tape::Tape() : store_(context.recording), nested_(context.recording != nullptr), thread_(&context)
{
    if (!nested_) {
        if (spare_stores.empty())
            spare_stores.push_back(std::make_unique<TapeStore>());
        store_ = spare_stores.back().release();
        spare_stores.pop_back();
        store_->enclosing = std::exchange(context.live, store_);
        context.recording = store_;
    }
    start_ = {store_->number(), store_->size()};
}

Tape::~Tape()
{
    if (nested_)
        return;
    store_->clear();
    context.recording = nullptr;
    context.live = store_->enclosing;
    spare_stores.emplace_back(store_);
}

/** The place where this tape begins on the store that it shares with the tapes around it. */
std::size_t Tape::begin() const { return store_->number() == start_.tape ? start_.index : 0; }

std::size_t Tape::size() const { return store_->size() - begin(); }

template <class T>
Variable<T> Tape::unit_upstream(const Variable<T>& loss)
{
    if (loss.size() != 1)
        throw GraphError(
            fmt::format("[gradient] the loss has shape {}, a scalar is needed: take its sum or mean, or use "
                        "vector_jacobian_product",
                        to_string(loss.shape())));
    return Variable<T>(Array<T>(loss.shape(), T{1}));
}

template <class T>
Variables<T> Tape::pull_back(std::span<const AnyVariable> ys, std::span<const AnyVariable> vs,
                             std::span<const Variable<T>> xs, GradientOptions options, const Parameters<T>* names)
{
    if (ys.size() != vs.size())
        throw ShapeError(
            fmt::format("[vector_jacobian_product] {} results but {} upstream gradients: give one for each result",
                        ys.size(), vs.size()));
    for (std::size_t i = 0; i < ys.size(); ++i)
        if (vs[i].shape() != ys[i].shape())
            throw ShapeError(
                fmt::format("[vector_jacobian_product] v has shape {}, y has shape {}: they must be the same",
                            to_string(vs[i].shape()), to_string(ys[i].shape())));
    if (thread_ != &context)
        throw GraphError("[gradient] the tape belongs to another thread: take gradients where it was made");
    for (const AnyVariable& y : ys)
        detail::check_origin("gradient", 0, detail::origin_of(y));
    const auto describe = [&](std::size_t index) {
        return names ? fmt::format("parameter '{}'", names->name(index)) : fmt::format("target {}", index);
    };
    for (std::size_t index = 0; index < xs.size(); ++index) {
        if (!xs[index].requires_gradient())
            throw GraphError(fmt::format("[gradient] {} of shape {} is a constant: make it with variable()",
                                         describe(index), to_string(xs[index].shape())));
        detail::check_origin("gradient", index, detail::origin_of(xs[index]));
    }
    options.record |= nested_ && is_recording();
    options.keep_tape |= nested_;

    const detail::AnyVariables targets(xs.begin(), xs.end());
    detail::AnyVariables results = store_->pull_back(begin(), ys, vs, targets, options);
    if (!options.record)
        for (AnyVariable& result : results) // a rule may have passed on a variable as it was
            detail::Access::set_origin(result, {});
    Variables<T> gradients;
    gradients.reserve(xs.size());
    for (std::size_t index = 0; index < xs.size(); ++index) {
        if (!results[index].has_value() && !options.unused_is_zero)
            throw GraphError(fmt::format(
                "[gradient] the result does not depend on {} of shape {}: was it recorded on "
                "this tape, or cut off by stop_gradient? Tape::gradient with {{.unused_is_zero = true}} gives 0 for it",
                describe(index), to_string(xs[index].shape())));
        gradients.push_back(results[index].has_value() ? Variable<T>(std::move(results[index]))
                                                       : Variable<T>(Array<T>(xs[index].shape(), T{0})));
    }
    return gradients;
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> Tape::unit_upstream(const Variable<T>&);                                                      \
    template Variables<T> Tape::pull_back(std::span<const AnyVariable>, std::span<const AnyVariable>,                  \
                                          std::span<const Variable<T>>, GradientOptions, const Parameters<T>*);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)

} // namespace xgrad
