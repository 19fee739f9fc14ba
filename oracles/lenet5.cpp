#include "lenet5.hpp"

#include <cmath>
#include <string>

namespace oracles
{

namespace
{

int extent(const Tensor& t, std::size_t axis) { return static_cast<int>(t.shape.at(axis)); }

/** Zeros with half as many rows and columns. */
Tensor halved(const Tensor& c) { return Tensor({c.shape[0], c.shape[1] / 2, c.shape[2] / 2}); }

Tensor times_derivative(const Tensor& delta, const Tensor& u, Function derivative)
{
    Tensor result = delta;
    for (std::size_t i = 0; i < u.data.size(); ++i)
        result.data[i] *= derivative(u.data[i]);
    return result;
}

Tensor sum_of_each_map(const Tensor& maps)
{
    Tensor result({maps.shape[0]});
    for (int m = 0; m < extent(maps, 0); ++m)
        for (int i = 0; i < extent(maps, 1); ++i)
            for (int j = 0; j < extent(maps, 2); ++j)
                result(m) += maps(m, i, j);
    return result;
}

/** Returns whether c_ij^(k) is the first maximum of its block of four. */
bool mask(const Tensor& c, int k, int i, int j)
{
    const int top = i / 2 * 2, left = j / 2 * 2;
    for (int row = top; row < top + 2; ++row)
        for (int column = left; column < left + 2; ++column) {
            const bool before = row < i || (row == i && column < j);
            if (c(k, row, column) > c(k, i, j) || (before && c(k, row, column) == c(k, i, j)))
                return false;
        }
    return true;
}

Tensor to_maxima(const Tensor& c, const Tensor& delta_s)
{
    Tensor delta(c.shape);
    for (int k = 0; k < extent(c, 0); ++k)
        for (int i = 0; i < extent(c, 1); ++i)
            for (int j = 0; j < extent(c, 2); ++j)
                delta(k, i, j) = mask(c, k, i, j) ? delta_s(k, i / 2, j / 2) : 0;
    return delta;
}

} // namespace

bool cbn(int k, int m)
{
    static const std::string read_by[16] = {"012",  "123",  "234",  "345",  "045",  "015",  "0123", "1234",
                                            "2345", "0345", "0145", "0125", "0134", "1245", "0235", "012345"};
    return read_by[m].find(static_cast<char>('0' + k)) != std::string::npos;
}

Tensor h_conv(const Tensor& s, const Tensor& w, const Tensor& b, Function f)
{
    Tensor c({w.shape[0], s.shape[1] - 4, s.shape[2] - 4});
    for (int m = 0; m < extent(c, 0); ++m)
        for (int i = 0; i < extent(c, 1); ++i)
            for (int j = 0; j < extent(c, 2); ++j) {
                double sum = b(m);
                for (int k = 0; k < extent(s, 0); ++k)
                    for (int u = -2; u <= 2; ++u)
                        for (int v = -2; v <= 2; ++v)
                            sum += w(m, k, u + 2, v + 2) * s(k, i + 2 + u, j + 2 + v);
                c(m, i, j) = f(sum);
            }
    return c;
}

Tensor h_sub(const Tensor& c, const Tensor& a, const Tensor& b, Function f)
{
    Tensor s = halved(c);
    for (int k = 0; k < extent(s, 0); ++k)
        for (int i = 0; i < extent(s, 1); ++i)
            for (int j = 0; j < extent(s, 2); ++j) {
                double sum = 0;
                for (int u = 0; u <= 1; ++u)
                    for (int v = 0; v <= 1; ++v)
                        sum += c(k, 2 * i + u, 2 * j + v);
                s(k, i, j) = f(a(k) * sum + b(k));
            }
    return s;
}

Tensor h_max(const Tensor& c)
{
    Tensor s = halved(c);
    for (int k = 0; k < extent(s, 0); ++k)
        for (int i = 0; i < extent(s, 1); ++i)
            for (int j = 0; j < extent(s, 2); ++j) {
                s(k, i, j) = c(k, 2 * i, 2 * j);
                for (int u = 0; u <= 1; ++u)
                    for (int v = 0; v <= 1; ++v)
                        s(k, i, j) = std::fmax(s(k, i, j), c(k, 2 * i + u, 2 * j + v));
            }
    return s;
}

Tensor h_mean(const Tensor& c)
{
    Tensor s = halved(c);
    for (int k = 0; k < extent(s, 0); ++k)
        for (int i = 0; i < extent(s, 1); ++i)
            for (int j = 0; j < extent(s, 2); ++j)
                for (int u = 0; u <= 1; ++u)
                    for (int v = 0; v <= 1; ++v)
                        s(k, i, j) += 0.25 * c(k, 2 * i + u, 2 * j + v);
    return s;
}

Tensor h_softmax(const Tensor& f7)
{
    double total = 0;
    for (const double f : f7.data)
        total += std::exp(f);
    Tensor y = f7;
    for (double& value : y.data)
        value = std::exp(value) / total;
    return y;
}

double h_j(const Tensor& z, const Tensor& y)
{
    double sum = 0;
    for (int i = 0; i < extent(z, 0); ++i)
        sum -= z(i) * std::log(y(i));
    return sum;
}

double h_j_divergence(const Tensor& z, const Tensor& y)
{
    double sum = 0;
    for (int i = 0; i < extent(z, 0); ++i)
        if (z(i) > 0)
            sum += z(i) * std::log(z(i) / y(i));
    return sum;
}

double h_j_entropy(const Tensor& z)
{
    double sum = 0;
    for (const double probability : z.data)
        if (probability > 0)
            sum += probability * std::log(1 / probability);
    return sum;
}

Tensor h_s1_y(const Tensor& z, const Tensor& y)
{
    Tensor delta(z.shape);
    for (int i = 0; i < extent(z, 0); ++i)
        delta(i) = -z(i) / y(i);
    return delta;
}

double h_s1_sigma(const Tensor& z, const Tensor& f7)
{
    double one_over_sigma = 0, sum = 0;
    for (int j = 0; j < extent(z, 0); ++j) {
        one_over_sigma += std::exp(f7(j));
        sum += z(j);
    }
    return -one_over_sigma * sum;
}

Tensor h_s2(const Tensor& z, const Tensor& y)
{
    Tensor delta(z.shape);
    for (int i = 0; i < extent(z, 0); ++i)
        delta(i) = -(z(i) - y(i));
    return delta;
}

Tensor h_f1(const Tensor& delta_f, const Tensor& u, Function derivative)
{
    return times_derivative(delta_f, u, derivative);
}

Tensor h_f2(const Tensor& delta_u, const Tensor& x)
{
    Tensor delta({delta_u.shape[0], x.shape[0]});
    for (int i = 0; i < extent(delta, 0); ++i)
        for (int j = 0; j < extent(delta, 1); ++j)
            delta(i, j) = delta_u(i) * x(j);
    return delta;
}

Tensor h_f3(const Tensor& delta_u) { return delta_u; }

Tensor h_f4(const Tensor& delta_u, const Tensor& w)
{
    Tensor delta({w.shape[1]});
    for (int j = 0; j < extent(w, 1); ++j)
        for (int i = 0; i < extent(w, 0); ++i)
            delta(j) += delta_u(i) * w(i, j);
    return delta;
}

Tensor h_c51(const Tensor& delta_c5, const Tensor& u, Function derivative)
{
    return times_derivative(delta_c5, u, derivative);
}

Tensor h_c52(const Tensor& delta_u, const Tensor& s4)
{
    Tensor delta({delta_u.shape[0], s4.shape[0], 5, 5});
    for (int l = 0; l < extent(delta, 0); ++l)
        for (int m = 0; m < extent(delta, 1); ++m)
            for (int u = -2; u <= 2; ++u)
                for (int v = -2; v <= 2; ++v)
                    delta(l, m, u + 2, v + 2) = delta_u(l, 0, 0) * s4(m, 2 + u, 2 + v);
    return delta;
}

Tensor h_c53(const Tensor& delta_u)
{
    Tensor delta({delta_u.shape[0]});
    for (int l = 0; l < extent(delta, 0); ++l)
        delta(l) = delta_u(l, 0, 0);
    return delta;
}

Tensor h_c54(const Tensor& delta_u, const Tensor& w5)
{
    Tensor delta({w5.shape[1], 5, 5});
    for (int m = 0; m < extent(delta, 0); ++m)
        for (int i = 0; i < 5; ++i)
            for (int j = 0; j < 5; ++j)
                for (int l = 0; l < extent(w5, 0); ++l)
                    delta(m, i, j) += delta_u(l, 0, 0) * w5(l, m, i, j); // (i − 2) + 2
    return delta;
}

Tensor h_s4(const Tensor& c3, const Tensor& delta_s4) { return to_maxima(c3, delta_s4); }

Tensor h_s2p(const Tensor& c1, const Tensor& delta_s2) { return to_maxima(c1, delta_s2); }

Tensor h_c32(const Tensor& delta_u, const Tensor& s2)
{
    Tensor delta({16, 6, 5, 5});
    for (int m = 0; m < 16; ++m)
        for (int k = 0; k < 6; ++k) {
            if (!cbn(k, m))
                continue;
            for (int u = -2; u <= 2; ++u)
                for (int v = -2; v <= 2; ++v)
                    for (int i = 0; i < extent(delta_u, 1); ++i)
                        for (int j = 0; j < extent(delta_u, 2); ++j)
                            delta(m, k, u + 2, v + 2) += delta_u(m, i, j) * s2(k, i + 2 + u, j + 2 + v);
        }
    return delta;
}

Tensor h_c33(const Tensor& delta_u) { return sum_of_each_map(delta_u); }

Tensor h_c34(const Tensor& delta_u, const Tensor& w3)
{
    Tensor delta({w3.shape[1], delta_u.shape[1] + 4, delta_u.shape[2] + 4});
    const auto inside = [](int i, int size) { return i >= 0 && i < size; };
    for (int k = 0; k < extent(delta, 0); ++k)
        for (int i = 0; i < extent(delta, 1); ++i)
            for (int j = 0; j < extent(delta, 2); ++j)
                for (int m = 0; m < extent(w3, 0); ++m)
                    for (int u = -2; u <= 2; ++u)
                        for (int v = -2; v <= 2; ++v) {
                            const int row = i - 2 + u, column = j - 2 + v;
                            if (inside(row, extent(delta_u, 1)) && inside(column, extent(delta_u, 2)))
                                delta(k, i, j) += delta_u(m, row, column) * w3(m, k, -u + 2, -v + 2);
                        }
    return delta;
}

Tensor h_c11(const Tensor& delta_c1, const Tensor& u, Function derivative)
{
    return times_derivative(delta_c1, u, derivative);
}

Tensor h_c12(const Tensor& delta_u, const Tensor& x)
{
    Tensor delta({delta_u.shape[0], 1, 5, 5});
    for (int k = 0; k < extent(delta, 0); ++k)
        for (int u = -2; u <= 2; ++u)
            for (int v = -2; v <= 2; ++v)
                for (int i = 0; i < extent(delta_u, 1); ++i)
                    for (int j = 0; j < extent(delta_u, 2); ++j)
                        delta(k, 0, u + 2, v + 2) += delta_u(k, i, j) * x(0, i + 2 + u, j + 2 + v);
    return delta;
}

Tensor h_c13(const Tensor& delta_u) { return sum_of_each_map(delta_u); }

Tensor h_gd(const Tensor& theta, const Tensor& gradient, double alpha)
{
    Tensor result = theta;
    for (std::size_t j = 0; j < theta.data.size(); ++j)
        result.data[j] -= alpha * gradient.data[j];
    return result;
}

} // namespace oracles
