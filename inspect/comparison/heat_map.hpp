#pragma once

#include <xgrad/base/array.hpp>

#include <string>

namespace xgrad::detail
{

/** An array as a heat map: a <figure> with its own PNG, and below it the range of the elements and the scale. 0 is
 *  transparent, so the colours suit light and dark pages. An array of more than two axes is a grid of planes. Where it
 *  has more elements than pixels, a pixel shows the largest |x| of a block. Elements that are not finite are purple.
 *  @param title  the plain text that names the array
 *  @param scale  the |x| of the strongest colour */
std::string heat_map(const std::string& title, const Array<double>& x, double scale);

/** The largest |x| of the elements that are finite. */
double largest_finite(const Array<double>& x);

} // namespace xgrad::detail
