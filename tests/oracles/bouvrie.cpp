#include "bouvrie_arrays.hpp"
#include "ops.hpp"
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/models/networks/mlp.hpp>
#include <xgrad/optim/curvature.hpp>
#include <xgrad/optim/optimizer.hpp>

using namespace xgrad;
using namespace xgrad::test;
using namespace xgrad::test::bouvrie;

namespace
{

/** Extents of a subsampling layer: maps, blocks and the blocks' size. */
struct Blocks
{
    std::size_t maps, rows, columns, n;

    Shape x() const { return {maps, rows * n, columns * n}; }
    Shape u() const { return {maps, rows, columns}; }
    Size2d block() const { return static_cast<std::ptrdiff_t>(n); }
};
const Blocks subsamplings[] = {{1, 1, 1, 2}, {3, 4, 2, 2}, {2, 2, 5, 3}, {2, 3, 3, 1}};

/** Samples with their labels, and a network for them under squared error. */
struct Learning
{
    MLP<double> network{{6, 5, 3},
                        4,
                        {.activation = Activation::scaled_tanh,
                         .output_activation = Activation::sigmoid,
                         .loss = MLPOptions::Loss::squared_error}};
    Array<double> x = Random(5).normal<double>({6, 6}, 0, 1);
    Labels labels = indices({2, 0, 1, 1, 2, 0});

    /** The loss of the samples begin … end − 1. */
    Variable<double> loss(std::size_t begin, std::size_t end) const
    {
        return network.loss(network(constant(detail::rows(x, begin, end))), detail::rows(labels, begin, end));
    }
    Variables<double> gradient(std::size_t begin, std::size_t end) const
    {
        return value_and_gradient(network.parameters(), [&] { return loss(begin, end); }).gradients;
    }
    std::vector<oracles::Tensor> weights() const
    {
        std::vector<oracles::Tensor> all;
        for (const auto& parameter : network.parameters())
            all.push_back(tensor(parameter));
        return all;
    }

    /** The changes that a step of the optimizer makes to the weights. */
    std::vector<Variable<double>> changes(optim::Optimizer<double>& optimizer, const Variables<double>& gradients) const
    {
        std::vector<Variable<double>> all;
        const auto before = weights();
        optimizer.step(gradients);
        for (std::size_t p = 0; p < before.size(); ++p)
            all.push_back(network.parameters()[p] - constant(array(before[p])));
        return all;
    }
};

} // namespace

ORACLE_TEST("B1", "E = ½ Σ_n Σ_k (t − y)², targets one-of-c")
{
    Draw draw;
    for (const double negative : {0.0, -1.0}) {
        const auto t = oracles::b1_targets({3, 0, 1, 1, 2}, 4, negative);
        const auto targets = one_hot<double>(indices({3, 0, 1, 1, 2}), 4, negative);
        agree(entry, targets, t, "targets");
        const auto y = draw({5, 4});
        agree(entry, 5 * squared_error(y, targets).item(), oracles::b1(t, tensor(y)));
    }
}

ORACLE_TEST("B2", "Eⁿ = ½ ‖t − y‖² of one sample")
{
    Draw draw;
    for (const std::size_t classes : {1u, 2u, 10u}) {
        const auto y = draw({1, classes}), t = draw({1, classes});
        agree(entry, squared_error(y, t).item(), oracles::b2(tensor(squeeze(t, 0)), tensor(squeeze(y, 0))));
    }
}

ORACLE_TEST("B3", "x = f(Wx + b), f logistic or a·tanh(bu)")
{
    Draw draw;
    const auto w = draw({4, 3}), x = draw({3}), b = draw({4});
    const auto u = matmul(w, x) + b;
    const auto by_hand = [&](oracles::Function f) { return oracles::b3(tensor(w), tensor(x), tensor(b), f); };
    for (const Squash& f : activations)
        agree(entry, f(u), by_hand(f.by_hand.f));
    agree(entry, sigmoid(2.5 * u), by_hand([](double v) { return oracles::b3_logistic(v, 2.5); }), "β");
    agree(entry, scaled_tanh(u, 0.8, 1.5), by_hand([](double v) { return oracles::b3_tanh(v, 0.8, 1.5); }), "a, b");

    const auto slopes = [&](auto f, oracles::Function slope) {
        const auto ones = constant(Array<double>(Shape{4}, 1.0));
        auto expected = tensor(u);
        for (double& element : expected.data)
            element = slope(element);
        agree(entry, pulled_back(ones, as_leaf(u), f), expected, "f'");
    };
    for (const Squash& f : activations)
        slopes(f, f.by_hand.slope);
    slopes([](const auto& v) { return sigmoid(2.5 * v); }, [](double v) { return oracles::b3_logistic_slope(v, 2.5); });
    slopes([](const auto& v) { return scaled_tanh(v, 0.8, 1.5); },
           [](double v) { return oracles::b3_tanh_slope(v, 0.8, 1.5); });
}

