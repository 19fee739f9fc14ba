#include "variants_layers.hpp"

#include <algorithm>
#include <cmath>

namespace oracles
{

namespace
{

/** The way in which kernels slide. */
struct Sliding
{
    std::size_t distance = 1, groups = 1;
};

/** Calls f(z, x, k), with flat positions in the arrays, for each product x·k in z = x ⋆ k. */
template <class F>
void for_each_product(const Tensor& x, const Tensor& k, const Sliding& how, F f)
{
    const std::size_t rows = x.shape[2], columns = x.shape[3], outputs = k.shape[0], inputs = k.shape[1];
    const std::size_t above = how.distance * (k.shape[2] - 1) / 2, left = how.distance * (k.shape[3] - 1) / 2;
    for (std::size_t n = 0; n < x.shape[0]; ++n)
        for (std::size_t o = 0; o < outputs; ++o)
            for (std::size_t i = 0; i < rows; ++i)
                for (std::size_t j = 0; j < columns; ++j)
                    for (std::size_t l = 0; l < inputs; ++l)
                        for (std::size_t u = 0; u < k.shape[2]; ++u)
                            for (std::size_t v = 0; v < k.shape[3]; ++v) {
                                const std::size_t a = i + u * how.distance, b = j + v * how.distance;
                                if (a < above || b < left || a - above >= rows || b - left >= columns)
                                    continue;
                                const std::size_t channel = o / (outputs / how.groups) * inputs + l;
                                f(((n * outputs + o) * rows + i) * columns + j,
                                  ((n * x.shape[1] + channel) * rows + a - above) * columns + b - left,
                                  ((o * inputs + l) * k.shape[2] + u) * k.shape[3] + v);
                            }
}

/** z = x ⋆ k. */
Tensor slide(const Tensor& x, const Tensor& k, const Sliding& how = {})
{
    Tensor z({x.shape[0], k.shape[0], x.shape[2], x.shape[3]});
    for_each_product(x, k, how, [&](auto to, auto from, auto tap) { z.data[to] += x.data[from] * k.data[tap]; });
    return z;
}

/** The gradient to x; the kernels' gradient is added to `to_k`. */
Tensor slide_back(const Tensor& x, const Tensor& k, const Tensor& g, Tensor& to_k, const Sliding& how = {})
{
    Tensor to_x(x.shape);
    for_each_product(x, k, how, [&](auto to, auto from, auto tap) {
        to_x.data[from] += g.data[to] * k.data[tap];
        to_k.data[tap] += g.data[to] * x.data[from];
    });
    return to_x;
}

std::size_t channel_of(const Tensor& x, std::size_t position)
{
    return position / (x.shape[2] * x.shape[3]) % x.shape[1];
}

Tensor plus_bias(Tensor z, const Tensor& b)
{
    for (std::size_t i = 0; i < z.data.size(); ++i)
        z.data[i] += b.data[channel_of(z, i)];
    return z;
}

void bias_back(const Tensor& g, Tensor& to_b)
{
    for (std::size_t i = 0; i < g.data.size(); ++i)
        to_b.data[channel_of(g, i)] += g.data[i];
}

Tensor rectified(Tensor u)
{
    for (double& each : u.data)
        each = std::max(each, 0.0);
    return u;
}

/** g where u is positive. */
Tensor rectified_back(Tensor g, const Tensor& u)
{
    for (std::size_t i = 0; i < g.data.size(); ++i)
        g.data[i] *= u.data[i] > 0;
    return g;
}

Pass empty_pass(const Tensor& g, const Tensor& x, const std::vector<Tensor>& weights)
{
    Pass pass{Tensor(g.shape), {Tensor(x.shape)}};
    for (const Tensor& each : weights)
        pass.gradients.emplace_back(each.shape);
    return pass;
}

/** Convolutions one after the other, with or without ReLU between them. */
Pass chain(const Tensor& x, const std::vector<Tensor>& weights, const std::vector<Sliding>& how, bool relu,
           const Tensor& g)
{
    Pass pass = empty_pass(g, x, weights);
    std::vector<Tensor> inputs{x}, sums;
    for (std::size_t l = 0; l < how.size(); ++l) {
        sums.push_back(plus_bias(slide(inputs[l], weights[2 * l], how[l]), weights[2 * l + 1]));
        inputs.push_back(relu ? rectified(sums[l]) : sums[l]);
    }
    pass.y = sums.back();
    Tensor delta = g;
    for (std::size_t l = how.size(); l-- > 0;) {
        bias_back(delta, pass.gradients[2 * l + 2]);
        delta = slide_back(inputs[l], weights[2 * l], delta, pass.gradients[2 * l + 1], how[l]);
        if (l > 0 && relu)
            delta = rectified_back(delta, sums[l - 1]);
    }
    pass.gradients[0] = delta;
    return pass;
}

/** The softmax over the channels, at each place. */
Tensor labelling(const Tensor& y)
{
    Tensor p(y.shape);
    for (std::size_t n = 0; n < y.shape[0]; ++n)
        for (std::size_t i = 0; i < y.shape[2]; ++i)
            for (std::size_t j = 0; j < y.shape[3]; ++j) {
                double sum = 0;
                for (std::size_t c = 0; c < y.shape[1]; ++c)
                    sum += std::exp(y(n, c, i, j));
                for (std::size_t c = 0; c < y.shape[1]; ++c)
                    p(n, c, i, j) = std::exp(y(n, c, i, j)) / sum;
            }
    return p;
}

/** p∘(g − Σ g∘p). */
Tensor labelling_back(const Tensor& p, const Tensor& g)
{
    Tensor to_y(p.shape);
    for (std::size_t n = 0; n < p.shape[0]; ++n)
        for (std::size_t i = 0; i < p.shape[2]; ++i)
            for (std::size_t j = 0; j < p.shape[3]; ++j) {
                double mean = 0;
                for (std::size_t c = 0; c < p.shape[1]; ++c)
                    mean += g(n, c, i, j) * p(n, c, i, j);
                for (std::size_t c = 0; c < p.shape[1]; ++c)
                    to_y(n, c, i, j) = p(n, c, i, j) * (g(n, c, i, j) - mean);
            }
    return to_y;
}

} // namespace

Pass n12(const Tensor& x, const std::vector<Tensor>& weights, const Tensor& g)
{
    return chain(x, weights, {{}, {}}, false, g);
}

Pass n13(const Tensor& x, const std::vector<Tensor>& weights, const Tensor& g)
{
    Pass pass = empty_pass(g, x, weights);
    std::size_t first = 0; // the first of the path's maps
    for (std::size_t path = 0; path < weights.size(); path += 2) {
        const Tensor z = plus_bias(slide(x, weights[path]), weights[path + 1]);
        Tensor part(z.shape);
        for (std::size_t n = 0; n < z.shape[0]; ++n)
            for (std::size_t c = 0; c < z.shape[1]; ++c)
                for (std::size_t i = 0; i < z.shape[2]; ++i)
                    for (std::size_t j = 0; j < z.shape[3]; ++j) {
                        pass.y(n, first + c, i, j) = z(n, c, i, j);
                        part(n, c, i, j) = g(n, first + c, i, j);
                    }
        bias_back(part, pass.gradients[path + 2]);
        const Tensor to_x = slide_back(x, weights[path], part, pass.gradients[path + 1]);
        for (std::size_t i = 0; i < to_x.data.size(); ++i)
            pass.gradients[0].data[i] += to_x.data[i];
        first += z.shape[1];
    }
    return pass;
}

Pass n14(const Tensor& x, const std::vector<Tensor>& weights, const Tensor& g)
{
    return chain(x, weights, {{}, {}, {}}, true, g);
}

Pass n15(const Tensor& x, const std::vector<Tensor>& weights, const Tensor& g)
{
    return chain(x, weights, {{.groups = x.shape[1]}, {}}, true, g);
}

std::size_t n15_weights(std::size_t height, std::size_t width, std::size_t inputs, std::size_t outputs)
{
    return width * height * inputs + inputs * outputs;
}

Pass n16_shuffle(const Tensor& x, std::size_t groups, const Tensor& g)
{
    const std::size_t members = x.shape[1] / groups;
    Pass pass = empty_pass(g, x, {});
    for (std::size_t n = 0; n < x.shape[0]; ++n)
        for (std::size_t i = 0; i < members; ++i)
            for (std::size_t j = 0; j < groups; ++j)
                for (std::size_t a = 0; a < x.shape[2]; ++a)
                    for (std::size_t b = 0; b < x.shape[3]; ++b) {
                        pass.y(n, i * groups + j, a, b) = x(n, j * members + i, a, b);
                        pass.gradients[0](n, j * members + i, a, b) = g(n, i * groups + j, a, b);
                    }
    return pass;
}

Pass n16(const Tensor& x, const std::vector<Tensor>& weights, std::size_t groups, const Tensor& g)
{
    const Sliding grouped{.groups = groups};
    Pass pass = empty_pass(g, x, weights);
    const Tensor u = plus_bias(slide(x, weights[0], grouped), weights[1]), h = rectified(u);
    const Tensor shuffled = n16_shuffle(h, groups, h).y;
    pass.y = plus_bias(slide(shuffled, weights[2], grouped), weights[3]);
    bias_back(g, pass.gradients[4]);
    const Tensor delta = slide_back(shuffled, weights[2], g, pass.gradients[3], grouped);
    const Tensor to_u = rectified_back(n16_shuffle(h, groups, delta).gradients[0], u);
    bias_back(to_u, pass.gradients[2]);
    pass.gradients[0] = slide_back(x, weights[0], to_u, pass.gradients[1], grouped);
    return pass;
}

Pass n17(const Tensor& x, const std::vector<Tensor>& weights, const Tensor& g)
{
    const Tensor &w1 = weights[0], &b1 = weights[1], &w2 = weights[2], &b2 = weights[3];
    const std::size_t channels = w1.shape[1], units = w1.shape[0], area = x.shape[2] * x.shape[3];
    Pass pass = empty_pass(g, x, weights);
    for (std::size_t n = 0; n < x.shape[0]; ++n) {
        Tensor m({channels}), u(b1), v(b2), to_s({channels}), to_v({channels}), to_u({units}), to_m({channels});
        const auto pixel = [&](std::size_t c, std::size_t p) { return (n * channels + c) * area + p; };
        for (std::size_t c = 0; c < channels; ++c)
            for (std::size_t p = 0; p < area; ++p) {
                m(c) += x.data[pixel(c, p)] / static_cast<double>(area);
                to_s(c) += g.data[pixel(c, p)] * x.data[pixel(c, p)];
            }
        for (std::size_t r = 0; r < units; ++r)
            for (std::size_t c = 0; c < channels; ++c)
                u(r) += w1(r, c) * m(c);
        for (std::size_t c = 0; c < channels; ++c) {
            for (std::size_t r = 0; r < units; ++r)
                v(c) += w2(c, r) * std::max(u(r), 0.0);
            const double s = 1 / (1 + std::exp(-v(c)));
            to_v(c) = to_s(c) * s * (1 - s);
            pass.gradients[4](c) += to_v(c);
            for (std::size_t r = 0; r < units; ++r) {
                to_u(r) += u(r) > 0 ? to_v(c) * w2(c, r) : 0;
                pass.gradients[3](c, r) += to_v(c) * std::max(u(r), 0.0);
            }
        }
        for (std::size_t r = 0; r < units; ++r) {
            pass.gradients[2](r) += to_u(r);
            for (std::size_t c = 0; c < channels; ++c) {
                to_m(c) += to_u(r) * w1(r, c);
                pass.gradients[1](r, c) += to_u(r) * m(c);
            }
        }
        for (std::size_t c = 0; c < channels; ++c)
            for (std::size_t p = 0; p < area; ++p) {
                const double s = 1 / (1 + std::exp(-v(c)));
                pass.y.data[pixel(c, p)] = s * x.data[pixel(c, p)];
                pass.gradients[0].data[pixel(c, p)] = s * g.data[pixel(c, p)] + to_m(c) / static_cast<double>(area);
            }
    }
    return pass;
}

Pass n19(const Tensor& x, const Tensor& w, const Tensor& b, std::size_t height, std::size_t width, const Tensor& g)
{
    Pass pass = empty_pass(g, x, {w, b});
    for (std::size_t n = 0; n < g.shape[0]; ++n)
        for (std::size_t o = 0; o < g.shape[1]; ++o)
            for (std::size_t i = 0; i < g.shape[2]; ++i)
                for (std::size_t j = 0; j < g.shape[3]; ++j) {
                    pass.y(n, o, i, j) = b(o);
                    pass.gradients[2](o) += g(n, o, i, j);
                    for (std::size_t p = 0; p < w.shape[1]; ++p) {
                        const std::size_t l = p / (height * width), m = p / width % height, q = p % width;
                        pass.y(n, o, i, j) += w(o, p) * x(n, l, i + m, j + q);
                        pass.gradients[0](n, l, i + m, j + q) += g(n, o, i, j) * w(o, p);
                        pass.gradients[1](o, p) += g(n, o, i, j) * x(n, l, i + m, j + q);
                    }
                }
    return pass;
}

Pass n22(const Tensor& x, const std::vector<Tensor>& weights, std::size_t steps, std::size_t distance, bool labeller,
         const Tensor& g)
{
    const Sliding how{.distance = distance};
    const Tensor &u = weights[0], &b = weights[1], &w = weights[2], &v = weights[3], &c = weights[4];
    std::vector<Tensor> sums, hidden, fed; // fed[t] enters at t + 1
    Pass pass = empty_pass(g, x, weights);
    for (std::size_t t = 0; t < steps; ++t) {
        sums.push_back(plus_bias(slide(x, u, how), b));
        if (t > 0) {
            const Tensor feedback = slide(fed[t - 1], w, how);
            for (std::size_t i = 0; i < feedback.data.size(); ++i)
                sums[t].data[i] += feedback.data[i];
        }
        hidden.push_back(labeller ? rectified(sums[t]) : sums[t]);
        pass.y = plus_bias(slide(hidden[t], v, how), c);
        fed.push_back(labeller ? labelling(pass.y) : pass.y);
    }
    Tensor to_y = g;
    for (std::size_t t = steps; t-- > 0;) {
        bias_back(to_y, pass.gradients[5]);
        Tensor to_h = slide_back(hidden[t], v, to_y, pass.gradients[4], how);
        if (labeller)
            to_h = rectified_back(to_h, sums[t]);
        bias_back(to_h, pass.gradients[2]);
        const Tensor to_x = slide_back(x, u, to_h, pass.gradients[1], how);
        for (std::size_t i = 0; i < to_x.data.size(); ++i)
            pass.gradients[0].data[i] += to_x.data[i];
        if (t > 0) {
            to_y = slide_back(fed[t - 1], w, to_h, pass.gradients[3], how);
            if (labeller)
                to_y = labelling_back(fed[t - 1], to_y);
        }
    }
    return pass;
}

std::vector<Tensor> n26(const Tensor& features, const Tensor& w, const Tensor& b, const Tensor& targets)
{
    const std::size_t samples = features.shape[0], inputs = features.shape[1], outputs = w.shape[0];
    std::vector<Tensor> gradients{Tensor(w.shape), Tensor(b.shape)};
    for (std::size_t n = 0; n < samples; ++n) {
        std::vector<double> e(outputs);
        double sum = 0;
        for (std::size_t o = 0; o < outputs; ++o) {
            double z = b(o);
            for (std::size_t i = 0; i < inputs; ++i)
                z += w(o, i) * features(n, i);
            sum += e[o] = std::exp(z);
        }
        for (std::size_t o = 0; o < outputs; ++o) {
            const double delta = (e[o] / sum - targets(n, o)) / static_cast<double>(samples);
            gradients[1](o) += delta;
            for (std::size_t i = 0; i < inputs; ++i)
                gradients[0](o, i) += delta * features(n, i);
        }
    }
    return gradients;
}

Pass n26_objective(const Tensor& x, const Tensor& k, const Tensor& b, const Tensor& c)
{
    const std::size_t rows = x.shape[2] - k.shape[2] + 1, columns = x.shape[3] - k.shape[3] + 1;
    Tensor h({x.shape[0], k.shape[0], rows, columns}), to_h(h.shape), error(x.shape);
    const auto each = [&](auto f) { // (n, o, i, j; l, u, v)
        for (std::size_t n = 0; n < x.shape[0]; ++n)
            for (std::size_t o = 0; o < k.shape[0]; ++o)
                for (std::size_t i = 0; i < rows; ++i)
                    for (std::size_t j = 0; j < columns; ++j)
                        for (std::size_t l = 0; l < k.shape[1]; ++l)
                            for (std::size_t u = 0; u < k.shape[2]; ++u)
                                for (std::size_t v = 0; v < k.shape[3]; ++v)
                                    f(n, o, i, j, l, u, v);
    };
    each([&](auto n, auto o, auto i, auto j, auto l, auto u, auto v) {
        h(n, o, i, j) += x(n, l, i + u, j + v) * k(o, l, u, v);
    });
    h = plus_bias(h, b);
    for (double& value : h.data)
        value = std::tanh(value);
    for (std::size_t i = 0; i < x.data.size(); ++i)
        error.data[i] = c.data[channel_of(x, i)] - x.data[i];
    each([&](auto n, auto o, auto i, auto j, auto l, auto u, auto v) {
        error(n, l, i + u, j + v) += h(n, o, i, j) * k(o, l, u, v);
    });

    Pass pass{Tensor({1}), {Tensor(k.shape), Tensor(b.shape), Tensor(c.shape)}};
    for (double& value : error.data) {
        pass.y(0) += 0.5 * value * value / static_cast<double>(x.data.size());
        value /= static_cast<double>(x.data.size());
    }
    bias_back(error, pass.gradients[2]);
    each([&](auto n, auto o, auto i, auto j, auto l, auto u, auto v) {
        to_h(n, o, i, j) += error(n, l, i + u, j + v) * k(o, l, u, v);
        pass.gradients[0](o, l, u, v) += error(n, l, i + u, j + v) * h(n, o, i, j);
    });
    for (std::size_t i = 0; i < h.data.size(); ++i)
        to_h.data[i] *= 1 - h.data[i] * h.data[i];
    bias_back(to_h, pass.gradients[1]);
    each([&](auto n, auto o, auto i, auto j, auto l, auto u, auto v) {
        pass.gradients[0](o, l, u, v) += to_h(n, o, i, j) * x(n, l, i + u, j + v);
    });
    return pass;
}

} // namespace oracles
