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

/** The power of two: y = 2ˣ. Gradient: g·y·ln 2. */
template <class T>
Variable<T> exp2(Variable<T> x);

/** The exponential less 1: y = eˣ − 1, accurate near 0. Gradient: g·eˣ. */
template <class T>
Variable<T> expm1(Variable<T> x);

/** The logarithm to base 2: y = log₂ x, −∞ at 0, NaN below. Gradient: g/(x·ln 2). */
template <class T>
Variable<T> log2(Variable<T> x);

/** The logarithm to base 10: y = log₁₀ x, −∞ at 0, NaN below. Gradient: g/(x·ln 10). */
template <class T>
Variable<T> log10(Variable<T> x);

/** The square root: y = √x, NaN below 0. Gradient: g/(2y). */
template <class T>
Variable<T> sqrt(Variable<T> x);

/** The cube root: y = ∛x, also of negative numbers. Gradient: g/(3y²). */
template <class T>
Variable<T> cbrt(Variable<T> x);

/** The absolute value: y = |x|. Gradient: g·sign x, 0 at 0. Source: B19. */
template <class T>
Variable<T> abs(Variable<T> x);

/** The sign: y = −1 where x < 0, 0 at 0, 1 where x > 0. Gradient: none, y is a constant. */
template <class T>
Variable<T> sign(Variable<T> x);

/** The floor: y = ⌊x⌋, the largest whole number that is not above x. Gradient: none, y is a constant. */
template <class T>
Variable<T> floor(Variable<T> x);

/** The ceiling: y = ⌈x⌉, the smallest whole number that is not below x. Gradient: none, y is a constant. */
template <class T>
Variable<T> ceil(Variable<T> x);

/** The whole number next to x towards 0: y = sign(x)·⌊|x|⌋. Gradient: none, y is a constant. */
template <class T>
Variable<T> trunc(Variable<T> x);

/** The nearest whole number: y = sign(x)·⌊|x| + ½⌋. Halves go away from 0, as in xtensor and C. Gradient: none, y is a
 *  constant. */
template <class T>
Variable<T> round(Variable<T> x);

/** The nearest whole number, the even one of two: y = x + d with |d| ≤ ½, as NumPy rounds. Gradient: none, y is a
 *  constant. */
template <class T>
Variable<T> rint(Variable<T> x);

/** The indicator of NaN: y = 1 where x is NaN, else 0. Gradient: none, y is a constant. */
template <class T>
Variable<T> isnan(Variable<T> x);

/** The indicator of infinities: y = 1 where x is ±∞, else 0. Gradient: none, y is a constant. */
template <class T>
Variable<T> isinf(Variable<T> x);

/** The indicator of numbers: y = 0 where x is ±∞ or NaN, else 1. Gradient: none, y is a constant. */
template <class T>
Variable<T> isfinite(Variable<T> x);

/** The square: y = x². Gradient: 2·g·x. */
template <class T>
Variable<T> square(Variable<T> x);

/** The cube: y = x³. Gradient: 3·g·x². */
template <class T>
Variable<T> cube(Variable<T> x);

/** The sine: y = sin x. Gradient: g·cos x. */
template <class T>
Variable<T> sin(Variable<T> x);

/** The cosine: y = cos x. Gradient: −g·sin x. */
template <class T>
Variable<T> cos(Variable<T> x);

/** The tangent: y = tan x. Gradient: g·(1 + y²). */
template <class T>
Variable<T> tan(Variable<T> x);

/** The inverse sine: y in [−π/2, π/2] with sin y = x, NaN for |x| > 1. Gradient: g/√(1 − x²), infinite at ±1. */
template <class T>
Variable<T> asin(Variable<T> x);

/** The inverse cosine: y in [0, π] with cos y = x, NaN for |x| > 1. Gradient: −g/√(1 − x²), infinite at ±1. */
template <class T>
Variable<T> acos(Variable<T> x);

/** The inverse tangent: y in [−π/2, π/2] with tan y = x. Gradient: g/(1 + x²). */
template <class T>
Variable<T> atan(Variable<T> x);

/** The hyperbolic sine: y = (eˣ − e⁻ˣ)/2. Gradient: g·cosh x. */
template <class T>
Variable<T> sinh(Variable<T> x);

/** The hyperbolic cosine: y = (eˣ + e⁻ˣ)/2. Gradient: g·sinh x. */
template <class T>
Variable<T> cosh(Variable<T> x);

/** The inverse hyperbolic sine: y with sinh y = x. Gradient: g/√(x² + 1), as g/cosh y. */
template <class T>
Variable<T> asinh(Variable<T> x);

