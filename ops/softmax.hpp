#pragma once

#include <xgrad/ops/shape.hpp>

namespace xgrad
{

// Softmax
//
// These ops make probabilities, or the logarithms of these, of the numbers along an axis, without overflow. All throw
// ShapeError if there is no such axis.

/** The exponentials divided by their sum: y_i = e^{x_i} / Σ_j e^{x_j}. Gradient: y∘(g − Σ_k g_k y_k).
 *  Source: B14c, B15, B17, H-softmax. */
template <class T>
Variable<T> softmax(Variable<T> x, Axis axis = -1);

/** The logarithm of softmax: y_i = x_i − ln Σ_j e^{x_j}. Gradient: g − e^y·Σ_k g_k. */
template <class T>
Variable<T> log_softmax(Variable<T> x, Axis axis = -1);

} // namespace xgrad
