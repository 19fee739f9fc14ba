#pragma once

#include <xgrad/graph/parameters.hpp>

namespace xgrad::optim
{

/** The norm of all gradients together, √Σ g². It is summed in double and in the order of the parameters, so it has the
 *  same bits for any number of threads. It overflows only if the norm itself does. A gradient that is NaN makes it NaN.
 */
template <class T>
T global_norm(const Variables<T>& gradients);

/** Scales all gradients by the same factor if their norm is too large (Pascanu, Mikolov and Bengio 2013):
 *  g ← g·min(1, c/‖g‖), ‖g‖ = √Σ g² over all gradients. Their direction stays as it is.
 *
 *  @param largest  c, greater than 0
 *  @return         ‖g‖ before
 *  @throws Error if c is not greater than 0; NumericalError if ‖g‖ is NaN or infinite; then nothing has changed */
template <class T>
T clip_by_global_norm(Variables<T>& gradients, T largest);

/** Bounds each number of the gradients: g ← min(max(g, −c), c). NaN stays NaN.
 *
 *  @param largest  c, greater than 0
 *  @throws Error if c is not greater than 0; then nothing has changed */
template <class T>
void clip_by_value(Variables<T>& gradients, T largest);

} // namespace xgrad::optim
