#pragma once

#include <xgrad/base/number.hpp>
#include <xgrad/graph/variable.hpp>

namespace xgrad
{

// Elementwise
//
// These ops are functions of each element. The result has the shape of x. docs/kinks.md lists what the gradient is
// where a function has a kink.

/** The exponential: y = eˣ. Gradient: g·y. */
template <class T>
Variable<T> exp(Variable<T> x);

/** The natural logarithm: y = ln x, −∞ at 0, NaN below. Gradient: g/x. */
template <class T>
Variable<T> log(Variable<T> x);

/** The logarithm of 1 + x: y = ln(1 + x), accurate near 0. Gradient: g/(1 + x). */
template <class T>
Variable<T> log1p(Variable<T> x);

/** The square root: y = √x, NaN below 0. Gradient: g/(2y). */
template <class T>
Variable<T> sqrt(Variable<T> x);

/** The absolute value: y = |x|. Gradient: g·sign x, 0 at 0. Source: B19. */
template <class T>
Variable<T> abs(Variable<T> x);

/** The sign: y = −1 where x < 0, 0 at 0, 1 where x > 0. Gradient: none, y is a constant. */
template <class T>
Variable<T> sign(Variable<T> x);

/** The square: y = x². Gradient: 2·g·x. */
template <class T>
Variable<T> square(Variable<T> x);

/** The sine: y = sin x. Gradient: g·cos x. */
template <class T>
Variable<T> sin(Variable<T> x);

/** The cosine: y = cos x. Gradient: −g·sin x. */
template <class T>
Variable<T> cos(Variable<T> x);

/** The value within bounds: y = min(max(x, low), high); NaN stays. Gradient: g·inside(x, low, high).
 *  @throws ShapeError if low > high */
template <class T>
Variable<T> clip(Variable<T> x, Number<T> low, Number<T> high);

/** The indicator of an interval: y = 1 where low ≤ x ≤ high, else 0. Gradient: none, y is a constant. */
template <class T>
Variable<T> inside(Variable<T> x, Number<T> low, Number<T> high);

/** The step function: y = 1 where x > threshold, else 0. Gradient: none, y is a constant. */
template <class T>
Variable<T> step(Variable<T> x, Number<T> threshold = 0);

/** The logistic function: y = 1/(1 + e⁻ˣ). Gradient: g·y·(1 − y). Source: B3, G11. */
template <class T>
Variable<T> sigmoid(Variable<T> x);

/** The hyperbolic tangent: y = tanh x. Gradient: g·(1 − y²). Source: B3, G11. */
template <class T>
Variable<T> tanh(Variable<T> x);

/** The scaled hyperbolic tangent: y = a·tanh(b·x), by default LeCun's 1.7159·tanh(2x/3).
 *  Gradient: g·(b/a)·(a² − y²).
 *  @throws ShapeError if a = 0
 *
 *  Source: B3. */
template <class T>
Variable<T> scaled_tanh(Variable<T> x, Number<T> a = 1.7159, Number<T> b = 2. / 3);

/** The rectifier: y = max(x, 0); NaN stays. Gradient: g·step(y), g where x > 0, else 0. Source: G11. */
template <class T>
Variable<T> relu(Variable<T> x);

/** The leaky rectifier: y = x where x > 0, else slope·x. Gradient: g where x > 0, else slope·g. Source: G11. */
template <class T>
Variable<T> leaky_relu(Variable<T> x, Number<T> slope = 0.01);

/** The smooth rectifier: y = ln(1 + eˣ), without overflow. Gradient: g·sigmoid(x). */
template <class T>
Variable<T> softplus(Variable<T> x);

} // namespace xgrad
