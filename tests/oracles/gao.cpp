#include "oracles/gao.hpp"

#include "models/digits.hpp"
#include "oracles.hpp"
#include <xgrad/base/random.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/ops/ops.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

using oracles::ShallowCost;

struct Squash
{
    std::string name;
    Variable<double> (*apply)(Variable<double>);
    oracles::Function f, slope;
};
const Squash squashes[] = {
    {"sigmoid", [](auto x) { return sigmoid(x); }, oracles::g11_sigmoid, oracles::g11_sigmoid_slope},
    {"tanh", [](auto x) { return tanh(x); }, oracles::g11_tanh, oracles::g11_tanh_slope},
    {"relu", [](auto x) { return relu(x); }, oracles::g11_relu, oracles::g11_relu_slope},
    {"leaky relu", [](auto x) { return leaky_relu(x); }, oracles::g11_leaky_relu, oracles::g11_leaky_relu_slope}};

/** A leaf of numbers between −range and range. */
Variable<double> leaf(const Shape& shape, Random& random, double range = 1)
{
    return variable(random.uniform<double>(shape, -range, range));
}

std::vector<oracles::Tensor> tensors(const Variables<double>& variables)
{
    std::vector<oracles::Tensor> all;
    for (const Variable<double>& each : variables)
        all.push_back(tensor(each));
    return all;
}

/** A network of full layers, a sample in each column, that a tape has differentiated. */
struct Shallow
{
    ShallowCost kind = ShallowCost::quadratic;
    std::vector<Squash> squash;
    Variables<double> w, b, z, a; // a[0] is the input, a[l + 1] what comes out of layer l
    Variable<double> y, cost;
    Variables<double> delta, to_w, to_b;
    Variable<double> to_output; // ∂C/∂A of the last layer

    Shallow(Variable<double> x, Variable<double> targets, const std::vector<std::size_t>& sizes, const Squash& hidden,
            ShallowCost cost_kind, Random& random)
        : kind(cost_kind), a{std::move(x)}, y(std::move(targets))
    {
        for (std::size_t l = 0; l + 1 < sizes.size(); ++l) {
            const bool last = l + 2 == sizes.size();
            squash.push_back(last && kind == ShallowCost::cross_entropy ? squashes[0] : hidden);
            w.push_back(leaf({sizes[l + 1], sizes[l]}, random, 2 / std::sqrt(static_cast<double>(sizes[l]))));
            b.push_back(leaf({sizes[l + 1], 1}, random));
        }
        Tape tape;
        for (std::size_t l = 0; l < w.size(); ++l) {
            z.push_back(matmul(w[l], a[l]) + b[l]);
            a.push_back(squash[l].apply(z[l]));
        }
        const auto output = transpose(a.back()), target = transpose(y); // the library has a sample in each row
        cost = kind == ShallowCost::quadratic ? squared_error(output, target) : binary_cross_entropy(output, target);
        Variables<double> xs = z;
        xs.insert(xs.end(), w.begin(), w.end());
        xs.insert(xs.end(), b.begin(), b.end());
        xs.push_back(a.back());
        const Variables<double> gradients = tape.gradient(cost, xs);
        const auto layers = static_cast<std::ptrdiff_t>(w.size());
        delta.assign(gradients.begin(), gradients.begin() + layers);
        to_w.assign(gradients.begin() + layers, gradients.begin() + 2 * layers);
        to_b.assign(gradients.begin() + 2 * layers, gradients.begin() + 3 * layers);
        to_output = gradients.back();
    }

    std::size_t layers() const { return w.size(); }
};

const std::vector<ShallowCost> both_costs = {ShallowCost::quadratic, ShallowCost::cross_entropy};

