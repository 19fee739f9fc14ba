#pragma once

#include <xgrad/graph/parameters.hpp>
#include <xgrad/graph/tape.hpp>

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace xgrad
{

/** Options for comparing a handwritten gradient with the automatic one. */
struct CompareOptions
{
    /** The largest difference that is allowed, relative to the largest element. Where large numbers cancel, some 1e-11
     *  of their size is allowed too. */
    double tolerance = 1e-6;
    std::size_t samples = 0; ///< N of the batch, to name a missing or superfluous 1/N; 0: not known
    double step = 1e-5;      ///< ε of the finite difference, relative to max(1, |x|)
    std::function<Variable<double>()> previous = {}; ///< the loss of the previous sample, to name its gradient
    std::string name = "x";                          ///< the name of the array if the loss is a function of one array
};

/** The comparison of two gradients of one parameter. */
struct TensorComparison
{
    std::string name = {};
    Shape shape = {};
    bool agrees = false;
    double largest_absolute = 0; ///< the largest difference
    /** The same, relative to the largest element of the automatic gradient; or to the size of what is added up to it,
     *  if it is 0 but for rounding. */
    double largest_relative = 0;
    double cosine =
        0; ///< the cosine of the angle between the two; 0 if one of them is 0, 1 if both are, but for rounding
    std::size_t first = 0; ///< flat index of the first element that differs
    /** The values at `first`, or at the largest element if all agree. The finite difference is NaN if the loss throws
     *  at one of its two points. */
    double autodiff = 0, handwritten = 0, finite_difference = 0;
    bool at_kink = false;     ///< the slopes on both sides differ there: the finite difference is their mean
    std::size_t turn = 0;     ///< the place in the order of the backward pass; 0 if all gradients agree
    double seconds = 0;       ///< the time that the handwritten gradient took
    std::string problem = {}; ///< the reason why they could not be compared: another shape, NaN, what one threw
    /** The mistake that explains the difference (docs/mistakes.md), "it is 0 everywhere", or "no simple explanation",
     *  with what could not be tried in brackets. If several mistakes give the same gradients, "; or: " stands between
     *  them. Two shapes that differ are explained too. Empty if the gradients
     *  agree, and for other problems. */
    std::string explanation = {};
    std::string page = {}; ///< the page about the explanation, "docs/mistakes.md#factor"; may be empty
    Array<double> automatic = empty_array<double>({0}),
                  by_hand = empty_array<double>({0}); ///< by_hand stays empty if it could not be computed
    Array<double> value = empty_array<double>({0});   ///< the value of the parameter
};

/** The outcome of a comparison; it prints itself. */
struct Comparison
{
    std::string problem; ///< the reason why nothing could be compared, such as a loss that is NaN
    std::vector<TensorComparison> tensors;
    double seconds = 0; ///< the time of the automatic gradient, forward and backward

    bool agrees() const;
};

std::string to_string(const Comparison& comparison);
std::ostream& operator<<(std::ostream& out, const Comparison& comparison);

namespace detail
{

template <class T>
constexpr bool is_variable = false;
template <class T>
constexpr bool is_variable<Variable<T>> = true;
template <class T>
concept Gradient = is_variable<T> || requires
{
    typename T::shape_type;
};

} // namespace detail

/** A gradient that somebody derived by hand: a function without arguments, which knows the point and returns an array
 *  or a variable. If its scalar type is not double, it is not called, and the comparison reports the wrong type. */
class HandwrittenGradient
{
  public:
    template <class F>
    requires(!std::is_same_v<F, HandwrittenGradient> && std::is_invocable_v<const F&>) HandwrittenGradient(F gradient)
    {
        using Given = std::decay_t<std::invoke_result_t<const F&>>;
        static_assert(detail::Gradient<Given>, "a handwritten gradient has to be a function that returns an "
                                               "Array<double> or a Variable<double>");
        if constexpr (detail::Gradient<Given>)
            set<Given>(std::move(gradient));
    }
    const char* scalar() const { return scalar_; }
    Array<double> operator()() const { return gradient_(); }

  private:
    template <class Given, class F>
    void set(F gradient)
    {
        using Scalar = typename Given::value_type;
        if constexpr (!std::is_same_v<Scalar, double>)
            scalar_ = std::is_same_v<Scalar, float> ? "float" : "of another scalar type";
        else if constexpr (detail::is_variable<Given>)
            gradient_ = [gradient = std::move(gradient)] { return Array<double>(gradient().value()); };
        else
            gradient_ = std::move(gradient);
    }

    std::function<Array<double>()> gradient_;
    const char* scalar_ = "double";
};

/** Compares handwritten gradients with the automatic ones and with finite differences. Where they differ, it names the
 *  usual mistake that explains the difference (docs/mistakes.md). The mistake may be in a gradient itself, such as a
 *  factor or a rot180, or on the way from the loss, such as a missing f'. To find the latter, `compare` tries wrong
 *  rules in place of the right ones. These trials take 3 seconds or 300 sweeps, whichever is more; on a long tape only
 *  the wrong rules nearest to the difference are tried.
 *
 *  The sensitivity of an intermediate value u is compared as the gradient of a probe, a leaf of zeros: replace u by
 *  u + probe in the loss.
 *
 *  @param loss         () → scalar; called several times, always with the same result
 *  @param parameters   the parameters whose gradients are compared
 *  @param handwritten  one gradient for each parameter; one that throws, or that has NaN, another shape or another
 *                      scalar type, is reported, and the others are still compared
 *  @throws GraphError if the numbers of parameters and of handwritten gradients differ. What the loss throws at the
 *                     given parameters reaches the caller. If it throws only at a point of the finite difference,
 *                     there is no such difference. If `previous` throws, the explanations say so */
Comparison compare(const std::function<Variable<double>()>& loss, const Parameters<double>& parameters,
                   const std::vector<HandwrittenGradient>& handwritten, const CompareOptions& options = {});

/** The same for a loss of one array: compare(loss of kernel, kernel, gradient by hand, {.name = "kernel"}). */
template <class Gradient, class = std::invoke_result_t<const Gradient&, const Array<double>&>>
Comparison compare(const std::function<Variable<double>(const Variable<double>&)>& loss, const Array<double>& point,
                   const Gradient& handwritten, const CompareOptions& options = {})
{
    const Variable<double> x = variable(Array<double>(point));
    return compare([&] { return loss(x); }, Parameters<double>{{options.name, x}}, {[&] { return handwritten(point); }},
                   options);
}

/** The usual mistake that turns one gradient into the other; "no simple explanation" if there is none; "nothing
 *  differs", or "one of them is not finite".
 *  @param right    the right gradient   @param wrong  the gradient to be explained
 *  @param samples  N, or 0 */
std::string explain_difference(const Array<double>& right, const Array<double>& wrong, std::size_t samples = 0,
                               double tolerance = 1e-6);

} // namespace xgrad
