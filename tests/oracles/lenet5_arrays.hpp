#pragma once
// Helpers for the oracles of LeNet-5.

#include "oracles.hpp"
#include <xgrad/base/random.hpp>

#include <cmath>

namespace xgrad::test
{

using V = Variable<double>;
using oracles::Tensor;

inline V random_leaf(Random& random, const Shape& shape) { return variable(random.uniform<double>(shape, -1, 1)); }

/** The only image, or row, of a batch. */
inline Tensor only(const V& batch)
{
    Tensor one = tensor(batch);
    REQUIRE(one.shape.at(0) == 1);
    one.shape.erase(one.shape.begin());
    return one;
}

inline double identity(double u) { return u; }
inline double hyperbolic(double u) { return std::tanh(u); }
inline double hyperbolic_derivative(double u) { return 1 - std::tanh(u) * std::tanh(u); }

} // namespace xgrad::test
