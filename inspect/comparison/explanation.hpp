#pragma once

#include <xgrad/inspect/comparison/compare.hpp>
#include <xgrad/inspect/comparison/factors.hpp>

#include <exception>
#include <string>
#include <vector>

namespace xgrad::detail
{

/** Rounding is less than this part of the size of what is added up. */
constexpr double cancellation = 1e-11;

/** The mistake in a gradient. */
struct Explanation
{
    enum class Kind
    {
        none,
        factor,       ///< any other factor
        slices,       ///< only some slices along an axis differ
        known_factor, ///< a factor with a reason: −1, 2, ½, N, 1/N, ln 2
        arrangement   ///< the right elements in the wrong places, or not summed
    };
    std::string words = "no simple explanation";
    const char* section = ""; ///< a section of docs/mistakes.md
    Kind kind = Kind::none;
};

/** The mistake in the gradient itself that turns `right` into `wrong`. */
Explanation explain_arrangement(const Array<double>& right, const Array<double>& wrong, const FactorContext& context,
                                double tolerance);

/** The slices that differ, if half of them or fewer do. */
Explanation explain_slices(const Array<double>& right, const Array<double>& wrong, const FactorContext& context,
                           double allowed);

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

/** Fills in the explanations where gradients differ: mistakes in the gradients themselves, and on the way to them.
 *  Nothing that it tries throws.
 *  @param allowed  the largest difference of equal elements, for each tensor */
void explain(std::vector<TensorComparison>& tensors, const std::vector<double>& allowed,
             const std::function<Variable<double>()>& loss, const Parameters<double>& parameters,
             const CompareOptions& options);

} // namespace xgrad::detail
