#pragma once

#include <xgrad/base/for_scope.hpp>
#include <xgrad/graph/parameters.hpp>
#include <xgrad/graph/record.hpp>

#include <initializer_list>

namespace xgrad
{

/** A tape, which records the ops of this thread from its construction to the end of its scope.
 *
 *      auto x = variable<double>({{1, 2}, {3, 4}});
 *      Tape tape;
 *      auto dx = tape.gradient(sum(tanh(x) * x), x);
 *
 *  A tape inside the scope of another one is a part of it. The outer tape sees all that happens inside, even the inner
 *  one's backward pass, so gradients of gradients nest as in mathematics. Under PauseRecording a new tape is
 *  independent of those outside. A tape serves the thread that made it; it may end on another one.
 *
 *  `gradient` consumes the outermost tape. The sweep frees rules, and what they saved, as it passes them. What was
 *  recorded is stale then, and the tape records afresh. With `keep_tape` or `record` it is left as it was. */
class Tape
{
  public:
    Tape();
    ~Tape();
    Tape(const Tape&) = delete;
    Tape& operator=(const Tape&) = delete;

    /** ∂loss/∂x for a leaf or an intermediate result x, with the shape of x. It is a constant unless it was recorded.
     *  @param loss  a scalar, or an array with one element
     *  @throws GraphError if the loss does not depend on x, is stale, or this is another thread */
    template <class T>
    Variable<T> gradient(const Variable<T>& loss, const Variable<T>& x, const GradientOptions& options = {})
    {
        return std::move(gradient(loss, {x}, options).front());
    }

    /** ∂loss/∂x for each x of a list, in one sweep. */
    template <class T, class Allocator>
    Variables<T> gradient(const Variable<T>& loss, const std::vector<Variable<T>, Allocator>& xs,
                          const GradientOptions& options = {})
    {
        return pull_back<T>(only(loss), only(unit_upstream(loss)), xs, options);
    }
    template <class T>
    Variables<T> gradient(const Variable<T>& loss, std::initializer_list<Variable<T>> xs,
                          const GradientOptions& options = {})
    {
        return pull_back<T>(only(loss), only(unit_upstream(loss)), {xs.begin(), xs.size()}, options);
    }
    template <class T>
    Variables<T> gradient(const Variable<T>& loss, const Parameters<T>& parameters, const GradientOptions& options = {})
    {
        return pull_back<T>(only(loss), only(unit_upstream(loss)), parameters.variables(), options, &parameters);
    }

    /** vᵀ·∂y/∂x: carries the upstream gradient v of an array y back to x.
     *  @param v  has the shape of y */
    template <class T>
    Variable<T> vector_jacobian_product(const Variable<T>& y, const Variable<T>& v, const Variable<T>& x,
                                        const GradientOptions& options = {})
    {
        return std::move(pull_back<T>(only(y), only(v), {&x, 1}, options).front());
    }

    /** Σ_i v_iᵀ·∂y_i/∂x for each x, in one sweep. */
    template <class T>
    Variables<T> vector_jacobian_product(const Variables<T>& ys, const Variables<T>& vs, const Variables<T>& xs,
                                         const GradientOptions& options = {})
    {
        const detail::AnyVariables results(ys.begin(), ys.end()), upstreams(vs.begin(), vs.end());
        return pull_back<T>(results, upstreams, xs, options);
    }
    template <class T>
    Variables<T> vector_jacobian_product(const Variable<T>& y, const Variable<T>& v, const Parameters<T>& parameters,
                                         const GradientOptions& options = {})
    {
        return pull_back<T>(only(y), only(v), parameters.variables(), options, &parameters);
    }

    /** The number of ops recorded and not yet consumed. */
    std::size_t size() const;

    /** The store of what was recorded, for tests and for tools that look into tapes. */
    const detail::TapeStore& store() const { return *store_; }

  private:
    /** The upstream gradient of a loss, which is 1. @throws GraphError unless the loss has one element */
    template <class T>
    static Variable<T> unit_upstream(const Variable<T>& loss);
    static std::span<const AnyVariable> only(const AnyVariable& x) { return {&x, 1}; }
    /** Σ_i v_iᵀ·∂y_i/∂x for each x. @param names  the names of the xs for errors, if they are parameters */
    template <class T>
    Variables<T> pull_back(std::span<const AnyVariable> ys, std::span<const AnyVariable> vs,
                           std::span<const Variable<T>> xs, GradientOptions options,
                           const Parameters<T>* names = nullptr);
    std::size_t begin() const;

    detail::TapeStore* store_;
    bool nested_;          // in the scope of another tape, whose store it shares
    std::uint64_t thread_; // the number of the thread that made it
    detail::Origin start_; // where its part of the store begins
};

/** Turns recording off on this thread for a scope: ops compute values only, and a new tape is independent. */
class PauseRecording
{
    detail::ForScope<detail::TapeStore*> off_{detail::context.recording, nullptr};
};

/** Returns whether ops of this thread are being recorded. */
inline bool is_recording() { return detail::recording() != nullptr; }

} // namespace xgrad
