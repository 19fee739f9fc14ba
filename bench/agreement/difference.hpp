#pragma once

#include "draw.hpp"

#include <vector>

namespace agree
{

/** Differences above this bound are shown, and must have a reason. */
inline constexpr double bound = 1e-10;

/** The relative difference of each element: |a − b| over a scale; ∞ if only one is NaN, or infinities differ.
 *
 *  The scale is the largest magnitude in both arrays, or 1 if that is larger: the terms of sums are of that size,
 * because the numbers that are drawn are. By element it is the larger one of |a| and |b|. Second derivatives have terms
 * that cancel, and are never compared by element. */
std::vector<double> relative_differences(const Array<double>& a, const Array<double>& b, bool by_element);

} // namespace agree
