// Functions that are computed again in the backward pass, or have a gradient that is not theirs.
#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/ops/functions.hpp>

#include <fmt/core.h>

#include <cmath>
#include <limits>

namespace xgrad::detail
{

namespace
{

/** The sums Σ y and Σ |y| over a function's results, by which another result is noticed. */
struct Sums
{
    double sum = 0, size = 0;

    template <class T>
    static Sums of(const Variables<T>& ys)
    {
        Sums sums;
        for (const Variable<T>& y : ys)
            for (std::size_t i = 0; i < y.size(); ++i) {
                sums.sum += static_cast<double>(y.data()[i]);
                sums.size += std::abs(static_cast<double>(y.data()[i]));
            }
        return sums;
    }
};

/** f, with a check that it has the same result as the first time, but for rounding. */
template <class T>
ListFunction<T> checked(const ListFunction<T>& f, const Sums& first)
{
    return [f, first](const Variables<T>& xs) {
        Variables<T> ys = f(xs);
        const Sums second = Sums::of(ys);
        const double tolerance = std::sqrt(static_cast<double>(std::numeric_limits<T>::epsilon()));
        if (std::abs(second.sum - first.sum) > tolerance * (first.size + second.size))
            throw GraphError("[checkpoint] in the backward pass the function gave another result than before: does it "
                             "draw random numbers, or has a parameter been changed?");
        return ys;
    };
}

} // namespace

template <class T>
Variables<T> checkpoint_list(const ListFunction<T>& f, const Variables<T>& xs)
{
    if (!is_recording())
        return f(xs);
    Unrecorded<T> run("checkpoint", f, xs);
    Variables<T> inputs = xs;
    inputs.insert(inputs.end(), run.leaves.begin(), run.leaves.end());
    const Sums first = Sums::of(run.results);
    return record("checkpoint", std::move(run.results), wrt_list(inputs, [&](const auto&) {
                      return [f = checked(f, first), xs, leaves = run.leaves](const auto& gs, auto sums) {
                          return pull_back_function(f, xs, leaves, gs, sums);
                      };
                  }));
}

template <class T>
Variable<T> custom_gradient_list(const ListFunction<T>& f, const CustomRule<T>& rule, bool reads_result,
                                 const Variables<T>& xs)
{
    if (!is_recording())
        return f(xs).front();
    Unrecorded<T> run("custom_gradient", f, xs);
    if (!run.leaves.empty())
        throw GraphError(fmt::format("[custom_gradient] the function reads a leaf of shape {}, to which its rule gives "
                                     "no gradient: pass it as an argument, or take stop_gradient of it",
                                     to_string(run.leaves.front().shape())));
    return record("custom_gradient", std::move(run.results),
                  wrt_list(xs,
                           [&](const auto& ys) {
                               return [rule, xs, y = reads_result ? ys.front() : Variable<T>()](const auto& gs, auto) {
                                   Variables<T> gradients = rule(gs.front(), y, xs);
                                   if (gradients.size() != xs.size())
                                       throw ShapeError(
                                           fmt::format("[custom_gradient] the rule gave {} gradients, the function "
                                                       "has {} arguments",
                                                       gradients.size(), xs.size()));
                                   return gradients;
                               };
                           }))
        .front();
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variables<T> checkpoint_list(const ListFunction<T>&, const Variables<T>&);                                \
    template Variable<T> custom_gradient_list(const ListFunction<T>&, const CustomRule<T>&, bool, const Variables<T>&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad::detail
