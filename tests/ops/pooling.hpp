#pragma once
// Windows over images, by loops over indices, for the tests of pooling.

#include "ops.hpp"
#include <xgrad/ops/pooling.hpp>

namespace xgrad::test
{

struct PoolingCase
{
    Shape x;
    PoolingOptions options = {};
    std::size_t above = 0, below = 0, left = 0, right = 0; // the padding that the options mean, worked out by hand
};

inline std::size_t u(std::ptrdiff_t value) { return static_cast<std::size_t>(value); }

inline Size2d stride_of(const PoolingOptions& options)
{
    return options.stride == Size2d(0) ? options.size : options.stride;
}

inline Shape result_shape(const PoolingCase& c)
{
    const Size2d stride = stride_of(c.options);
    const auto extent = [](std::size_t padded, std::ptrdiff_t size, std::ptrdiff_t step, std::ptrdiff_t dilation) {
        return (padded - u(dilation * (size - 1) + 1)) / u(step) + 1;
    };
    return {c.x[0], c.x[1],
            extent(c.x[2] + c.above + c.below, c.options.size.height, stride.height, c.options.dilation.height),
            extent(c.x[3] + c.left + c.right, c.options.size.width, stride.width, c.options.dilation.width)};
}

/** The indices of the elements inside the image that a window covers, in row-major order. */
inline std::vector<Index> covered(const PoolingCase& c, const Index& y)
{
    const PoolingOptions& o = c.options;
    const Size2d stride = stride_of(o);
    std::vector<Index> indices;
    for (std::ptrdiff_t ku = 0; ku < o.size.height; ++ku)
        for (std::ptrdiff_t kv = 0; kv < o.size.width; ++kv) {
            const std::size_t row = y[2] * u(stride.height) + u(ku * o.dilation.height);
            const std::size_t column = y[3] * u(stride.width) + u(kv * o.dilation.width);
            if (row >= c.above && row < c.above + c.x[2] && column >= c.left && column < c.left + c.x[3])
                indices.push_back({y[0], y[1], row - c.above, column - c.left});
        }
    return indices;
}

template <class T>
Variable<T> fixed(const Array<T>& x)
{
    return constant(Array<T>(x));
}

template <class T>
Index largest_of(const Array<T>& x, const std::vector<Index>& indices)
{
    Index best = indices.front();
    for (const Index& i : indices)
        if (at(x, i) > at(x, best))
            best = i;
    return best;
}

/** Compares the value and the gradient of f at x with an oracle: oracle(y, add) returns the element of the result at
 *  index y and calls add(i, slope) for each element of x that it depends on. */
template <class T, class F, class Oracle>
void check_against(const Shape& result, const Array<T>& x, F f, Oracle oracle, double tolerance = few_roundings<T>)
{
    CAPTURE(to_string(x.shape()) + " gives " + to_string(result));
    const Array<T> g = numbers<T>(result, -2, 2, 2);
    Array<double> gradient(x.shape(), 0.0);
    const Array<T> expected = generate<T>(result, [&](const Index& y) {
        return oracle(y, [&](const Index& i, double slope) { at(gradient, i) += at(g, y) * slope; });
    });
    check_close(f(fixed(x)).value(), expected, tolerance);
    check_close(gradients_of<T>([&](const auto& v) { return f(v[0]); }, {x}, g)[0], Array<T>(xt::cast<T>(gradient)),
                tolerance);
}

} // namespace xgrad::test
