#pragma once

#include <xgrad/graph/variable.hpp>

#include <functional>

namespace xgrad::detail
{

/** Calls two functions, with one element of a leaf moved up and down by a length. The element is put back, also if one
 *  throws.
 *  @return  the distance between the two points, which is 2·length up to rounding */
double on_both_sides(Variable<double> leaf, std::size_t index, double length, const std::function<void()>& at_upper,
                     const std::function<void()>& at_lower);

/** The central difference (f(x + ε) − f(x − ε)) / 2ε for one element x of a leaf (B22). The element is put back, also
 *  if f throws.
 *  @param step  ε relative to max(1, |x|) */
double central_difference(const std::function<double()>& f, const Variable<double>& leaf, std::size_t index,
                          double step);

/** The slopes of f on both sides of an element of a leaf, and their mean. */
struct Slopes
{
    double above, below, central;
    double rounding; ///< an error of each slope that rounding may make
};

/** The slopes between x − ε, x and x + ε, with ε as in central_difference. */
Slopes one_sided_slopes(const std::function<double()>& f, Variable<double> leaf, std::size_t index, double step);

} // namespace xgrad::detail
