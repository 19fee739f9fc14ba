#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/kept_by_thread.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/graph/tape.hpp>

#include <fmt/core.h>

#include <utility>

namespace xgrad
{

namespace
{

using detail::context;
using detail::TapeStore;

void drop(TapeStore* store) noexcept
{
    if (store->owners.fetch_sub(1, std::memory_order_acq_rel) == 1)
        delete store;
}

/** The stores that a thread keeps for its next tapes, so that a steady loop of tapes allocates nothing. */
struct SpareStores : detail::KeptByThread
{
    TapeStore* first = nullptr;

    constexpr SpareStores() : KeptByThread{free} {}

    static void free(KeptByThread& kept, bool thread_ends) noexcept
    {
        auto& spare = static_cast<SpareStores&>(kept);
        for (TapeStore* store = spare.first; store; store = store->enclosing)
            store->shrink();
        if (!thread_ends)
            return;
        for (TapeStore** list : {&spare.first, &context.live}) // tapes of live ones end on other threads
            while (*list)
                drop(std::exchange(*list, (*list)->enclosing));
        context = {};
    }
};
constinit thread_local SpareStores spare;

/** Puts the stores of tapes that have ended away, up to the innermost tape that exists. An outer tape that ended first
 *  is left where it is until then. */
void put_away() noexcept
{
    while (context.live && !context.live->has_tape()) {
        TapeStore* const store = std::exchange(context.live, context.live->enclosing);
        store->clear();
        store->enclosing = std::exchange(spare.first, store);
    }
}

} // namespace

Tape::Tape() : store_(detail::recording()), nested_(store_ != nullptr), thread_(detail::number_of_thread())
{
    if (!nested_) {
        detail::keep_by_thread(spare);
        put_away();
        store_ = spare.first ? std::exchange(spare.first, spare.first->enclosing) : new TapeStore;
        store_->owners.store(2, std::memory_order_relaxed);
        store_->enclosing = std::exchange(context.live, store_);
        context.recording = store_;
    }
    start_ = {store_->number(), store_->size()};
}

Tape::~Tape()
{
    if (nested_)
        return;
    const bool is_here = thread_ == detail::number_of_thread();
    if (is_here && context.recording == store_)
        context.recording = nullptr;
    drop(store_);
    if (is_here)
        put_away();
}

/** The place where this tape begins on the store that it shares with the tapes around it. */
std::size_t Tape::begin() const { return store_->number() == start_.tape ? start_.index : 0; }

std::size_t Tape::size() const { return detail::can_reach(store_) ? store_->size() - begin() : 0; }

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
    if (thread_ != detail::number_of_thread())
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
    if (!detail::can_reach(store_))
        throw GraphError("[gradient] the tape is outside of this chunk, or it belongs to one around it that has ended");
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
