#pragma once
// The error function and its complement, of one SIMD register: see vector.hpp.

#include <xgrad/kernels/elementwise/exponential.hpp>

#include <array>

namespace xgrad::kernels::vector
{

/** The coefficient of x²ⁿ⁺¹ in erf x = 2/√π·Σ (−1)ⁿ·x²ⁿ⁺¹/(n!·(2n + 1)), less 1 for n = 0. */
template <class T>
constexpr T erf_coefficient(int n)
{
    double factorial = 1;
    for (int k = 2; k <= n; ++k)
        factorial *= k;
    return n == 0 ? static_cast<T>(0.128379167095512574)
                  : static_cast<T>((n % 2 == 0 ? 1.128379167095512574 : -1.128379167095512574) /
                                   (factorial * (2 * n + 1)));
}

/** The coefficient of tⁿ in (1 + 2x)·exp(x²)·erfc x for x ≥ 0, where t = (x − 3)/(x + 3) is in −1 … 1 (the form is
 *  that of Shepherd and Laframboise 1981). They are those of the interpolation at 80 Chebyshev nodes, computed with 60
 *  digits and cut at degree 11 for floats and 24 for doubles, where the rest is below 2⁻²⁷ and 2⁻⁵⁶. */
template <class T>
constexpr T scaled_erfc_coefficient(int n)
{
    if constexpr (is_float<T>)
        return std::array{1.253008056f,    -0.1356210694f,   -0.04756215693f,  0.1296441143f,
                          -0.1192752753f,  0.06831656777f,   -0.02376357644f,  0.00249911687f,
                          0.001875079124f, -0.000726453679f, -9.254516687e-5f, 7.731024224e-5f}[static_cast<unsigned>(
            n)];
    else
        return std::array{
            1.253008058269729647,    -0.1356211061245811585,     -0.04756229435344919669,   0.1296451587027593923,
            -0.1192736634153863841,  0.0683080273440099038,      -0.0237705149171713368,    0.002529391815693969529,
            0.00188869034499917185,  -0.000779832269654330652,   -0.0001051597195844806484, 0.0001250993424583729094,
            4.949196649968345314e-6, -0.00002010054226852561094, -7.308281468783613929e-7,  3.47237094497716817e-6,
            3.557608668408059435e-7, -6.166011460398725931e-7,   -1.404765431542846233e-7,  1.018362060384273665e-7,
            4.106401366794035277e-8, -1.331291966103868771e-8,   -8.217595058711453856e-9,  9.862533510345587593e-10,
            8.39373485869088755e-10}[static_cast<unsigned>(n)];
}

/** a² − square, where square is a² as it was rounded. */
template <class T>
Vector<T> rounding_of_square(Vector<T> a, Vector<T> square)
{
    const Vector<T> high = upper_part(a), low = a - high;
    return vector::fma(low, low, vector::fma(high + high, low, vector::fma(high, high, -square)));
}

/** erfc a = exp(−a²)·(1 + 2a)·exp(a²)·erfc a / (1 + 2a), for a ≥ 0. */
template <class T>
Vector<T> erfc_of_positive(Vector<T> a)
{
    const Vector<T> one(T(1)), two(T(2)), three(T(3)), zero_from(is_float<T> ? T(11) : T(30));
    a = xsimd::select(a > zero_from, zero_from, a);
    const Vector<T> t = (a - three) / (a + three);
    const Vector<T> scaled = series < T, scaled_erfc_coefficient<T>, 0, is_float<T> ? 11 : 24 > (t);
    const Vector<T> square = a * a, power = exp_of_sum<T>(-square, -rounding_of_square<T>(a, square));
    return power * (scaled / vector::fma(two, a, one));
}

/** erf x by its Taylor series, for |x| ≤ 1. */
template <class T>
Vector<T> erf_near_zero(Vector<T> x)
{
    return vector::fma(x, series < T, erf_coefficient<T>, 0, is_float<T> ? 10 : 18 > (x * x), x);
}

/** 2/√π·∫₀ˣ exp(−t²) dt, within 1.5 ulp. */
template <class T>
Vector<T> erf(Vector<T> x)
{
    const Vector<T> one(T(1)), a = xsimd::abs(x);
    Vector<T> y = erf_near_zero<T>(a);
    const auto is_near = a < one;
    if (!xsimd::all(is_near))
        y = xsimd::select(is_near, y, one - erfc_of_positive<T>(a));
    return xsimd::copysign(y, x);
}

/** 1 − erf x, within 4.5 ulp. */
template <class T>
Vector<T> erfc(Vector<T> x)
{
    const Vector<T> one(T(1)), two(T(2)), a = xsimd::abs(x), y = erfc_of_positive<T>(a);
    return xsimd::select(a < Vector<T>(T(0.5)), one - erf_near_zero<T>(x),
                         xsimd::select(x < Vector<T>(T(0)), two - y, y));
}

} // namespace xgrad::kernels::vector