/** Networks of several depths with every activation, on one sample and on several. */
void for_each_network(const std::function<void(const Shallow&)>& check,
                      const std::vector<ShallowCost>& costs = both_costs)
{
    Random random(1);
    const std::vector<std::vector<std::size_t>> depths = {{3, 1}, {3, 3, 1}, {4, 3, 2}, {5, 1, 4, 3}, {2, 6, 5, 4, 3}};
    for (const auto& sizes : depths)
        for (const std::size_t samples : {1u, 5u})
            for (const Squash& squash : squashes)
                for (const ShallowCost cost : costs) {
                    CAPTURE(sizes.size());
                    CAPTURE(samples);
                    CAPTURE(squash.name);
                    const auto x = constant(random.uniform<double>({sizes.front(), samples}, -1, 1));
                    const auto y = constant(random.uniform<double>({sizes.back(), samples}, 0, 1));
                    check(Shallow(x, y, sizes, squash, cost, random));
                }
}

/** Every number of the whole pass. */
void agree_pass(OracleEntry& entry, const Shallow& net)
{
    oracles::ShallowNetwork same{tensors(net.w), tensors(net.b), {}, {}};
    for (const Squash& squash : net.squash) {
        same.f.push_back(squash.f);
        same.slope.push_back(squash.slope);
    }
    const oracles::ShallowPass pass = oracles::shallow_pass(same, tensor(net.a[0]), tensor(net.y), net.kind);
    agree(entry, net.cost.item(), pass.cost, "cost");
    for (std::size_t l = 0; l < net.layers(); ++l) {
        CAPTURE(l);
        agree(entry, net.z[l], pass.z[l], "z");
        agree(entry, net.delta[l], pass.delta[l], "delta");
        agree(entry, net.to_w[l], pass.to_w[l], "to w");
        agree(entry, net.to_b[l], pass.to_b[l], "to b");
    }
}

/** The gradient to x from f(x) with the upstream gradient g. */
template <class F>
Variable<double> pulled_back(F f, const Variable<double>& x, const Variable<double>& g)
{
    Tape tape;
    return tape.vector_jacobian_product(f(x), g, x);
}

/** Numbers from −1 to 1; with ties, each of them −1, 0 or 1. */
Variable<double> numbers(const Shape& shape, Random& random, bool ties)
{
    Array<double> values = random.uniform<double>(shape, -1, 1);
    if (ties)
        for (double& value : values)
            value = static_cast<double>(random.below(3)) - 1;
    return variable(std::move(values));
}

/** Images (N, C, H, W) and kernels (O, C, K_h, K_w). */
struct ImagesAndKernels
{
    Shape images, kernels;
};
const ImagesAndKernels convolutions[] = {{{1, 1, 5, 5}, {1, 1, 3, 3}},
                                         {{2, 3, 6, 4}, {4, 3, 2, 3}},
                                         {{3, 2, 4, 5}, {3, 2, 1, 1}},
                                         {{1, 2, 5, 5}, {6, 2, 5, 5}},
                                         {{2, 1, 7, 9}, {2, 1, 4, 1}}};

Shape result_of(const ImagesAndKernels& sizes)
{
    return {sizes.images[0], sizes.kernels[0], sizes.images[2] - sizes.kernels[2] + 1,
            sizes.images[3] - sizes.kernels[3] + 1};
}

} // namespace

ORACLE_TEST("G0", "Z = WX + B, A = f(Z); C = 1/(2n) Σ‖y − a‖² or −1/n Σ [y ln a + (1 − y) ln(1 − a)]")
{
    for_each_network([&](const Shallow& net) {
        for (std::size_t l = 0; l < net.layers(); ++l) {
            agree(entry, net.z[l], oracles::g0(tensor(net.w[l]), tensor(net.a[l]), tensor(net.b[l])), "z");
            agree(entry, net.a[l + 1], oracles::g0_activation(tensor(net.z[l]), net.squash[l].f), "a");
        }
        const oracles::Tensor a = tensor(net.a.back()), y = tensor(net.y);
        if (net.kind == ShallowCost::quadratic) {
            agree(entry, net.cost.item(), oracles::g0_quadratic(a, y), "quadratic");
        } else {
            const double by_hand = oracles::g0_cross_entropy(a, y);
            agree(entry, net.cost.item(), by_hand, "cross-entropy");
            const auto logits = transpose(stop_gradient(net.z.back()));
            agree(entry, binary_cross_entropy_with_logits(logits, transpose(net.y)).item(), by_hand, "with logits");
        }
    });
}

