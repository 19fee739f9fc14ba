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

LeNet5Values forward(const LeNet5& net, const Tensor& x)
{
    LeNet5Values v;
    v.x = x;
    v.u1 = h_conv(x, net.w1, net.b1, identity);
    v.c1 = map(net.f, v.u1);
    v.s2 = h_max(v.c1);
    v.u3 = h_conv(v.s2, net.w3, net.b3, identity);
    v.c3 = map(net.f, v.u3);
    v.s4 = h_max(v.c3);
    v.u5 = h_conv(v.s4, net.w5, net.b5, identity);
    v.c5 = map(net.f, v.u5);
    v.u6 = full(net.w6, reshaped(v.c5, {120}), net.b6);
    v.f6 = map(net.f, v.u6);
    v.u7 = full(net.w7, v.f6, net.b7);
    v.f7 = map(net.f7, v.u7);
    v.y = h_softmax(v.f7);
    return v;
}

LeNet5Sensitivities backward(const LeNet5& net, const LeNet5Values& v, const Tensor& z)
{
    LeNet5Sensitivities delta;
    delta.f7 = h_s2(z, v.y);

    Sensitivities& f7 = delta.layer_f7;
    f7.u = h_f1(delta.f7, v.u7, net.f7_derivative);
    f7.w = h_f2(f7.u, v.f6);
    f7.b = h_f3(f7.u);
    f7.input = h_f4(f7.u, net.w7);

    Sensitivities& f6 = delta.layer_f6;
    f6.u = h_f1(f7.input, v.u6, net.f_derivative);
    f6.w = h_f2(f6.u, reshaped(v.c5, {120}));
    f6.b = h_f3(f6.u);
    f6.input = h_f4(f6.u, net.w6);

    Sensitivities& c5 = delta.layer_c5;
    c5.u = h_c51(reshaped(f6.input, {120, 1, 1}), v.u5, net.f_derivative);
    c5.w = h_c52(c5.u, v.s4);
    c5.b = h_c53(c5.u);
    c5.input = h_c54(c5.u, net.w5);

    delta.c3 = h_s4(v.c3, c5.input);

    Sensitivities& c3 = delta.layer_c3;
    c3.u = h_c11(delta.c3, v.u3, net.f_derivative);
    c3.w = h_c32(c3.u, v.s2);
    c3.b = h_c33(c3.u);
    c3.input = h_c34(c3.u, net.w3);

    delta.c1 = h_s2p(v.c1, c3.input);

    Sensitivities& c1 = delta.layer_c1;
    c1.u = h_c11(delta.c1, v.u1, net.f_derivative);
    c1.w = h_c12(c1.u, v.x);
    c1.b = h_c13(c1.u);
    c1.input = h_c34(c1.u, net.w1); // the text stops at C1's parameters
    return delta;
}

} // namespace oracles
