#include <xgrad/base/error.hpp>
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
using detail::Handle;
using detail::Trace;

// A thread's traces, reused so that a steady loop of tapes allocates nothing.
thread_local std::vector<std::unique_ptr<Trace>> spare_traces;

} // namespace

Tape::Tape()
    : trace_(context.recording),
      recording_before_(context.recording),
      thread_(&context),
      nested_(context.recording != nullptr)
{
    if (!nested_) {
        if (spare_traces.empty())
            spare_traces.push_back(std::make_unique<Trace>());
        trace_ = spare_traces.back().release();
        spare_traces.pop_back();
        trace_->enclosing = std::exchange(context.live, trace_);
        context.recording = trace_;
    }
    number_at_start_ = trace_->number();
    size_at_start_ = trace_->size();
}

Tape::~Tape()
{
    if (nested_)
        return;
    trace_->clear();
    context.recording = recording_before_;
    context.live = trace_->enclosing;
    spare_traces.emplace_back(trace_);
}

/** Where this tape begins on the trace that it shares with the tapes around it. */
std::size_t Tape::begin() const { return trace_->number() == number_at_start_ ? size_at_start_ : 0; }

std::size_t Tape::size() const { return trace_->size() - begin(); }

template <class T>
Variables<T> Tape::pull_back(std::span<const Handle> ys, std::span<const Handle> upstreams, const Variables<T>& xs,
                             GradientOptions options, const Parameters<T>* names)
{
    if (thread_ != &context)
        throw GraphError("[gradient] the tape belongs to another thread: take gradients where it was made");
    for (const Handle& y : ys)
        detail::check_origin("gradient", 0, y.origin());
    const auto describe = [&](std::size_t index) {
        return names ? fmt::format("parameter '{}'", names->name(index)) : fmt::format("target {}", index);
    };
    for (std::size_t index = 0; index < xs.size(); ++index) {
        if (!xs[index].requires_gradient())
            throw GraphError(fmt::format("[gradient] {} of shape {} is a constant: make it with variable()",
                                         describe(index), to_string(xs[index].shape())));
        detail::check_origin("gradient", index, xs[index].origin());
    }
    options.record |= nested_ && is_recording();
    options.keep_tape |= nested_;

    const detail::Handles targets(xs.begin(), xs.end());
    detail::Handles results = trace_->pull_back(begin(), ys, upstreams, targets, detail::add_gradients<T>, options);
    if (!options.record)
        for (detail::Handle& result : results) // a rule may have passed on a variable as it was
            result.set_origin({});
    Variables<T> gradients;
    gradients.reserve(xs.size());
    for (std::size_t index = 0; index < xs.size(); ++index) {
        if (!results[index] && !options.unused_is_zero)
            throw GraphError(
                fmt::format("[gradient] the result does not depend on {} of shape {}: was it recorded on "
                            "this tape, or cut off by stop_gradient? With unused_is_zero its gradient is 0",
                            describe(index), to_string(xs[index].shape())));
        gradients.push_back(results[index] ? Variable<T>(std::move(results[index]))
                                           : Variable<T>(Array<T>(xs[index].shape(), T{0})));
    }
    return gradients;
}

namespace
{

template <class T>
Variable<T> unit_upstream(const Variable<T>& loss)
{
    if (loss.size() != 1)
        throw GraphError(
            fmt::format("[gradient] the loss has shape {}, a scalar is needed: take its sum or mean, or use "
                        "vector_jacobian_product",
                        to_string(loss.shape())));
    return Variable<T>(Array<T>(loss.shape(), T{1}));
}

template <class T>
void check_upstream(const Variable<T>& y, const Variable<T>& v)
{
    if (v.shape() != y.shape())
        throw ShapeError(fmt::format("[vector_jacobian_product] v has shape {}, y has shape {}: they must be the same",
                                     to_string(v.shape()), to_string(y.shape())));
}

} // namespace

template <class T>
Variables<T> Tape::gradient(const Variable<T>& loss, const Variables<T>& xs, const GradientOptions& options)
{
    const Handle one = unit_upstream(loss);
    return pull_back<T>({&static_cast<const Handle&>(loss), 1}, {&one, 1}, xs, options, nullptr);
}

template <class T>
Variables<T> Tape::gradient(const Variable<T>& loss, const Parameters<T>& parameters, const GradientOptions& options)
{
    return vector_jacobian_product(loss, unit_upstream(loss), parameters, options);
}

template <class T>
Variables<T> Tape::vector_jacobian_product(const Variables<T>& ys, const Variables<T>& vs, const Variables<T>& xs,
                                           const GradientOptions& options)
{
    if (ys.size() != vs.size())
        throw ShapeError(
            fmt::format("[vector_jacobian_product] {} results and {} upstream gradients", ys.size(), vs.size()));
    for (std::size_t i = 0; i < ys.size(); ++i)
        check_upstream(ys[i], vs[i]);
    const detail::Handles results(ys.begin(), ys.end()), upstreams(vs.begin(), vs.end());
    return pull_back<T>(results, upstreams, xs, options, nullptr);
}

template <class T>
Variables<T> Tape::vector_jacobian_product(const Variable<T>& y, const Variable<T>& v, const Parameters<T>& parameters,
                                           const GradientOptions& options)
{
    check_upstream(y, v);
    return pull_back<T>({&static_cast<const Handle&>(y), 1}, {&static_cast<const Handle&>(v), 1},
                        parameters.variables(), options, &parameters);
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variables<T> Tape::gradient(const Variable<T>&, const Variables<T>&, const GradientOptions&);             \
    template Variables<T> Tape::gradient(const Variable<T>&, const Parameters<T>&, const GradientOptions&);            \
    template Variables<T> Tape::vector_jacobian_product(const Variables<T>&, const Variables<T>&, const Variables<T>&, \
                                                        const GradientOptions&);                                       \
    template Variables<T> Tape::vector_jacobian_product(const Variable<T>&, const Variable<T>&, const Parameters<T>&,  \
                                                        const GradientOptions&);
XGRAD_INSTANTIATE(float)
XGRAD_INSTANTIATE(double)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
