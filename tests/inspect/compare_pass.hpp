#pragma once
// A small network and its backward pass by hand, in which mistakes are planted.

#include <xgrad/base/random.hpp>
#include <xgrad/inspect/comparison/compare.hpp>
#include <xgrad/ops/ops.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace xgrad::test
{

using V = Variable<double>;
using Gradients = std::map<std::string, V>;

inline V numbers_like(const Shape& shape, std::uint64_t seed)
{
    return variable(Random(seed).normal<double>(shape, 0, 1));
}

inline V zeros(const Shape& shape) { return variable(Array<double>(shape, 0.0)); }

/** A network of two convolution layers, a subsampling layer between them, a full layer and a cross-entropy with a
 *  penalty. */
struct Network
{
    V x = numbers_like({2, 1, 10, 10}, 1), t = softmax(numbers_like({2, 3}, 2));
    V k1 = numbers_like({2, 1, 3, 3}, 3), b1 = numbers_like({2}, 4), beta = numbers_like({2}, 5);
    V k3 = numbers_like({3, 2, 3, 3}, 6), b3 = numbers_like({3}, 7);
    V w = numbers_like({3, 12}, 8), c = numbers_like({3}, 9);
    V u1 = zeros({2, 2, 8, 8}), u3 = zeros({2, 3, 2, 2}), z = zeros({2, 3});

    Parameters<double> parameters() const
    {
        return {{"c1.weight", k1}, {"c1.bias", b1}, {"c1.u", u1},     {"s2.beta", beta}, {"c3.weight", k3},
                {"c3.bias", b3},   {"c3.u", u3},    {"f5.weight", w}, {"f5.bias", c},    {"f5.u", z}};
    }
    static V per_map(const V& x) { return reshape(x, {1, x.size(), 1, 1}); }

    V first() const { return correlate2d(x, k1) + per_map(b1) + u1; }
    V second() const { return per_map(beta) * block_sum(tanh(first()), 2); }
    V third() const { return correlate2d(second(), k3) + per_map(b3) + u3; }
    V rows() const { return reshape(sigmoid(third()), {2, 12}); }
    V scores() const { return matmul(rows(), w, {.b = true}) + c + z; }
    V loss() const { return softmax_cross_entropy(scores(), t) + 0.3 * sum(square(w)) / 2; }
};

/** The network's backward pass, step by step; any step can be replaced. */
struct Pass
{
    using Rule = std::function<V(const Network&, const V& delta)>;
    Network net = {};
    std::map<std::string, Rule> steps = {
        {"f5.u", [](const Network& n, const V&) { return (softmax(n.scores()) - n.t) / 2; }},
        {"f5.bias", [](const Network&, const V& delta) { return sum(delta, {0}); }},
        {"f5.weight",
         [](const Network& n, const V& delta) { return matmul(delta, n.rows(), {.a = true}) + 0.3 * n.w; }},
        {"f5.x",
         [](const Network& n, const V& delta) {
             return reshape(matmul(delta, n.w), {2, 3, 2, 2});
         }},
        {"c3.u", [](const Network& n, const V& g) { return g * sigmoid(n.third()) * (1 - sigmoid(n.third())); }},
        {"c3.bias",
         [](const Network&, const V& delta) {
             return sum(delta, {0, 2, 3});
         }},
        {"c3.weight", [](const Network& n, const V& delta) { return correlate2d_kernel(n.second(), delta, 3); }},
        {"c3.x", [](const Network& n, const V& delta) { return correlate2d_input(delta, n.k3, 4); }},
        {"s2.beta",
         [](const Network& n, const V& g) {
             return sum(g * block_sum(tanh(n.first()), 2), {0, 2, 3});
         }},
        {"s2.x", [](const Network& n, const V& g) { return upsample(Network::per_map(n.beta) * g, 2); }},
        {"c1.u", [](const Network& n, const V& g) { return g * (1 - square(tanh(n.first()))); }},
        {"c1.bias",
         [](const Network&, const V& delta) {
             return sum(delta, {0, 2, 3});
         }},
        {"c1.weight", [](const Network& n, const V& delta) { return correlate2d_kernel(n.x, delta, 3); }},
    };

    Gradients gradients() const
    {
        Gradients g;
        const auto step = [&](const char* name, const V& before) { g[name] = steps.at(name)(net, before); };
        step("f5.u", {});
        step("f5.bias", g["f5.u"]);
        step("f5.weight", g["f5.u"]);
        step("f5.x", g["f5.u"]);
        step("c3.u", g["f5.x"]);
        step("c3.bias", g["c3.u"]);
        step("c3.weight", g["c3.u"]);
        step("c3.x", g["c3.u"]);
        step("s2.beta", g["c3.x"]);
        step("s2.x", g["c3.x"]);
        step("c1.u", g["s2.x"]);
        step("c1.bias", g["c1.u"]);
        step("c1.weight", g["c1.u"]);
        return g;
    }

    Comparison compared(const CompareOptions& options = {.samples = 2}) const
    {
        const Parameters<double> parameters = net.parameters();
        std::vector<HandwrittenGradient> by_hand;
        for (std::size_t i = 0; i < parameters.size(); ++i)
            by_hand.emplace_back([this, name = parameters.name(i)] { return gradients().at(name).value(); });
        return compare([this] { return net.loss(); }, parameters, by_hand, options);
    }
};

} // namespace xgrad::test
