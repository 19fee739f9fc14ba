#include "bouvrie_network.hpp"

namespace oracles
{

namespace
{

double identity(double u) { return u; }
double one(double) { return 1; }

Tensor each(Tensor x, Function f)
{
    for (double& element : x.data)
        element = f(element);
    return x;
}

Tensor reshaped(Tensor x, std::vector<std::size_t> shape)
{
    x.shape = std::move(shape);
    return x;
}

/** The kernels of a layer, (outputs, inputs, rows, columns): of combinations α_ij k_i. */
Tensor kernels_of(const Tensors& weights, const Tensor& alpha)
{
    if (alpha.data.empty())
        return weights.at("c3.weight");
    const Tensor& k = weights.at("c3.kernels");
    Tensor all({alpha.shape[1], alpha.shape[0], k.shape[1], k.shape[2]});
    for (std::size_t j = 0; j < all.shape[0]; ++j)
        for (std::size_t i = 0; i < all.shape[1]; ++i)
            for (std::size_t a = 0; a < all.shape[2]; ++a)
                for (std::size_t b = 0; b < all.shape[3]; ++b)
                    all(j, i, a, b) = alpha(i, j) * k(i, a, b);
    return all;
}

/** ∂E/∂k_i = Σ_j α_ij Σ_{u,v} (δ_j)_{uv} (p_i)_{uv}: B12 of a kernel that all output maps share. */
Tensor to_shared_kernels(const Tensor& delta, const Tensor& x, const Tensor& alpha)
{
    const Tensor apart = b12(delta, x);
    Tensor gradient({apart.shape[1], apart.shape[2], apart.shape[3]});
    for (std::size_t j = 0; j < apart.shape[0]; ++j)
        for (std::size_t i = 0; i < apart.shape[1]; ++i)
            for (std::size_t a = 0; a < apart.shape[2]; ++a)
                for (std::size_t b = 0; b < apart.shape[3]; ++b)
                    gradient(i, a, b) += alpha(i, j) * apart(j, i, a, b);
    return gradient;
}

/** ∂Ẽ/∂c: that of the error (B17) and that of the penalty (B20 with any p' for the sign). */
Tensor to_scores(const Tensor& to_alpha, const Tensor& alpha, const BouvriePenalty& penalty)
{
    Tensor gradient = b17(to_alpha, alpha);
    if (penalty.slope == nullptr)
        return gradient;
    for (std::size_t j = 0; j < alpha.shape[1]; ++j)
        for (std::size_t i = 0; i < alpha.shape[0]; ++i)
            for (std::size_t k = 0; k < alpha.shape[0]; ++k)
                gradient(i, j) += penalty.lambda * penalty.slope(alpha(k, j)) *
                                  ((k == i ? alpha(i, j) : 0) - alpha(i, j) * alpha(k, j));
    return gradient;
}

} // namespace

BouvriePass perceptron(const Tensors& weights, const Tensor& x, const Tensor& t, const BouvrieActivation& hidden,
                       const BouvrieActivation& output)
{
    const std::size_t layers = weights.size() / 2;
    const auto w = [&](std::size_t l) { return weights.at("layer" + std::to_string(l) + ".weight"); };
    const auto b = [&](std::size_t l) { return weights.at("layer" + std::to_string(l) + ".bias"); };

    std::vector<Tensor> u(layers + 1), xs{x}, delta(layers + 1);
    for (std::size_t l = 1; l <= layers; ++l) {
        u[l] = b3(w(l), xs[l - 1], b(l), identity);
        xs.push_back(each(u[l], l < layers ? hidden.f : output.f));
    }

    delta[layers] = b6(u[layers], xs[layers], t, output.slope);
    for (std::size_t l = layers - 1; l >= 1; --l)
        delta[l] = b5(w(l + 1), delta[l + 1], u[l], hidden.slope);

    BouvriePass pass{xs[layers], {{"x0", b5(w(1), delta[1], x, one)}}, {}};
    for (std::size_t l = 1; l <= layers; ++l) {
        const std::string number = std::to_string(l);
        pass.sensitivities["u" + number] = delta[l];
        pass.gradients["layer" + number + ".weight"] = b7(delta[l], xs[l - 1]);
        pass.gradients["layer" + number + ".bias"] = b4(delta[l]);
    }
    return pass;
}

BouvriePass bouvrie_network(const Tensors& weights, const Tensor& image, const Tensor& t,
                            const BouvrieActivation& hidden, const BouvrieActivation& output,
                            const BouvriePenalty& penalty)
{
    const bool combines = weights.contains("c3.scores");
    const Tensor alpha = combines ? b14c_alpha(weights.at("c3.scores")) : Tensor();
    const Tensor& k1 = weights.at("c1.weight");
    const Tensor& w5 = weights.at("f5.weight");
    const Tensor k3 = kernels_of(weights, alpha);
    const Tensor every1({k1.shape[0], k1.shape[1]}, 1), every3({k3.shape[0], k3.shape[1]}, 1);

    const Tensor u1 = b9(image, k1, weights.at("c1.bias"), every1, identity), x1 = each(u1, hidden.f);
    const Tensor u2 = b14(x1, weights.at("s2.beta"), weights.at("s2.bias"), 2, identity), x2 = each(u2, hidden.f);
    const Tensor u3 = combines ? b14c(x2, weights.at("c3.kernels"), alpha, weights.at("c3.bias"), identity)
                               : b9(x2, k3, weights.at("c3.bias"), every3, identity);
    const Tensor x3 = each(u3, hidden.f);
    const Tensor u4 = b14(x3, weights.at("s4.beta"), weights.at("s4.bias"), 2, identity);
    const Tensor flat4 = reshaped(u4, {u4.data.size()}), x4 = each(flat4, hidden.f);
    const Tensor u5 = b3(w5, x4, weights.at("f5.bias"), identity), y = each(u5, output.f);

    const Tensor delta5 = b6(u5, y, t, output.slope);
    const Tensor delta4 = reshaped(b5(w5, delta5, flat4, hidden.slope), u4.shape);
    const Tensor delta3 = b10(weights.at("s4.beta"), delta4, u3, 2, hidden.slope);
    const Tensor delta2 = b14d(delta3, k3, u2, hidden.slope);
    const Tensor delta1 = b10(weights.at("s2.beta"), delta2, u1, 2, hidden.slope);

    BouvriePass pass{y,
                     {{"x0", b14d(delta1, k1, image, one)},
                      {"u1", delta1},
                      {"u2", delta2},
                      {"u3", delta3},
                      {"u4", delta4},
                      {"u5", delta5}},
                     {{"c1.weight", b12(delta1, image)},
                      {"c1.bias", b11(delta1)},
                      {"s2.beta", b14b_beta(delta2, x1, 2)},
                      {"s2.bias", b14b_bias(delta2)},
                      {"c3.bias", b11(delta3)},
                      {"s4.beta", b14b_beta(delta4, x3, 2)},
                      {"s4.bias", b14b_bias(delta4)},
                      {"f5.weight", b7(delta5, x4)},
                      {"f5.bias", b4(delta5)}}};
    if (combines) {
        pass.gradients["c3.kernels"] = to_shared_kernels(delta3, x2, alpha);
        pass.gradients["c3.scores"] = to_scores(b15a(delta3, x2, weights.at("c3.kernels")), alpha, penalty);
    } else
        pass.gradients["c3.weight"] = b13(delta3, x2);
    return pass;
}

} // namespace oracles
