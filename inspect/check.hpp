#pragma once

#include <xgrad/graph/tape.hpp>

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace xgrad
{

/** Options for checking a gradient. */
struct CheckOptions
{
    int order = 2;      ///< 1: gradients; 2: the gradients of the gradients as well; 3, 4, …
    double step = 1e-5; ///< ε of the central difference (E(x + ε) − E(x − ε)) / 2ε (B22), relative to max(1, |x|)
    double absolute = 1e-8; ///< two values agree within absolute + relative·|value|, and the difference's own error
    double relative = 1e-6;
    std::uint64_t seed = 1998; ///< the seed of the random upstream gradients
    std::size_t most = 0;      ///< the number of elements of each input that are compared, drawn by the seed; 0: all
};

/** One element in which the rule and the finite difference disagree. */
struct GradientMismatch
{
    std::string op; ///< the name of what was checked
    int order = 1;  ///< 1: a rule; 2: the rule of a rule; …
    std::size_t input = 0;
    std::size_t index = 0; ///< the flat index in that input
    double analytic = 0, numeric = 0;
};

/** The outcome of a gradient check; it prints itself. */
struct GradientReport
{
    std::string op;
    std::vector<GradientMismatch> mismatches; ///< the worst one of each input and order
    std::size_t compared = 0;                 ///< the number of elements
    double largest_error = 0;                 ///< the largest error, relative to the largest gradient of its input

    bool passed() const { return mismatches.empty() && compared > 0; }
};

std::string to_string(const GradientReport& report);
std::ostream& operator<<(std::ostream& out, const GradientReport& report);

/** A function whose gradient is checked, with any number of inputs and a result of any shape. */
using CheckedFunction = std::function<Variable<double>(const Variables<double>&)>;

/** Compares the gradient of f with central differences in double (B22).
 *
 *  The result is contracted with a random upstream gradient c, Σ c·f(x), which keeps errors from cancelling. Each
 *  further order does the same with the function (x, c) → ∂(Σ c·f)/∂x of the order before. So the rules are checked as
 *  functions of the upstream gradient too. Where an element's difference disagrees, further steps are tried, down to
 *  ε·|x| and up to 10⁴·ε: the one that changes least when it is halved counts. NaN fails. At a kink the two sides of
 * the difference belong to different functions: keep the inputs away from it by more than the step.
 *
 *  @param op  a name for the report
 *  @param f   deterministic, made of ops
 *  @param xs  the point */
GradientReport check_gradient(const std::string& op, const CheckedFunction& f, const std::vector<Array<double>>& xs,
                              const CheckOptions& options = {});

} // namespace xgrad
