#include "bouvrie.hpp"

#include <cmath>

namespace oracles
{

namespace
{

/** The map j of (maps, rows, columns). */
Tensor map_of(const Tensor& maps, std::size_t j)
{
    Tensor map({maps.shape[1], maps.shape[2]});
    for (std::size_t r = 0; r < map.shape[0]; ++r)
        for (std::size_t c = 0; c < map.shape[1]; ++c)
            map(r, c) = maps(j, r, c);
    return map;
}

Tensor rot180(const Tensor& x)
{
    const std::size_t rows = x.shape[0], columns = x.shape[1];
    Tensor y({rows, columns});
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t c = 0; c < columns; ++c)
            y(r, c) = x(rows - 1 - r, columns - 1 - c);
    return y;
}

/** conv2(x, k, 'full'): each element of x adds itself times the kernel. */
Tensor conv2_full(const Tensor& x, const Tensor& k)
{
    Tensor y({x.shape[0] + k.shape[0] - 1, x.shape[1] + k.shape[1] - 1});
    for (std::size_t r = 0; r < x.shape[0]; ++r)
        for (std::size_t c = 0; c < x.shape[1]; ++c)
            for (std::size_t a = 0; a < k.shape[0]; ++a)
                for (std::size_t b = 0; b < k.shape[1]; ++b)
                    y(r + a, c + b) += x(r, c) * k(a, b);
    return y;
}

/** conv2(x, k, 'valid'): where the turned kernel lies inside x. */
Tensor conv2_valid(const Tensor& x, const Tensor& k)
{
    const std::size_t height = k.shape[0], width = k.shape[1];
    Tensor y({x.shape[0] - height + 1, x.shape[1] - width + 1});
    for (std::size_t r = 0; r < y.shape[0]; ++r)
        for (std::size_t c = 0; c < y.shape[1]; ++c)
            for (std::size_t a = 0; a < height; ++a)
                for (std::size_t b = 0; b < width; ++b)
                    y(r, c) += x(r + height - 1 - a, c + width - 1 - b) * k(a, b);
    return y;
}

/** Σ_{u,v} of each map. */
Tensor sums_of_maps(const Tensor& maps)
{
    Tensor sums({maps.shape[0]});
    for (std::size_t j = 0; j < maps.shape[0]; ++j)
        for (std::size_t r = 0; r < maps.shape[1]; ++r)
            for (std::size_t c = 0; c < maps.shape[2]; ++c)
                sums(j) += maps(j, r, c);
    return sums;
}

} // namespace

double b3_logistic(double u, double beta) { return 1 / (1 + std::exp(-beta * u)); }

double b3_logistic_slope(double u, double beta)
{
    const double e = std::exp(-beta * u);
    return beta * e / ((1 + e) * (1 + e));
}

double b3_tanh(double u, double a, double b) { return a * std::tanh(b * u); }

double b3_tanh_slope(double u, double a, double b)
{
    const double cosh = std::cosh(b * u);
    return a * b / (cosh * cosh);
}

constinit const BouvrieActivation bouvrie_logistic{[](double u) { return b3_logistic(u, 1); },
                                                   [](double u) { return b3_logistic_slope(u, 1); }};
constinit const BouvrieActivation bouvrie_tanh{[](double u) { return b3_tanh(u, 1.7159, 2.0 / 3); },
                                               [](double u) { return b3_tanh_slope(u, 1.7159, 2.0 / 3); }};

Tensor b1_targets(const std::vector<std::size_t>& labels, std::size_t classes, double negative)
{
    Tensor t({labels.size(), classes}, negative);
    for (std::size_t n = 0; n < labels.size(); ++n)
        t(n, labels[n]) = 1;
    return t;
}

double b1(const Tensor& t, const Tensor& y)
{
    double error = 0;
    for (std::size_t n = 0; n < t.shape[0]; ++n)
        for (std::size_t k = 0; k < t.shape[1]; ++k)
            error += (t(n, k) - y(n, k)) * (t(n, k) - y(n, k));
    return error / 2;
}

double b2(const Tensor& t, const Tensor& y)
{
    double error = 0;
    for (std::size_t k = 0; k < t.shape[0]; ++k)
        error += (t(k) - y(k)) * (t(k) - y(k));
    return error / 2;
}

