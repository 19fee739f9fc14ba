#pragma once

#include <xgrad/ops/shape.hpp>

namespace xgrad
{

/** y_i = e^{x_i} / Σ_j e^{x_j} along an axis, without overflow (B14c, H-softmax).
 *  Gradient: y∘(g − Σ_k g_k y_k) (B17). @throws ShapeError if there is no such axis */
template <class T>
Variable<T> softmax(Variable<T> x, Axis axis = -1);

/** y = x − ln Σ_j e^{x_j} along an axis, the logarithm of softmax.
 *  Gradient: g − e^y Σ_k g_k. @throws ShapeError if there is no such axis */
template <class T>
Variable<T> log_softmax(Variable<T> x, Axis axis = -1);

} // namespace xgrad
