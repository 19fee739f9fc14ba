#include "bouvrie_arrays.hpp"
#include "maps.hpp"
#include <xgrad/models/layers/combination.hpp>
#include <xgrad/ops/derivatives.hpp>

using namespace xgrad;
using namespace xgrad::test;
using namespace xgrad::test::bouvrie;

namespace
{

/** A layer of combinations with everything that its formulas are about. */
struct Combined
{
    Random random{3};
    Combination<double> layer;
    Variable<double> x, delta;
    oracles::Tensor k, alpha;

    explicit Combined(const Sizes2d& s)
        : layer(s.inputs, s.outputs, {static_cast<std::ptrdiff_t>(s.height), static_cast<std::ptrdiff_t>(s.width)},
                random),
          x(variable(random.normal<double>(s.x(), 0, 1))),
          delta(variable(random.normal<double>(s.u(), 0, 1)))
    {
        fill(random, layer.parameters(), 2);
        k = tensor(layer.kernels);
        alpha = oracles::b14c_alpha(tensor(layer.scores));
    }
    Variable<double> operator()() const { return squeeze(layer(expand_dims(x, 0)), 0); }
    oracles::Tensor to_alpha() const { return oracles::b15a(tensor(delta), tensor(x), k); }
};

} // namespace

ORACLE_TEST("B14c", "x_j = f(Σ α_ij (x_i * k_i) + b_j), α_ij = e^c_ij / Σ_k e^c_kj")
{
    for (const Squash& f : activations)
        for (const Sizes2d& s : convolutions) {
            const Combined c(s);
            agree(entry, c.layer.weights(), c.alpha, "α");
            agree(entry, f(c()), oracles::b14c(tensor(c.x), c.k, c.alpha, tensor(c.layer.bias), f.by_hand.f));
        }
}

ORACLE_TEST("B15", "∂α_k/∂c_i = δ_ki α_i − α_i α_k")
{
    Draw draw;
    for (const std::size_t inputs : {1u, 2u, 6u}) {
        const auto c = draw({inputs});
        const auto derivative = jacobian([](const auto& v) { return softmax(v); }, c);
        auto alpha = oracles::b14c_alpha(tensor(reshape(c, {inputs, 1})));
        alpha.shape = {inputs};
        const auto by_hand = oracles::b15(alpha);
        if (inputs > 1)
            agree(entry, constant(derivative), by_hand);
        else
            CHECK(derivative() == by_hand(0, 0)); // α = 1, whatever c is
    }
}

ORACLE_TEST("B15a", "∂E/∂α_ij = Σ (δ_j ∘ (x_i * k_i))_uv")
{
    for (const Sizes2d& s : convolutions) {
        const Combined c(s);
        const auto mixed = [&](const auto& alpha) {
            return convolved(c.x, reshape(transpose(alpha), {s.outputs, s.inputs, 1, 1}) * c.layer.kernels);
        };
        agree(entry, pulled_back(c.delta, as_leaf(c.layer.weights()), mixed), c.to_alpha());
    }
}

ORACLE_TEST("B16", "∂E/∂c_i = Σ_k ∂E/∂α_k ∂α_k/∂c_i")
{
    for (const Sizes2d& s : convolutions)
        if (s.inputs > 1) {
            const Combined c(s);
            agree(entry, pulled_back(c.delta, c.layer.scores, [&](const auto&) { return c(); }),
                  oracles::b16(c.to_alpha(), c.alpha));
        }
}

ORACLE_TEST("B17", "∂E/∂c_i = α_i (∂E/∂α_i − Σ_k ∂E/∂α_k α_k)")
{
    for (const Sizes2d& s : convolutions)
        if (s.inputs > 1) {
            const Combined c(s);
            agree(entry, pulled_back(c.delta, c.layer.scores, [&](const auto&) { return c(); }),
                  oracles::b17(c.to_alpha(), c.alpha));
        }
}

ORACLE_TEST("B18", "Ẽ = E + Ω, Ω = λ Σ abs α")
{
    const Combined c(convolutions[1]);
    const auto error = sum(c() * c.delta);
    agree(entry, (error + 0.7 * l1_penalty(c.layer.weights())).item(), oracles::b18(error.item(), 0.7, c.alpha));
    Draw draw;
    const auto weights = draw({3, 4}); // of both signs, without the softmax
    agree(entry, (0.7 * l1_penalty(weights)).item(), oracles::b18(0, 0.7, tensor(weights)));
}

ORACLE_TEST("B19", "∂Ω/∂α = λ sign α")
{
    Draw draw;
    const auto weights = draw({3, 4});
    Tape tape;
    agree(entry, tape.gradient(0.7 * l1_penalty(weights), weights), oracles::b19(0.7, tensor(weights)));
}

namespace
{

/** ∂Ẽ/∂c = ∂E/∂c + ∂Ω/∂c, whose last part is 0: Ω does not depend on c. */
void check_penalty(OracleEntry& entry, oracles::Tensor (*to_scores)(double, const oracles::Tensor&))
{
    for (const double lambda : {0.0, 0.7, 20.0}) {
        const Combined c(convolutions[1]);
        Tape tape;
        const auto error = sum(c() * c.delta) + lambda * l1_penalty(c.layer.weights());
        auto by_hand = oracles::b17(c.to_alpha(), c.alpha);
        const auto penalty = to_scores(lambda, c.alpha);
        for (std::size_t i = 0; i < penalty.data.size(); ++i) {
            CHECK(std::abs(penalty.data[i]) <= 1e-15 * lambda);
            by_hand.data[i] += penalty.data[i];
        }
        agree(entry, tape.gradient(error, c.layer.scores), by_hand);
    }
}

} // namespace

ORACLE_TEST("B20", "∂Ω/∂c_i = Σ_k ∂Ω/∂α_k ∂α_k/∂c_i, added to ∂E/∂c") { check_penalty(entry, oracles::b20); }

ORACLE_TEST("B21", "∂Ω/∂c_i = λ (abs α_i − α_i Σ_k abs α_k) = 0, added to ∂E/∂c")
{
    check_penalty(entry, oracles::b21);
}
