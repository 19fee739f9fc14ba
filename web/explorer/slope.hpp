#pragma once
// Functions with kinks: what autodiff says there, and what a finite difference says.

#include <xgrad/base/array.hpp>

#include <optional>
#include <string>

namespace xgrad::explorer
{

/** A function at a point, and the gradient of the sum of its elements, each times g. */
struct Slope
{
    Array<double> value;
    Array<double> gradient; ///< by autodiff
    Array<double> finite;   ///< by central differences
};

/** @param function  "max_pool2d" of 2×2 blocks of a matrix, "relu", "leaky_relu", "abs", "maximum" of all elements, …
 *  @param g         of the value's shape; nothing: ones
 *  @param step      the difference to both sides
 *  @throws Error if there is no such function, or the step is not positive */
Slope slope_of(const std::string& function, const Array<double>& x, const std::optional<Array<double>>& g, double step);

} // namespace xgrad::explorer