ORACLE_TEST("G1", "∂C/∂w_ij = δ_i a_j")
{
    for_each_network([&](const Shallow& net) {
        for (std::size_t l = 0; l < net.layers(); ++l)
            agree(entry, net.to_w[l], oracles::g1(tensor(net.delta[l]), tensor(net.a[l])));
    });
}

ORACLE_TEST("G2", "∂C/∂b_i = δ_i")
{
    for_each_network([&](const Shallow& net) {
        for (std::size_t l = 0; l < net.layers(); ++l)
            agree(entry, net.to_b[l], oracles::g2(tensor(net.delta[l])));
    });
}

ORACLE_TEST("G3", "δ^L = (A − Y) ∘ f'(Z), quadratic cost")
{
    for_each_network(
        [&](const Shallow& net) {
            agree(entry, net.delta.back(),
                  oracles::g3(tensor(net.a.back()), tensor(net.y), tensor(net.z.back()), net.squash.back().slope));
        },
        {ShallowCost::quadratic});
}

ORACLE_TEST("G4", "δ^L = A − Y, cross-entropy of sigmoid units; ∂C/∂A = −Y/A + (1 − Y)/(1 − A)")
{
    for_each_network(
        [&](const Shallow& net) {
            const oracles::Tensor a = tensor(net.a.back()), y = tensor(net.y);
            agree(entry, net.to_output, oracles::g4_output(a, y), "to the output");
            agree(entry, net.delta.back(), oracles::g4(a, y), "delta");
        },
        {ShallowCost::cross_entropy});

    // Units that are sure of the wrong answer still learn, which they do not under the quadratic cost.
    const auto z = variable<double>({{20, -20, 25, -25}}), y = constant<double>({{0, 1, 0, 1}});
    Tape tape;
    const auto a = sigmoid(z);
    agree(entry, tape.gradient(binary_cross_entropy_with_logits(transpose(z), transpose(y)), z),
          oracles::g4(tensor(a), tensor(y)), "saturated");
    const auto quadratic = pulled_back(
        [&](const auto& u) { return squared_error(transpose(sigmoid(u)), transpose(y)); }, z, constant<double>(1));
    CHECK(max(abs(quadratic)).item() < 1e-9);
}

ORACLE_TEST("G5", "δ^l = Wᵀδ^{l+1} ∘ f'(Z^l)")
{
    for_each_network([&](const Shallow& net) {
        for (std::size_t l = 0; l + 1 < net.layers(); ++l)
            agree(entry, net.delta[l],
                  oracles::g5(tensor(net.w[l + 1]), tensor(net.delta[l + 1]), tensor(net.z[l]), net.squash[l].slope));
    });
}

ORACLE_TEST("G1–G5", "the whole pass through a shallow network: δ, ∂C/∂W and ∂C/∂B of each layer")
{
    for_each_network([&](const Shallow& net) { agree_pass(entry, net); });

    const Images digits = first_digits(6, 1).train;
    const Batch batch = digits.batches(6)[0];
    const auto x =
        constant(transpose(reshape(cast<double>(constant(Array<float>(batch.images))), {6, 32 * 32})).value());
    const auto y = constant(transpose(one_hot<double>(batch.labels, 10)).value());
    Random random(2);
    for (const Squash& squash : squashes)
        for (const ShallowCost cost : both_costs) {
            CAPTURE(squash.name);
            agree_pass(entry, Shallow(x, y, {32 * 32, 20, 15, 10}, squash, cost, random));
        }
}

