#pragma once

#include <xgrad/ops/arithmetic.hpp>

namespace xgrad
{

// Comparison and logic
//
// The results are constants, 1 for true and 0 for false, so that they multiply and choose: `where(x > 0 && x < 1, x,
// 0)`. Operands are broadcast as NumPy does, and either may be a number. An operand of the logical ones is true unless
// it is 0; NaN is true. The operators are `== != && || !`, and `> >= < <=` as above. Both operands of `&&` and `||` are
// always computed. All throw ShapeError if the shapes cannot be broadcast.

/** The comparison: y = 1 where a < b, else 0. Gradient: none, y is a constant. */
template <class T>
Variable<T> less(const Variable<T>& a, const Variable<T>& b);

/** The comparison: y = 1 where a ≤ b, else 0. Gradient: none, y is a constant. */
template <class T>
Variable<T> less_equal(const Variable<T>& a, const Variable<T>& b);

/** The comparison: y = 1 where a = b, else 0; NaN equals nothing. Gradient: none, y is a constant. */
template <class T>
Variable<T> equal(const Variable<T>& a, const Variable<T>& b);

/** The comparison: y = 0 where a = b, else 1. Gradient: none, y is a constant. */
template <class T>
Variable<T> not_equal(const Variable<T>& a, const Variable<T>& b);

/** The conjunction: y = 1 where a and b are true, else 0. Gradient: none, y is a constant. */
template <class T>
Variable<T> logical_and(const Variable<T>& a, const Variable<T>& b);

/** The disjunction: y = 1 where a or b is true, else 0. Gradient: none, y is a constant. */
template <class T>
Variable<T> logical_or(const Variable<T>& a, const Variable<T>& b);

/** The negation: y = 1 where x = 0, else 0. Gradient: none, y is a constant. */
template <class T>
Variable<T> logical_not(const Variable<T>& x)
{
    return equal(x, constant<T>(T(0)));
}

/** The comparison with tolerances: y = 1 where |a − b| ≤ absolute + relative·|b| or a = b, else 0, as `isclose` of
 * NumPy. Gradient: none, y is a constant. */
template <class T>
Variable<T> isclose(const Variable<T>& a, const Variable<T>& b, Number<T> relative = 1e-5, Number<T> absolute = 1e-8);

// clang-format off
template <class T> Variable<T> less(const Variable<T>& x, Number<T> s) { return less(x, constant<T>(T(s))); }
template <class T> Variable<T> less(Number<T> s, const Variable<T>& x) { return less(constant<T>(T(s)), x); }
template <class T> Variable<T> less_equal(const Variable<T>& x, Number<T> s) { return less_equal(x, constant<T>(T(s))); }
template <class T> Variable<T> less_equal(Number<T> s, const Variable<T>& x) { return less_equal(constant<T>(T(s)), x); }
template <class T> Variable<T> equal(const Variable<T>& x, Number<T> s) { return equal(x, constant<T>(T(s))); }
template <class T> Variable<T> equal(Number<T> s, const Variable<T>& x) { return equal(x, s); }
template <class T> Variable<T> not_equal(const Variable<T>& x, Number<T> s) { return not_equal(x, constant<T>(T(s))); }
template <class T> Variable<T> not_equal(Number<T> s, const Variable<T>& x) { return not_equal(x, s); }

template <class T> Variable<T> operator==(const Variable<T>& a, const Variable<T>& b) { return equal(a, b); }
template <class T> Variable<T> operator==(const Variable<T>& a, Number<T> b) { return equal(a, b); }
template <class T> Variable<T> operator!=(const Variable<T>& a, const Variable<T>& b) { return not_equal(a, b); }
template <class T> Variable<T> operator!=(const Variable<T>& a, Number<T> b) { return not_equal(a, b); }
template <class T> Variable<T> operator&&(const Variable<T>& a, const Variable<T>& b) { return logical_and(a, b); }
template <class T> Variable<T> operator||(const Variable<T>& a, const Variable<T>& b) { return logical_or(a, b); }
template <class T> Variable<T> operator!(const Variable<T>& x) { return logical_not(x); }
// clang-format on

} // namespace xgrad
