#pragma once

#include <xgrad/base/array.hpp>

#include <string>
#include <vector>

namespace xgrad
{

/** A run begin, begin + step, … of `count` positions along one axis: `{.begin = 2, .count = 3, .step = 2}`. */
struct Range
{
    std::size_t begin = 0, count = 0, step = 1;
};

/** A list of Ranges, one for each axis. */
using Ranges = std::vector<Range, PooledAllocator<Range>>;

/** A shape as error messages show it: "(2,3)", "()". */
std::string to_string(const Shape& shape);

} // namespace xgrad
