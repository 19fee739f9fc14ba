#pragma once
// Elementwise functions of one and of two arguments.

#include "vector.ipp"
#include <xgrad/kernels/table.hpp>

namespace xgrad::kernels::XGRAD_ARCHITECTURE
{
namespace
{

/** y = f(x), register by register. The last register ends with the last element and so overlaps the one before it:
 *  every element goes through the same code wherever it stands. */
template <class T, class F>
void map(const T* x, T* y, std::size_t n, F f)
{
    constexpr std::size_t width = Vector<T>::size;
    if (n < width) {
        vector::store_head(f(vector::load_head(x, n)), y, n);
        return;
    }
    const Vector<T> last = f(vector::load(x + n - width)); // before the loop, which may write over x
    for (std::size_t i = 0; i + width < n; i += width)
        f(vector::load(x + i)).store_unaligned(y + i);
    last.store_unaligned(y + n - width);
}

template <class T, class F>
void map(const T* a, const T* b, T* y, std::size_t n, F f)
{
    constexpr std::size_t width = Vector<T>::size;
    if (n < width) {
        vector::store_head(f(vector::load_head(a, n), vector::load_head(b, n)), y, n);
        return;
    }
    const Vector<T> last = f(vector::load(a + n - width), vector::load(b + n - width));
    for (std::size_t i = 0; i + width < n; i += width)
        f(vector::load(a + i), vector::load(b + i)).store_unaligned(y + i);
    last.store_unaligned(y + n - width);
}

template <class T, class F>
void map(Operands operands, const T* a, const T* b, T* y, std::size_t n, F f)
{
    if (n == 0)
        return;
    switch (operands) {
    case Operands::vector_vector:
        return map(a, b, y, n, f);
    case Operands::vector_scalar:
        return map(a, y, n, [f, s = Vector<T>(*b)](Vector<T> v) { return f(v, s); });
    case Operands::scalar_vector:
        return map(b, y, n, [f, s = Vector<T>(*a)](Vector<T> v) { return f(s, v); });
    }
}

// These go to the C library: xsimd's pow is hundreds of ulp off and makes 0⁰ a 0, and its sin and cos bring functions
// with external linkage, of which the linker could keep the one with this file's instructions for everybody.
inline float scalar_power(float x, float a) { return __builtin_powf(x, a); }
inline double scalar_power(double x, double a) { return __builtin_pow(x, a); }
inline float scalar_sin(float x) { return __builtin_sinf(x); }
inline double scalar_sin(double x) { return __builtin_sin(x); }
inline float scalar_cos(float x) { return __builtin_cosf(x); }
inline double scalar_cos(double x) { return __builtin_cos(x); }

template <class T, class F>
void map_scalars(const T* x, T* y, std::size_t n, F f)
{
    for (std::size_t i = 0; i < n; ++i)
        y[i] = f(x[i]);
}

template <class T>
void unary(Unary function, const T* x, T* y, std::size_t n, T a, T b)
{
    using V = Vector<T>;
    const V va(a), vb(b), zero(T(0)), one(T(1));
    switch (function) {
    case Unary::affine:
        return map(x, y, n, [=](V v) { return xsimd::fma(va, v, vb); });
    case Unary::reciprocal:
        return map(x, y, n, [=](V v) { return one / v; });
    case Unary::exp:
        return map(x, y, n, [](V v) { return vector::exp<T>(v); });
    case Unary::log:
        return map(x, y, n, [](V v) { return vector::log<T>(v); });
    case Unary::log1p:
        return map(x, y, n, [](V v) { return vector::log1p<T>(v); });
    case Unary::sqrt:
        return map(x, y, n, [](V v) { return xsimd::sqrt(v); });
    case Unary::abs:
        return map(x, y, n, [](V v) { return xsimd::abs(v); });
    case Unary::sign:
        return map(x, y, n, [=](V v) { return xsimd::select(v > zero, one, xsimd::select(v < zero, -one, v)); });
    case Unary::square:
        return map(x, y, n, [](V v) { return v * v; });
    case Unary::sin:
        return map_scalars(x, y, n, [](T v) { return scalar_sin(v); });
    case Unary::cos:
        return map_scalars(x, y, n, [](T v) { return scalar_cos(v); });
    case Unary::tanh:
        return map(x, y, n, [](V v) { return vector::tanh<T>(v); });
    case Unary::scaled_tanh:
        return map(x, y, n, [=](V v) { return va * vector::tanh<T>(vb * v); });
    case Unary::sigmoid:
        return map(x, y, n, [](V v) { return vector::sigmoid<T>(v); });
    case Unary::softplus:
        return map(x, y, n, [](V v) { return vector::softplus<T>(v); });
    case Unary::relu:
        return map(x, y, n, [=](V v) { return xsimd::select(v <= zero, zero, v); });
    case Unary::leaky_relu:
        return map(x, y, n, [=](V v) { return xsimd::select(v > zero, v, va * v); });
    case Unary::power:
        return map_scalars(x, y, n, [a](T v) { return scalar_power(v, a); });
    case Unary::clip:
        return map(x, y, n, [=](V v) { return vector::clip<T>(v, va, vb); });
    case Unary::step:
        return map(x, y, n, [=](V v) { return xsimd::select(v > va, one, zero); });
    case Unary::inside:
        return map(x, y, n, [=](V v) { return xsimd::select((v >= va) && (v <= vb), one, zero); });
    }
}

template <class T>
void scalar_powers(Operands operands, const T* a, const T* b, T* y, std::size_t n)
{
    const std::size_t step_a = operands == Operands::scalar_vector ? 0 : 1;
    const std::size_t step_b = operands == Operands::vector_scalar ? 0 : 1;
    for (std::size_t i = 0; i < n; ++i)
        y[i] = scalar_power(a[i * step_a], b[i * step_b]);
}

template <class T>
void binary(Binary function, Operands operands, const T* a, const T* b, T* y, std::size_t n)
{
    using V = Vector<T>;
    const V zero(T(0)), one(T(1));
    switch (function) {
    case Binary::add:
        return map(operands, a, b, y, n, [](V u, V v) { return u + v; });
    case Binary::subtract:
        return map(operands, a, b, y, n, [](V u, V v) { return u - v; });
    case Binary::multiply:
        return map(operands, a, b, y, n, [](V u, V v) { return u * v; });
    case Binary::divide:
        return map(operands, a, b, y, n, [](V u, V v) { return u / v; });
    case Binary::maximum:
        return map(operands, a, b, y, n, [](V u, V v) { return vector::maximum<T>(u, v); });
    case Binary::minimum:
        return map(operands, a, b, y, n, [](V u, V v) { return vector::minimum<T>(u, v); });
    case Binary::power:
        return scalar_powers(operands, a, b, y, n);
    case Binary::greater:
        return map(operands, a, b, y, n, [=](V u, V v) { return xsimd::select(u > v, one, zero); });
    case Binary::greater_or_equal:
        return map(operands, a, b, y, n, [=](V u, V v) { return xsimd::select(u >= v, one, zero); });
    case Binary::tanh_gradient:
        return map(operands, a, b, y, n, [=](V u, V v) { return u * (one - v * v); });
    case Binary::sigmoid_gradient:
        return map(operands, a, b, y, n, [=](V u, V v) { return u * (v * (one - v)); });
    case Binary::relu_gradient:
        return map(operands, a, b, y, n, [=](V u, V v) { return xsimd::select(v > zero, u, zero); });
    }
}

} // namespace
} // namespace xgrad::kernels::XGRAD_ARCHITECTURE
