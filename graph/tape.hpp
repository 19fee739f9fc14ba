#pragma once

#include <xgrad/graph/parameters.hpp>
#include <xgrad/graph/record.hpp>

#include <initializer_list>

namespace xgrad
{

/** Records the ops of this thread from its construction to the end of its scope.
 *
 *      auto x = variable<double>({{1, 2}, {3, 4}});
 *      Tape tape;
 *      auto dx = tape.gradient(sum(tanh(x) * x), x);
 *
 *  A tape inside the scope of another one is a part of it: the outer tape sees what happens inside, the inner one's
 *  backward pass too, so gradients of gradients nest like the mathematics. Under PauseRecording a new tape is
 *  independent of those outside.
 *
 *  `gradient` consumes the outermost tape: rules and what they saved are freed as the sweep passes them, and what was
 *  recorded is stale; the tape then records afresh. With `keep_tape` or `record` it is left as it was. */
class Tape
{
  public:
    Tape();
    ~Tape();
    Tape(const Tape&) = delete;
    Tape& operator=(const Tape&) = delete;

    /** ∂loss/∂x for a leaf or an intermediate result x, with the shape of x; a constant unless it was recorded.
     *  @param loss  a scalar, or an array with one element
     *  @throws GraphError if the loss does not depend on x, is stale, or this is another thread */
    template <class T>
    Variable<T> gradient(const Variable<T>& loss, const Variable<T>& x, const GradientOptions& options = {})
    {
        return std::move(gradient(loss, {x}, options).front());
    }

    /** ∂loss/∂x for each x, in one sweep. */
    template <class T>
    Variables<T> gradient(const Variable<T>& loss, const Variables<T>& xs, const GradientOptions& options = {});
    template <class T>
    Variables<T> gradient(const Variable<T>& loss, std::initializer_list<Variable<T>> xs,
                          const GradientOptions& options = {})
    {
        return gradient(loss, Variables<T>(xs), options);
    }
    template <class T>
    Variables<T> gradient(const Variable<T>& loss, const Parameters<T>& parameters,
                          const GradientOptions& options = {});

    /** vᵀ·∂y/∂x for each x: the upstream gradient v of an array y is carried back.
     *  @param v  the shape of y */
    template <class T>
    Variable<T> vector_jacobian_product(const Variable<T>& y, const Variable<T>& v, const Variable<T>& x,
                                        const GradientOptions& options = {})
    {
        return std::move(vector_jacobian_product<T>(Variables<T>{y}, {v}, {x}, options).front());
    }

    /** Σ_i v_iᵀ·∂y_i/∂x for each x, in one sweep. */
    template <class T>
    Variables<T> vector_jacobian_product(const Variables<T>& ys, const Variables<T>& vs, const Variables<T>& xs,
                                         const GradientOptions& options = {});
    template <class T>
    Variables<T> vector_jacobian_product(const Variable<T>& y, const Variable<T>& v, const Parameters<T>& parameters,
                                         const GradientOptions& options = {});

    /** The number of ops recorded and not yet consumed. */
    std::size_t size() const;

    /** The store of what was recorded, for tests and for those who look into tapes. */
    const detail::TapeStore& store() const { return *store_; }

  private:
    template <class T>
    Variables<T> pull_back(std::span<const AnyVariable> ys, std::span<const AnyVariable> upstreams,
                           const Variables<T>& xs, GradientOptions options, const Parameters<T>* names);
    std::size_t begin() const;

    detail::TapeStore* store_;
    detail::TapeStore* recording_before_;
    const detail::Context* thread_;
    std::uint64_t number_at_start_;
    std::size_t size_at_start_;
    bool nested_;
};

/** Turns recording off on this thread for a scope: ops compute values only, and a new tape is independent. */
class PauseRecording
{
  public:
    PauseRecording() : previous_(std::exchange(detail::context.recording, nullptr)) {}
    PauseRecording(const PauseRecording&) = delete;
    PauseRecording& operator=(const PauseRecording&) = delete;
    ~PauseRecording() { detail::context.recording = previous_; }

  private:
    detail::TapeStore* previous_;
};

/** Whether ops of this thread are being recorded. */
inline bool is_recording() { return detail::context.recording != nullptr; }

} // namespace xgrad