Tensor b3(const Tensor& w, const Tensor& x, const Tensor& b, Function f)
{
    Tensor y({w.shape[0]});
    for (std::size_t i = 0; i < w.shape[0]; ++i) {
        double u = b(i);
        for (std::size_t j = 0; j < w.shape[1]; ++j)
            u += w(i, j) * x(j);
        y(i) = f(u);
    }
    return y;
}

Tensor b4(const Tensor& delta) { return delta; }

Tensor b5(const Tensor& next_w, const Tensor& next_delta, const Tensor& u, Function slope)
{
    Tensor delta({u.shape[0]});
    for (std::size_t j = 0; j < u.shape[0]; ++j) {
        for (std::size_t i = 0; i < next_w.shape[0]; ++i)
            delta(j) += next_w(i, j) * next_delta(i);
        delta(j) *= slope(u(j));
    }
    return delta;
}

Tensor b6(const Tensor& u, const Tensor& y, const Tensor& t, Function slope)
{
    Tensor delta({u.shape[0]});
    for (std::size_t k = 0; k < u.shape[0]; ++k)
        delta(k) = slope(u(k)) * (y(k) - t(k));
    return delta;
}

Tensor b7(const Tensor& delta, const Tensor& x)
{
    Tensor gradient({delta.shape[0], x.shape[0]});
    for (std::size_t i = 0; i < delta.shape[0]; ++i)
        for (std::size_t j = 0; j < x.shape[0]; ++j)
            gradient(i, j) = delta(i) * x(j);
    return gradient;
}

Tensor b8(const Tensor& rates, const Tensor& gradient)
{
    Tensor change(gradient.shape);
    for (std::size_t i = 0; i < gradient.data.size(); ++i)
        change.data[i] = -rates.data[i] * gradient.data[i];
    return change;
}

Tensor b9(const Tensor& x, const Tensor& k, const Tensor& b, const Tensor& m, Function f)
{
    const std::size_t height = k.shape[2], width = k.shape[3];
    Tensor y({k.shape[0], x.shape[1] - height + 1, x.shape[2] - width + 1});
    for (std::size_t j = 0; j < y.shape[0]; ++j)
        for (std::size_t r = 0; r < y.shape[1]; ++r)
            for (std::size_t c = 0; c < y.shape[2]; ++c) {
                double u = b(j);
                for (std::size_t i = 0; i < x.shape[0]; ++i)
                    for (std::size_t a = 0; a < height && m(j, i) != 0; ++a)
                        for (std::size_t e = 0; e < width; ++e)
                            u += x(i, r + height - 1 - a, c + width - 1 - e) * k(j, i, a, e);
                y(j, r, c) = f(u);
            }
    return y;
}

Tensor b10(const Tensor& next_beta, const Tensor& next_delta, const Tensor& u, std::size_t n, Function slope)
{
    Tensor delta(u.shape);
    for (std::size_t j = 0; j < u.shape[0]; ++j)
        for (std::size_t r = 0; r < u.shape[1]; ++r)
            for (std::size_t c = 0; c < u.shape[2]; ++c)
                delta(j, r, c) = next_beta(j) * slope(u(j, r, c)) * next_delta(j, r / n, c / n);
    return delta;
}

Tensor b10u(const Tensor& x, std::size_t n)
{
    Tensor y({x.shape[0], x.shape[1] * n, x.shape[2] * n});
    for (std::size_t j = 0; j < x.shape[0]; ++j)
        for (std::size_t r = 0; r < x.shape[1]; ++r)
            for (std::size_t c = 0; c < x.shape[2]; ++c)
                for (std::size_t a = 0; a < n; ++a)
                    for (std::size_t b = 0; b < n; ++b)
                        y(j, r * n + a, c * n + b) = x(j, r, c);
    return y;
}

Tensor b11(const Tensor& delta) { return sums_of_maps(delta); }

Tensor b12(const Tensor& delta, const Tensor& x)
{
    const std::size_t height = x.shape[1] - delta.shape[1] + 1, width = x.shape[2] - delta.shape[2] + 1;
    Tensor gradient({delta.shape[0], x.shape[0], height, width});
    for (std::size_t j = 0; j < delta.shape[0]; ++j)
        for (std::size_t i = 0; i < x.shape[0]; ++i)
            for (std::size_t u = 0; u < delta.shape[1]; ++u)
                for (std::size_t v = 0; v < delta.shape[2]; ++v)
                    for (std::size_t a = 0; a < height; ++a)
                        for (std::size_t b = 0; b < width; ++b) // p(a, b), the patch turned like the kernel
                            gradient(j, i, a, b) += delta(j, u, v) * x(i, u + height - 1 - a, v + width - 1 - b);
    return gradient;
}

