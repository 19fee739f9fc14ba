#pragma once

#include <cstddef>
#include <functional>

namespace xgrad::optim
{

/** A point on the line x + α·p: the step α, the loss φ(α) there, and its slope φ′(α) = gᵀp. */
struct LinePoint
{
    double step = 0, value = 0, slope = 0;
};

/** Options of a line search. */
struct LineSearchOptions
{
    double first = 1;                     ///< the first step that is tried
    double largest = 1e10;                ///< the largest step
    double decrease = 1e-4;               ///< c₁ of the Wolfe conditions
    double curvature = 0.9;               ///< c₂ of the Wolfe conditions, c₁ < c₂ < 1
    double rounding = 0;                  ///< the error of φ: values that differ by less count as equal
    std::size_t largest_evaluations = 25; ///< the most points that are tried
};

/** The result of a line search. */
struct LineSearchResult
{
    LinePoint point;             ///< the point that was found; else the lowest one, which may be the start
    bool found = false;          ///< true if the point satisfies the Wolfe conditions
    std::size_t evaluations = 0; ///< the number of points that were tried
};

/** Looks for a step α that satisfies the strong Wolfe conditions
 *
 *      φ(α) ≤ φ(0) + c₁·α·φ′(0),    |φ′(α)| ≤ c₂·|φ′(0)|
 *
 *  by bracketing and by cubic interpolation (Nocedal and Wright 2006, algorithms 3.5 and 3.6, equation 3.59). A point
 *  where the loss or its slope is NaN or infinite counts as too far.
 *
 *  Near a minimum φ changes by less than its rounding error. So values count as equal within `rounding`, and the slopes
 *  decide (Hager and Zhang 2005).
 *
 *  @param at     returns the point at a step
 *  @param start  the point at α = 0, with φ′(0) < 0
 *  @throws Error if an option makes no sense or φ′(0) is not negative; what `at` throws */
LineSearchResult strong_wolfe(const std::function<LinePoint(double step)>& at, const LinePoint& start,
                              const LineSearchOptions& options = {});

} // namespace xgrad::optim