ORACLE_TEST("B4", "∂E/∂b = δ")
{
    Draw draw;
    const auto w = draw({4, 3}), x = draw({3}), delta = draw({4});
    agree(entry, pulled_back(delta, draw({4}), [&](const auto& b) { return matmul(w, x) + b; }),
          oracles::b4(tensor(delta)));
}

ORACLE_TEST("B5", "δ = Wᵀδ' ∘ f'(u), W and δ' of the next layer")
{
    Draw draw;
    for (const Squash& f : activations)
        for (const Shape& shape : {Shape{1, 1}, Shape{4, 3}, Shape{2, 7}}) {
            const auto w = draw(shape), b = draw({shape[0]}), u = draw({shape[1]}), delta = draw({shape[0]});
            agree(entry, pulled_back(delta, u, [&](const auto& v) { return matmul(w, f(v)) + b; }),
                  oracles::b5(tensor(w), tensor(delta), tensor(u), f.by_hand.slope));
        }
}

ORACLE_TEST("B6", "δ = f'(u) ∘ (y − t) of the outputs")
{
    Draw draw;
    for (const Squash& f : activations)
        for (const std::size_t classes : {1u, 3u, 10u}) {
            const auto u = draw({classes}), t = draw({classes});
            Tape tape;
            const auto y = f(u);
            const auto gradient = tape.gradient(squared_error(expand_dims(y, 0), expand_dims(t, 0)), u);
            agree(entry, gradient, oracles::b6(tensor(u), tensor(y), tensor(t), f.by_hand.slope));
        }
}

ORACLE_TEST("B7", "∂E/∂W = δxᵀ")
{
    Draw draw;
    for (const Shape& shape : {Shape{1, 1}, Shape{4, 3}, Shape{2, 7}}) {
        const auto x = draw({shape[1]}), delta = draw({shape[0]});
        agree(entry, pulled_back(delta, draw(shape), [&](const auto& w) { return matmul(w, x); }),
              oracles::b7(tensor(delta), tensor(x)));
    }
}

ORACLE_TEST("B8", "ΔW_ij = −η_ij ∂E/∂W_ij")
{
    const Learning learning;
    optim::SGD<double> sgd(learning.network.parameters(), {.learning_rate = 0.5});
    std::vector<oracles::Tensor> rates;
    for (const auto& parameter : learning.network.parameters())
        rates.emplace_back(tensor(parameter).shape, 0.5);
    const auto check = [&] {
        const auto gradients = learning.gradient(0, 6);
        const auto changes = learning.changes(sgd, gradients);
        for (std::size_t p = 0; p < rates.size(); ++p)
            agree(entry, changes[p], oracles::b8(rates[p], tensor(gradients[p])));
    };
    check();
    const auto factors = Random(6).uniform<double>({5, 6}, 0, 2);
    sgd.scale_rates("layer1.weight", factors);
    rates[0] = tensor(0.5 * factors);
    check();
}

ORACLE_TEST("B9", "x_j = f(Σ x_i * k_ij + b_j), i in M_j")
{
    Draw draw;
    for (const Squash& f : activations)
        for (const Sizes2d& s : convolutions) {
            const auto x = draw(s.x()), k = draw(s.k()), b = draw({s.outputs});
            const auto reads = step(draw({s.outputs, s.inputs}), 0.0);
            const auto kernels = k * reshape(reads, {s.outputs, s.inputs, 1, 1});
            agree(entry, f(convolved(x, kernels) + per_map(b)),
                  oracles::b9(tensor(x), tensor(k), tensor(b), tensor(reads), f.by_hand.f));
        }
}

ORACLE_TEST("B10", "δ_j = β_j (f'(u_j) ∘ up(δ'_j)), β and δ' of the subsampling layer above")
{
    Draw draw;
    for (const Squash& f : activations)
        for (const Blocks& s : subsamplings) {
            const auto u = draw(s.x()), delta = draw(s.u()), beta = draw({s.maps}), b = draw({s.maps});
            const auto above = [&](const auto& v) { return per_map(beta) * block_sum(f(v), s.block()) + per_map(b); };
            agree(entry, pulled_back(delta, u, above),
                  oracles::b10(tensor(beta), tensor(delta), tensor(u), s.n, f.by_hand.slope));
        }
}

