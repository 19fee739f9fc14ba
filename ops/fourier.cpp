#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/graph/record.hpp>
#include <xgrad/kernels/fourier/dft.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/fourier.hpp>

#include <fmt/core.h>

#include <array>
#include <cmath>

namespace xgrad
{

namespace
{

FourierNorm other(FourierNorm norm)
{
    return norm == FourierNorm::backward  ? FourierNorm::forward
           : norm == FourierNorm::forward ? FourierNorm::backward
                                          : norm;
}

/** The transform along an axis of an array of the shape, whose extent there is n if it is whole. */
kernels::DiscreteFourier along(const Shape& shape, std::size_t axis, std::size_t n, bool inverse, FourierNorm norm)
{
    const detail::Split split(shape, axis);
    const double length = static_cast<double>(n);
    const bool whole_factor = (norm == FourierNorm::forward) != inverse && norm != FourierNorm::ortho;
    return {.outer = split.outer,
            .n = n,
            .inner = split.inner,
            .inverse = inverse,
            .scale = norm == FourierNorm::ortho ? 1 / std::sqrt(length)
                     : whole_factor             ? 1 / length
                                                : 1.0};
}

/** The number of an axis that has elements. */
std::size_t checked_axis(const char* op, const Shape& shape, Axis axis)
{
    const std::size_t place = detail::normalize_axis(op, axis, shape.size());
    if (shape[place] == 0)
        throw ShapeError(fmt::format("[{}] the shape is {}: there is nothing to transform along axis {}", op,
                                     to_string(shape), axis));
    return place;
}

template <class T>
void require_one_shape(const char* op, const Complex<T>& x)
{
    if (x.re.shape() != x.im.shape())
        throw ShapeError(fmt::format("[{}] the real parts are {}, the imaginary ones {}: the shapes must be the same",
                                     op, to_string(x.re.shape()), to_string(x.im.shape())));
}

/** w_k: 1 for 0 and n/2, 2 for the others, along an axis of a shape. */
template <class T>
Variable<T> weights(const Shape& shape, std::size_t axis, std::size_t n)
{
    const std::size_t half = n / 2 + 1;
    Array<T> w = filled_array<T>({half}, 2);
    w.data()[0] = 1;
    if (n % 2 == 0)
        w.data()[half - 1] = 1;
    Shape aligned(shape.size() - axis, 1);
    aligned[0] = half;
    return reshape(Variable<T>(std::move(w)), aligned);
}

/** The whole complex transform and its inverse. */
template <class T>
Complex<T> transformed(const char* op, const Complex<T>& x, Axis axis, bool inverse, FourierNorm norm)
{
    require_one_shape(op, x);
    const std::size_t place = checked_axis(op, x.re.shape(), axis);
    const auto value = [&] {
        std::array<Variable<T>, 2> y{uninitialized<T>(x.re.shape()), uninitialized<T>(x.re.shape())};
        kernels::transform(along(x.re.shape(), place, x.re.shape()[place], inverse, norm), x.re.data(), x.im.data(),
                           y[0].mutable_data(), y[1].mutable_data());
        return y;
    };
    const auto rule = [axis, inverse, norm](const auto& g) {
        const Complex<T> upstream{g[0], g[1]};
        const Complex<T> back = inverse ? fft(upstream, axis, other(norm)) : ifft(upstream, axis, other(norm));
        return std::array{back.re, back.im};
    };
    const auto y = record(op, value, wrt_jointly(rule, x.re, x.im));
    return {y[0], y[1]};
}

} // namespace

template <class T>
Complex<T> fft(const Complex<T>& x, Axis axis, FourierNorm norm)
{
    return transformed("fft", x, axis, false, norm);
}

template <class T>
Complex<T> ifft(const Complex<T>& x, Axis axis, FourierNorm norm)
{
    return transformed("ifft", x, axis, true, norm);
}

template <class T>
Complex<T> rfft(const Variable<T>& x, Axis axis, FourierNorm norm)
{
    const std::size_t place = checked_axis("rfft", x.shape(), axis), n = x.shape()[place];
    const auto value = [&] {
        const Shape shape = detail::with_extent(x.shape(), place, n / 2 + 1);
        std::array<Variable<T>, 2> y{uninitialized<T>(shape), uninitialized<T>(shape)};
        kernels::DiscreteFourier transform = along(x.shape(), place, n, false, norm);
        transform.half_wanted = true;
        kernels::transform<T>(transform, x.data(), nullptr, y[0].mutable_data(), y[1].mutable_data());
        return y;
    };
    const auto y = record("rfft", value, wrt(x, [axis, place, n, norm](const auto& g, const Shape& shape) {
                              const Variable<T> w = weights<T>(shape, place, n);
                              return irfft(Complex<T>{g[0] / w, g[1] / w}, n, axis, other(norm));
                          }));
    return {y[0], y[1]};
}

template <class T>
Variable<T> irfft(const Complex<T>& x, std::size_t n, Axis axis, FourierNorm norm)
{
    require_one_shape("irfft", x);
    const std::size_t place = checked_axis("irfft", x.re.shape(), axis);
    if (n == 0 || x.re.shape()[place] != n / 2 + 1)
        throw ShapeError(fmt::format("[irfft] the shape is {}: for a result of length {}, {} elements are needed along "
                                     "axis {}",
                                     to_string(x.re.shape()), n, n / 2 + 1, axis));
    const auto value = [&] {
        Variable<T> y = uninitialized<T>(detail::with_extent(x.re.shape(), place, n));
        kernels::DiscreteFourier transform = along(x.re.shape(), place, n, true, norm);
        transform.half_given = true;
        kernels::transform<T>(transform, x.re.data(), x.im.data(), y.mutable_data(), nullptr);
        return y;
    };
    const auto rule = [axis, place, n, norm](const auto& g) {
        const Complex<T> half = rfft(g, axis, other(norm));
        const Variable<T> w = weights<T>(g.shape(), place, n);
        return std::array{half.re * w, half.im * w};
    };
    return record("irfft", value, wrt_jointly(rule, x.re, x.im));
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Complex<T> fft(const Complex<T>&, Axis, FourierNorm);                                                     \
    template Complex<T> ifft(const Complex<T>&, Axis, FourierNorm);                                                    \
    template Complex<T> rfft(const Variable<T>&, Axis, FourierNorm);                                                   \
    template Variable<T> irfft(const Complex<T>&, std::size_t, Axis, FourierNorm);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
