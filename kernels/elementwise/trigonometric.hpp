#pragma once
// Trigonometric functions and their inverses, of one SIMD register: see vector.hpp. None is inlined: the code around
// them would decide which products and sums the compiler fuses, and an element's value would depend on its position.

#include <xgrad/kernels/elementwise/doubles.hpp>

#include <array>
#include <limits>

namespace xgrad::kernels::vector
{

/** π/2 as a sum. The products of the first two parts and a whole number below 2²⁰ are exact. */
constexpr double quarter_turn[] = {0x1.921fb544p+0, 0x1.0b4611a6p-34, 0x1.3198a2e037073p-69};

/** π as a sum. */
constexpr double half_turn[] = {0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53};

/** The coefficient of x²ⁿ⁺¹ in sin x. */
template <class T>
constexpr T sine_coefficient(int n)
{
    return static_cast<T>(n % 2 == 0 ? 1 : -1) * reciprocal_factorial<T>(2 * n + 1);
}

/** The coefficient of x²ⁿ in cos x. */
template <class T>
constexpr T cosine_coefficient(int n)
{
    return static_cast<T>(n % 2 == 0 ? 1 : -1) * reciprocal_factorial<T>(2 * n);
}

/** The coefficient of zⁿ in (asin √z / √z − 1) / z for z ≤ ¼, of a polynomial by Remez' algorithm. The error is
 *  below 2⁻³¹ for floats and 2⁻⁵⁹ for doubles. */
template <class T>
constexpr double arcsine_coefficient(int n)
{
    if constexpr (is_float<T>)
        return std::array{0x1.55554c36b77bp-3,  0x1.33388ea98d4d2p-4, 0x1.6cac3c2eb43e1p-5,
                          0x1.04a656fa2a0f5p-5, 0x1.d7f23ec0be59bp-7, 0x1.33bbc8e1b12d5p-5}[static_cast<unsigned>(n)];
    else
        return std::array{0x1.5555555555578p-3, 0x1.333333332df7ep-4, 0x1.6db6db72260b2p-5, 0x1.f1c71a8dc4229p-6,
                          0x1.6e8bdfa64c88ap-6, 0x1.1c49e2be1cf87p-6, 0x1.ca20cdccd2d3ap-7, 0x1.757b7c2b8c41ep-7,
                          0x1.6173e7f5435d5p-7, 0x1.e2bf3d0ed4578p-9, 0x1.64927afb03dc7p-6, -0x1.59543b5688f0cp-6,
                          0x1.0bb04dc9e1f82p-5}[static_cast<unsigned>(n)];
}

/** The same for (atan √z / √z − 1) / z and z ≤ tan²(π/8). The error is below 2⁻³⁵ for floats and 2⁻⁶⁴ for doubles. */
template <class T>
constexpr double arctangent_coefficient(int n)
{
    if constexpr (is_float<T>)
        return std::array{-0x1.555554c8abf89p-2, 0x1.99991a56cc964p-3,  -0x1.247f083800b32p-3,
                          0x1.c4682eb3d8a25p-4,  -0x1.5b466ddf6a03cp-4, 0x1.84fa1ca814893p-5}[static_cast<unsigned>(n)];
    else
        return std::array{-0x1.5555555555554p-2, 0x1.999999999965bp-3, -0x1.2492492475db3p-3, 0x1.c71c71b77bacfp-4,
                          -0x1.745d14c03a15dp-4, 0x1.3b136eb880e7fp-4, -0x1.110c7a6a440d2p-4, 0x1.e1728e87913aap-5,
                          -0x1.ab80f1b417a26p-5, 0x1.70fac9740be1p-5,  -0x1.1256314196935p-5, 0x1.f260dcb278109p-7}
            [static_cast<unsigned>(n)];
}

/** −1 where the bit is set, else 1. */
template <class Register>
Register sign_of_bit(xsimd::as_integer_t<Register> bits, int bit)
{
    using Element = typename Register::value_type;
    constexpr int last = 8 * sizeof(Element) - 1;
    return xsimd::copysign(Register(Element(1)), __builtin_bit_cast(Register, bits << (last - bit)));
}

/** An angle less a whole number of quarter turns, rest + low, and the last bits of the number. */
template <class Register>
struct Reduced
{
    Register rest, low;
    xsimd::as_integer_t<Register> quarters;
};

/** The angle x, up to 2²⁰. Where T is float, or x itself, low is 0. */
template <class T, class Register>
Reduced<Register> reduced(Register x)
{
    using Element = typename Register::value_type;
    const Register magic(rounder<Element>), per_quarter(Element(0x1.45f306dc9c883p-1));
    const Register k = vector::fma(x, per_quarter, magic) - magic;
    Reduced<Register> angle = {x, Register(Element(0)), __builtin_bit_cast(xsimd::as_integer_t<Register>, k + magic)};
    if constexpr (is_float<T>) {
        const auto difference = [](Doubles d, Doubles whole) {
            return vector::fnma(whole, Doubles(quarter_turn[1]), vector::fnma(whole, Doubles(quarter_turn[0]), d));
        };
        angle.rest = by_doubles<Element>(difference, x, k);
    } else {
        const Register first = vector::fnma(k, Register(quarter_turn[0]), x), second = k * Register(quarter_turn[1]);
        angle.rest = first - second;
        const Register back = angle.rest - first;
        angle.low = vector::fnma(k, Register(quarter_turn[2]), (first - (angle.rest - back)) - (second + back));
    }
    return angle;
}

/** Sine and cosine, and their exact values less these. */
template <class Register>
struct SineAndCosine
{
    Register sine, cosine, rest_of_sine, rest_of_cosine;
};

template <class T, class Register>
SineAndCosine<Register> sine_and_cosine(const Reduced<Register>& angle)
{
    using Element = typename Register::value_type;
    constexpr int terms = is_float<T> ? 4 : 8;
    const Register one(Element(1)), square = angle.rest * angle.rest, half = Register(Element(0.5)) * square;
    const Register cube = angle.rest * square, rounded = one - half;
    const Register sine =
        vector::fma(cube, series<Element, sine_coefficient<Element>, 1, terms>(square), angle.low * rounded);
    const Register cosine =
        vector::fma(square * square, series<Element, cosine_coefficient<Element>, 2, terms + 1>(square),
                    vector::fnma(angle.rest, angle.low, (one - rounded) - half));
    const Register whole_sine = angle.rest + sine, whole_cosine = rounded + cosine;
    return {whole_sine, whole_cosine, (angle.rest - whole_sine) + sine, (rounded - whole_cosine) + cosine};
}

/** y, but what the C library's function gives for angles beyond 2²⁰. */
template <class T, class F>
Vector<T> or_beyond(Vector<T> x, Vector<T> y, F library)
{
    const auto is_far = xsimd::abs(x) > Vector<T>(T(0x1p20));
    if (!xsimd::any(is_far))
        return y;
    return xsimd::select(is_far, each<T>(x, [&](T e) { return static_cast<T>(library(double{e})); }), y);
}

/** The sine of x and some quarter turns. */
template <class T>
Vector<T> turned_sine(Vector<T> x, int quarters)
{
    using Integer = typename xsimd::as_integer_t<Vector<T>>::value_type;
    const Reduced<Vector<T>> angle = reduced<T>(x);
    const SineAndCosine<Vector<T>> parts = sine_and_cosine<T>(angle);
    const auto bits = angle.quarters + xsimd::as_integer_t<Vector<T>>(static_cast<Integer>(quarters));
    const auto is_odd = sign_of_bit<Vector<T>>(bits, 0) < Vector<T>(T(0));
    return xsimd::select(is_odd, parts.cosine, parts.sine) * sign_of_bit<Vector<T>>(bits, 1);
}

/** The sine, within 1.5 ulp. */
template <class T>
[[gnu::noinline]] Vector<T> sin(Vector<T> x)
{
    const auto library = [](double e) { return __builtin_sin(e); };
    return or_beyond<T>(x, zero_stays<T>(x, turned_sine<T>(x, 0)), library);
}

/** The cosine, within 1.5 ulp. */
template <class T>
[[gnu::noinline]] Vector<T> cos(Vector<T> x)
{
    return or_beyond<T>(x, turned_sine<T>(x, 1), [](double e) { return __builtin_cos(e); });
}

/** The tangent, within 2 ulp. */
template <class T>
[[gnu::noinline]] Vector<T> tan(Vector<T> x)
{
    const auto tangent = [](Doubles d) {
        const Reduced<Doubles> angle = reduced<T>(d);
        const SineAndCosine<Doubles> parts = sine_and_cosine<T>(angle);
        const auto is_odd = sign_of_bit<Doubles>(angle.quarters, 0) < Doubles(0.);
        const Doubles above = xsimd::select(is_odd, -parts.cosine, parts.sine);
        const Doubles below = xsimd::select(is_odd, parts.sine, parts.cosine);
        Doubles y = above / below;
        if constexpr (!is_float<T>) {
            const Doubles rest_above = xsimd::select(is_odd, -parts.rest_of_cosine, parts.rest_of_sine);
            const Doubles rest_below = xsimd::select(is_odd, parts.rest_of_sine, parts.rest_of_cosine);
            y = y + vector::fnma(y, rest_below, rest_above) / below;
        }
        return or_beyond<double>(d, y, [](double e) { return __builtin_tan(e); });
    };
    return zero_stays<T>(x, by_doubles<T>(tangent, x));
}

/** asin a for a < ½, else asin √((1 − a)/2), as first + second; the first is either a or has few digits. */
template <class Register>
struct Arcsine
{
    Register first, second;
};

template <class T>
Arcsine<Doubles> arcsine(Doubles a)
{
    const Doubles half(0.5);
    const auto is_near = a < half;
    const Doubles z = xsimd::select(is_near, a * a, (Doubles(1.) - a) * half);
    const Doubles root = xsimd::select(is_near, a, xsimd::sqrt(z));
    const Doubles series_of_z = series < double, arcsine_coefficient<T>, 0, is_float<T> ? 5 : 12 > (z);
    if constexpr (is_float<T>)
        return {root, root * z * series_of_z};
    const Doubles first = xsimd::select(is_near, a, upper_part(root)); // the square of an upper part is exact
    const Doubles rest = (z - first * first) / (root + first);
    return {first, vector::fma(root * z, series_of_z, xsimd::select(is_near || z == Doubles(0.), Doubles(0.), rest))};
}

/** The arcsine, within 2 ulp: beyond ½ it is π/2 − 2·asin √((1 − x)/2). */
template <class T>
[[gnu::noinline]] Vector<T> asin(Vector<T> x)
{
    const auto of_doubles = [](Doubles d) {
        const Doubles a = xsimd::abs(d), two(2.);
        const Arcsine<Doubles> part = arcsine<T>(a);
        const Doubles far =
            (Doubles(half_turn[0] / 2) - two * part.first) - (two * part.second - Doubles(half_turn[1] / 2));
        return xsimd::copysign(xsimd::select(a < Doubles(0.5), part.first + part.second, far), d);
    };
    return by_doubles<T>(of_doubles, x);
}

/** The arccosine, within 2 ulp: beyond ½ it is 2·asin √((1 − x)/2). */
template <class T>
[[gnu::noinline]] Vector<T> acos(Vector<T> x)
{
    const auto of_doubles = [](Doubles d) {
        const Doubles a = xsimd::abs(d), two(2.);
        const Arcsine<Doubles> part = arcsine<T>(a);
        const auto is_negative = d < Doubles(0.);
        const Doubles middle =
            Doubles(half_turn[0] / 2) - (xsimd::copysign(part.first + part.second, d) - Doubles(half_turn[1] / 2));
        const Doubles right = two * (part.first + part.second);
        const Doubles left = (Doubles(half_turn[0]) - two * part.first) - (two * part.second - Doubles(half_turn[1]));
        return xsimd::select(a < Doubles(0.5), middle, xsimd::select(is_negative, left, right));
    };
    return by_doubles<T>(of_doubles, x);
}

/** The angle of the point (b, a) for a, b ≥ 0: of three quotients the one that is small. */
template <class T>
Doubles angle(Doubles a, Doubles b)
{
    const Doubles zero(0.);
    const auto is_steep = a > Doubles(2.414213562373095) * b, is_diagonal = a > Doubles(0.4142135623730950) * b;
    const Doubles above = xsimd::select(is_steep, -b, xsimd::select(is_diagonal, a - b, a));
    const Doubles t = above / xsimd::select(is_steep, a, xsimd::select(is_diagonal, a + b, b)), z = t * t;
    const Doubles eighths =
        xsimd::select(is_steep, Doubles(0.5), xsimd::select(is_diagonal, Doubles(0.25), zero)); // of half a turn
    const Doubles small = vector::fma(t * z, series < double, arctangent_coefficient<T>, 0, is_float<T> ? 5 : 11 > (z),
                                      eighths * Doubles(half_turn[1]));
    return eighths * Doubles(half_turn[0]) + (t + small);
}

/** The arctangent, within 2 ulp. */
template <class T>
[[gnu::noinline]] Vector<T> atan(Vector<T> x)
{
    const auto arctangent = [](Doubles d) { return xsimd::copysign(angle<T>(xsimd::abs(d), Doubles(1.)), d); };
    return by_doubles<T>(arctangent, x);
}

/** The angle of the point (b, a), from −π to π, within 2 ulp; 0 or ±π where both are 0, by the sign of b. */
template <class T>
[[gnu::noinline]] Vector<T> atan2(Vector<T> y, Vector<T> x)
{
    const auto arctangent = [](Doubles above, Doubles along) {
        const Doubles one(1.), zero(0.), infinite(std::numeric_limits<double>::infinity());
        Doubles a = xsimd::abs(above), b = xsimd::abs(along);
        const auto is_huge = a > Doubles(0x1p1000) || b > Doubles(0x1p1000); // their sum may be infinite
        const Doubles scale = xsimd::select(is_huge, Doubles(0x1p-100), one);
        a = a * scale;
        b = b * scale;
        const auto are_infinite = a == infinite && b == infinite, are_zero = a == zero && b == zero;
        b = xsimd::select(are_infinite || are_zero, one, b);
        a = xsimd::select(are_infinite, one, a);
        const Doubles right = angle<T>(a, b);
        const Doubles left = Doubles(half_turn[0]) - (right - Doubles(half_turn[1]));
        return xsimd::copysign(xsimd::select(xsimd::copysign(one, along) < zero, left, right), above);
    };
    return by_doubles<T>(arctangent, y, x);
}

} // namespace xgrad::kernels::vector
