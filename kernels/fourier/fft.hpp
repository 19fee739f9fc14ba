#pragma once

#include <xgrad/base/memory.hpp>

#include <cstddef>
#include <vector>

namespace xgrad::kernels
{

template <class T>
using Buffer = std::vector<T, PooledAllocator<T>>;

/** Complex numbers as two arrays, one of their real and one of their imaginary parts. */
template <class T>
struct Split
{
    T* re = nullptr;
    T* im = nullptr;
};

/** e^(−2πi·k/n) for k = 0 … count − 1, rounded once. */
template <class T>
struct Roots
{
    Buffer<T> re, im;

    Roots(std::size_t n, std::size_t count);
};

/** The least 2ᵃ·3ᵇ that is n or more. */
std::size_t fft_extent(std::size_t n);

/** The Fourier transform of each column of a matrix of n rows, n = 2ᵃ·3ᵇ:
 *
 *  y[k] = Σ_j x[j]·e^(−2πi·jk/n)
 *
 *  The result is in x; the two buffers may have changed places. The inverse, times n, is the transform with real and
 *  imaginary parts exchanged. */
template <class T>
class Fourier
{
  public:
    explicit Fourier(std::size_t n) : n_(n), roots_(n, n) {}

    void transform(std::size_t columns, Split<T>& x, Split<T>& spare) const;
    void invert(std::size_t columns, Split<T>& x, Split<T>& spare) const;

  private:
    std::size_t n_;
    Roots<T> roots_;
};

extern template class Fourier<float>;
extern template class Fourier<double>;

} // namespace xgrad::kernels
