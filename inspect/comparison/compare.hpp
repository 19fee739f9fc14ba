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

/** How a handwritten gradient is held against the automatic one. */
struct CompareOptions
{
    double tolerance = 1e-6; ///< of the largest difference, relative to the largest element
    std::size_t samples = 0; ///< N of the batch, to name a missing or a superfluous 1/N; 0: not known
    double step = 1e-5;      ///< of the finite difference, relative to max(1, |x|)
    std::function<Variable<double>()> previous = {}; ///< the loss of the previous sample, to name its gradient
};

/** One gradient against another. */
struct TensorComparison
{
    std::string name = {};
    Shape shape = {};
    bool agrees = false;
    double largest_absolute = 0; ///< difference
    double largest_relative = 0; ///< the same, relative to the largest element of the automatic gradient
    double cosine = 0;           ///< of the angle between the two; 0 if one of them is 0, 1 if both are
    std::size_t first = 0;       ///< flat index of the first element that differs
    /** There, or at the largest element if all agree. The difference is NaN if the loss throws beside the point. */
    double autodiff = 0, handwritten = 0, finite_difference = 0;
    double seconds = 0;       ///< that the handwritten one took
    std::string problem = {}; ///< why they could not be compared: another shape, NaN in one of them, what it threw
    /** Empty if they agree. Where they differ: the mistake that makes them agree (docs/mistakes.md), "it is 0
     *  everywhere", or "no simple explanation" and, in brackets, what could not be tried. Where the shapes differ, the
     *  same. It stays empty for other problems. */
    std::string explanation = {};
    std::string page = {}; ///< "docs/mistakes.md#factor", where the explanation is explained; may be empty
    Array<double> automatic = empty_array<double>({0}),
                  by_hand = empty_array<double>({0}); ///< by_hand may have stayed empty
};

/** The outcome of a comparison; it prints itself. */
struct Comparison
{
    std::string problem; ///< a loss that cannot be compared with anything
    std::vector<TensorComparison> tensors;
    double seconds = 0; ///< of the automatic gradient, forward and backward

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

/** A gradient that somebody derived by hand: a function of nothing, which knows the point, and gives an array or a
 *  variable. One of another scalar type than double is held, but not called: comparing says that it is of the wrong
 *  type. */
class HandwrittenGradient
{
  public:
    template <class F>
    requires(!std::is_same_v<F, HandwrittenGradient> && std::is_invocable_v<const F&>) HandwrittenGradient(F gradient)
    {
        using Given = std::decay_t<std::invoke_result_t<const F&>>;
        static_assert(detail::Gradient<Given>, "a handwritten gradient has to be a function that gives an "
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

/** Holds handwritten gradients against the automatic ones and against finite differences, and says which usual mistake
 *  makes them agree where they do not (docs/mistakes.md). It may be one in a gradient itself, such as a factor or a
 *  rot180, or one on the way from the loss, such as a missing f': for these it tries wrong rules in place of the right
 *  ones.
 *
 *  The sensitivity of an intermediate value u is compared as the gradient of a leaf of zeros: put u + probe in its
 *  place. The wrong rules that are tried take 3 seconds or 300 sweeps, whichever is more; of a longer tape those
 *  nearest to what differs are tried.
 *
 *  @param loss         () → scalar; called several times, always with the same result
 *  @param parameters   what the gradients are with respect to
 *  @param handwritten  one for each parameter; what throws, or gives NaN, another shape or another scalar type, is
 *                      reported, and the others are compared all the same
 *  @throws GraphError if the numbers of parameters and of handwritten gradients differ; what the loss throws at the
 *                     point itself. Where it throws beside the point there is no finite difference; a `previous` that
 *                     throws is told in the explanations */
Comparison compare(const std::function<Variable<double>()>& loss, const Parameters<double>& parameters,
                   const std::vector<HandwrittenGradient>& handwritten, const CompareOptions& options = {});

/** The same for a loss of one array: compare(loss of kernel, kernel, gradient by hand). */
template <class Gradient, class = std::invoke_result_t<const Gradient&, const Array<double>&>>
Comparison compare(const std::function<Variable<double>(const Variable<double>&)>& loss, const Array<double>& point,
                   const Gradient& handwritten, const CompareOptions& options = {})
{
    const Variable<double> x = variable(Array<double>(point));
    return compare([&] { return loss(x); }, Parameters<double>{{"x", x}}, {[&] { return handwritten(point); }},
                   options);
}

/** The usual mistake in a gradient that turns one into the other, "no simple explanation" if there is none; "nothing
 *  differs", or "one of them is not finite".
 *  @param right    the gradient   @param wrong  what somebody has
 *  @param samples  N, or 0 */
std::string explain_difference(const Array<double>& right, const Array<double>& wrong, std::size_t samples = 0,
                               double tolerance = 1e-6);

} // namespace xgrad
