#pragma once

#include <xgrad/ops/shape.hpp>

#include <cstddef>

namespace xgrad
{

// Fourier transforms
//
// These ops transform along one axis, of any length, and are named as in numpy.fft. A complex array is a pair of real
// ones. Numbers are computed in double. The ops are linear, and each one's gradient is another one. All throw
// ShapeError if the axis does not exist or has no elements.

/** A complex array: re + i·im, of one shape. */
template <class T>
struct Complex
{
    Variable<T> re, im;
};

/** The factors of the transforms of length n. The other norm of `backward` is `forward`, of `ortho` itself. */
enum class FourierNorm : unsigned char
{
    backward, ///< 1, and 1/n for the inverse
    ortho,    ///< 1/√n for both
    forward   ///< 1/n, and 1 for the inverse
};

/** The discrete Fourier transform.
 *
 *  y[…, k, …] = Σ_j x[…, j, …]·e^(−2πi·jk/n)
 *
 *  @param x     (…, n, …)
 *  @param axis  that of j and k
 *  @param norm  a factor of 1, 1/√n or 1/n
 *  @return      (…, n, …)
 *
 *  Gradient: `ifft(g)` with the other norm.
 *  @throws ShapeError if the two parts differ in their shapes */
template <class T>
Complex<T> fft(const Complex<T>& x, Axis axis = -1, FourierNorm norm = FourierNorm::backward);

/** The inverse of `fft`.
 *
 *  y[…, j, …] = 1/n·Σ_k x[…, k, …]·e^(2πi·jk/n)
 *
 *  @param x     (…, n, …)
 *  @param axis  that of j and k
 *  @param norm  a factor of 1/n, 1/√n or 1
 *  @return      (…, n, …)
 *
 *  Gradient: `fft(g)` with the other norm.
 *  @throws ShapeError if the two parts differ in their shapes */
template <class T>
Complex<T> ifft(const Complex<T>& x, Axis axis = -1, FourierNorm norm = FourierNorm::backward);

/** The discrete Fourier transform of a real array, its first n/2 + 1 elements, rounded down. The others are their
 *  conjugates, y[n − k] = ȳ[k].
 *
 *  y[…, k, …] = Σ_j x[…, j, …]·e^(−2πi·jk/n)
 *
 *  @param x     (…, n, …)
 *  @param axis  that of j and k
 *  @param norm  a factor of 1, 1/√n or 1/n
 *  @return      (…, n/2 + 1, …)
 *
 *  Gradient: `irfft(g/w, n)` with the other norm, where w_k = 2 for the elements that have a conjugate, else 1. */
template <class T>
Complex<T> rfft(const Variable<T>& x, Axis axis = -1, FourierNorm norm = FourierNorm::backward);

/** The inverse of `rfft`, of the real array of length n. The imaginary parts of the elements without a conjugate, 0 and
 *  n/2, are not read.
 *
 *  y[…, j, …] = 1/n·Re Σ_k w_k·x[…, k, …]·e^(2πi·jk/n)
 *
 *  @param x     (…, n/2 + 1, …)
 *  @param n     the length of the result; even and odd ones have as many x
 *  @param axis  that of j and k
 *  @param norm  a factor of 1/n, 1/√n or 1
 *  @return      (…, n, …)
 *
 *  Gradient: `w·rfft(g)` with the other norm, where w_k = 2 for the elements that have a conjugate, else 1.
 *  @throws ShapeError if the two parts differ in their shapes, or x does not have n/2 + 1 elements along the axis */
template <class T>
Variable<T> irfft(const Complex<T>& x, std::size_t n, Axis axis = -1, FourierNorm norm = FourierNorm::backward);

} // namespace xgrad