ORACLE_TEST("B10u", "up(x) = x ⊗ 1_n")
{
    Draw draw;
    for (const Blocks& s : subsamplings) {
        const auto x = draw(s.u());
        const auto up = oracles::b10u(tensor(x), s.n);
        agree(entry, upsample(x, s.block()), up, "upsample");
        agree(entry, kron(x, constant(Array<double>(Shape{s.n, s.n}, 1.0))), up, "kron");
        agree(entry, pulled_back(x, draw(s.x()), [&](const auto& v) { return block_sum(v, s.block()); }), up, "down");
    }
}

ORACLE_TEST("B11", "∂E/∂b_j = Σ (δ_j)_uv of a convolution layer")
{
    Draw draw;
    for (const Sizes2d& s : convolutions) {
        const auto x = draw(s.x()), k = draw(s.k()), delta = draw(s.u());
        agree(entry, pulled_back(delta, draw({s.outputs}), [&](const auto& b) { return convolved(x, k) + per_map(b); }),
              oracles::b11(tensor(delta)));
    }
}

ORACLE_TEST("B12", "∂E/∂k_ij = Σ (δ_j)_uv (p_i)_uv, p the patch that met k at u, v")
{
    Draw draw;
    for (const Sizes2d& s : convolutions) {
        const auto x = draw(s.x()), delta = draw(s.u());
        agree(entry, pulled_back(delta, draw(s.k()), [&](const auto& k) { return convolved(x, k); }),
              oracles::b12(tensor(delta), tensor(x)));
    }
}

ORACLE_TEST("B13", "∂E/∂k_ij = rot180(conv2(x_i, rot180(δ_j), 'valid'))")
{
    Draw draw;
    for (const Sizes2d& s : convolutions) {
        const auto x = draw(s.x()), delta = draw(s.u());
        agree(entry, pulled_back(delta, draw(s.k()), [&](const auto& k) { return convolved(x, k); }),
              oracles::b13(tensor(delta), tensor(x)));
    }
    const auto x = draw({7, 9}), delta = draw({5, 6}); // the formula in ops
    agree(entry, rot180(conv2d(x, rot180(delta))),
          oracles::b13(tensor(expand_dims(delta, 0)), tensor(expand_dims(x, 0))));
}

ORACLE_TEST("B14", "x_j = f(β_j down(x'_j) + b_j), x' of the layer below")
{
    Draw draw;
    for (const Squash& f : activations)
        for (const Blocks& s : subsamplings) {
            const auto x = draw(s.x()), beta = draw({s.maps}), b = draw({s.maps});
            agree(entry, f(per_map(beta) * block_sum(x, s.block()) + per_map(b)),
                  oracles::b14(tensor(x), tensor(beta), tensor(b), s.n, f.by_hand.f));
        }
    for (const std::size_t n : {2u, 3u}) { // convolution with ones, then y(1:n:end, 1:n:end)
        const auto x = draw({4 * n, 3 * n});
        const auto y = conv2d(x, constant(Array<double>(Shape{n, n}, 1.0)));
        agree(entry, slice(slice(y, 0, 0, y.shape()[0], n), 1, 0, y.shape()[1], n),
              oracles::b14_down(tensor(expand_dims(x, 0)), n), "by convolution");
    }
}

ORACLE_TEST("B14b", "∂E/∂b_j = Σ (δ_j)_uv, ∂E/∂β_j = Σ (δ_j ∘ down(x_j))_uv")
{
    Draw draw;
    for (const Blocks& s : subsamplings) {
        const auto x = draw(s.x()), beta = draw({s.maps}), b = draw({s.maps}), delta = draw(s.u());
        Tape tape;
        const auto u = per_map(beta) * block_sum(x, s.block()) + per_map(b);
        const auto gradients = tape.vector_jacobian_product<double>({u}, {delta}, {b, beta});
        agree(entry, gradients[0], oracles::b14b_bias(tensor(delta)), "b");
        agree(entry, gradients[1], oracles::b14b_beta(tensor(delta), tensor(x), s.n), "β");
    }
}

