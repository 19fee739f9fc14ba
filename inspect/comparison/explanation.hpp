#pragma once

#include <xgrad/inspect/comparison/compare.hpp>

#include <exception>
#include <string>
#include <vector>

namespace xgrad::detail
{

/** The mistake in a gradient. */
struct Explanation
{
    enum class Kind
    {
        none,
        factor,       ///< any other factor
        known_factor, ///< a factor with a reason: −1, 2, ½, N, 1/N
        arrangement   ///< the right elements in the wrong places, or not summed
    };
    std::string words = "no simple explanation";
    const char* section = ""; ///< a section of docs/mistakes.md
    Kind kind = Kind::none;
};

/** The mistake in the gradient itself that turns `right` into `wrong`. */
Explanation explain_arrangement(const Array<double>& right, const Array<double>& wrong, std::size_t samples,
                                double tolerance);

/** The message of the exception that a function throws; empty if it throws nothing. */
template <class F>
std::string thrown_by(F f)
{
    try {
        f();
    } catch (const std::exception& error) {
        return std::string("it threw: ") + error.what();
    } catch (...) {
        return "it threw something that is not a std::exception";
    }
    return "";
}

/** Fills in the explanations where gradients differ: mistakes in the gradients themselves, and on the way to them. */
void explain(std::vector<TensorComparison>& tensors, const std::function<Variable<double>()>& loss,
             const Parameters<double>& parameters, const CompareOptions& options);

} // namespace xgrad::detail
