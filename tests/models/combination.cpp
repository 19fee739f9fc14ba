#include "ops.hpp"
#include <xgrad/models/layers/combination.hpp>
#include <xgrad/ops/derivatives.hpp>
#include <xgrad/ops/ops.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** A layer from three maps to two by 2×3 kernels, with images and sensitivities; the formulas below are of it. */
struct Example
{
    Random random{1};
    Combination<double> layer{3, 2, {2, 3}, random};
    Array<double> x = numbers<double>({2, 3, 4, 5}), delta = numbers<double>({2, 2, 3, 3}, -1, 1, 2);

    double c(std::size_t i, std::size_t j) const { return layer.scores.value()(i, j); }

    double alpha(std::size_t i, std::size_t j) const
    {
        return std::exp(c(i, j)) / (std::exp(c(0, j)) + std::exp(c(1, j)) + std::exp(c(2, j)));
    }

    /** (x_i * k_i)_{uv} of image n, valid. */
    double convolved(std::size_t n, std::size_t i, std::size_t u, std::size_t v) const
    {
        double total = 0;
        for (std::size_t a = 0; a < 2; ++a)
            for (std::size_t b = 0; b < 3; ++b)
                total += x(n, i, u + a, v + b) * layer.kernels.value()(i, 1 - a, 2 - b);
        return total;
    }

    /** ∂E/∂α_ij (B15a). */
    double to_alpha(std::size_t i, std::size_t j) const
    {
        double total = 0;
        for (std::size_t n = 0; n < 2; ++n)
            for (std::size_t u = 0; u < 3; ++u)
                for (std::size_t v = 0; v < 3; ++v)
                    total += delta(n, j, u, v) * convolved(n, i, u, v);
        return total;
    }
};

/** Σ_k ∂/∂α_kj · ∂α_kj/∂c_ij with ∂α_k/∂c_i = δ_ki α_i − α_i α_k (B15, B16, B20), of the weights `alpha(i, j)`. */
template <class Alpha, class ToAlpha>
Array<double> through_softmax(const Shape& shape, Alpha alpha, ToAlpha to_alpha)
{
    return generate<double>(shape, [&](const Index& index) {
        const std::size_t i = index[0], j = index[1];
        double total = 0;
        for (std::size_t k = 0; k < shape[0]; ++k)
            total += to_alpha(k, j) * ((k == i ? alpha(i, j) : 0) - alpha(i, j) * alpha(k, j));
        return total;
    });
}

template <class T>
Array<T> weights_of(const Array<T>& scores)
{
    return softmax(constant(Array<T>(scores)), 0).value();
}

/** The gradient of a penalty with respect to the scores. */
template <class T>
Array<T> to_scores(Sparsity sparsity, const Array<T>& scores)
{
    return gradients_of<T>([&](const auto& c) { return sparsity_penalty(sparsity, softmax(c[0], 0)); }, {scores},
                           Array<T>(Shape{}, T(1)))[0];
}

constexpr Sparsity working[] = {Sparsity::entropy, Sparsity::power};

} // namespace

TEST_CASE("combination: it is Σ_i α_ij (x_i * k_i) + b_j (B14c)")
{
    Example example;
    example.layer.bias.mutable_value() = list<double>({0.5, -2});
    const auto expected = generate<double>({2, 2, 3, 3}, [&](const Index& at) {
        double u = example.layer.bias.value()(at[1]);
        for (std::size_t i = 0; i < 3; ++i)
            u += example.alpha(i, at[1]) * example.convolved(at[0], i, at[2], at[3]);
        return u;
    });
    check_close(example.layer(constant(Array<double>(example.x))).value(), expected);
    check_close(example.layer.weights().value(),
                generate<double>({3, 2}, [&](const Index& at) { return example.alpha(at[0], at[1]); }));
}

TEST_CASE("combination: the gradient to the scores is that of the notes (B15, B15a, B16, B17)")
{
    const Example example;
    Tape tape;
    const auto u = example.layer(constant(Array<double>(example.x)));
    const auto gradient = tape.gradient(sum(u * constant(Array<double>(example.delta))), example.layer.scores).value();

    const auto alpha = [&](std::size_t i, std::size_t j) { return example.alpha(i, j); };
    const auto to_alpha = [&](std::size_t i, std::size_t j) { return example.to_alpha(i, j); };
    check_close(gradient, through_softmax({3, 2}, alpha, to_alpha), 1e-13);
    const auto b17 = generate<double>({3, 2}, [&](const Index& at) {
        double mixed = 0;
        for (std::size_t k = 0; k < 3; ++k)
            mixed += to_alpha(k, at[1]) * alpha(k, at[1]);
        return alpha(at[0], at[1]) * (to_alpha(at[0], at[1]) - mixed);
    });
    check_close(gradient, b17, 1e-13);
}

TEST_CASE("combination: the derivative of the weights (B15)")
{
    const auto c = variable(numbers<double>({4}));
    const auto alpha = weights_of(c.value());
    check_close(jacobian([](const Variable<double>& x) { return softmax(x); }, c),
                generate<double>({4, 4}, [&](const Index& at) {
                    return (at[0] == at[1] ? alpha(at[0]) : 0) - alpha(at[0]) * alpha(at[1]);
                }));
}

