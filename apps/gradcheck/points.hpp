#pragma once
// The points at which gradients are checked: random, the same in every run, and away from kinks.

#include "cases.hpp"
#include <xgrad/base/shape.hpp>

#include <cstdint>
#include <initializer_list>

namespace xgrad::test
{

using Cases = std::vector<GradientCase>;
using Xs = const Variables<double>&;

/** Uniform numbers from −2 to 2. */
Array<double> point(const Shape& shape, std::uint64_t seed = 1);

/** Uniform numbers from 0.5 to 2. */
Array<double> positive(const Shape& shape, std::uint64_t seed = 1);

/** Uniform numbers from 0.1 to 0.9. */
Array<double> probabilities(const Shape& shape, std::uint64_t seed = 1);

/** Numbers within 2 of the kinks and 0.1 or more away from each. They take turns on the sides of the kinks.
 *  @param kinks  ascending, at least 0.3 apart */
Array<double> away_from(const std::vector<double>& kinks, const Shape& shape, std::uint64_t seed = 1);

/** Different multiples of 0.2 in random order. A shift of half a step makes them differ from those of another array. */
Array<double> distinct(const Shape& shape, std::uint64_t seed = 1, double shift = 0);

Labels labels(std::initializer_list<std::int32_t> values);

} // namespace xgrad::test
