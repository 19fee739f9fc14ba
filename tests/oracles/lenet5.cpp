#include "oracles/lenet5.hpp"

#include "lenet5_arrays.hpp"
#include "ops.hpp"
#include <xgrad/models/networks/lenet5.hpp>
#include <xgrad/ops/ops.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** Positive numbers that sum to 1. */
V random_distribution(Random& random, std::size_t classes)
{
    Array<double> z = random.uniform<double>({1, classes}, 0.1, 1);
    double total = 0;
    for (const double value : z)
        total += value;
    for (double& value : z)
        value /= total;
    return constant(std::move(z));
}

double logistic(double u) { return 1 / (1 + std::exp(-u)); }

/** The course's tanh with its a = 3: the hyperbolic tangent of au/2, not of au. */
double course_tanh(double u) { return (1 - std::exp(-3 * u)) / (1 + std::exp(-3 * u)); }

const Shape map_sizes[] = {{1, 1, 32, 32}, {1, 6, 14, 14}, {1, 3, 6, 10}};

/** A layer that reads x, with any upstream gradient δ(f) of its outputs f = tanh(u): the tape's sensitivities. */
struct Layer
{
    V x, w, b, u, delta_f;
    V delta_u, delta_w, delta_b, delta_x;

    template <class Units>
    Layer(V input, V weight, V bias, Random& random, const Units& units)
        : x(std::move(input)), w(std::move(weight)), b(std::move(bias))
    {
        Tape tape;
        u = units(x);
        const V f = tanh(u);
        delta_f = constant(random.uniform<double>(f.shape(), -1, 1));
        const auto gradients = tape.vector_jacobian_product<double>({f}, {delta_f}, {u, w, b, x});
        delta_u = gradients[0];
        delta_w = gradients[1];
        delta_b = gradients[2];
        delta_x = gradients[3];
    }
};

/** Calls check(layer) for F7, F6 and a small one. */
template <class Check>
void for_full_layers(const Check& check)
{
    Random random(1);
    for (const auto& [inputs, outputs] : {std::pair<std::size_t, std::size_t>{84, 10}, {120, 84}, {3, 2}}) {
        const Linear<double> full(inputs, outputs, random);
        check(Layer(random_leaf(random, {1, inputs}), full.weight, full.bias, random, full));
    }
}

/** The layer with biases that are not 0, reading random maps. */
Layer convolution_layer(const Convolution<double>& convolution, const Shape& x, Random& random)
{
    Convolution<double> biased = convolution;
    biased.bias = random_leaf(random, biased.bias.shape());
    return Layer(random_leaf(random, x), biased.weight, biased.bias, random, biased);
}

/** Calls check(layer) for C5 and a small one. */
template <class Check>
void for_c5(const Check& check)
{
    Random random(2);
    check(convolution_layer(Convolution<double>(16, 120, 5, random), {1, 16, 5, 5}, random));
    check(convolution_layer(Convolution<double>(2, 3, 5, random), {1, 2, 5, 5}, random));
}

/** Calls check(layer) for C3 over its maps and over others. */
template <class Check>
void for_c3(const Check& check)
{
    Random random(3);
    for (const Shape& size : {Shape{1, 6, 14, 14}, Shape{1, 6, 9, 16}})
        check(convolution_layer(Convolution<double>(LeNet5<double>::table(), 5, random), size, random));
}

/** Calls check(layer) for C1 over its image and over another. */
template <class Check>
void for_c1(const Check& check)
{
    Random random(4);
    for (const Shape& size : {Shape{1, 1, 32, 32}, Shape{1, 1, 9, 12}})
        check(convolution_layer(Convolution<double>(1, 6, 5, random), size, random));
}

/** Max pooling of maps, with and without equal elements: δ(c) against the formula. */
template <class Formula>
void check_max_pooling(OracleEntry& entry, const Shape& shape, Formula by_hand)
{
    Random random(5);
    for (const bool ties : {false, true}) {
        Array<double> values = random.uniform<double>(shape, -1, 1);
        if (ties)
            for (double& value : values)
                value = std::round(2 * value);
        const V c = variable(std::move(values));
        Tape tape;
        const V s = max_pool2d(c);
        const V delta_s = constant(random.uniform<double>(s.shape(), -1, 1));
        agree(entry, tape.vector_jacobian_product(s, delta_s, c), by_hand(only(c), only(delta_s)));
    }
}

/** y_i = σ·e^{f7_i}, σ = 1/Σ e^{f7_j}, and J = −Σ z log y, as the course's softmax net. */
struct SoftmaxNet
{
    V f7, sigma, y, j;

    SoftmaxNet(const V& input, const V& z)
        : f7(input), sigma(1.0 / sum(exp(f7))), y(sigma * exp(f7)), j(-sum(z * log(y)))
    {}
};

} // namespace

