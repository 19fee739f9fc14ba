#pragma once
// Mistakes in some of several uses of one parameter: a shared layer, tied weights, a penalty beside a product.

#include <xgrad/inspect/comparison/explanation.hpp>
#include <xgrad/inspect/comparison/trials.hpp>
#include <xgrad/inspect/comparison/wording.hpp>

namespace xgrad::detail
{

/** The explanation of a row by the parts of its gradient that come from the parameter's uses: a part whose elements
 *  are rearranged, or some parts that do not count. The kind is none if there is none.
 *  @param right  the row's gradient with the mistakes that are taken */
Explanation explain_uses(const Trials& trials, const Wording& wording, const Taken& taken, std::size_t row,
                         const Array<double>& right, const Array<double>& by_hand, const FactorContext& context,
                         double tolerance);

} // namespace xgrad::detail
