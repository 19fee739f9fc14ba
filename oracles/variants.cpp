#include "variants.hpp"

#include <cmath>
#include <complex>
#include <numbers>
#include <set>

namespace oracles
{

namespace
{

/** Calls f(n, i, j, k, l, m, q) for each image, output channel and place, input channel and tap. */
template <class F>
void for_each_term(const Tensor& z, std::size_t channels, std::size_t height, std::size_t width, F f)
{
    for (std::size_t n = 0; n < z.shape[0]; ++n)
        for (std::size_t i = 0; i < z.shape[1]; ++i)
            for (std::size_t j = 0; j < z.shape[2]; ++j)
                for (std::size_t k = 0; k < z.shape[3]; ++k)
                    for (std::size_t l = 0; l < channels; ++l)
                        for (std::size_t m = 0; m < height; ++m)
                            for (std::size_t q = 0; q < width; ++q)
                                f(n, i, j, k, l, m, q);
}

/** Calls f(i, j, m, n) for each pair of places of two matrices. */
template <class F>
void for_each_pair(const Tensor& a, const Tensor& b, F f)
{
    for (std::size_t i = 0; i < a.shape[0]; ++i)
        for (std::size_t j = 0; j < a.shape[1]; ++j)
            for (std::size_t m = 0; m < b.shape[0]; ++m)
                for (std::size_t n = 0; n < b.shape[1]; ++n)
                    f(i, j, m, n);
}

/** A Pass of zeros: y has the shape of g, the gradients have those of the operands. */
Pass empty_pass(const Tensor& g, const std::vector<Tensor>& operands)
{
    Pass pass{Tensor(g.shape), {}};
    for (const Tensor& operand : operands)
        pass.gradients.emplace_back(operand.shape);
    return pass;
}

} // namespace

Pass n1_vector(const Tensor& x, const Tensor& w, const Tensor& g)
{
    Pass pass = empty_pass(g, {x, w});
    for (std::size_t t = 0; t < g.shape[0]; ++t)
        for (std::size_t a = 0; a < x.shape[0]; ++a)
            if (t >= a && t - a < w.shape[0]) {
                pass.y(t) += x(a) * w(t - a);
                pass.gradients[0](a) += g(t) * w(t - a);
                pass.gradients[1](t - a) += g(t) * x(a);
            }
    return pass;
}

Pass n1(const Tensor& image, const Tensor& kernel, const Tensor& g)
{
    Pass pass = empty_pass(g, {image, kernel});
    for_each_pair(g, image, [&](auto i, auto j, auto m, auto n) {
        if (i < m || j < n || i - m >= kernel.shape[0] || j - n >= kernel.shape[1])
            return;
        pass.y(i, j) += image(m, n) * kernel(i - m, j - n);
        pass.gradients[0](m, n) += g(i, j) * kernel(i - m, j - n);
        pass.gradients[1](i - m, j - n) += g(i, j) * image(m, n);
    });
    return pass;
}

Pass n2(const Tensor& image, const Tensor& kernel, const Tensor& g)
{
    Pass pass = empty_pass(g, {image, kernel});
    for_each_pair(g, kernel, [&](auto i, auto j, auto m, auto n) {
        pass.y(i, j) += image(i + m, j + n) * kernel(m, n);
        pass.gradients[0](i + m, j + n) += g(i, j) * kernel(m, n);
        pass.gradients[1](m, n) += g(i, j) * image(i + m, j + n);
    });
    return pass;
}

Pass n3(const Tensor& w, const Tensor& g)
{
    const std::size_t length = g.shape[0];
    Pass pass = empty_pass(g, {w});
    for (std::size_t i = 0; i < length; ++i)
        for (std::size_t c = 0; c < length; ++c) {
            const std::size_t turned = (i + length - c) % length;
            if (turned >= w.shape[0])
                continue;
            pass.y(i, c) = w(turned);
            pass.gradients[0](turned) += g(i, c);
        }
    return pass;
}

Pass n3_product(const Tensor& x, const Tensor& w, const Tensor& g)
{
    const std::size_t length = g.shape[0];
    Pass pass = empty_pass(g, {x, w});
    for (std::size_t i = 0; i < length; ++i)
        for (std::size_t c = 0; c < x.shape[0]; ++c) {
            const std::size_t turned = (i + length - c) % length;
            if (turned >= w.shape[0])
                continue;
            pass.y(i) += w(turned) * x(c);
            pass.gradients[0](c) += w(turned) * g(i);
            pass.gradients[1](turned) += g(i) * x(c);
        }
    return pass;
}

Pass n4(const Tensor& k, std::size_t rows, std::size_t columns, const Tensor& g)
{
    Pass pass = empty_pass(g, {k});
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t c = 0; c < rows; ++c)
            for (std::size_t i = 0; i < columns; ++i)
                for (std::size_t j = 0; j < columns; ++j) {
                    const std::size_t block = (r + rows - c) % rows, turned = (i + columns - j) % columns;
                    if (block >= k.shape[0] || turned >= k.shape[1])
                        continue;
                    pass.y(r * columns + i, c * columns + j) = k(block, turned);
                    pass.gradients[0](block, turned) += g(r * columns + i, c * columns + j);
                }
    return pass;
}

