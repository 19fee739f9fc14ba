// The networks of the suite for comparisons.
#include "compare_suite.hpp"

#include <cmath>

namespace xgrad::test::suite
{

namespace
{

/** Makes leaves and data of random numbers, and collects the leaves. */
struct Maker
{
    explicit Maker(std::uint64_t seed, std::uint64_t stream) : random(seed, stream) {}

    V leaf(const std::string& name, const Shape& shape)
    {
        V x = variable(random.normal<double>(shape, 0, 0.8));
        parameters.add(name, x);
        return x;
    }
    V data(const Shape& shape) { return constant(random.normal<double>(shape, 0, 1)); }
    std::size_t extent(std::size_t low, std::size_t high) { return low + random.below(high - low + 1); }
    Net net(const std::string& name, std::function<V()> loss, std::size_t samples)
    {
        return {name, parameters, std::move(loss), samples};
    }

    Random random;
    Parameters<double> parameters;
};

V full(const V& x, const V& w, const V& b) { return matmul(x, w, {.b = true}) + b; }
V maps(const V& b) { return reshape(b, {b.size(), 1, 1}); }
V error(const V& y, const V& t) { return sum(square(y - t)) / (2.0 * static_cast<double>(y.shape()[0])); }

Labels labels(Random& random, std::size_t n, std::size_t classes)
{
    Labels all(Shape{n}, 0);
    for (std::size_t i = 0; i < n; ++i)
        all.data()[i] = static_cast<Labels::value_type>(random.below(classes));
    return all;
}

Net perceptron(Maker& m)
{
    const std::size_t n = m.extent(1, 5), in = m.extent(1, 8), hidden = m.extent(1, 8), out = m.extent(2, 5);
    const V x = m.data({n, in}), w1 = m.leaf("l1.weight", {hidden, in}), b1 = m.leaf("l1.bias", {hidden}),
            w2 = m.leaf("l2.weight", {hidden, hidden}), b2 = m.leaf("l2.bias", {hidden}),
            w3 = m.leaf("l3.weight", {out, hidden}), b3 = m.leaf("l3.bias", {out});
    const Labels t = labels(m.random, n, out);
    return m.net(
        "perceptron",
        [=] {
            const V y = sigmoid(full(tanh(full(x, w1, b1)), w2, b2));
            return softmax_cross_entropy(full(y, w3, b3), t) + 0.1 * (sum(square(w1)) + sum(square(w2)));
        },
        n);
}

Net residual(Maker& m)
{
    const std::size_t n = m.extent(1, 5), d = m.extent(1, 6);
    const V x = m.data({n, d}), t = m.data({n, d}), w0 = m.leaf("in.weight", {d, d}), wa = m.leaf("a.weight", {d, d}),
            ba = m.leaf("a.bias", {d}), wb = m.leaf("b.weight", {d, d}), bb = m.leaf("b.bias", {d});
    return m.net(
        "residual",
        [=] {
            V h = tanh(matmul(x, w0, {.b = true}));
            h = h + relu(full(h, wa, ba));
            h = h + softplus(full(h, wb, bb));
            return error(h, t);
        },
        n);
}

Net strided(Maker& m)
{
    const std::size_t n = m.extent(1, 4), c = m.extent(1, 3), h = m.extent(6, 8), w = m.extent(6, 8);
    const ConvolutionOptions one{.stride = {2, 1}}, two{.padding = Padding::same};
    const V x = m.data({n, c, h, w}), k1 = m.leaf("c1.weight", {3, c, 3, 2}), b1 = m.leaf("c1.bias", {3}),
            k2 = m.leaf("c2.weight", {2, 3, 3, 3}), b2 = m.leaf("c2.bias", {2}), k3 = m.leaf("c3.weight", {2, 2, 2, 2});
    return m.net(
        "strided",
        [=] {
            const V y1 = tanh(correlate2d(x, k1, one) + maps(b1)), y2 = sigmoid(correlate2d(y1, k2, two) + maps(b2));
            return sum(square(correlate2d(y2, k3, {.stride = 2}))) / 2.0 / static_cast<double>(n);
        },
        n);
}

Net grouped(Maker& m)
{
    const std::size_t n = m.extent(1, 4), size = m.extent(7, 8);
    const V x = m.data({n, 2, size, size}), k1 = m.leaf("c1.weight", {4, 1, 2, 2}), b1 = m.leaf("c1.bias", {4}),
            k2 = m.leaf("c2.weight", {2, 4, 3, 3}), t = m.data({n, 2, size - 5, size - 5});
    return m.net(
        "grouped",
        [=] {
            const V y = tanh(correlate2d(x, k1, {.groups = 2}) + maps(b1));
            return error(conv2d(y, k2, {.dilation = 2}), t);
        },
        n);
}

Net subsampled(Maker& m)
{
    const std::size_t n = m.extent(1, 4), c = m.extent(1, 3);
    const V x = m.data({n, 1, 8, 8}), k1 = m.leaf("c1.weight", {c, 1, 3, 3}), b1 = m.leaf("c1.bias", {c}),
            beta = m.leaf("s2.beta", {c}), b2 = m.leaf("s2.bias", {c}), w = m.leaf("f3.weight", {3, 9 * c}),
            t = softmax(m.data({n, 3}));
    return m.net(
        "subsampled",
        [=] {
            const V y1 = sigmoid(conv2d(x, k1) + maps(b1)), y2 = tanh(maps(beta) * block_sum(y1, 2) + maps(b2));
            return softmax_cross_entropy(matmul(flatten(y2, 1), w, {.b = true}), t);
        },
        n);
}

Net pooled(Maker& m)
{
    const std::size_t n = m.extent(1, 4);
    const V x = m.data({n, 2, 8, 8}), k1 = m.leaf("c1.weight", {2, 2, 2, 2}), b1 = m.leaf("c1.bias", {2}),
            k2 = m.leaf("c2.weight", {2, 2, 2, 2}), k3 = m.leaf("c3.weight", {3, 2, 1, 1}), t = m.data({n, 3, 1, 1});
    return m.net(
        "pooled",
        [=] {
            V y = max_pool2d(tanh(correlate2d(x, k1) + maps(b1)), {.size = 3, .stride = 2}); // 7 → 3
            y = mean_pool2d(correlate2d(y, k2, {.padding = Padding::full}), {.size = 2});    // 4 → 2
            return error(max_pool2d(correlate2d(y, k3)), t);
        },
        n);
}

Net overlapping(Maker& m)
{
    const std::size_t n = m.extent(1, 4);
    const V x = m.data({n, 1, 8, 8}), k1 = m.leaf("c1.weight", {2, 1, 2, 2}), b1 = m.leaf("c1.bias", {2}),
            w = m.leaf("f.weight", {2, 18}), t = m.data({n, 2});
    return m.net(
        "overlapping",
        [=] {
            const V y = mean_pool2d(tanh(correlate2d(x, k1) + maps(b1)), {.size = 3, .stride = 2});
            return error(matmul(flatten(y, 1), w, {.b = true}), t);
        },
        n);
}

V normed(const V& u, const Axes& axes)
{
    const V c = u - mean(u, axes, true);
    return c / sqrt(mean(square(c), axes, true) + 1e-5);
}

Net batch_normed(Maker& m)
{
    const std::size_t n = m.extent(3, 6), d = m.extent(1, 6);
    const V x = m.data({n, d}), w = m.leaf("l1.weight", {d, d}), b = m.leaf("l1.bias", {d}),
            gamma = m.leaf("bn.gamma", {d}), beta = m.leaf("bn.beta", {d}), w2 = m.leaf("l2.weight", {2, d}),
            t = m.data({n, 2});
    return m.net(
        "batch norm",
        [=] {
            const V y = tanh(normed(full(x, w, b), {0}) * gamma + beta);
            return error(matmul(y, w2, {.b = true}), t);
        },
        n);
}

Net layer_normed(Maker& m)
{
    const std::size_t n = m.extent(1, 5), d = m.extent(3, 8);
    const V x = m.data({n, d}), w = m.leaf("l1.weight", {d, d}), gamma = m.leaf("ln.gamma", {d}),
            beta = m.leaf("ln.beta", {d}), w2 = m.leaf("l2.weight", {3, d}), t = softmax(m.data({n, 3}));
    return m.net(
        "layer norm",
        [=] {
            const V y = normed(matmul(x, w, {.b = true}), {1}) * gamma + beta;
            return softmax_cross_entropy(matmul(sigmoid(y), w2, {.b = true}), t);
        },
        n);
}

Net tied(Maker& m)
{
    const std::size_t n = m.extent(1, 5), in = m.extent(2, 8), code = m.extent(1, 6);
    const V x = m.data({n, in}), w = m.leaf("w", {code, in}), b = m.leaf("b", {code}), c = m.leaf("c", {in});
    return m.net(
        "tied", [=] { return error(sigmoid(matmul(tanh(full(x, w, b)), w) + c), x) + 0.05 * sum(square(w)); }, n);
}

Net siamese(Maker& m)
{
    const std::size_t n = m.extent(1, 5), d = m.extent(2, 6);
    const V xa = m.data({n, d}), xb = m.data({n, d}), w = m.leaf("w", {d, d}), q = m.leaf("q", {d, d});
    return m.net(
        "siamese", [=] { return sum(square(tanh(matmul(xa, w)) - tanh(matmul(xb, w)))) + sum(tanh(matmul(xa, q))); },
        n);
}

Net recurrent(Maker& m)
{
    const std::size_t n = m.extent(1, 4), time = m.extent(3, 5), in = m.extent(1, 4), d = m.extent(1, 5);
    const V x = m.data({n, time, in}), wx = m.leaf("rnn.input", {d, in}), wh = m.leaf("rnn.hidden", {d, d}),
            b = m.leaf("rnn.bias", {d}), wo = m.leaf("out.weight", {2, d}), t = m.data({n, 2});
    return m.net(
        "recurrent",
        [=] {
            const std::size_t rows = n * time;
            const V u = reshape(matmul(reshape(x, {rows, in}), wx, {.b = true}) + b, {n, time, d});
            V h = constant(A(Shape{n, d}, 0.0));
            for (std::size_t s = 0; s < time; ++s)
                h = tanh(reshape(slice(u, 1, s, s + 1), {n, d}) + matmul(h, wh, {.b = true}));
            return error(matmul(h, wo, {.b = true}), t);
        },
        n);
}

Net lstm(Maker& m)
{
    const std::size_t n = m.extent(1, 3), time = 3, in = m.extent(1, 4), d = m.extent(1, 4);
    Variables<double> xs;
    for (std::size_t s = 0; s < time; ++s)
        xs.push_back(m.data({n, in}));
    const V c0 = m.data({n, d}), h0 = m.data({n, d}), t = m.data({n, d});
    Variables<double> w, u, b;
    for (const char* gate : {"input", "forget", "output", "cell"}) {
        w.push_back(m.leaf(std::string("w.") + gate, {d, in}));
        u.push_back(m.leaf(std::string("u.") + gate, {d, d}));
        b.push_back(m.leaf(std::string("b.") + gate, {d}));
    }
    return m.net(
        "lstm",
        [=] {
            V c = c0, h = h0;
            for (std::size_t s = 0; s < time; ++s) {
                const auto gate = [&](std::size_t i) {
                    return matmul(xs[s], w[i], {.b = true}) + matmul(h, u[i], {.b = true}) + b[i];
                };
                const V next = sigmoid(gate(1)) * c + sigmoid(gate(0)) * tanh(gate(3));
                h = sigmoid(gate(2)) * tanh(next);
                c = next;
            }
            return error(h, t);
        },
        n);
}

Net attention(Maker& m)
{
    const std::size_t time = m.extent(2, 6), d = m.extent(2, 5);
    const V x = m.data({time, d}), we = m.leaf("embed.weight", {d, d}), wq = m.leaf("q.weight", {d, d}),
            wk = m.leaf("k.weight", {d, d}), wv = m.leaf("v.weight", {d, d}), t = m.data({time, d});
    return m.net(
        "attention",
        [=] {
            const V h = tanh(matmul(x, we, {.b = true})), q = matmul(h, wq, {.b = true}),
                    k = matmul(h, wk, {.b = true}), v = matmul(h, wv, {.b = true});
            const V a = softmax(matmul(q, k, {.b = true}) / std::sqrt(static_cast<double>(d)));
            return error(matmul(a, v) + h, t);
        },
        time);
}

Net embedded(Maker& m)
{
    const std::size_t words = m.extent(3, 6), d = m.extent(1, 5), length = m.extent(4, 8);
    const V table = m.leaf("embedding", {words, d}), w = m.leaf("out.weight", {3, d}), b = m.leaf("out.bias", {3}),
            t = softmax(m.data({length, 3}));
    Labels ids = labels(m.random, length, words);
    ids.data()[1] = ids.data()[0];
    return m.net(
        "embedding", [=] { return softmax_cross_entropy(full(tanh(gather(table, ids)), w, b), t); }, length);
}

Net quotient(Maker& m)
{
    const std::size_t n = m.extent(1, 5), d = m.extent(1, 6);
    const V x = m.data({n, d}), wa = m.leaf("a.weight", {d, d}), wb = m.leaf("b.weight", {d, d}),
            s = m.leaf("scale", {d}), t = m.data({n, d});
    return m.net(
        "quotient",
        [=] {
            const V a = matmul(x, wa, {.b = true}), b = 1.5 + sigmoid(matmul(x, wb, {.b = true}));
            return error(sin(a) / b * exp(0.3 * s) - log(b), t);
        },
        n);
}

} // namespace

std::vector<Net> networks(std::uint64_t seed)
{
    std::vector<Net> all;
    for (const auto make : {perceptron, residual, strided, grouped, subsampled, pooled, overlapping, batch_normed,
                            layer_normed, tied, siamese, recurrent, lstm, attention, embedded, quotient})
    {
        Maker maker(seed, all.size());
        all.push_back(make(maker));
    }
    return all;
}

} // namespace xgrad::test::suite
