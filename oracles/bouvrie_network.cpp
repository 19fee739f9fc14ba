#include "bouvrie_network.hpp"

namespace oracles
{

namespace
{

double identity(double u) { return u; }
double one(double) { return 1; }

std::string layer(std::size_t l) { return "layer" + std::to_string(l); }

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

Tensor flat(const Tensor& x) { return reshaped(x, {x.data.size()}); }

/** The table in which every output map reads every input map. */
Tensor all_maps(const Tensor& kernels) { return Tensor({kernels.shape[0], kernels.shape[1]}, 1); }

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

/** ∂Ẽ/∂c: the sum for the error (B17) and the penalty (B20 with any p' in place of the sign). */
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

Tensor kernels_of_c3(const Tensors& weights)
{
    if (weights.contains("c3.weight"))
        return weights.at("c3.weight");
    const Tensor& k = weights.at("c3.kernels");
    const Tensor alpha = b14c_alpha(weights.at("c3.scores"));
    Tensor all({alpha.shape[1], alpha.shape[0], k.shape[1], k.shape[2]});
    for (std::size_t j = 0; j < all.shape[0]; ++j)
        for (std::size_t i = 0; i < all.shape[1]; ++i)
            for (std::size_t a = 0; a < all.shape[2]; ++a)
                for (std::size_t b = 0; b < all.shape[3]; ++b)
                    all(j, i, a, b) = alpha(i, j) * k(i, a, b);
    return all;
}

Tensors perceptron_forward(const Tensors& weights, const Tensor& x, const BouvrieActivation& hidden,
                           const BouvrieActivation& output)
{
    const std::size_t layers = weights.size() / 2;
    Tensors v = weights;
    Tensor next = x;
    for (std::size_t l = 1; l <= layers; ++l) {
        const std::string name = layer(l);
        v[name + ".input"] = next;
        v[name + ".u"] = b3(v[name + ".weight"], next, v[name + ".bias"], identity);
        next = each(v[name + ".u"], l < layers ? hidden.f : output.f);
    }
    v["y"] = next;
    return v;
}

Steps perceptron_backward(std::size_t layers, const BouvrieActivation& hidden, const BouvrieActivation& output)
{
    using T = const Tensors&;
    Steps steps;
    for (std::size_t l = layers; l >= 1; --l) {
        const std::string name = layer(l), above = layer(l + 1);
        if (l == layers)
            steps.push_back(
                {name + ".u", "B6", [=](T v, T) { return b6(v.at(name + ".u"), v.at("y"), v.at("t"), output.slope); }});
        else
            steps.push_back({name + ".u", "B5", [=](T v, T d) {
                                 return b5(v.at(above + ".weight"), d.at(above + ".u"), v.at(name + ".u"),
                                           hidden.slope);
                             }});
        steps.push_back(
            {name + ".weight", "B7", [=](T v, T d) { return b7(d.at(name + ".u"), v.at(name + ".input")); }});
        steps.push_back({name + ".bias", "B4", [=](T, T d) { return b4(d.at(name + ".u")); }});
    }
    steps.push_back({"layer1.input", "B5",
                     [](T v, T d) { return b5(v.at("layer1.weight"), d.at("layer1.u"), v.at("layer1.input"), one); }});
    return steps;
}

Tensors bouvrie_forward(const Tensors& weights, const Tensor& image, const BouvrieActivation& hidden,
                        const BouvrieActivation& output)
{
    Tensors v = weights;
    v["c1.input"] = image;
    v["c1.u"] = b9(image, v["c1.weight"], v["c1.bias"], all_maps(v["c1.weight"]), identity);
    v["s2.input"] = each(v["c1.u"], hidden.f);
    v["s2.u"] = b14(v["s2.input"], v["s2.beta"], v["s2.bias"], 2, identity);
    v["c3.input"] = each(v["s2.u"], hidden.f);
    v["c3.u"] = weights.contains("c3.scores")
                    ? b14c(v["c3.input"], v["c3.kernels"], b14c_alpha(v["c3.scores"]), v["c3.bias"], identity)
                    : b9(v["c3.input"], v["c3.weight"], v["c3.bias"], all_maps(v["c3.weight"]), identity);
    v["s4.input"] = each(v["c3.u"], hidden.f);
    v["s4.u"] = b14(v["s4.input"], v["s4.beta"], v["s4.bias"], 2, identity);
    v["f5.input"] = flat(each(v["s4.u"], hidden.f));
    v["f5.u"] = b3(v["f5.weight"], v["f5.input"], v["f5.bias"], identity);
    v["y"] = each(v["f5.u"], output.f);
    return v;
}

Steps bouvrie_backward(bool combines, const BouvrieActivation& hidden, const BouvrieActivation& output,
                       const BouvriePenalty& penalty)
{
    using T = const Tensors&;
    const Function f = hidden.slope, f5 = output.slope;
    Steps steps = {
        {"f5.u", "B6", [=](T v, T) { return b6(v.at("f5.u"), v.at("y"), v.at("t"), f5); }},
        {"f5.weight", "B7", [](T v, T d) { return b7(d.at("f5.u"), v.at("f5.input")); }},
        {"f5.bias", "B4", [](T, T d) { return b4(d.at("f5.u")); }},

        {"s4.u", "B5",
         [=](T v, T d) {
             const Tensor& u = v.at("s4.u");
             return reshaped(b5(v.at("f5.weight"), d.at("f5.u"), flat(u), f), u.shape);
         }},
        {"s4.beta", "B14b", [](T v, T d) { return b14b_beta(d.at("s4.u"), v.at("s4.input"), 2); }},
        {"s4.bias", "B14b", [](T, T d) { return b14b_bias(d.at("s4.u")); }},

        {"c3.u", "B10", [=](T v, T d) { return b10(v.at("s4.beta"), d.at("s4.u"), v.at("c3.u"), 2, f); }},
    };
    const Steps of_maps = {
        {"c3.weight", "B13", [](T v, T d) { return b13(d.at("c3.u"), v.at("c3.input")); }},
    };
    const Steps of_combinations = {
        {"c3.kernels", "B14c, B12",
         [](T v, T d) { return to_shared_kernels(d.at("c3.u"), v.at("c3.input"), b14c_alpha(v.at("c3.scores"))); }},
        {"c3.scores", penalty.slope ? "B15a, B17, B20" : "B15a, B17",
         [=](T v, T d) {
             return to_scores(b15a(d.at("c3.u"), v.at("c3.input"), v.at("c3.kernels")), b14c_alpha(v.at("c3.scores")),
                              penalty);
         }},
    };
    const Steps below = {
        {"c3.bias", "B11", [](T, T d) { return b11(d.at("c3.u")); }},

        {"s2.u", "B14d", [=](T v, T d) { return b14d(d.at("c3.u"), kernels_of_c3(v), v.at("s2.u"), f); }},
        {"s2.beta", "B14b", [](T v, T d) { return b14b_beta(d.at("s2.u"), v.at("s2.input"), 2); }},
        {"s2.bias", "B14b", [](T, T d) { return b14b_bias(d.at("s2.u")); }},

        {"c1.u", "B10", [=](T v, T d) { return b10(v.at("s2.beta"), d.at("s2.u"), v.at("c1.u"), 2, f); }},
        {"c1.weight", "B12", [](T v, T d) { return b12(d.at("c1.u"), v.at("c1.input")); }},
        {"c1.bias", "B11", [](T, T d) { return b11(d.at("c1.u")); }},
        {"c1.input", "B14d", [](T v, T d) { return b14d(d.at("c1.u"), v.at("c1.weight"), v.at("c1.input"), one); }},
    };
    for (const Steps* more : {combines ? &of_combinations : &of_maps, &below})
        steps.insert(steps.end(), more->begin(), more->end());
    return steps;
}

} // namespace oracles