ORACLE_TEST("H-conv", "c = f( Σ_k Σ_{u,v=−2..2} w_uv s_{i+2+u, j+2+v} + b )")
{
    Random random(11);
    for (const Shape& size : map_sizes) {
        const Convolution<double> layer(size[1], 4, 5, random);
        const V s = random_leaf(random, size), b = random_leaf(random, {4});
        const V u = correlate2d(s, layer.weight) + reshape(b, {1, 4, 1, 1});
        const auto by_hand = [&](oracles::Function f) {
            return oracles::h_conv(only(s), tensor(layer.weight), tensor(b), f);
        };
        agree(entry, tanh(u), by_hand(hyperbolic), "tanh");
        agree(entry, sigmoid(u), by_hand(logistic), "sigmoid");
        agree(entry, tanh(u * 1.5), by_hand(course_tanh), "the course's tanh");
        agree(entry, layer(s), oracles::h_conv(only(s), tensor(layer.weight), Tensor({4}), identity), "layer");
    }
    const Convolution<double> c3(LeNet5<double>::table(), 5, random);
    for (int k = 0; k < 6; ++k)
        for (int m = 0; m < 16; ++m)
            CHECK(LeNet5<double>::table()[static_cast<std::size_t>(k)][static_cast<std::size_t>(m)] ==
                  oracles::cbn(k, m));
    const V s2 = random_leaf(random, {1, 6, 14, 14});
    agree(entry, c3(s2), oracles::h_conv(only(s2), tensor(c3.weight), Tensor({16}), identity), "C3");
}

ORACLE_TEST("H-sub", "s = f( a Σ_{u,v=0,1} c_{2i+u, 2j+v} + b )")
{
    Random random(12);
    for (const Shape& size : map_sizes) {
        Subsampling<double> layer(size[1], 2);
        layer.beta = random_leaf(random, {size[1]});
        layer.bias = random_leaf(random, {size[1]});
        const V c = random_leaf(random, size);
        agree(entry, sigmoid(layer(c)), oracles::h_sub(only(c), tensor(layer.beta), tensor(layer.bias), logistic));
    }
}

ORACLE_TEST("H-max", "s = max_{u,v=0,1} c_{2i+u, 2j+v}")
{
    Random random(13);
    for (const Shape& size : map_sizes) {
        const V c = random_leaf(random, size);
        agree(entry, max_pool2d(c), oracles::h_max(only(c)));
    }
}

ORACLE_TEST("H-mean", "s = ¼ Σ_{u,v=0,1} c_{2i+u, 2j+v}")
{
    Random random(14);
    for (const Shape& size : map_sizes) {
        const V c = random_leaf(random, size);
        agree(entry, mean_pool2d(c), oracles::h_mean(only(c)));
    }
}

ORACLE_TEST("H-softmax", "y_i = e^{f7_i} / Σ_j e^{f7_j}")
{
    Random random(15);
    for (const std::size_t classes : {1u, 2u, 10u}) {
        const V f7 = random_leaf(random, {1, classes}) * 5.0;
        agree(entry, softmax(f7), oracles::h_softmax(only(f7)));
    }
}

ORACLE_TEST("H-J", "J = −Σ z log y = H_KL(Z‖Y) + H(Z)")
{
    Random random(16);
    for (const std::size_t classes : {2u, 10u}) {
        const V f7 = random_leaf(random, {1, classes}) * 3.0;
        const Labels labels = indices({1});
        const Tensor y = oracles::h_softmax(only(f7));
        for (const V& target : {random_distribution(random, classes), one_hot<double>(labels, classes)}) {
            const Tensor z = only(target);
            const double j = softmax_cross_entropy(f7, target).item();
            agree(entry, j, oracles::h_j(z, y), "cross-entropy");
            agree(entry, j, oracles::h_j_divergence(z, y) + oracles::h_j_entropy(z), "divergence and entropy");
        }
        agree(entry, softmax_cross_entropy(f7, labels).item(), oracles::h_j(only(one_hot<double>(labels, classes)), y),
              "labels");
    }
    agree(entry, std::log(10.0), oracles::h_j_entropy(Tensor({10}, 0.1)), "the entropy of equal z");
}

ORACLE_TEST("H-S1", "∂J/∂y_i = −z_i/y_i; ∂J/∂σ = −(1/σ) Σ_j z_j")
{
    Random random(17);
    for (const double total : {1.0, 0.7}) { // the formulas hold for any Σ z
        const V z = random_distribution(random, 10) * total, f7 = random_leaf(random, {1, 10});
        Tape tape;
        const SoftmaxNet net(f7, z);
        const auto gradients = tape.gradient(net.j, {net.y, net.sigma});
        agree(entry, gradients[0], oracles::h_s1_y(only(z), only(net.y)), "y");
        agree(entry, gradients[1].item(), oracles::h_s1_sigma(only(z), only(f7)), "σ");
    }
}

ORACLE_TEST("H-S2", "δ(f7_i) = −(z_i − y_i)")
{
    Random random(18);
    const Labels labels = indices({6});
    const V f7 = random_leaf(random, {1, 10});
    const Tensor y = oracles::h_softmax(only(f7));
    Tape tape;
    for (const V& z : {random_distribution(random, 10), one_hot<double>(labels, 10)}) {
        const Tensor by_hand = oracles::h_s2(only(z), y);
        agree(entry, tape.gradient(SoftmaxNet(f7, z).j, f7), by_hand, "softmax net");
        agree(entry, tape.gradient(softmax_cross_entropy(f7, z), f7), by_hand, "softmax_cross_entropy");
    }
    agree(entry, tape.gradient(softmax_cross_entropy(f7, labels), f7),
          oracles::h_s2(only(one_hot<double>(labels, 10)), y), "labels");
}