Pass n4_product(const Tensor& x, const Tensor& k, const Tensor& g)
{
    const std::size_t rows = g.shape[0], columns = g.shape[1];
    Pass pass = empty_pass(g, {x, k});
    for_each_pair(g, x, [&](auto r, auto i, auto c, auto j) {
        const std::size_t block = (r + rows - c) % rows, turned = (i + columns - j) % columns;
        if (block >= k.shape[0] || turned >= k.shape[1])
            return;
        pass.y(r, i) += k(block, turned) * x(c, j);
        pass.gradients[0](c, j) += k(block, turned) * g(r, i);
        pass.gradients[1](block, turned) += g(r, i) * x(c, j);
    });
    return pass;
}

Pass n5(const Tensor& v, const Tensor& k, const Tensor& g)
{
    Pass pass = empty_pass(g, {v, k});
    for_each_term(g, k.shape[1], k.shape[2], k.shape[3], [&](auto n, auto i, auto j, auto p, auto l, auto m, auto q) {
        pass.y(n, i, j, p) += v(n, l, j + m, p + q) * k(i, l, m, q);
        pass.gradients[0](n, l, j + m, p + q) += g(n, i, j, p) * k(i, l, m, q);
        pass.gradients[1](i, l, m, q) += g(n, i, j, p) * v(n, l, j + m, p + q);
    });
    return pass;
}

Tensor n6(const Tensor& v, const Tensor& k, std::size_t s1, std::size_t s2)
{
    Tensor z({v.shape[0], k.shape[0], (v.shape[2] - k.shape[2]) / s1 + 1, (v.shape[3] - k.shape[3]) / s2 + 1});
    for_each_term(z, k.shape[1], k.shape[2], k.shape[3], [&](auto n, auto i, auto j, auto p, auto l, auto m, auto q) {
        z(n, i, j, p) += v(n, l, j * s1 + m, p * s2 + q) * k(i, l, m, q);
    });
    return z;
}

std::size_t n7(std::size_t width, std::size_t k, const std::string& padding)
{
    return padding == "valid" ? width - (k - 1) : padding == "same" ? width : width + (k - 1);
}

Pass n8(const Tensor& v, const Tensor& w, const Tensor& b, const Tensor& g)
{
    Pass pass = empty_pass(g, {v, w, b});
    for_each_term(g, w.shape[3], w.shape[4], w.shape[5], [&](auto n, auto i, auto j, auto k, auto l, auto m, auto q) {
        pass.y(n, i, j, k) += v(n, l, j + m, k + q) * w(j, k, i, l, m, q);
        pass.gradients[0](n, l, j + m, k + q) += g(n, i, j, k) * w(j, k, i, l, m, q);
        pass.gradients[1](j, k, i, l, m, q) += g(n, i, j, k) * v(n, l, j + m, k + q);
    });
    for_each_term(g, 1, 1, 1, [&](auto n, auto i, auto j, auto k, auto...) {
        pass.y(n, i, j, k) += b(i, j, k);
        pass.gradients[2](i, j, k) += g(n, i, j, k);
    });
    return pass;
}