TEST_CASE("combination: the penalties")
{
    const Array<double> scores = numbers<double>({6, 4}), alpha = weights_of(scores);
    const auto weights = constant(Array<double>(alpha));
    double entropy = 0, roots = 0;
    for (const double a : alpha) {
        entropy -= a * std::log(a);
        roots += std::sqrt(a);
    }
    CHECK(l1_penalty(weights).item() == doctest::Approx(4).epsilon(1e-14));
    CHECK(entropy_penalty(weights).item() == doctest::Approx(entropy).epsilon(1e-14));
    CHECK(power_penalty(weights).item() == doctest::Approx(roots).epsilon(1e-14));
    CHECK(sparsity_penalty(Sparsity::none, weights).item() == 0);

    const auto of = [&](std::size_t i, std::size_t j) { return alpha(i, j); };
    check_close(to_scores(Sparsity::entropy, scores),
                through_softmax({6, 4}, of, [&](auto i, auto j) { return -std::log(alpha(i, j)) - 1; }), 1e-14);
    check_close(to_scores(Sparsity::power, scores),
                through_softmax({6, 4}, of, [&](auto i, auto j) { return 0.5 / std::sqrt(alpha(i, j)); }), 1e-14);
}

TEST_CASE("combination: the L1 penalty is a constant, so its gradient is 0 to rounding (B18 to B21)")
{
    const Array<double> scores = numbers<double>({6, 4}, -5, 5), alpha = weights_of(scores);
    const auto of = [&](std::size_t i, std::size_t j) { return alpha(i, j); };
    const auto b19 = [](std::size_t, std::size_t) { return 1.0; }; // sign α
    const auto b21 = generate<double>({6, 4}, [&](const Index& at) {
        double total = 0;
        for (std::size_t k = 0; k < 6; ++k)
            total += std::abs(alpha(k, at[1]));
        return std::abs(alpha(at[0], at[1])) - alpha(at[0], at[1]) * total;
    });
    const Array<double> zero(Shape{6, 4}, 0.0);
    check_close(b21, zero, 1e-15);
    check_close(through_softmax({6, 4}, of, b19), zero, 1e-15); // B20
    check_close(to_scores(Sparsity::l1, scores), zero, 1e-15);
    check_equal(
        gradients_of<double>([](const auto& x) { return l1_penalty(x[0]); }, {alpha}, Array<double>(Shape{}, 1.0))[0],
        Array<double>(Shape{6, 4}, 1.0));
}

TEST_CASE_TEMPLATE("combination: penalties and gradients are finite where weights vanish", T, float, double)
{
    const Array<T> scores{{0, 2000}, {-2000, 1}, {T(-60), -2000}};
    for (const Sparsity sparsity : working) {
        const auto penalty = sparsity_penalty(sparsity, softmax(constant(Array<T>(scores)), 0));
        CHECK(penalty.item() == doctest::Approx(sparsity == Sparsity::power ? 2 : 0).epsilon(1e-5));
        check_close(to_scores(sparsity, scores), Array<T>(Shape{3, 2}, T(0)), 1e-5);
    }
}

TEST_CASE("combination: descent along a penalty that works leaves one map to each output map, along L1 nothing changes")
{
    for (const Sparsity sparsity : {Sparsity::l1, Sparsity::entropy, Sparsity::power}) {
        const Array<double> start = numbers<double>({6, 4}, -0.5, 0.5);
        Array<double> scores = start;
        for (int step = 0; step < 1000; ++step)
            scores -= 0.5 * to_scores(sparsity, scores);
        if (sparsity == Sparsity::l1)
            check_close(scores, start, 1e-12);
        else
            for (std::size_t j = 0; j < 4; ++j) {
                double before = 0, after = 0;
                for (std::size_t i = 0; i < 6; ++i) {
                    before = std::max(before, weights_of(start)(i, j));
                    after = std::max(after, weights_of(scores)(i, j));
                }
                CHECK(before < 0.35);
                CHECK(after > 0.98);
            }
    }
}

TEST_CASE("combination: its parameters start apart, and are named")
{
    Random random(1), same(1);
    const Combination<float> layer(6, 12, 5, random), again(6, 12, 5, same);
    const Parameters<float> parameters = layer.parameters();
    CHECK(parameters["kernels"].shape() == Shape{6, 5, 5});
    CHECK(parameters["scores"].shape() == Shape{6, 12});
    CHECK(parameters["bias"].value() == Array<float>(Shape{12}, 0.0f));
    CHECK(layer.kernels.value() == again.kernels.value());
    CHECK(layer.scores.value() == again.scores.value());
    const Array<float> weights = layer.weights().value();
    for (std::size_t j = 1; j < 12; ++j)
        CHECK(weights(0, j) != weights(0, j - 1));
    for (const float alpha : weights)
        CHECK(alpha < 0.8f);
}

TEST_CASE("combination: errors")
{
    Random random(1);
    check_shape_error([&] { Combination<float>(0, 3, 5, random); }, {"[combination layer]", "from 0 to 3"});
    check_shape_error([&] { Combination<float>(3, 3, {5, 0}, random); }, {"[combination layer]", "5x0"});
    const Combination<float> layer(2, 3, 5, random);
    CHECK_THROWS_AS(layer(constant(numbers<float>({1, 3, 8, 8}))), ShapeError);
    for (const double wrong : {0.0, 1.0, -1.0, not_a_number})
        check_shape_error([&] { power_penalty(constant<float>({0.5, 0.5}), wrong); }, {"[power_penalty]"});
    CHECK(sparsity_named("power") == Sparsity::power);
    CHECK_THROWS_WITH_AS(sparsity_named("l2"),
                         "[sparsity] there is no 'l2'; did you mean 'l1'? There are: none, l1, entropy, power", Error);
}