/** The inverse hyperbolic cosine: y ≥ 0 with cosh y = x, NaN for x < 1. Gradient: g/√(x² − 1), as g/sinh y, infinite
 * at 1. */
template <class T>
Variable<T> acosh(Variable<T> x);

/** The inverse hyperbolic tangent: y with tanh y = x, ±∞ at ±1, NaN beyond. Gradient: g/(1 − x²). */
template <class T>
Variable<T> atanh(Variable<T> x);

/** The error function: y = 2/√π·∫₀ˣ e^(−t²) dt. Gradient: g·2/√π·e^(−x²). */
template <class T>
Variable<T> erf(Variable<T> x);

/** The complementary error function: y = 1 − erf x, accurate for large x. Gradient: −g·2/√π·e^(−x²). */
template <class T>
Variable<T> erfc(Variable<T> x);

/** The logarithm of the gamma function: y = ln |Γ(x)|, ∞ at 0, −1, −2, …. Gradient: g·digamma(x). */
template <class T>
Variable<T> lgamma(Variable<T> x);

/** The gamma function: y = Γ(x) = ∫₀^∞ t^(x−1)·e^(−t) dt. Gradient: g·y·digamma(x). */
template <class T>
Variable<T> tgamma(Variable<T> x);

/** The digamma function: y = Γ'(x)/Γ(x), NaN at 0, −1, −2, …. Gradient: g·polygamma(x, 1). */
template <class T>
Variable<T> digamma(Variable<T> x);

/** The polygamma function: y = dⁿ⁺¹/dxⁿ⁺¹ ln Γ(x), with a whole order n from 0 to 99. Gradient: g·polygamma(x, n + 1).
 *  @throws ShapeError for another order */
template <class T>
Variable<T> polygamma(Variable<T> x, Number<T> order);

/** The angle in radians of one in degrees: y = x·π/180. Gradient: g·π/180. */
template <class T>
Variable<T> deg2rad(Variable<T> x);

/** The angle in degrees of one in radians: y = x·180/π. Gradient: g·180/π. */
template <class T>
Variable<T> rad2deg(Variable<T> x);

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

/** The Gaussian error linear unit (Hendrycks and Gimpel 2016): y = x·Φ(x), with Φ(x) = erfc(−x/√2)/2 the normal
 *  distribution function. Gradient: g·(Φ(x) + x·e^(−x²/2)/√(2π)). */
template <class T>
Variable<T> gelu(Variable<T> x);

/** The approximation of `gelu` by a tanh (Hendrycks and Gimpel 2016): y = x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))), as
 *  y = x·sigmoid(w) with w = √(8/π)·(x + 0.044715·x³). It takes a fraction of the time.
 *  Gradient: g·sigmoid(w)·(1 + x·sigmoid(−w)·w'). */
template <class T>
Variable<T> gelu_tanh(Variable<T> x);

/** The sigmoid linear unit, also called swish (Ramachandran et al. 2017): y = x·sigmoid(x).
 *  Gradient: g·sigmoid(x)·(1 + x·sigmoid(−x)). */
template <class T>
Variable<T> silu(Variable<T> x);

/** The unit of Misra 2019: y = x·tanh(softplus(x)). Gradient: g·(t + x·sigmoid(x)·(1 − t²)) with t = tanh(softplus(x)).
 */
template <class T>
Variable<T> mish(Variable<T> x);

/** The exponential linear unit (Clevert et al. 2016): y = x where x > 0, else a·(eˣ − 1).
 *  Gradient: g where x > 0, else g·a·eˣ. */
template <class T>
Variable<T> elu(Variable<T> x, Number<T> a = 1);

/** The scaled exponential linear unit (Klambauer et al. 2017): y = λ·elu(x, α), with λ = 1.0507… and α = 1.6732…, which
 *  keep the mean 0 and the variance 1. Gradient: g·λ where x > 0, else g·λ·α·eˣ. */
template <class T>
Variable<T> selu(Variable<T> x);

/** The soft sign: y = x/(1 + |x|). Gradient: g/(1 + |x|)². */
template <class T>
Variable<T> softsign(Variable<T> x);

/** The logistic function by three straight lines: y = min(max((x + 3)/6, 0), 1). Gradient: g/6 for −3 ≤ x ≤ 3, else 0.
 */
template <class T>
Variable<T> hard_sigmoid(Variable<T> x);

/** The swish of `hard_sigmoid` (Howard et al. 2019): y = x·hard_sigmoid(x).
 *  Gradient: g·(hard_sigmoid(x) + x/6) for −3 ≤ x ≤ 3, else g·hard_sigmoid(x). */
template <class T>
Variable<T> hard_swish(Variable<T> x);

} // namespace xgrad
