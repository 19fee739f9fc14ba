#pragma once

#include <xgrad/base/array.hpp>

#include <string>

namespace xgrad::command
{

enum class Colours
{
    diverging, ///< blue for −scale, white for 0, red for +scale
    grey       ///< black for the smallest, white for the largest
};

/** An array as an <img> element that holds its own PNG. Maps are side by side, kernels in a grid, the larger axis
 *  across. A picture that is too large is shrunk to the elements of the largest |x|.
 *  @param scale  the scale of diverging colours
 *  @param rows   the largest number of rows of the first axis that are shown */
std::string picture(const Array<double>& x, Colours colours, double scale, std::size_t rows);

} // namespace xgrad::command
