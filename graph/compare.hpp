#pragma once

#include <xgrad/graph/parameters.hpp>
#include <xgrad/graph/tape.hpp>

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace xgrad
{

/** How a handwritten gradient is held against the automatic one. */
struct CompareOptions
{
    double tolerance = 1e-6; ///< of the largest difference, relative to the largest element
    std::size_t samples = 0; ///< N of the batch, to name a missing or a superfluous 1/N; 0: not known
    double step = 1e-5;      ///< of the finite difference, relative to max(1, |x|)
};

/** One gradient against another. */
struct TensorComparison
{
    std::string name = {};
    Shape shape = {};
    bool agrees = false;
    double largest_absolute = 0; ///< difference
    double largest_relative = 0; ///< the same, relative to the largest element of the automatic gradient
    double cosine = 0;           ///< of the angle between the two
    std::size_t first = 0;       ///< flat index of the first element that differs
    double autodiff = 0, handwritten = 0, finite_difference = 0; ///< there, or at the largest element if all agree
    double seconds = 0;                                          ///< that the handwritten one took
    std::string problem = {};     ///< why they could not be compared: another shape, NaN, what it threw
    std::string explanation = {}; ///< the mistake that makes them agree, or "no simple explanation"
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

/** A gradient that somebody derived by hand, as a function of nothing: it knows the point. */
using HandwrittenGradient = std::function<Array<double>()>;

/** Holds handwritten gradients against the automatic ones and against finite differences, and says which usual mistake
 *  makes them agree where they do not: a constant factor, a sign, a mean for a sum, rot180, a flip or a transpose of
 * the last two axes, permuted slices, a sum that is missing.
 *
 *  @param loss         () → scalar; called several times, always with the same result
 *  @param parameters   what the gradients are with respect to
 *  @param handwritten  one for each parameter; what throws, or gives NaN or another shape, is reported, and the others
 *                      are compared all the same
 *  @throws GraphError if the numbers of parameters and of handwritten gradients differ */
Comparison compare(const std::function<Variable<double>()>& loss, const Parameters<double>& parameters,
                   const std::vector<HandwrittenGradient>& handwritten, const CompareOptions& options = {});

/** The same for a loss of one array: compare(loss of kernel, kernel, gradient by hand). */
Comparison compare(const std::function<Variable<double>(const Variable<double>&)>& loss, const Array<double>& point,
                   const std::function<Array<double>(const Array<double>&)>& handwritten,
                   const CompareOptions& options = {});

/** The usual mistake that turns one gradient into the other, "no simple explanation" if there is none.
 *  @param right    the gradient   @param wrong  what somebody has
 *  @param samples  N, or 0 */
std::string explain_difference(const Array<double>& right, const Array<double>& wrong, std::size_t samples = 0,
                               double tolerance = 1e-6);

} // namespace xgrad
