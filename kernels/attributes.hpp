#pragma once

#include <xgrad/base/shape.hpp>
#include <xgrad/kernels/geometry.hpp>

#include <cstddef>
#include <optional>
#include <vector>

namespace xgrad
{

/** The facts that an op tells of itself, besides its inputs and results. They are made only while somebody observes. */
struct Attributes
{
    std::vector<double> numbers = {};           ///< plain numbers among its arguments
    bool number_first = false;                  ///< true if the number stands before the input, as in 1 − x
    std::vector<std::size_t> axes = {};         ///< axes that it sums over, permutes, reverses or joins along
    std::vector<bool> transposed = {};          ///< true for each factor of a matrix product that is transposed
    Ranges ranges = {};                         ///< the part of an array that it takes or fills
    std::optional<kernels::Window> window = {}; ///< the geometry of what slides over an image
    std::optional<double> flop = {};            ///< floating-point operations; if empty, one an element of the largest
};

} // namespace xgrad
