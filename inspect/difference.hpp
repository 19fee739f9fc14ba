#pragma once

#include <xgrad/graph/variable.hpp>

#include <functional>

namespace xgrad::detail
{

/** The central difference (f(x + ε) − f(x − ε)) / 2ε for one element x of a leaf (B22). The element is put back, also
 *  if f throws.
 *  @param step  ε relative to max(1, |x|) */
double central_difference(const std::function<double()>& f, Variable<double> leaf, std::size_t index, double step);

} // namespace xgrad::detail