Pass n9(const Tensor& v, const Tensor& w, const Tensor& b, const Tensor& g)
{
    const std::size_t t1 = w.shape[0], t2 = w.shape[1];
    Pass pass = empty_pass(g, {v, w, b});
    for_each_term(g, w.shape[3], w.shape[4], w.shape[5], [&](auto n, auto i, auto j, auto k, auto l, auto m, auto q) {
        pass.y(n, i, j, k) += v(n, l, j + m, k + q) * w(j % t1, k % t2, i, l, m, q);
        pass.gradients[0](n, l, j + m, k + q) += g(n, i, j, k) * w(j % t1, k % t2, i, l, m, q);
        pass.gradients[1](j % t1, k % t2, i, l, m, q) += g(n, i, j, k) * v(n, l, j + m, k + q);
    });
    for_each_term(g, 1, 1, 1, [&](auto n, auto i, auto j, auto k, auto...) {
        pass.y(n, i, j, k) += b(i, j % t1, k % t2);
        pass.gradients[2](i, j % t1, k % t2) += g(n, i, j, k);
    });
    return pass;
}

Pass n10(const Tensor& v, const Tensor& k, std::size_t groups, const Tensor& g)
{
    const std::size_t outputs = k.shape[0] / groups, inputs = k.shape[1];
    Pass pass = empty_pass(g, {v, k});
    for_each_term(g, inputs, k.shape[2], k.shape[3], [&](auto n, auto i, auto j, auto p, auto l, auto m, auto q) {
        const std::size_t channel = i / outputs * inputs + l;
        pass.y(n, i, j, p) += v(n, channel, j + m, p + q) * k(i, l, m, q);
        pass.gradients[0](n, channel, j + m, p + q) += g(n, i, j, p) * k(i, l, m, q);
        pass.gradients[1](i, l, m, q) += g(n, i, j, p) * v(n, channel, j + m, p + q);
    });
    return pass;
}

std::size_t n11(std::size_t k, std::size_t small) { return (k - 1) / (small - 1); }

double n11_share(std::size_t k, std::size_t small)
{
    const double layers = static_cast<double>(k - 1) / static_cast<double>(small - 1);
    return layers * static_cast<double>(small * small) / static_cast<double>(k * k);
}

Pass n18(const Tensor& image, const Tensor& kernel, std::size_t holes, const Tensor& g)
{
    const std::size_t d = holes + 1;
    Pass pass = empty_pass(g, {image, kernel});
    for_each_pair(g, kernel, [&](auto i, auto j, auto m, auto n) {
        pass.y(i, j) += image(i + m * d, j + n * d) * kernel(m, n);
        pass.gradients[0](i + m * d, j + n * d) += g(i, j) * kernel(m, n);
        pass.gradients[1](m, n) += g(i, j) * image(i + m * d, j + n * d);
    });
    return pass;
}

std::size_t n18_extent(std::size_t k, std::size_t holes) { return (holes + 1) * (k - 1) + 1; }

std::size_t n18_seen(std::size_t k, const std::vector<std::size_t>& distances)
{
    std::set<std::size_t> seen{0};
    for (const std::size_t distance : distances) {
        std::set<std::size_t> wider;
        for (const std::size_t place : seen)
            for (std::size_t m = 0; m < k; ++m)
                wider.insert(place + m * distance);
        seen = wider;
    }
    return seen.size();
}

