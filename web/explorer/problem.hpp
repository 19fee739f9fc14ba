#pragma once
// Layers whose backward pass somebody has to write, and the usual mistakes as puzzles.

#include <xgrad/base/array.hpp>
#include <xgrad/graph/variable.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace xgrad::explorer
{

/** A layer, the arrays around it, and the gradient that is wanted. */
struct Problem
{
    std::string id;      ///< "conv2-kernel"
    int level;           ///< 1 … 3
    std::string layer;   ///< the key of its title: puzzles of one layer share it
    std::string forward; ///< in the papers' notation: "u = conv2(x, k, 'valid') + b"
    std::string right;   ///< a right formula
    std::string start;   ///< a wrong formula to begin with; empty: none
    std::string mistake; ///< the section of docs/mistakes.md that `start` shows; may be empty
    std::string wanted;  ///< the name of the array whose gradient is wanted
    std::map<std::string, Array<double>> given;
    /** The loss as a function of that array, whose value is in `given`. */
    std::function<Variable<double>(const Variable<double>&)> loss;
    std::size_t samples = 0; ///< N, where the formula has a mean over them
};

const std::vector<Problem>& all_problems();

} // namespace xgrad::explorer