ORACLE_TEST("G6", "o = ⌊(i − k + 2p)/s⌋ + 1; same: p = (k − 1)/2; full: p = k − 1")
{
    const auto check = [&](const Variable<double>& y, std::size_t height, std::size_t width, const char* what) {
        agree(entry, static_cast<double>(y.shape()[2]), static_cast<double>(height), what);
        agree(entry, static_cast<double>(y.shape()[3]), static_cast<double>(width), what);
    };
    Random random(3);
    const std::size_t width = 7;
    for (std::size_t i = 1; i <= 9; ++i)
        for (std::size_t k = 1; k <= i; ++k) {
            const std::size_t other = std::min<std::size_t>(k + 1, width); // extents that differ
            const auto x = leaf({1, 1, i, width}, random), w = leaf({1, 1, k, other}, random);
            for (std::size_t p = 0; p <= 3; ++p)
                for (std::size_t s = 1; s <= 4; ++s) {
                    const auto steps = static_cast<std::ptrdiff_t>(s);
                    check(correlate2d(x, w, {.padding = static_cast<std::ptrdiff_t>(p), .stride = {steps, 1}}),
                          oracles::g6(i, k, p, s), oracles::g6(width, other, p, 1), "correlate2d");
                }
            check(correlate2d(x, w, {.padding = Padding::full}), oracles::g6(i, k, oracles::g6_full(k), 1),
                  oracles::g6(width, other, oracles::g6_full(other), 1), "full");
            for (std::size_t s = 1; s <= 4; ++s) {
                const Size2d window{static_cast<std::ptrdiff_t>(k), static_cast<std::ptrdiff_t>(other)};
                check(max_pool2d(x, {.size = window, .stride = static_cast<std::ptrdiff_t>(s)}),
                      oracles::g6(i, k, 0, s), oracles::g6(width, other, 0, s), "max_pool2d");
            }
            if (k % 2 == 1) {
                const auto square = leaf({1, 1, k, 3}, random);
                check(correlate2d(x, square, {.padding = Padding::same}), oracles::g6(i, k, oracles::g6_same(k), 1),
                      oracles::g6(width, 3, oracles::g6_same(3), 1), "same");
                CHECK(oracles::g6(i, k, oracles::g6_same(k), 1) == i);
            }
        }
}

ORACLE_TEST("G7", "δ^l = β (f'(z^l) ∘ up(δ^{l+1})), from pooling to convolution")
{
    Random random(4);
    for (const Size2d block : {Size2d(1), Size2d(2), Size2d(3), Size2d(2, 3)})
        for (const std::size_t maps : {1u, 3u})
            for (const Squash& squash : squashes) {
                CAPTURE(squash.name);
                const auto h = static_cast<std::size_t>(block.height), w = static_cast<std::size_t>(block.width);
                const auto z = leaf({2, maps, 3 * h, 4 * w}, random, 2), delta = leaf({2, maps, 3, 4}, random);
                const auto beta = leaf({maps, 1, 1}, random), bias = leaf({maps, 1, 1}, random);
                const auto subsampling = [&](const auto& u) { return beta * block_sum(squash.apply(u), block) + bias; };
                agree(entry, pulled_back(subsampling, z, delta),
                      oracles::g7(tensor(delta), tensor(beta), tensor(z), squash.slope), "subsampling");

                const oracles::Tensor mean_beta({maps}, 1 / static_cast<double>(h * w));
                const auto mean_pooling = [&](const auto& u) { return mean_pool2d(squash.apply(u), {.size = block}); };
                agree(entry, pulled_back(mean_pooling, z, delta),
                      oracles::g7(tensor(delta), mean_beta, tensor(z), squash.slope), "mean pooling");
            }
}

ORACLE_TEST("G8", "δ^l = f'(z^l) ∘ Σ δ^{l+1} ⋆ rot180(w), full, from convolution to pooling")
{
    Random random(5);
    for (const ImagesAndKernels& sizes : convolutions)
        for (const Squash& squash : squashes) {
            CAPTURE(squash.name);
            const auto z = leaf(sizes.images, random, 2), w = leaf(sizes.kernels, random);
            const auto bias = leaf({sizes.kernels[0], 1, 1}, random), delta = leaf(result_of(sizes), random);
            const auto layer = [&](const auto& u) { return correlate2d(squash.apply(u), w) + bias; };
            agree(entry, pulled_back(layer, z, delta), oracles::g8(tensor(delta), tensor(w), tensor(z), squash.slope));
        }
}

