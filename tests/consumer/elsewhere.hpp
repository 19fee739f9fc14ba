#pragma once

#include <xgrad/graph/variable.hpp>

/** log(1 + eˣ): an op of the user's own, in a file with flags of its own. */
xgrad::Variable<double> my_softplus(const xgrad::Variable<double>& x);

/** 0, step, 2·step, …: an array that this file has computed with xtensor. */
xgrad::Array<double> ramp(std::size_t count, double step);
