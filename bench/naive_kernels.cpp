#include "kernels.hpp"

#include <algorithm>
#include <cmath>

namespace bench
{

namespace
{

using namespace xgrad::kernels;
using Nesterov = xgrad::update_rules::Nesterov<float>;

/** Calls f(n, o, c, u, v, k) for every kernel element, k its place; stride 1, no padding, one group. */
template <class F>
void each_kernel_element(const Window& w, F f)
{
    for (std::size_t n = 0; n < w.batch; ++n)
        for (std::size_t o = 0; o < w.maps; ++o)
            for (std::size_t c = 0; c < w.channels; ++c)
                for (std::size_t u = 0; u < w.kernel_height; ++u)
                    for (std::size_t v = 0; v < w.kernel_width; ++v)
                        f(n, o, c, u, v, ((o * w.channels + c) * w.kernel_height + u) * w.kernel_width + v);
}

std::size_t image_place(const Window& w, std::size_t n, std::size_t c, std::size_t u, std::size_t v)
{
    return ((n * w.channels + c) * w.height + u) * w.width + v;
}
std::size_t map_place(const Window& w, std::size_t n, std::size_t o)
{
    return (n * w.maps + o) * w.out_height * w.out_width;
}

void correlate2d(const Window& w, const float* x, const float* weights, float* y)
{
    std::fill_n(y, w.batch * w.maps * w.out_height * w.out_width, 0.0f);
    each_kernel_element(w, [&](auto n, auto o, auto c, auto u, auto v, auto k) {
        const float* from = x + image_place(w, n, c, u, v);
        float* to = y + map_place(w, n, o);
        for (std::size_t i = 0; i < w.out_height; ++i)
            for (std::size_t j = 0; j < w.out_width; ++j)
                to[i * w.out_width + j] += weights[k] * from[i * w.width + j];
    });
}

void correlate2d_input(const Window& w, const float* g, const float* weights, float* x)
{
    std::fill_n(x, w.batch * w.channels * w.height * w.width, 0.0f);
    each_kernel_element(w, [&](auto n, auto o, auto c, auto u, auto v, auto k) {
        float* to = x + image_place(w, n, c, u, v);
        const float* from = g + map_place(w, n, o);
        for (std::size_t i = 0; i < w.out_height; ++i)
            for (std::size_t j = 0; j < w.out_width; ++j)
                to[i * w.width + j] += weights[k] * from[i * w.out_width + j];
    });
}

void correlate2d_kernel(const Window& w, const float* x, const float* g, float* weights)
{
    std::fill_n(weights, w.maps * w.channels * w.kernel_height * w.kernel_width, 0.0f);
    each_kernel_element(w, [&](auto n, auto o, auto c, auto u, auto v, auto k) {
        const float* from = x + image_place(w, n, c, u, v);
        const float* at = g + map_place(w, n, o);
        float sum = 0;
        for (std::size_t i = 0; i < w.out_height; ++i)
            for (std::size_t j = 0; j < w.out_width; ++j)
                sum += from[i * w.width + j] * at[i * w.out_width + j];
        weights[k] += sum;
    });
}

void max_pool2d(const Window& w, const float* x, float* y, std::int32_t* winner)
{
    for (std::size_t plane = 0; plane < w.batch * w.channels; ++plane, x += w.height * w.width)
        for (std::size_t i = 0; i < w.out_height; ++i)
            for (std::size_t j = 0; j < w.out_width; ++j) {
                std::size_t best = 2 * i * w.width + 2 * j;
                for (const std::size_t place : {best + 1, best + w.width, best + w.width + 1})
                    best = x[place] > x[best] ? place : best;
                *y++ = x[best];
                *winner++ = static_cast<std::int32_t>(best);
            }
}

void scatter_planes(const Window& w, const float* g, const std::int32_t* winner, float* x)
{
    std::fill_n(x, w.batch * w.channels * w.height * w.width, 0.0f);
    for (std::size_t plane = 0; plane < w.batch * w.channels; ++plane, x += w.height * w.width)
        for (std::size_t i = 0; i < w.out_height * w.out_width; ++i)
            x[*winner++] += *g++;
}

void product(const Product& s, const float* a, const float* b, float* c)
{
    for (std::size_t i = 0; i < s.m; ++i)
        for (std::size_t j = 0; j < s.n; ++j) {
            float sum = 0;
            for (std::size_t k = 0; k < s.k; ++k)
                sum +=
                    a[s.transpose_a ? k * s.lda + i : i * s.lda + k] * b[s.transpose_b ? j * s.ldb + k : k * s.ldb + j];
            c[i * s.ldc + j] = sum;
        }
}

void softmax(const float* x, float* y, std::size_t rows, std::size_t columns)
{
    for (std::size_t row = 0; row < rows; ++row, x += columns, y += columns) {
        const float most = *std::max_element(x, x + columns);
        float sum = 0;
        for (std::size_t i = 0; i < columns; ++i)
            sum += y[i] = std::exp(x[i] - most);
        for (std::size_t i = 0; i < columns; ++i)
            y[i] /= sum;
    }
}

void unary(Unary, const float* x, float* y, std::size_t n, float, float)
{
    for (std::size_t i = 0; i < n; ++i)
        y[i] = std::tanh(x[i]);
}

void unary_gradient(Unary, const float* g, const float* y, float* x, std::size_t n, float, float)
{
    for (std::size_t i = 0; i < n; ++i)
        x[i] = g[i] * (1 - y[i] * y[i]);
}

void binary(Binary function, Operands operands, const float* a, const float* b, float* y, std::size_t n)
{
    const std::size_t step = operands == Operands::vector_scalar ? 0 : 1;
    for (std::size_t i = 0; i < n; ++i)
        y[i] = function == Binary::add ? a[i] + b[i * step] : a[i] * b[i * step];
}

void update(Step<float> s, Formula<Nesterov> formula)
{
    for (std::size_t i = 0; i < s.n; ++i)
        formula(s.w[i], s.g[i], s.slot[0][i]);
}

void add_bias(float* y, const float* b, std::size_t samples, std::size_t units, std::size_t area)
{
    for (std::size_t n = 0; n < samples; ++n)
        for (std::size_t unit = 0; unit < units; ++unit)
            for (std::size_t i = 0; i < area; ++i)
                *y++ += b[unit];
}

void sum_bias(const float* g, float* b, std::size_t samples, std::size_t units, std::size_t area)
{
    std::fill_n(b, units, 0.0f);
    for (std::size_t n = 0; n < samples; ++n)
        for (std::size_t unit = 0; unit < units; ++unit)
            for (std::size_t i = 0; i < area; ++i)
                b[unit] += *g++;
}

} // namespace

Kernels naive_kernels()
{
    Kernels all{{}, add_bias, sum_bias};
    all.table.unary = unary;
    all.table.unary_gradient = unary_gradient;
    all.table.binary = binary;
    all.table.softmax = softmax;
    std::get<Update<Nesterov, float>>(all.table.update) = update;
    all.table.product = product;
    all.table.correlate2d = correlate2d;
    all.table.correlate2d_input = correlate2d_input;
    all.table.correlate2d_kernel = correlate2d_kernel;
    all.table.max_pool2d = max_pool2d;
    all.table.scatter_planes = scatter_planes;
    return all;
}

} // namespace bench