Tensor b13(const Tensor& delta, const Tensor& x)
{
    const std::size_t height = x.shape[1] - delta.shape[1] + 1, width = x.shape[2] - delta.shape[2] + 1;
    Tensor gradient({delta.shape[0], x.shape[0], height, width});
    for (std::size_t j = 0; j < delta.shape[0]; ++j)
        for (std::size_t i = 0; i < x.shape[0]; ++i) {
            const Tensor k = rot180(conv2_valid(map_of(x, i), rot180(map_of(delta, j))));
            for (std::size_t a = 0; a < height; ++a)
                for (std::size_t b = 0; b < width; ++b)
                    gradient(j, i, a, b) = k(a, b);
        }
    return gradient;
}

Tensor b14_down(const Tensor& x, std::size_t n)
{
    Tensor y({x.shape[0], x.shape[1] / n, x.shape[2] / n});
    for (std::size_t j = 0; j < x.shape[0]; ++j)
        for (std::size_t r = 0; r < x.shape[1]; ++r)
            for (std::size_t c = 0; c < x.shape[2]; ++c)
                y(j, r / n, c / n) += x(j, r, c);
    return y;
}

Tensor b14(const Tensor& x, const Tensor& beta, const Tensor& b, std::size_t n, Function f)
{
    Tensor y = b14_down(x, n);
    for (std::size_t j = 0; j < y.shape[0]; ++j)
        for (std::size_t r = 0; r < y.shape[1]; ++r)
            for (std::size_t c = 0; c < y.shape[2]; ++c)
                y(j, r, c) = f(beta(j) * y(j, r, c) + b(j));
    return y;
}

Tensor b14b_bias(const Tensor& delta) { return sums_of_maps(delta); }

Tensor b14b_beta(const Tensor& delta, const Tensor& x, std::size_t n)
{
    const Tensor d = b14_down(x, n);
    Tensor gradient({delta.shape[0]});
    for (std::size_t j = 0; j < delta.shape[0]; ++j)
        for (std::size_t u = 0; u < delta.shape[1]; ++u)
            for (std::size_t v = 0; v < delta.shape[2]; ++v)
                gradient(j) += delta(j, u, v) * d(j, u, v);
    return gradient;
}

Tensor b14d(const Tensor& next_delta, const Tensor& next_k, const Tensor& u, Function slope)
{
    Tensor delta(u.shape);
    for (std::size_t j = 0; j < u.shape[0]; ++j) {
        for (std::size_t m = 0; m < next_delta.shape[0]; ++m) {
            Tensor k({next_k.shape[2], next_k.shape[3]});
            for (std::size_t a = 0; a < k.shape[0]; ++a)
                for (std::size_t b = 0; b < k.shape[1]; ++b)
                    k(a, b) = next_k(m, j, a, b);
            const Tensor full = conv2_full(map_of(next_delta, m), rot180(k));
            for (std::size_t r = 0; r < u.shape[1]; ++r)
                for (std::size_t c = 0; c < u.shape[2]; ++c)
                    delta(j, r, c) += full(r, c);
        }
        for (std::size_t r = 0; r < u.shape[1]; ++r)
            for (std::size_t c = 0; c < u.shape[2]; ++c)
                delta(j, r, c) *= slope(u(j, r, c));
    }
    return delta;
}

double b22(const std::function<double(double)>& error, double w, double epsilon)
{
    return (error(w + epsilon) - error(w - epsilon)) / (2 * epsilon);
}

Tensor b23(double eta, double mu, const Tensor& curvature, const Tensor& gradient)
{
    Tensor change(gradient.shape);
    for (std::size_t i = 0; i < gradient.data.size(); ++i)
        change.data[i] = -eta / (mu + curvature.data[i]) * gradient.data[i];
    return change;
}

Tensor b24(const std::vector<Tensor>& gradients)
{
    Tensor mean(gradients.front().shape);
    for (const Tensor& gradient : gradients)
        for (std::size_t i = 0; i < mean.data.size(); ++i)
            mean.data[i] += gradient.data[i] / static_cast<double>(gradients.size());
    return mean;
}

Tensor b24_cross_entropy(const Tensor& y, const Tensor& t)
{
    Tensor delta(y.shape);
    for (std::size_t k = 0; k < y.data.size(); ++k)
        delta.data[k] = y.data[k] - t.data[k];
    return delta;
}

} // namespace oracles
