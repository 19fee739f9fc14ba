// Learned combinations of maps: B14c to B21.

#include "bouvrie.hpp"

#include <cmath>

namespace oracles
{

namespace
{

/** (x_i * k_i)_{uv}, valid. */
double convolved(const Tensor& x, const Tensor& k, std::size_t i, std::size_t u, std::size_t v)
{
    const std::size_t height = k.shape[1], width = k.shape[2];
    double total = 0;
    for (std::size_t a = 0; a < height; ++a)
        for (std::size_t b = 0; b < width; ++b)
            total += x(i, u + height - 1 - a, v + width - 1 - b) * k(i, a, b);
    return total;
}

double sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }

} // namespace

Tensor b14c_alpha(const Tensor& c)
{
    Tensor alpha(c.shape);
    for (std::size_t j = 0; j < c.shape[1]; ++j) {
        double total = 0;
        for (std::size_t k = 0; k < c.shape[0]; ++k)
            total += std::exp(c(k, j));
        for (std::size_t i = 0; i < c.shape[0]; ++i)
            alpha(i, j) = std::exp(c(i, j)) / total;
    }
    return alpha;
}

Tensor b14c(const Tensor& x, const Tensor& k, const Tensor& alpha, const Tensor& b, Function f)
{
    Tensor y({alpha.shape[1], x.shape[1] - k.shape[1] + 1, x.shape[2] - k.shape[2] + 1});
    for (std::size_t j = 0; j < y.shape[0]; ++j)
        for (std::size_t r = 0; r < y.shape[1]; ++r)
            for (std::size_t c = 0; c < y.shape[2]; ++c) {
                double u = b(j);
                for (std::size_t i = 0; i < x.shape[0]; ++i)
                    u += alpha(i, j) * convolved(x, k, i, r, c);
                y(j, r, c) = f(u);
            }
    return y;
}

Tensor b15(const Tensor& alpha)
{
    const std::size_t inputs = alpha.shape[0];
    Tensor derivative({inputs, inputs});
    for (std::size_t k = 0; k < inputs; ++k)
        for (std::size_t i = 0; i < inputs; ++i)
            derivative(k, i) = (k == i ? alpha(i) : 0) - alpha(i) * alpha(k);
    return derivative;
}

Tensor b15a(const Tensor& delta, const Tensor& x, const Tensor& k)
{
    Tensor to_alpha({x.shape[0], delta.shape[0]});
    for (std::size_t i = 0; i < x.shape[0]; ++i)
        for (std::size_t j = 0; j < delta.shape[0]; ++j)
            for (std::size_t u = 0; u < delta.shape[1]; ++u)
                for (std::size_t v = 0; v < delta.shape[2]; ++v)
                    to_alpha(i, j) += delta(j, u, v) * convolved(x, k, i, u, v);
    return to_alpha;
}

Tensor b16(const Tensor& to_alpha, const Tensor& alpha)
{
    Tensor to_c(alpha.shape);
    for (std::size_t j = 0; j < alpha.shape[1]; ++j)
        for (std::size_t i = 0; i < alpha.shape[0]; ++i)
            for (std::size_t k = 0; k < alpha.shape[0]; ++k)
                to_c(i, j) += to_alpha(k, j) * ((k == i ? alpha(i, j) : 0) - alpha(i, j) * alpha(k, j));
    return to_c;
}

Tensor b17(const Tensor& to_alpha, const Tensor& alpha)
{
    Tensor to_c(alpha.shape);
    for (std::size_t j = 0; j < alpha.shape[1]; ++j) {
        double mixed = 0;
        for (std::size_t k = 0; k < alpha.shape[0]; ++k)
            mixed += to_alpha(k, j) * alpha(k, j);
        for (std::size_t i = 0; i < alpha.shape[0]; ++i)
            to_c(i, j) = alpha(i, j) * (to_alpha(i, j) - mixed);
    }
    return to_c;
}

double b18(double error, double lambda, const Tensor& alpha)
{
    double total = 0;
    for (const double weight : alpha.data)
        total += std::abs(weight);
    return error + lambda * total;
}

Tensor b19(double lambda, const Tensor& alpha)
{
    Tensor to_alpha(alpha.shape);
    for (std::size_t i = 0; i < alpha.data.size(); ++i)
        to_alpha.data[i] = lambda * sign(alpha.data[i]);
    return to_alpha;
}

Tensor b20(double lambda, const Tensor& alpha)
{
    Tensor to_c(alpha.shape);
    for (std::size_t j = 0; j < alpha.shape[1]; ++j)
        for (std::size_t i = 0; i < alpha.shape[0]; ++i)
            for (std::size_t k = 0; k < alpha.shape[0]; ++k)
                to_c(i, j) += lambda * sign(alpha(k, j)) * ((k == i ? alpha(i, j) : 0) - alpha(i, j) * alpha(k, j));
    return to_c;
}

Tensor b21(double lambda, const Tensor& alpha)
{
    Tensor to_c(alpha.shape);
    for (std::size_t j = 0; j < alpha.shape[1]; ++j) {
        double total = 0;
        for (std::size_t k = 0; k < alpha.shape[0]; ++k)
            total += std::abs(alpha(k, j));
        for (std::size_t i = 0; i < alpha.shape[0]; ++i)
            to_c(i, j) = lambda * (std::abs(alpha(i, j)) - alpha(i, j) * total);
    }
    return to_c;
}

} // namespace oracles
