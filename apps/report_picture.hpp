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

/** An array as an <img> element that holds its own PNG. Maps stand side by side, kernels in a grid, the larger axis
 *  across; what is too large is shrunk to the elements of the largest |x|.
 *  @param scale  for diverging colours
 *  @param rows   of the first axis that are shown at most */
std::string picture(const Array<double>& x, Colours colours, double scale, std::size_t rows);

} // namespace xgrad::command
