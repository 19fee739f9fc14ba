#pragma once
// Whole numbers near those of a SIMD register, and remainders: see vector.hpp.

#include <xgrad/kernels/elementwise/doubles.hpp>

#include <limits>

namespace xgrad::kernels::vector
{

/** The nearest whole number, the even one of two. From 2²³ or 2⁵² on all numbers are whole. */
template <class T>
Vector<T> rint(Vector<T> x)
{
    const Vector<T> a = xsimd::abs(x), magic(is_float<T> ? T(0x1p23) : T(0x1p52));
    return xsimd::copysign(xsimd::select(a < magic, (a + magic) - magic, a), x);
}

/** The largest whole number that is not above x. */
template <class T>
Vector<T> floor(Vector<T> x)
{
    const Vector<T> y = rint<T>(x);
    return xsimd::copysign(y - xsimd::select(y > x, Vector<T>(T(1)), Vector<T>(T(0))), x);
}

/** The smallest whole number that is not below x. */
template <class T>
Vector<T> ceil(Vector<T> x)
{
    const Vector<T> y = rint<T>(x);
    return xsimd::copysign(y + xsimd::select(y < x, Vector<T>(T(1)), Vector<T>(T(0))), x);
}

/** x without its digits after the point. */
template <class T>
Vector<T> trunc(Vector<T> x)
{
    return xsimd::copysign(floor<T>(xsimd::abs(x)), x);
}

/** The nearest whole number, of two the one away from 0. */
template <class T>
Vector<T> round(Vector<T> x)
{
    const Vector<T> a = xsimd::abs(x), below = floor<T>(a);
    const auto is_up = a - below >= Vector<T>(T(0.5));
    return xsimd::copysign(below + xsimd::select(is_up, Vector<T>(T(1)), Vector<T>(T(0))), x);
}

/** x − n·y, exactly, where `whole` makes n of x/y. For doubles, and where n has more than 27 bits, it is the C
 *  library's function. */
template <class T, class Whole, class Library>
Vector<T> remainder_of(Vector<T> x, Vector<T> y, Whole whole, Library library)
{
    if constexpr (!is_float<T>) {
        return each_pair<T>(x, y, library);
    } else {
        const auto rest = [=](Doubles a, Doubles b) {
            const Doubles quotient = a / b, z = a - whole(quotient) * b; // the product has at most 53 bits
            const auto is_usual = xsimd::abs(quotient) < Doubles(0x1p27) && xsimd::abs(b) < Doubles(0x1p200);
            const Doubles signed_zero = xsimd::copysign(Doubles(0.), a),
                          exact = xsimd::select(z == Doubles(0.), signed_zero, z);
            return xsimd::all(is_usual) ? exact : xsimd::select(is_usual, exact, each_pair<double>(a, b, library));
        };
        return by_doubles<T>(rest, x, y);
    }
}

/** The remainder with the sign of x: n is rounded towards 0. */
template <class T>
[[gnu::noinline]] Vector<T> fmod(Vector<T> x, Vector<T> y)
{
    return remainder_of<T>(
        x, y, [](Doubles n) { return trunc<double>(n); }, [](double a, double b) { return __builtin_fmod(a, b); });
}

/** The smallest remainder: n is rounded to the nearest whole number. */
template <class T>
[[gnu::noinline]] Vector<T> remainder(Vector<T> x, Vector<T> y)
{
    return remainder_of<T>(
        x, y, [](Doubles n) { return rint<double>(n); }, [](double a, double b) { return __builtin_remainder(a, b); });
}

} // namespace xgrad::kernels::vector
