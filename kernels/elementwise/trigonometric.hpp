#pragma once
// Trigonometric functions and their inverses, of one SIMD register: see vector.hpp. None is inlined: the code around
// them would decide which products and sums the compiler fuses, and an element's value would depend on its position.

#include <xgrad/kernels/elementwise/doubles.hpp>

#include <array>
#include <cstdint>

namespace xgrad::kernels::vector
{

/** π/2 as a sum. The products of the first two parts and a whole number below 2²⁰ are exact. */
constexpr double quarter_turn[] = {0x1.921fb544p+0, 0x1.0b4611a6p-34, 0x1.3198a2e037073p-69};

/** π as a sum. */
constexpr double half_turn[] = {0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53};

/** The coefficient of x²ⁿ⁺¹ in sin x. */
template <class T>
constexpr double sine_coefficient(int n)
{
    return (n % 2 == 0 ? 1 : -1) * reciprocal_factorial<double>(2 * n + 1);
}

/** The coefficient of x²ⁿ in cos x. */
template <class T>
constexpr double cosine_coefficient(int n)
{
    return (n % 2 == 0 ? 1 : -1) * reciprocal_factorial<double>(2 * n);
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
inline Doubles sign_of_bit(DoubleBits bits, int bit)
{
    const DoubleBits one(std::int64_t{0x3ff0} << 48);
    return __builtin_bit_cast(Doubles, ((bits << (63 - bit)) & DoubleBits(std::int64_t{1} << 63)) | one);
}

/** Sine and cosine of what is left of an angle after a whole number of quarter turns, and the number's last bits. */
template <class Register>
struct Turned
{
    Register sine, cosine;
    Register rest_of_sine, rest_of_cosine; ///< exact values less the rounded ones
    xsimd::as_integer_t<Register> quarters;
};

template <class T>
Turned<Doubles> turned(Doubles x)
{
    const Doubles one(1.), magic(rounder<double>), k = vector::fma(x, Doubles(0x1.45f306dc9c883p-1), magic) - magic;
    // rest + low is x less k quarter turns
    const Doubles first = vector::fnma(k, Doubles(quarter_turn[0]), x), second = k * Doubles(quarter_turn[1]);
    const Doubles rest = first - second, square = rest * rest, half = Doubles(0.5) * square;
    Doubles low(0.);
    if constexpr (!is_float<T>) {
        const Doubles back = rest - first;
        low = vector::fnma(k, Doubles(quarter_turn[2]), (first - (rest - back)) - (second + back));
    }
    constexpr int terms = is_float<T> ? 4 : 8;
    const Doubles cube = rest * square, rounded = one - half;
    const Doubles sine = vector::fma(cube, series<double, sine_coefficient<T>, 1, terms>(square), low * rounded);
    const Doubles cosine = vector::fma(square * square, series<double, cosine_coefficient<T>, 2, terms + 1>(square),
                                       vector::fnma(rest, low, (one - rounded) - half));
    const Doubles whole_sine = rest + sine, whole_cosine = rounded + cosine;
    return {whole_sine, whole_cosine, (rest - whole_sine) + sine, (rounded - whole_cosine) + cosine,
            __builtin_bit_cast(DoubleBits, k + magic)};
}

/** The sine of x and some quarter turns. Beyond 2²⁰ the C library's function takes over, whose value is `beyond`. */
template <class T, class F>
Doubles turned_sine(Doubles x, int quarters, F beyond)
{
    const Turned<Doubles> parts = turned<T>(x);
    const DoubleBits bits = parts.quarters + DoubleBits(std::int64_t{quarters});
    const auto is_odd = sign_of_bit(bits, 0) < Doubles(0.);
    Doubles y = xsimd::select(is_odd, parts.cosine, parts.sine) * sign_of_bit(bits, 1);
    const auto is_far = xsimd::abs(x) > Doubles(0x1p20);
    if (xsimd::any(is_far))
        y = xsimd::select(is_far, each<double>(x, beyond), y);
    return y;
}

/** The sine, within 1.5 ulp. */
template <class T>
[[gnu::noinline]] Vector<T> sin(Vector<T> x)
{
    const auto sine = [](Doubles d) { return turned_sine<T>(d, 0, [](double e) { return __builtin_sin(e); }); };
    return xsimd::select(x == Vector<T>(T(0)), x, by_doubles<T>(sine, x)); // −0 stays −0
}

/** The cosine, within 1.5 ulp. */
template <class T>
[[gnu::noinline]] Vector<T> cos(Vector<T> x)
{
    return by_doubles<T>([](Doubles d) { return turned_sine<T>(d, 1, [](double e) { return __builtin_cos(e); }); }, x);
}

/** The tangent, within 2 ulp. */
template <class T>
[[gnu::noinline]] Vector<T> tan(Vector<T> x)
{
    const auto tangent = [](Doubles d) {
        const Turned<Doubles> parts = turned<T>(d);
        const auto is_odd = sign_of_bit(parts.quarters, 0) < Doubles(0.);
        const Doubles above = xsimd::select(is_odd, -parts.cosine, parts.sine);
        const Doubles below = xsimd::select(is_odd, parts.sine, parts.cosine);
        Doubles y = above / below;
        if constexpr (!is_float<T>) {
            const Doubles rest_above = xsimd::select(is_odd, -parts.rest_of_cosine, parts.rest_of_sine);
            const Doubles rest_below = xsimd::select(is_odd, parts.rest_of_sine, parts.rest_of_cosine);
            y = y + vector::fnma(y, rest_below, rest_above) / below;
        }
        const auto is_far = xsimd::abs(d) > Doubles(0x1p20);
        if (xsimd::any(is_far))
            y = xsimd::select(is_far, each<double>(d, [](double e) { return __builtin_tan(e); }), y);
        return y;
    };
    return xsimd::select(x == Vector<T>(T(0)), x, by_doubles<T>(tangent, x));
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
