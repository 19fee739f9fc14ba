#pragma once

#include <xgrad/base/random.hpp>
#include <xgrad/graph/variable.hpp>

namespace xgrad::test
{

/** A leaf of normal numbers, which the seed determines. */
inline Variable<double> random_leaf(const Shape& shape, std::uint64_t seed)
{
    Random random(seed);
    return variable(random.normal<double>(shape, 0, 1));
}

} // namespace xgrad::test