Tensor n20(const Tensor& g, const Tensor& v, std::size_t s1, std::size_t s2, std::size_t height, std::size_t width)
{
    Tensor result({g.shape[1], v.shape[1], height, width});
    for_each_term(result, g.shape[0], g.shape[2], g.shape[3],
                  [&](auto i, auto l, auto j, auto k, auto image, auto m, auto n) {
                      result(i, l, j, k) += g(image, i, m, n) * v(image, l, m * s1 + j, n * s2 + k);
                  });
    return result;
}

Tensor n21(const Tensor& k, const Tensor& g, std::size_t s1, std::size_t s2, std::size_t height, std::size_t width)
{
    Tensor result({g.shape[0], k.shape[1], height, width});
    for_each_term(result, k.shape[0], g.shape[2], g.shape[3],
                  [&](auto image, auto l, auto j, auto p, auto q, auto m, auto n) {
                      for (std::size_t u = 0; u < k.shape[2]; ++u)
                          for (std::size_t w = 0; w < k.shape[3]; ++w)
                              if (m * s1 + u == j && n * s2 + w == p)
                                  result(image, l, j, p) += g(image, q, m, n) * k(q, l, u, w);
                  });
    return result;
}

Pass n24(const Tensor& x, const Tensor& k, const Tensor& g)
{
    using Complex = std::complex<double>;
    const std::size_t rows = g.shape[0], columns = g.shape[1];
    const auto wave = [&](double sign, std::size_t i, std::size_t j, std::size_t m, std::size_t n) {
        return std::polar(1.0, sign * 2 * std::numbers::pi *
                                   (static_cast<double>(i * m) / static_cast<double>(rows) +
                                    static_cast<double>(j * n) / static_cast<double>(columns)));
    };
    const auto transform = [&](const Tensor& a) {
        std::vector<Complex> result(rows * columns);
        for_each_pair(
            g, a, [&](auto i, auto j, auto m, auto n) { result[i * columns + j] += a(m, n) * wave(-1, i, j, m, n); });
        return result;
    };
    const auto back = [&](const std::vector<Complex>& a, const std::vector<Complex>& b, Tensor& result) {
        for_each_pair(result, g, [&](auto i, auto j, auto m, auto n) {
            const std::size_t place = m * columns + n;
            result(i, j) += (a[place] * b[place] * wave(1, i, j, m, n)).real() / static_cast<double>(rows * columns);
        });
    };
    const auto conjugate = [](std::vector<Complex> a) {
        for (Complex& each : a)
            each = std::conj(each);
        return a;
    };
    Pass pass = empty_pass(g, {x, k});
    back(transform(x), transform(k), pass.y);
    back(transform(g), conjugate(transform(k)), pass.gradients[0]);
    back(transform(g), conjugate(transform(x)), pass.gradients[1]);
    return pass;
}

Pass n25(const Tensor& x, const Tensor& k1, const Tensor& k2, const Tensor& g)
{
    const std::size_t columns = g.shape[1];
    Tensor rows({x.shape[0], columns}), to_rows({x.shape[0], columns});
    for (std::size_t i = 0; i < x.shape[0]; ++i)
        for (std::size_t j = 0; j < columns; ++j)
            for (std::size_t n = 0; n < k2.shape[0]; ++n)
                rows(i, j) += x(i, j + n) * k2(n);
    Pass pass = empty_pass(g, {x, k1, k2});
    for (std::size_t i = 0; i < g.shape[0]; ++i)
        for (std::size_t j = 0; j < columns; ++j)
            for (std::size_t m = 0; m < k1.shape[0]; ++m) {
                pass.y(i, j) += rows(i + m, j) * k1(m);
                to_rows(i + m, j) += g(i, j) * k1(m);
                pass.gradients[1](m) += g(i, j) * rows(i + m, j);
            }
    for (std::size_t i = 0; i < x.shape[0]; ++i)
        for (std::size_t j = 0; j < columns; ++j)
            for (std::size_t n = 0; n < k2.shape[0]; ++n) {
                pass.gradients[0](i, j + n) += to_rows(i, j) * k2(n);
                pass.gradients[2](n) += to_rows(i, j) * x(i, j + n);
            }
    return pass;
}

} // namespace oracles
