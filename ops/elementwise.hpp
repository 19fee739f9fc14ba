#pragma once

#include <xgrad/graph/variable.hpp>

#include <type_traits>

namespace xgrad
{

// Functions of each element; the result has the shape of x. g is the upstream gradient, y the result. What is chosen
// where a function has a kink is listed in docs/kinks.md.

/** y = eˣ. Gradient: g·y. */
template <class T>
Variable<T> exp(Variable<T> x);

/** y = ln x; −∞ at 0, NaN below. Gradient: g/x. */
template <class T>
Variable<T> log(Variable<T> x);

/** y = ln(1 + x), accurate near 0. Gradient: g/(1 + x). */
template <class T>
Variable<T> log1p(Variable<T> x);

/** y = √x; NaN below 0. Gradient: g/(2y). */
template <class T>
Variable<T> sqrt(Variable<T> x);

/** y = |x|. Gradient: g·sign x, 0 at 0. */
template <class T>
Variable<T> abs(Variable<T> x);

/** −1, 0 or 1. A constant. */
template <class T>
Variable<T> sign(Variable<T> x);

/** y = x². Gradient: 2·g·x. */
template <class T>
Variable<T> square(Variable<T> x);

/** y = sin x. Gradient: g·cos x. */
template <class T>
Variable<T> sin(Variable<T> x);

/** y = cos x. Gradient: −g·sin x. */
template <class T>
Variable<T> cos(Variable<T> x);

/** y = min(max(x, low), high); NaN stays. Gradient: g where low ≤ x ≤ high, else 0. @throws ShapeError if low > high */
template <class T>
Variable<T> clip(Variable<T> x, std::type_identity_t<T> low, std::type_identity_t<T> high);

/** 1 where low ≤ x ≤ high, else 0. A constant. */
template <class T>
Variable<T> inside(Variable<T> x, std::type_identity_t<T> low, std::type_identity_t<T> high);

/** 1 where x > threshold, else 0. A constant. */
template <class T>
Variable<T> step(Variable<T> x, std::type_identity_t<T> threshold = 0);

/** The logistic function y = 1/(1 + e⁻ˣ) (B3). Gradient: g·y·(1 − y). */
template <class T>
Variable<T> sigmoid(Variable<T> x);

/** y = tanh x. Gradient: g·(1 − y²). */
template <class T>
Variable<T> tanh(Variable<T> x);

/** y = a·tanh(b·x), by default LeCun's 1.7159·tanh(2x/3) (B3). Gradient: g·(b/a)·(a² − y²). @throws ShapeError if a = 0
 */
template <class T>
Variable<T> scaled_tanh(Variable<T> x, std::type_identity_t<T> a = T(1.7159), std::type_identity_t<T> b = T(2) / 3);

/** y = max(x, 0); NaN stays (G11). Gradient: g where x > 0, else 0. */
template <class T>
Variable<T> relu(Variable<T> x);

/** y = x where x > 0, else slope·x (G11). Gradient: g where x > 0, else slope·g. */
template <class T>
Variable<T> leaky_relu(Variable<T> x, std::type_identity_t<T> slope = T(0.01));

/** y = ln(1 + eˣ), without overflow. Gradient: g·sigmoid(x). */
template <class T>
Variable<T> softplus(Variable<T> x);

} // namespace xgrad
