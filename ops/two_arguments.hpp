#pragma once

#include <xgrad/ops/arithmetic.hpp>

namespace xgrad
{

// Functions of two arguments
//
// These functions of pairs of elements broadcast their operands as NumPy does, and either may be a number. Formulas may
// use all of them but `fma`. All throw ShapeError if the shapes cannot be broadcast.

/** The length of the point (a, b), without overflow: y = √(a² + b²). Gradients: g·a/y for a; g·b/y for b; 0 where
 *  y = 0. */
template <class T>
Variable<T> hypot(Variable<T> a, Variable<T> b);

/** The angle of the point (b, a): y in [−π, π] with a = r·sin y and b = r·cos y, where r = √(a² + b²). Gradients:
 *  g·b/r² for a; −g·a/r² for b; 0 where r = 0. */
template <class T>
Variable<T> atan2(Variable<T> a, Variable<T> b);

/** The remainder of a division with the sign of a: y = a − b·trunc(a/b). Gradients: g for a; −g·trunc(a/b) for b. */
template <class T>
Variable<T> fmod(Variable<T> a, Variable<T> b);

/** The remainder of a division with the nearest quotient, the even one of two: y = a − b·rint(a/b), as in xtensor and
 *  C; NumPy's has the sign of b. Gradients: g for a; −g·rint(a/b) for b. */
template <class T>
Variable<T> remainder(Variable<T> a, Variable<T> b);

/** The positive difference: y = max(a − b, 0). Gradients: g where a > b for a; −g where a > b for b. */
template <class T>
Variable<T> fdim(Variable<T> a, Variable<T> b);

/** The larger of each pair: y = max(a, b), the other one if one is NaN. Gradients: g where y = a for a; g elsewhere for
 *  b. Of equals, a has all. */
template <class T>
Variable<T> fmax(Variable<T> a, Variable<T> b);

/** The smaller of each pair: y = min(a, b), the other one if one is NaN. Gradients: g where y = a for a; g elsewhere
 *  for b. Of equals, a has all. */
template <class T>
Variable<T> fmin(Variable<T> a, Variable<T> b);

/** The product and sum with one rounding: y = a·b + c. Gradients: g·b for a; g·a for b; g for c. */
template <class T>
Variable<T> fma(const Variable<T>& a, const Variable<T>& b, const Variable<T>& c);

/** The power of a number: y = sˣ. Gradient: g·y·ln s, 0 for s = 0. */
template <class T>
Variable<T> pow(Number<T> s, Variable<T> x)
{
    return pow(constant<T>(T(s)), std::move(x));
}

// clang-format off
template <class T> Variable<T> hypot(Variable<T> x, Number<T> s) { return hypot(std::move(x), constant<T>(T(s))); }
template <class T> Variable<T> hypot(Number<T> s, Variable<T> x) { return hypot(constant<T>(T(s)), std::move(x)); }
template <class T> Variable<T> atan2(Variable<T> x, Number<T> s) { return atan2(std::move(x), constant<T>(T(s))); }
template <class T> Variable<T> atan2(Number<T> s, Variable<T> x) { return atan2(constant<T>(T(s)), std::move(x)); }
template <class T> Variable<T> fmod(Variable<T> x, Number<T> s) { return fmod(std::move(x), constant<T>(T(s))); }
template <class T> Variable<T> fmod(Number<T> s, Variable<T> x) { return fmod(constant<T>(T(s)), std::move(x)); }
template <class T> Variable<T> remainder(Variable<T> x, Number<T> s) { return remainder(std::move(x), constant<T>(T(s))); }
template <class T> Variable<T> remainder(Number<T> s, Variable<T> x) { return remainder(constant<T>(T(s)), std::move(x)); }
template <class T> Variable<T> fdim(Variable<T> x, Number<T> s) { return fdim(std::move(x), constant<T>(T(s))); }
template <class T> Variable<T> fdim(Number<T> s, Variable<T> x) { return fdim(constant<T>(T(s)), std::move(x)); }
template <class T> Variable<T> fmax(Variable<T> x, Number<T> s) { return fmax(std::move(x), constant<T>(T(s))); }
template <class T> Variable<T> fmax(Number<T> s, Variable<T> x) { return fmax(constant<T>(T(s)), std::move(x)); }
template <class T> Variable<T> fmin(Variable<T> x, Number<T> s) { return fmin(std::move(x), constant<T>(T(s))); }
template <class T> Variable<T> fmin(Number<T> s, Variable<T> x) { return fmin(constant<T>(T(s)), std::move(x)); }
// clang-format on

} // namespace xgrad