ORACLE_TEST("G9", "∂C/∂w_ij = a_i ⋆ δ_j, valid")
{
    Random random(6);
    for (const ImagesAndKernels& sizes : convolutions) {
        const auto a = leaf(sizes.images, random), w = leaf(sizes.kernels, random);
        const auto bias = leaf({sizes.kernels[0], 1, 1}, random), delta = leaf(result_of(sizes), random);
        const auto layer = [&](const auto& kernels) { return correlate2d(a, kernels) + bias; };
        agree(entry, pulled_back(layer, w, delta), oracles::g9(tensor(a), tensor(delta)));
    }
}

ORACLE_TEST("G10", "the worked example: 5×5 ⋆ 3×3, valid, is [12 12 17; 10 17 19; 9 6 14]")
{
    const auto x = constant(array(oracles::g10_image())), w = constant(array(oracles::g10_kernel()));
    agree(entry, correlate2d(x, w), oracles::g10(), "correlate2d");
    agree(entry, conv2d(x, rot180(w)), oracles::g10(), "conv2d with the kernel turned");
    CHECK(correlate2d(x, w).value() != conv2d(x, w).value());
}

ORACLE_TEST("G11", "sigmoid, tanh, ReLU, leaky ReLU with f'; maxout; max, mean and square pooling with their gradients")
{
    Random random(7);
    for (const Squash& squash : squashes) {
        CAPTURE(squash.name);
        for (const bool corner : {false, true}) {
            const auto x = corner ? variable<double>({0, -0.0, 1, -1}) : leaf({3, 17}, random, 6);
            agree(entry, squash.apply(x), oracles::g0_activation(tensor(x), squash.f), "f");
            agree(entry, pulled_back(squash.apply, x, constant(Array<double>(x.shape(), 1.0))),
                  oracles::g0_activation(tensor(x), squash.slope), "f'");
        }
    }

    for (const bool ties : {false, true}) {
        CAPTURE(ties);
        for (const std::size_t pieces : {1u, 2u, 3u, 6u})
            for (const std::size_t places : {1u, 5u}) {
                const auto x = numbers({4, 6, places}, random, ties), g = leaf({4, 6 / pieces, places}, random);
                const auto units = [&](const auto& u) { return maxout(u, pieces); };
                agree(entry, units(x), oracles::g11_maxout(tensor(x), pieces), "maxout");
                agree(entry, pulled_back(units, x, g), oracles::g11_maxout_gradient(tensor(g), tensor(x), pieces),
                      "gradient of maxout");
            }
        for (const std::size_t size : {1u, 2u, 3u})
            for (const std::size_t stride : {1u, 2u, 3u, 4u}) {
                CAPTURE(size);
                CAPTURE(stride);
                const auto s = static_cast<std::ptrdiff_t>(stride);
                const PoolingOptions options{.size = static_cast<std::ptrdiff_t>(size), .stride = s};
                const auto x = numbers({2, 3, 7, 8}, random, ties);
                const auto check = [&](auto pool, auto by_hand, auto gradient_by_hand, const std::string& what) {
                    const oracles::Tensor y = by_hand(tensor(x), size, stride);
                    agree(entry, pool(x), y, what);
                    const auto g = leaf(array(y).shape(), random);
                    agree(entry, pulled_back(pool, x, g), gradient_by_hand(tensor(g), tensor(x), size, stride),
                          "gradient of " + what);
                };
                check([&](const auto& u) { return max_pool2d(u, options); }, oracles::g11_max_pool,
                      oracles::g11_max_pool_gradient, "max pooling");
                check([&](const auto& u) { return mean_pool2d(u, options); }, oracles::g11_mean_pool,
                      oracles::g11_mean_pool_gradient, "mean pooling");
                check([&](const auto& u) { return square_pool2d(u, options); }, oracles::g11_square_pool,
                      oracles::g11_square_pool_gradient, "square pooling");
            }
    }
}
