#pragma once
// The logarithm of the gamma function and its derivatives, of one SIMD register: see vector.hpp, and trigonometric.hpp
// for why they are not inlined. Doubles, and floats that are not positive, are computed one by one; so are derivatives
// beyond the second.

#include <xgrad/kernels/elementwise/logarithm.hpp>
#include <xgrad/kernels/elementwise/special.hpp>

#include <array>
#include <limits>

namespace xgrad::kernels::vector
{

/** The coefficient of zⁿ in ln Γ(2 + z) / z for |z| ≤ ½: 1 − γ, then (−1)ⁿ⁺¹·(ζ(n + 1) − 1)/(n + 1). */
template <class T>
constexpr double log_gamma_coefficient(int n)
{
    return std::array{
        0.42278433509846714,    0.32246703342411322,    -0.067352301053198095,   0.020580808427784548,
        -0.0073855510286739853, 0.0028905103307415233,  -0.0011927539117032609,  0.00050966952474304242,
        -0.0002231547584535793, 9.9457512781808534e-05, -4.4926236738133141e-05, 2.0507212775670692e-05,
        -9.439488275268397e-06, 4.3748667899074878e-06, -2.0392157538013661e-06}[static_cast<unsigned>(n)];
}

/** The coefficient of x⁻²ⁿ in Stirling's series of ln Γ times x: B₂ₙ₊₂/((2n + 1)·(2n + 2)). */
template <class T>
constexpr double stirling_coefficient(int n)
{
    return std::array{1. / 12, -1. / 360, 1. / 1260, -1. / 1680, 1. / 1188, -691. / 360360, 1. / 156, -3617. / 122400}
        [static_cast<unsigned>(n)];
}

/** The coefficient of x⁻²ⁿ in that of its derivative times x²: −B₂ₙ₊₂/(2n + 2). */
template <class T>
constexpr double digamma_coefficient(int n)
{
    return -(2 * n + 1) * stirling_coefficient<T>(n);
}

/** The coefficient of x⁻²ⁿ in that of the second derivative times x³: B₂ₙ₊₂. */
template <class T>
constexpr double trigamma_coefficient(int n)
{
    return -(2 * n + 2) * digamma_coefficient<T>(n);
}

/** x, moved up by 8 if it is below that, so that the asymptotic series hold, and the product of the numbers x … x + 7
 *  on the way, with its derivatives. */
struct Moved
{
    Doubles to, product, derivative, second;
};

inline Moved moved_up(Doubles x)
{
    const Doubles one(1.), zero(0.), eight(8.);
    const auto is_small = x < eight;
    Moved moved = {xsimd::select(is_small, x + eight, x), x, one, zero};
    for (int k = 1; k < 8; ++k) {
        const Doubles next = x + Doubles(static_cast<double>(k));
        moved.second = vector::fma(moved.second, next, moved.derivative + moved.derivative);
        moved.derivative = vector::fma(moved.derivative, next, moved.product);
        moved.product = moved.product * next;
    }
    moved.product = xsimd::select(is_small, moved.product, one);
    moved.derivative = xsimd::select(is_small, moved.derivative, zero);
    moved.second = xsimd::select(is_small, moved.second, zero);
    return moved;
}

/** f of a positive number, and the library's function of others. */
template <class F, class Library>
Vector<float> of_positive(Vector<float> x, F f, Library library)
{
    const Vector<float> zero(0.f), infinite(std::numeric_limits<float>::infinity());
    const auto is_usual = x > zero && x < infinite;
    const Vector<float> y = by_doubles<float>(f, xsimd::select(is_usual, x, Vector<float>(1.f)));
    if (xsimd::all(is_usual))
        return y;
    return xsimd::select(is_usual, y, each<float>(x, [&](float e) { return static_cast<float>(library(double{e})); }));
}

/** ln |Γ(x)|; floats within 1 ulp where x > 0. */
template <class T>
[[gnu::noinline]] Vector<T> lgamma(Vector<T> x)
{
    if constexpr (!is_float<T>) {
        return each<T>(x, special::log_gamma);
    } else {
        const auto log_gamma = [](Doubles d) {
            const Doubles half(0.5), one(1.), two(2.);
            const auto is_near = d < Doubles(2.5);
            const Moved moved = moved_up(xsimd::select(is_near, Doubles(8.), d));
            const Doubles y = moved.to, inverse = one / y;
            const Doubles far = vector::fma(y - half, log<double>(y) - one, Doubles(0.41893853320467274)) +
                                inverse * series<double, stirling_coefficient<T>, 0, 7>(inverse * inverse);
            // Γ(2 + z), divided by x or by x·(x + 1)
            const auto is_below = d < half, is_middle = d < Doubles(1.5);
            const Doubles z = xsimd::select(is_below, d, xsimd::select(is_middle, d - one, d - two));
            const Doubles divisor = xsimd::select(is_below, d * (d + one), xsimd::select(is_middle, d, one));
            const Doubles series_of_z = z * series<double, log_gamma_coefficient<T>, 0, 14>(z);
            return xsimd::select(is_near, series_of_z, far) -
                   log<double>(xsimd::select(is_near, divisor, moved.product));
        };
        return of_positive(x, log_gamma, special::log_gamma);
    }
}

/** The derivative of ln Γ; floats within 1 ulp where x > 0. */
template <class T>
[[gnu::noinline]] Vector<T> digamma(Vector<T> x)
{
    const auto library = [](double e) { return special::polygamma(0, e); };
    if constexpr (!is_float<T>) {
        return each<T>(x, library);
    } else {
        const auto of_doubles = [](Doubles d) {
            const Moved moved = moved_up(d);
            const Doubles inverse = Doubles(1.) / moved.to, square = inverse * inverse;
            const Doubles tail =
                vector::fma(square, series<double, digamma_coefficient<T>, 0, 7>(square), Doubles(-0.5) * inverse);
            return (log<double>(moved.to) - moved.derivative / moved.product) + tail;
        };
        return of_positive(x, of_doubles, library);
    }
}

/** The derivative of order n + 1 of ln Γ; floats within 1 ulp where x > 0 and n = 1. */
template <class T>
[[gnu::noinline]] Vector<T> polygamma(double n, Vector<T> x)
{
    const auto library = [n](double e) { return special::polygamma(n, e); };
    if constexpr (is_float<T>)
        if (n == 1) {
            const auto trigamma = [](Doubles d) {
                const Moved moved = moved_up(d);
                const Doubles inverse = Doubles(1.) / moved.to, square = inverse * inverse;
                const Doubles tail =
                    vector::fma(square * inverse, series<double, trigamma_coefficient<T>, 0, 7>(square),
                                vector::fma(Doubles(0.5), square, inverse));
                // The sum of the squares of 1/x … 1/(x + 7), from those of the product's logarithm.
                const Doubles first = moved.derivative / moved.product;
                return vector::fma(first, first, tail) - moved.second / moved.product;
            };
            return of_positive(x, trigamma, library);
        }
    return each<T>(x, [&](T e) { return static_cast<T>(library(double{e})); });
}

} // namespace xgrad::kernels::vector
