#pragma once
// The functions that a formula may call.

#include <xgrad/graph/variable.hpp>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace xgrad::explorer
{

/** A matrix (two axes) or a number (none); or a word in quotation marks. */
using Argument = std::variant<Variable<double>, std::string>;

/** Calls a function of the notation. @throws Error if there is none of that name, or the arguments do not fit */
Variable<double> call(std::string_view name, const std::vector<Argument>& arguments);

} // namespace xgrad::explorer
