#pragma once

#include <xgrad/base/array.hpp>

#include <string>

namespace xgrad
{

/** A shape as error messages show it: "(2,3)", "()". */
std::string to_string(const Shape& shape);

} // namespace xgrad
