#pragma once
// The Fourier transform of any length, along one axis of an array. It is computed in double.

#include <cstddef>

namespace xgrad::kernels
{

/** A transform along the middle axis of (outer, n, inner):
 *
 *  y[o, k, i] = scale · Σ_j x[o, j, i]·e^(−2πi·jk/n), or with + in the exponent for the inverse one
 */
struct DiscreteFourier
{
    std::size_t outer = 1, n = 1, inner = 1; // n > 0
    bool inverse = false;
    bool half_given = false;  // x has n/2 + 1 elements, the others are the conjugates: x[n − j] = x̄[j]
    bool half_wanted = false; // y has n/2 + 1 elements
    double scale = 1;

    std::size_t given() const { return half_given ? n / 2 + 1 : n; }
    std::size_t wanted() const { return half_wanted ? n / 2 + 1 : n; }
};

/** Transforms x, of real parts and of imaginary ones. There may be no imaginary parts of x, which is real then; and
 *  none of y, which is not wanted then. Lengths of 2ᵃ·3ᵇ take the fast transform. Others take the sum itself if they
 *  are short, and Bluestein's algorithm (1970) if not. */
template <class T>
void transform(const DiscreteFourier& shape, const T* x_re, const T* x_im, T* y_re, T* y_im);

extern template void transform(const DiscreteFourier&, const float*, const float*, float*, float*);
extern template void transform(const DiscreteFourier&, const double*, const double*, double*, double*);

} // namespace xgrad::kernels
