#pragma once

#include <xgrad/base/random.hpp>
#include <xgrad/graph/parameters.hpp>
#include <xgrad/ops/ops.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace xgrad::test
{

inline constexpr double rate = 0.1, decay = 0.05;

/** A weight matrix, which decays, and a bias, which does not. */
struct Model
{
    Variable<double> weight = variable<double>({{0.5, -1.5}, {2.0, 0.25}});
    Variable<double> bias = variable<double>({1.0, -2.0});
    Parameters<double> parameters{{"weight", weight}, {"bias", bias}};

    /** The same gradients for the same step, whatever the weights are. */
    Variables<double> gradients(std::uint64_t step) const
    {
        Random random(99, step);
        return {constant(random.normal<double>({2, 2}, 0, 1)), constant(random.normal<double>({2}, 0, 1))};
    }
};

inline double largest_difference(const Model& a, const Model& b)
{
    double difference = 0;
    for (std::size_t p = 0; p < 2; ++p)
        for (std::size_t i = 0; i < a.parameters[p].size(); ++i)
            difference = std::max(difference, std::abs(a.parameters[p].data()[i] - b.parameters[p].data()[i]));
    return difference;
}

} // namespace xgrad::test
