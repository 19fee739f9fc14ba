#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/ops/detail/functions.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace xgrad::detail
{

namespace
{

/** Sees what a function reads that was there before it began. */
template <class T>
class Captures : public Observer
{
  public:
    explicit Captures(const char* op) : op_(op) {}

    void op(OpCall& call) override
    {
        for (std::size_t i = 0; i < call.inputs(); ++i)
            note(call.input(i));
        call.run();
    }
    void note(const AnyVariable& x)
    {
        const Origin origin = origin_of(x);
        if (recording_ && origin.tape == recording_->number())
            throw GraphError(fmt::format("[{}] the function reads a result of shape {} that was recorded outside of "
                                         "it: pass that as an argument, or take stop_gradient of it",
                                         op_, to_string(x.shape())));
        const auto is_same = [&](const Variable<T>& leaf) { return origin_of(leaf) == origin; };
        if (origin.tape == Origin::leaf && origin.index < begin_ && std::none_of(leaves.begin(), leaves.end(), is_same))
            leaves.emplace_back(x);
    }

    Variables<T> leaves;

  private:
    const char* op_;
    const TapeStore* recording_ = recording();
    const std::uint64_t begin_ = next_number(); // the function's own leaves have larger numbers
};

template <class T>
Variable<T> leaf_of(Variable<T> x)
{
    Access::set_origin(x, {Origin::leaf, next_number()});
    return x;
}

} // namespace

template <class T>
Variable<T> own_argument(const Variable<T>& x)
{
    if (needs_rule("argument", 0, origin_of(x)))
        return record("argument", x, wrt(x, [](const auto& g) { return g; }));
    return leaf_of(x);
}

template <class T>
Unrecorded<T>::Unrecorded(const char* op, const ListFunction<T>& f, const Variables<T>& xs)
{
    Captures<T> captures(op);
    const PauseRecording off;
    Variables<T> arguments = xs;
    for (Variable<T>& x : arguments)
        if (x.requires_gradient())
            x = leaf_of(std::move(x));
    {
        const Observing observing(captures);
        results = f(arguments);
    }
    for (Variable<T>& result : results) {
        captures.note(result);
        result = stop_gradient(std::move(result));
    }
    leaves = std::move(captures.leaves);
}

template <class T>
Variables<T> pull_back_function(const ListFunction<T>& f, const Variables<T>& xs, const Variables<T>& leaves,
                                const Variables<T>& gs, std::span<AnyVariable> sums)
{
    Variables<T> arguments = xs, upstreams = gs, targets;
    for (auto x = xs.begin(); x != xs.end(); ++x) {
        const auto is_same = [&](const Variable<T>& other) { return origin_of(other) == origin_of(*x); };
        // A recorded gradient continues at x itself, unless x is there twice.
        if (x->requires_gradient() && (!is_recording() || std::any_of(xs.begin(), x, is_same) ||
                                       std::any_of(leaves.begin(), leaves.end(), is_same)))
            arguments[static_cast<std::size_t>(x - xs.begin())] = own_argument(*x);
    }
    Tape tape;
    Variables<T> ys = f(arguments);
    arguments.insert(arguments.end(), leaves.begin(), leaves.end());
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (!arguments[i].requires_gradient())
            continue;
        targets.push_back(arguments[i]);
        if (i < sums.size() && sums[i].has_value()) { // the sweep begins with it
            ys.push_back(arguments[i]);
            upstreams.emplace_back(std::exchange(sums[i], {}));
        }
    }
    Variables<T> found = tape.vector_jacobian_product(ys, upstreams, targets, {.unused_is_zero = true});
    Variables<T> gradients(arguments.size());
    for (auto next = found.begin(); Variable<T> & gradient : gradients)
        if (arguments[static_cast<std::size_t>(&gradient - gradients.data())].requires_gradient())
            gradient = std::move(*next++);
    return gradients;
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> own_argument(const Variable<T>&);                                                             \
    template struct Unrecorded<T>;                                                                                     \
    template Variables<T> pull_back_function(const ListFunction<T>&, const Variables<T>&, const Variables<T>&,         \
                                             const Variables<T>&, std::span<AnyVariable>);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad::detail