ORACLE_TEST("H-F.1", "δ(u_i) = δ(f_i) f'(u_i)")
{
    for_full_layers([&](const Layer& layer) {
        agree(entry, layer.delta_u, oracles::h_f1(only(layer.delta_f), only(layer.u), hyperbolic_derivative));
    });
}

ORACLE_TEST("H-F.2", "δ(w_ij) = δ(u_i) x_j")
{
    for_full_layers(
        [&](const Layer& layer) { agree(entry, layer.delta_w, oracles::h_f2(only(layer.delta_u), only(layer.x))); });
}

ORACLE_TEST("H-F.3", "δ(b_i) = δ(u_i)")
{
    for_full_layers([&](const Layer& layer) { agree(entry, layer.delta_b, oracles::h_f3(only(layer.delta_u))); });
}

ORACLE_TEST("H-F.4", "δ(x_j) = Σ_i δ(u_i) w_ij")
{
    for_full_layers(
        [&](const Layer& layer) { agree(entry, layer.delta_x, oracles::h_f4(only(layer.delta_u), tensor(layer.w))); });
}

ORACLE_TEST("H-C5.1", "δ(u^(l)) = δ(c5^(l)) f'(u^(l))")
{
    for_c5([&](const Layer& layer) {
        agree(entry, layer.delta_u, oracles::h_c51(only(layer.delta_f), only(layer.u), hyperbolic_derivative));
    });
}

ORACLE_TEST("H-C5.2", "δ(w5_uv^(m,l)) = δ(u^(l)) s4_{2+u, 2+v}^(m)")
{
    for_c5(
        [&](const Layer& layer) { agree(entry, layer.delta_w, oracles::h_c52(only(layer.delta_u), only(layer.x))); });
}

ORACLE_TEST("H-C5.3", "δ(b5^(l)) = δ(u^(l))")
{
    for_c5([&](const Layer& layer) { agree(entry, layer.delta_b, oracles::h_c53(only(layer.delta_u))); });
}

ORACLE_TEST("H-C5.4", "δ(s4_ij^(m)) = Σ_l δ(u^(l)) w5_{i−2, j−2}^(m,l)")
{
    for_c5(
        [&](const Layer& layer) { agree(entry, layer.delta_x, oracles::h_c54(only(layer.delta_u), tensor(layer.w))); });
}

ORACLE_TEST("H-S4", "δ(c3_ij) = msk_ij δ(s4_{⌊i/2⌋, ⌊j/2⌋})")
{
    check_max_pooling(entry, {1, 16, 10, 10}, oracles::h_s4);
}

ORACLE_TEST("H-S2p", "δ(c1_ij) = msk_ij δ(s2_{⌊i/2⌋, ⌊j/2⌋})")
{
    check_max_pooling(entry, {1, 6, 28, 28}, oracles::h_s2p);
}

ORACLE_TEST("H-C3.2", "δ(w3_uv^(k,m)) = Σ_ij δ(u_ij^(m)) s2_{i+2+u, j+2+v}^(k) in the table, else 0")
{
    for_c3(
        [&](const Layer& layer) { agree(entry, layer.delta_w, oracles::h_c32(only(layer.delta_u), only(layer.x))); });
}

ORACLE_TEST("H-C3.3", "δ(b3^(m)) = Σ_ij δ(u_ij^(m))")
{
    for_c3([&](const Layer& layer) { agree(entry, layer.delta_b, oracles::h_c33(only(layer.delta_u))); });
}

ORACLE_TEST("H-C3.4", "δ(s2_ij^(k)) = Σ_m Σ_uv δ(u_{i−2+u, j−2+v}^(m)) w3_{−u,−v}^(k,m)")
{
    for_c3(
        [&](const Layer& layer) { agree(entry, layer.delta_x, oracles::h_c34(only(layer.delta_u), tensor(layer.w))); });
}

ORACLE_TEST("H-C1.1", "δ(u_ij^(k)) = δ(c1_ij^(k)) f'(u_ij^(k))")
{
    for_c1([&](const Layer& layer) {
        agree(entry, layer.delta_u, oracles::h_c11(only(layer.delta_f), only(layer.u), hyperbolic_derivative));
    });
}

ORACLE_TEST("H-C1.2", "δ(w1_uv^(k)) = Σ_ij δ(u_ij^(k)) x_{i+2+u, j+2+v}")
{
    for_c1(
        [&](const Layer& layer) { agree(entry, layer.delta_w, oracles::h_c12(only(layer.delta_u), only(layer.x))); });
}

ORACLE_TEST("H-C1.3", "δ(b1^(k)) = Σ_ij δ(u_ij^(k))")
{
    for_c1([&](const Layer& layer) { agree(entry, layer.delta_b, oracles::h_c13(only(layer.delta_u))); });
}