ORACLE_TEST("B14d", "δ_j = f'(u_j) ∘ Σ_m conv2(δ'_m, rot180(k_jm), 'full'), k and δ' of the convolution layer above")
{
    Draw draw;
    for (const Squash& f : activations)
        for (const Sizes2d& s : convolutions) {
            const auto u = draw(s.x()), k = draw(s.k()), delta = draw(s.u());
            agree(entry, pulled_back(delta, u, [&](const auto& v) { return convolved(f(v), k); }),
                  oracles::b14d(tensor(delta), tensor(k), tensor(u), f.by_hand.slope));
        }
}

ORACLE_TEST("B22", "(E(w + ε) − E(w − ε)) / 2ε: exactly ∂E/∂w for a quadratic E, ε² too much for w³")
{
    Draw draw;
    const auto w = draw({3, 4}), x = draw({5, 4}), t = draw({5, 3});
    const auto error = [&](const auto& v) { return squared_error(matmul(x, v, {.b = true}), t); };
    Tape tape;
    const auto gradient = tape.gradient(error(w), w);
    for (const double epsilon : {0.01, 0.5, 3.0}) {
        oracles::Tensor by_hand({3, 4});
        for (std::size_t i = 0; i < w.size(); ++i) {
            const auto of_one = [&](double value) {
                Array<double> moved = w.value();
                moved.data()[i] = value;
                return error(constant(std::move(moved))).item();
            };
            by_hand.data[i] = oracles::b22(of_one, w.data()[i], epsilon);
        }
        agree(entry, gradient, by_hand);

        const auto one = variable<double>(0.8);
        agree(entry, tape.gradient(one * one * one, one).item() + epsilon * epsilon,
              oracles::b22([](double v) { return v * v * v; }, 0.8, epsilon), "second order");
    }
}

ORACLE_TEST("B23", "Δw = −η/(μ + h) ∂E/∂w, or a rate for each layer")
{
    const Learning learning;
    const auto parameters = learning.network.parameters();
    const auto h = optim::gauss_newton_diagonal<double>(
        parameters, 6,
        {[&](std::size_t n) { return learning.network(constant(detail::rows(learning.x, n, n + 1))); },
         [&](const auto& y, std::size_t n) {
             return learning.network.loss(y, detail::rows(learning.labels, n, n + 1));
         }});
    optim::SDLM<double> sdlm(parameters, {.learning_rate = 0.1, .mu = 0.02});
    sdlm.set_curvature(h);
    auto gradients = learning.gradient(0, 6);
    auto changes = learning.changes(sdlm, gradients);
    for (std::size_t p = 0; p < changes.size(); ++p)
        agree(entry, changes[p], oracles::b23(0.1, 0.02, tensor(h[p]), tensor(gradients[p])), "weight by weight");

    optim::SGD<double> sgd(parameters, {.learning_rate = 0.1});
    sgd.scale_rate("layer1", 4);
    gradients = learning.gradient(0, 6);
    changes = learning.changes(sgd, gradients);
    for (std::size_t p = 0; p < changes.size(); ++p) {
        const oracles::Tensor rates(tensor(gradients[p]).shape, p < 2 ? 0.4 : 0.1);
        agree(entry, changes[p], oracles::b8(rates, tensor(gradients[p])), "layer by layer");
    }
}

ORACLE_TEST("B24", "a batch's gradient is the mean of its samples'; δ = y − t under cross-entropy")
{
    const Learning learning;
    const auto parameters = learning.network.parameters();
    const auto in_parts = [&](std::size_t size) {
        return value_and_gradient(parameters, 6,
                                  [&](std::size_t begin, std::size_t end) { return learning.loss(begin, end); },
                                  {.chunk = size})
            .gradients;
    };
    const auto batch = learning.gradient(0, 6), chunks = in_parts(4);
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        std::vector<oracles::Tensor> online, pairs;
        for (std::size_t n = 0; n < 6; ++n)
            online.push_back(tensor(learning.gradient(n, n + 1)[p]));
        for (std::size_t n = 0; n < 6; n += 2)
            pairs.push_back(tensor(learning.gradient(n, n + 2)[p]));
        agree(entry, batch[p], oracles::b24(online), "online");
        agree(entry, batch[p], oracles::b24(pairs), "mini-batches");
        agree(entry, chunks[p], oracles::b24(online), "in chunks of 4 and 2");
    }

    Draw draw;
    const auto u = draw({1, 7}), t = sigmoid(draw({1, 7}));
    Tape tape;
    const auto y = sigmoid(u);
    agree(entry, tape.gradient(binary_cross_entropy(y, t), u), oracles::b24_cross_entropy(tensor(y), tensor(t)));
}
