#include "lenet5_network.hpp"

namespace oracles
{

namespace
{

double identity(double u) { return u; }

Tensor map(Function f, Tensor u)
{
    for (double& value : u.data)
        value = f(value);
    return u;
}

/** u_i = Σ_j w_ij x_j + b_i */
Tensor full(const Tensor& w, const Tensor& x, const Tensor& b)
{
    Tensor u = b;
    for (std::size_t i = 0; i < w.shape[0]; ++i)
        for (std::size_t j = 0; j < w.shape[1]; ++j)
            u(i) += w(i, j) * x(j);
    return u;
}

Tensor reshaped(Tensor t, std::vector<std::size_t> shape)
{
    t.shape = std::move(shape);
    return t;
}

} // namespace

Tensors lenet5_forward(const Tensors& weights, const LeNet5Activations& activations, const Tensor& image)
{
    const Function f = activations.f;
    Tensors v = weights;
    v["c1.input"] = image;
    v["c1.u"] = h_conv(v["c1.input"], v["c1.weight"], v["c1.bias"], identity);
    v["s2.input"] = map(f, v["c1.u"]);
    v["c3.input"] = h_max(v["s2.input"]);
    v["c3.u"] = h_conv(v["c3.input"], v["c3.weight"], v["c3.bias"], identity);
    v["s4.input"] = map(f, v["c3.u"]);
    v["c5.input"] = h_max(v["s4.input"]);
    v["c5.u"] = h_conv(v["c5.input"], v["c5.weight"], v["c5.bias"], identity);
    v["f6.input"] = reshaped(map(f, v["c5.u"]), {120});
    v["f6.u"] = full(v["f6.weight"], v["f6.input"], v["f6.bias"]);
    v["f7.input"] = map(f, v["f6.u"]);
    v["f7.u"] = full(v["f7.weight"], v["f7.input"], v["f7.bias"]);
    v["f7.output"] = map(activations.f7, v["f7.u"]);
    v["y"] = h_softmax(v["f7.output"]);
    return v;
}

Steps lenet5_backward(const LeNet5Activations& activations)
{
    using T = const Tensors&;
    const Function f = activations.f_derivative, f7 = activations.f7_derivative;
    return {
        {"f7.output", "H-S2", [](T v, T) { return h_s2(v.at("z"), v.at("y")); }},

        {"f7.u", "H-F.1", [=](T v, T d) { return h_f1(d.at("f7.output"), v.at("f7.u"), f7); }},
        {"f7.weight", "H-F.2", [](T v, T d) { return h_f2(d.at("f7.u"), v.at("f7.input")); }},
        {"f7.bias", "H-F.3", [](T, T d) { return h_f3(d.at("f7.u")); }},
        {"f7.input", "H-F.4", [](T v, T d) { return h_f4(d.at("f7.u"), v.at("f7.weight")); }},

        {"f6.u", "H-F.1", [=](T v, T d) { return h_f1(d.at("f7.input"), v.at("f6.u"), f); }},
        {"f6.weight", "H-F.2", [](T v, T d) { return h_f2(d.at("f6.u"), v.at("f6.input")); }},
        {"f6.bias", "H-F.3", [](T, T d) { return h_f3(d.at("f6.u")); }},
        {"f6.input", "H-F.4", [](T v, T d) { return h_f4(d.at("f6.u"), v.at("f6.weight")); }},

        {"c5.u", "H-C5.1",
         [=](T v, T d) {
             return h_c51(reshaped(d.at("f6.input"), {120, 1, 1}), v.at("c5.u"), f);
         }},
        {"c5.weight", "H-C5.2", [](T v, T d) { return h_c52(d.at("c5.u"), v.at("c5.input")); }},
        {"c5.bias", "H-C5.3", [](T, T d) { return h_c53(d.at("c5.u")); }},
        {"c5.input", "H-C5.4", [](T v, T d) { return h_c54(d.at("c5.u"), v.at("c5.weight")); }},

        {"s4.input", "H-S4", [](T v, T d) { return h_s4(v.at("s4.input"), d.at("c5.input")); }},

        {"c3.u", "H-C1.1", [=](T v, T d) { return h_c11(d.at("s4.input"), v.at("c3.u"), f); }},
        {"c3.weight", "H-C3.2", [](T v, T d) { return h_c32(d.at("c3.u"), v.at("c3.input")); }},
        {"c3.bias", "H-C3.3", [](T, T d) { return h_c33(d.at("c3.u")); }},
        {"c3.input", "H-C3.4", [](T v, T d) { return h_c34(d.at("c3.u"), v.at("c3.weight")); }},

        {"s2.input", "H-S2p", [](T v, T d) { return h_s2p(v.at("s2.input"), d.at("c3.input")); }},

        {"c1.u", "H-C1.1", [=](T v, T d) { return h_c11(d.at("s2.input"), v.at("c1.u"), f); }},
        {"c1.weight", "H-C1.2", [](T v, T d) { return h_c12(d.at("c1.u"), v.at("c1.input")); }},
        {"c1.bias", "H-C1.3", [](T, T d) { return h_c13(d.at("c1.u")); }},
        // The text stops at C1's parameters; the gradient of the image is like that of C3's input.
        {"c1.input", "H-C3.4", [](T v, T d) { return h_c34(d.at("c1.u"), v.at("c1.weight")); }},
    };
}

} // namespace oracles
