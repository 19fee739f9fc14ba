#include "gao.hpp"

#include <algorithm>
#include <cmath>

namespace oracles
{

namespace
{

/** An empty array of the shape that pooling gives for x. */
Tensor pooled(const Tensor& x, std::size_t size, std::size_t stride)
{
    return Tensor({x.shape[0], x.shape[1], (x.shape[2] - size) / stride + 1, (x.shape[3] - size) / stride + 1});
}

/** Calls f(n, c, i, j) for each place of an array of rank 4. */
template <class F>
void for_each_place(const Tensor& y, F f)
{
    for (std::size_t n = 0; n < y.shape[0]; ++n)
        for (std::size_t c = 0; c < y.shape[1]; ++c)
            for (std::size_t i = 0; i < y.shape[2]; ++i)
                for (std::size_t j = 0; j < y.shape[3]; ++j)
                    f(n, c, i, j);
}

} // namespace

Tensor g0(const Tensor& w, const Tensor& x, const Tensor& b)
{
    const std::size_t m = w.shape[0], k = w.shape[1], n = x.shape[1];
    Tensor z({m, n});
    for (std::size_t i = 0; i < m; ++i)
        for (std::size_t s = 0; s < n; ++s) {
            z(i, s) = b(i);
            for (std::size_t j = 0; j < k; ++j)
                z(i, s) += w(i, j) * x(j, s);
        }
    return z;
}

Tensor g0_activation(const Tensor& z, Function f)
{
    Tensor a = z;
    std::transform(z.data.begin(), z.data.end(), a.data.begin(), f);
    return a;
}

double g0_quadratic(const Tensor& a, const Tensor& y)
{
    double sum = 0;
    for (std::size_t i = 0; i < a.data.size(); ++i)
        sum += (y.data[i] - a.data[i]) * (y.data[i] - a.data[i]);
    return sum / (2 * static_cast<double>(a.shape[1]));
}

double g0_cross_entropy(const Tensor& a, const Tensor& y)
{
    double sum = 0;
    for (std::size_t i = 0; i < a.data.size(); ++i)
        sum += y.data[i] * std::log(a.data[i]) + (1 - y.data[i]) * std::log(1 - a.data[i]);
    return -sum / static_cast<double>(a.shape[1]);
}

Tensor g1(const Tensor& delta, const Tensor& a)
{
    Tensor to_w({delta.shape[0], a.shape[0]});
    for (std::size_t i = 0; i < delta.shape[0]; ++i)
        for (std::size_t j = 0; j < a.shape[0]; ++j)
            for (std::size_t s = 0; s < a.shape[1]; ++s)
                to_w(i, j) += delta(i, s) * a(j, s);
    return to_w;
}

Tensor g2(const Tensor& delta)
{
    Tensor to_b({delta.shape[0]});
    for (std::size_t i = 0; i < delta.shape[0]; ++i)
        for (std::size_t s = 0; s < delta.shape[1]; ++s)
            to_b(i) += delta(i, s);
    return to_b;
}

Tensor g3(const Tensor& a, const Tensor& y, const Tensor& z, Function slope)
{
    Tensor delta(a.shape);
    for (std::size_t i = 0; i < a.data.size(); ++i)
        delta.data[i] = (a.data[i] - y.data[i]) * slope(z.data[i]) / static_cast<double>(a.shape[1]);
    return delta;
}

Tensor g4(const Tensor& a, const Tensor& y)
{
    Tensor delta(a.shape);
    for (std::size_t i = 0; i < a.data.size(); ++i)
        delta.data[i] = (a.data[i] - y.data[i]) / static_cast<double>(a.shape[1]);
    return delta;
}

Tensor g4_output(const Tensor& a, const Tensor& y)
{
    Tensor to_a(a.shape);
    for (std::size_t i = 0; i < a.data.size(); ++i)
        to_a.data[i] = (-y.data[i] / a.data[i] + (1 - y.data[i]) / (1 - a.data[i])) / static_cast<double>(a.shape[1]);
    return to_a;
}

Tensor g5(const Tensor& w, const Tensor& delta, const Tensor& z, Function slope)
{
    Tensor before(z.shape);
    for (std::size_t j = 0; j < z.shape[0]; ++j)
        for (std::size_t s = 0; s < z.shape[1]; ++s) {
            double sum = 0;
            for (std::size_t i = 0; i < w.shape[0]; ++i)
                sum += w(i, j) * delta(i, s);
            before(j, s) = sum * slope(z(j, s));
        }
    return before;
}

std::size_t g6(std::size_t i, std::size_t k, std::size_t p, std::size_t s) { return (i + 2 * p - k) / s + 1; }

std::size_t g6_same(std::size_t k) { return (k - 1) / 2; }

std::size_t g6_full(std::size_t k) { return k - 1; }

Tensor g7(const Tensor& delta, const Tensor& beta, const Tensor& z, Function slope)
{
    const std::size_t height = z.shape[2] / delta.shape[2], width = z.shape[3] / delta.shape[3];
    Tensor before(z.shape);
    for_each_place(z, [&](auto n, auto c, auto i, auto j) {
        before(n, c, i, j) = beta(c) * slope(z(n, c, i, j)) * delta(n, c, i / height, j / width);
    });
    return before;
}

Tensor g8(const Tensor& delta, const Tensor& w, const Tensor& z, Function slope)
{
    const std::size_t outputs = w.shape[0], height = w.shape[2], width = w.shape[3];
    Tensor padded({z.shape[0], outputs, z.shape[2] + height - 1, z.shape[3] + width - 1});
    for_each_place(delta, [&](auto n, auto o, auto i, auto j) {
        padded(n, o, i + height - 1, j + width - 1) = delta(n, o, i, j);
    });
    Tensor before(z.shape);
    for_each_place(z, [&](auto n, auto c, auto i, auto j) {
        double sum = 0;
        for (std::size_t o = 0; o < outputs; ++o)
            for (std::size_t u = 0; u < height; ++u)
                for (std::size_t v = 0; v < width; ++v)
                    sum += padded(n, o, i + u, j + v) * w(o, c, height - 1 - u, width - 1 - v);
        before(n, c, i, j) = slope(z(n, c, i, j)) * sum;
    });
    return before;
}

Tensor g9(const Tensor& a, const Tensor& delta)
{
    Tensor to_w({delta.shape[1], a.shape[1], a.shape[2] - delta.shape[2] + 1, a.shape[3] - delta.shape[3] + 1});
    for_each_place(to_w, [&](auto o, auto c, auto u, auto v) {
        for (std::size_t n = 0; n < a.shape[0]; ++n)
            for (std::size_t i = 0; i < delta.shape[2]; ++i)
                for (std::size_t j = 0; j < delta.shape[3]; ++j)
                    to_w(o, c, u, v) += a(n, c, u + i, v + j) * delta(n, o, i, j);
    });
    return to_w;
}

Tensor g10_image()
{
    Tensor x({5, 5});
    x.data = {3, 3, 2, 1, 0, 0, 0, 1, 3, 1, 3, 1, 2, 2, 3, 2, 0, 0, 2, 2, 2, 0, 0, 0, 1};
    return x;
}

Tensor g10_kernel()
{
    Tensor w({3, 3});
    w.data = {0, 1, 2, 2, 2, 0, 0, 1, 2};
    return w;
}

Tensor g10()
{
    Tensor y({3, 3});
    y.data = {12, 12, 17, 10, 17, 19, 9, 6, 14};
    return y;
}

double g11_sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double g11_sigmoid_slope(double x)
{
    const double f = 1 / (1 + std::exp(-x));
    return f * (1 - f);
}
double g11_tanh(double x) { return (std::exp(x) - std::exp(-x)) / (std::exp(x) + std::exp(-x)); }
double g11_tanh_slope(double x)
{
    const double f = (std::exp(x) - std::exp(-x)) / (std::exp(x) + std::exp(-x));
    return 1 - f * f;
}
double g11_relu(double x) { return x > 0 ? x : 0; }
double g11_relu_slope(double x) { return x > 0 ? 1 : 0; }
double g11_leaky_relu(double x) { return x > 0 ? x : 0.01 * x; }
double g11_leaky_relu_slope(double x) { return x > 0 ? 1 : 0.01; }

Tensor g11_maxout(const Tensor& x, std::size_t pieces)
{
    Tensor y({x.shape[0], x.shape[1] / pieces, x.shape[2]});
    for (std::size_t n = 0; n < y.shape[0]; ++n)
        for (std::size_t c = 0; c < y.shape[1]; ++c)
            for (std::size_t p = 0; p < y.shape[2]; ++p) {
                y(n, c, p) = x(n, c * pieces, p);
                for (std::size_t k = 1; k < pieces; ++k)
                    y(n, c, p) = std::max(y(n, c, p), x(n, c * pieces + k, p));
            }
    return y;
}

Tensor g11_maxout_gradient(const Tensor& g, const Tensor& x, std::size_t pieces)
{
    Tensor to_x(x.shape);
    for (std::size_t n = 0; n < g.shape[0]; ++n)
        for (std::size_t c = 0; c < g.shape[1]; ++c)
            for (std::size_t p = 0; p < g.shape[2]; ++p) {
                std::size_t best = c * pieces;
                for (std::size_t k = 1; k < pieces; ++k)
                    if (x(n, c * pieces + k, p) > x(n, best, p))
                        best = c * pieces + k;
                to_x(n, best, p) = g(n, c, p);
            }
    return to_x;
}

Tensor g11_max_pool(const Tensor& x, std::size_t size, std::size_t stride)
{
    Tensor y = pooled(x, size, stride);
    for_each_place(y, [&](auto n, auto c, auto i, auto j) {
        y(n, c, i, j) = x(n, c, i * stride, j * stride);
        for (std::size_t u = 0; u < size; ++u)
            for (std::size_t v = 0; v < size; ++v)
                y(n, c, i, j) = std::max(y(n, c, i, j), x(n, c, i * stride + u, j * stride + v));
    });
    return y;
}

Tensor g11_max_pool_gradient(const Tensor& g, const Tensor& x, std::size_t size, std::size_t stride)
{
    Tensor to_x(x.shape);
    for_each_place(g, [&](auto n, auto c, auto i, auto j) {
        std::size_t row = i * stride, column = j * stride;
        for (std::size_t u = 0; u < size; ++u)
            for (std::size_t v = 0; v < size; ++v)
                if (x(n, c, i * stride + u, j * stride + v) > x(n, c, row, column)) {
                    row = i * stride + u;
                    column = j * stride + v;
                }
        to_x(n, c, row, column) += g(n, c, i, j);
    });
    return to_x;
}

Tensor g11_mean_pool(const Tensor& x, std::size_t size, std::size_t stride)
{
    Tensor y = pooled(x, size, stride);
    for_each_place(y, [&](auto n, auto c, auto i, auto j) {
        for (std::size_t u = 0; u < size; ++u)
            for (std::size_t v = 0; v < size; ++v)
                y(n, c, i, j) += x(n, c, i * stride + u, j * stride + v) / static_cast<double>(size * size);
    });
    return y;
}

Tensor g11_mean_pool_gradient(const Tensor& g, const Tensor& x, std::size_t size, std::size_t stride)
{
    Tensor to_x(x.shape);
    for_each_place(g, [&](auto n, auto c, auto i, auto j) {
        for (std::size_t u = 0; u < size; ++u)
            for (std::size_t v = 0; v < size; ++v)
                to_x(n, c, i * stride + u, j * stride + v) += g(n, c, i, j) / static_cast<double>(size * size);
    });
    return to_x;
}

Tensor g11_square_pool(const Tensor& x, std::size_t size, std::size_t stride)
{
    Tensor y = pooled(x, size, stride);
    for_each_place(y, [&](auto n, auto c, auto i, auto j) {
        for (std::size_t u = 0; u < size; ++u)
            for (std::size_t v = 0; v < size; ++v)
                y(n, c, i, j) += std::pow(x(n, c, i * stride + u, j * stride + v), 2);
    });
    return y;
}

Tensor g11_square_pool_gradient(const Tensor& g, const Tensor& x, std::size_t size, std::size_t stride)
{
    Tensor to_x(x.shape);
    for_each_place(g, [&](auto n, auto c, auto i, auto j) {
        for (std::size_t u = 0; u < size; ++u)
            for (std::size_t v = 0; v < size; ++v)
                to_x(n, c, i * stride + u, j * stride + v) +=
                    2 * g(n, c, i, j) * x(n, c, i * stride + u, j * stride + v);
    });
    return to_x;
}

ShallowPass shallow_pass(const ShallowNetwork& network, const Tensor& x, const Tensor& y, ShallowCost cost)
{
    const std::size_t layers = network.w.size(), last = layers - 1;
    ShallowPass pass;
    std::vector<Tensor> a = {x};
    for (std::size_t l = 0; l < layers; ++l) {
        pass.z.push_back(g0(network.w[l], a[l], network.b[l]));
        a.push_back(g0_activation(pass.z[l], network.f[l]));
    }
    pass.delta.resize(layers);
    if (cost == ShallowCost::quadratic) {
        pass.cost = g0_quadratic(a.back(), y);
        pass.delta[last] = g3(a.back(), y, pass.z[last], network.slope[last]);
    } else {
        pass.cost = g0_cross_entropy(a.back(), y);
        pass.delta[last] = g4(a.back(), y);
    }
    for (std::size_t l = last; l-- > 0;)
        pass.delta[l] = g5(network.w[l + 1], pass.delta[l + 1], pass.z[l], network.slope[l]);
    for (std::size_t l = 0; l < layers; ++l) {
        pass.to_w.push_back(g1(pass.delta[l], a[l]));
        pass.to_b.push_back(g2(pass.delta[l]));
    }
    return pass;
}

} // namespace oracles
