#include <xgrad/kernels/fourier/fft.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

// No turn of the loop reads what another one writes.
#ifdef __clang__
#define XGRAD_INDEPENDENT_TURNS _Pragma("clang loop vectorize(assume_safety)")
#else
#define XGRAD_INDEPENDENT_TURNS _Pragma("GCC ivdep")
#endif

namespace xgrad::kernels
{

namespace
{

template <class T>
struct Complex
{
    T re, im;

    friend Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
    friend Complex operator-(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
    friend Complex operator*(T s, Complex a) { return {s * a.re, s * a.im}; }
    friend Complex operator*(Complex a, Complex b) { return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }
    Complex times_i() const { return {-im, re}; }
};

/** y_k = Σ_j x(j)·e^(−2πi·jk/r) for r = 2, 3 or 4, handed to put(k, y_k). */
template <std::size_t r, class X, class Put>
void small_transform(X x, Put put)
{
    const auto a = x(0), b = x(1);
    if constexpr (r == 2) {
        put(0, a + b);
        put(1, a - b);
    } else if constexpr (r == 3) {
        using T = decltype(a.re);
        const auto c = x(2), sum = b + c, middle = a - T(0.5) * sum;
        const auto difference = (T(std::numbers::sqrt3 / 2) * (b - c)).times_i();
        put(0, a + sum);
        put(1, middle - difference);
        put(2, middle + difference);
    } else {
        const auto c = x(2), d = x(3);
        const auto even = a + c, odd = b + d, difference = a - c, turned = (b - d).times_i();
        put(0, even + odd);
        put(1, difference - turned);
        put(2, even - odd);
        put(3, difference + turned);
    }
}

/** One pass of Stockham's algorithm. Each transform of r·m elements becomes r transforms of m, which again lie one
 *  after the other. An element is a run of `run` numbers that are all treated alike. */
template <std::size_t r, class T>
void pass(std::size_t m, std::size_t run, const Roots<T>& roots, std::size_t step, Split<T> from, Split<T> to)
{
    for (std::size_t p = 0; p < m; ++p) {
        Complex<T> turn[r];
        for (std::size_t k = 0; k < r; ++k)
            turn[k] = {roots.re[p * k * step], roots.im[p * k * step]};
        const T *from_re = from.re + p * run, *from_im = from.im + p * run;
        T *to_re = to.re + p * r * run, *to_im = to.im + p * r * run;
        XGRAD_INDEPENDENT_TURNS
        for (std::size_t i = 0; i < run; ++i)
            small_transform<r>(
                [&](std::size_t j) {
                    return Complex<T>{from_re[j * m * run + i], from_im[j * m * run + i]};
                },
                [&](std::size_t k, Complex<T> y) {
                    const Complex<T> turned = k == 0 ? y : turn[k] * y;
                    to_re[k * run + i] = turned.re;
                    to_im[k * run + i] = turned.im;
                });
    }
}

} // namespace

template <class T>
Roots<T>::Roots(std::size_t n, std::size_t count) : re(count), im(count)
{
    for (std::size_t k = 0; k < count; ++k) {
        const double angle = -2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n);
        re[k] = static_cast<T>(std::cos(angle));
        im[k] = static_cast<T>(std::sin(angle));
    }
}

std::size_t fft_extent(std::size_t n)
{
    std::size_t least = 1;
    while (least < n)
        least *= 2;
    for (std::size_t threes = 3; threes < least; threes *= 3) {
        std::size_t extent = threes;
        while (extent < n)
            extent *= 2;
        least = std::min(least, extent);
    }
    return least;
}

template <class T>
void Fourier<T>::transform(std::size_t columns, Split<T>& x, Split<T>& spare) const
{
    std::size_t run = columns;
    for (std::size_t n = n_; n > 1;) {
        const std::size_t r = n % 4 == 0 ? 4 : n % 2 == 0 ? 2 : 3;
        const auto one_pass = r == 4 ? pass<4, T> : r == 2 ? pass<2, T> : pass<3, T>;
        one_pass(n / r, run, roots_, n_ / n, x, spare);
        std::swap(x, spare);
        n /= r;
        run *= r;
    }
}

template <class T>
void Fourier<T>::invert(std::size_t columns, Split<T>& x, Split<T>& spare) const
{
    const auto exchange = [&] {
        std::swap(x.re, x.im);
        std::swap(spare.re, spare.im);
    };
    exchange();
    transform(columns, x, spare);
    exchange();
}

template struct Roots<float>;
template struct Roots<double>;
template class Fourier<float>;
template class Fourier<double>;

} // namespace xgrad::kernels
