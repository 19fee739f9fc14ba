// The backward pass of Bouvrie's network by hand. Change it, run it, and see what xgrad says:
//
//   c++ -std=c++20 -O1 backward.cpp $(pkg-config --cflags --libs xgrad) -o backward && ./backward
//   xgrad compare bouvrie --weights weights.npz --data batch.npz --gradients gradients.npz
//
// C1 and C3 are x = f(x * k + b) by true convolution, S2 and S4 x = f(beta down(x) + b), where down sums each 2x2
// block, and F5 is y = s(W x + b), with f(u) = 1.7159 tanh(2u/3) and s(u) = 1 / (1 + e^-u). E = 1/N sum_n 1/2 |y_n -
// t_n|^2.
#include <xgrad/formats/arrays.hpp>

#include <cmath>
#include <string>

using Array = xgrad::Array<double>;
using std::size_t;

double f(double u) { return 1.7159 * std::tanh(2 * u / 3); }

double slope(double u)
{
    const double tanh = std::tanh(2 * u / 3);
    return 1.7159 * 2 / 3 * (1 - tanh * tanh);
}

Array zeros(const xgrad::Shape& shape) { return xgrad::filled_array(shape, 0.0); }

/** Each number by a function. */
template <class F>
Array mapped(F function, Array x)
{
    for (double& value : x)
        value = function(value);
    return x;
}

/** The products of the numbers. */
Array times(Array a, const Array& b)
{
    for (size_t i = 0; i < a.size(); ++i)
        a.data()[i] *= b.data()[i];
    return a;
}

size_t map_of(const Array& x, size_t i) { return i / (x.size() / (x.shape()[0] * x.shape()[1])) % x.shape()[1]; }

/** x β + b, with a number of each for each map */
Array scaled(Array x, const Array& beta, const Array& b)
{
    for (size_t i = 0; i < x.size(); ++i)
        x.data()[i] = x.data()[i] * beta(map_of(x, i)) + b(map_of(x, i));
    return x;
}

Array sums(const Array& d)
{
    Array sum = zeros({d.shape()[1]});
    for (size_t i = 0; i < d.size(); ++i)
        sum(map_of(d, i)) += d.data()[i];
    return sum;
}

/** Calls use(n, j, i, u, v, a, b) for each product of the convolution: u[n, j](u, v) takes
 *  x[n, i](u + A − 1 − a, v + B − 1 − b) k[j, i](a, b). */
template <class F>
void for_each_product(const Array& k, const Array& of_outputs, F use)
{
    const auto &kernel = k.shape(), &out = of_outputs.shape();
    for (size_t n = 0; n < out[0]; ++n)
        for (size_t j = 0; j < out[1]; ++j)
            for (size_t i = 0; i < kernel[1]; ++i)
                for (size_t u = 0; u < out[2]; ++u)
                    for (size_t v = 0; v < out[3]; ++v)
                        for (size_t a = 0; a < kernel[2]; ++a)
                            for (size_t b = 0; b < kernel[3]; ++b)
                                use(n, j, i, u, v, a, b);
}

Array convolve(const Array& x, const Array& k)
{
    const size_t height = k.shape()[2] - 1, width = k.shape()[3] - 1;
    Array y = zeros({x.shape()[0], k.shape()[0], x.shape()[2] - height, x.shape()[3] - width});
    for_each_product(k, y, [&](auto n, auto j, auto i, auto u, auto v, auto a, auto b) {
        y(n, j, u, v) += x(n, i, u + height - a, v + width - b) * k(j, i, a, b);
    });
    return y;
}

Array of_kernel(const Array& x, const Array& k, const Array& d)
{
    const size_t height = k.shape()[2] - 1, width = k.shape()[3] - 1;
    Array gradient = zeros(k.shape());
    for_each_product(k, d, [&](auto n, auto j, auto i, auto u, auto v, auto a, auto b) {
        gradient(j, i, a, b) += x(n, i, u + height - a, v + width - b) * d(n, j, u, v);
    });
    return gradient;
}

Array of_input(const Array& x, const Array& k, const Array& d)
{
    const size_t height = k.shape()[2] - 1, width = k.shape()[3] - 1;
    Array gradient = zeros(x.shape());
    for_each_product(k, d, [&](auto n, auto j, auto i, auto u, auto v, auto a, auto b) {
        gradient(n, i, u + height - a, v + width - b) += k(j, i, a, b) * d(n, j, u, v);
    });
    return gradient;
}

/** The sum of each 2x2 block. */
Array down(const Array& x)
{
    const auto& shape = x.shape();
    Array y = zeros({shape[0], shape[1], shape[2] / 2, shape[3] / 2});
    for (size_t n = 0; n < shape[0]; ++n)
        for (size_t m = 0; m < shape[1]; ++m)
            for (size_t u = 0; u < shape[2]; ++u)
                for (size_t v = 0; v < shape[3]; ++v)
                    y(n, m, u / 2, v / 2) += x(n, m, u, v);
    return y;
}

/** Each number four times. */
Array up(const Array& d)
{
    const auto& shape = d.shape();
    Array y = zeros({shape[0], shape[1], 2 * shape[2], 2 * shape[3]});
    for (size_t n = 0; n < shape[0]; ++n)
        for (size_t m = 0; m < shape[1]; ++m)
            for (size_t u = 0; u < 2 * shape[2]; ++u)
                for (size_t v = 0; v < 2 * shape[3]; ++v)
                    y(n, m, u, v) = d(n, m, u / 2, v / 2);
    return y;
}

Array as(Array x, const xgrad::Shape& shape)
{
    x.reshape(shape);
    return x;
}

int main()
{
    xgrad::NamedArrays weights = xgrad::load_arrays("weights.npz"), batch = xgrad::load_arrays("batch.npz"), gradients;
    const auto labels = batch["labels"].as<std::int32_t>();
    const size_t n = labels.size();
    const auto w = [&](const std::string& name) { return weights[name].as<double>(); };
    const auto ones = [](const Array& like) { return mapped([](double) { return 1.0; }, like); };
    const Array nothing = zeros({6}), none = zeros({12});

    const Array x1 = as(batch["x"].as<double>(), {n, 1, 28, 28});
    const Array u1 = scaled(convolve(x1, w("c1.weight")), ones(w("c1.bias")), w("c1.bias")), x2 = mapped(f, u1);
    const Array u2 = scaled(down(x2), w("s2.beta"), w("s2.bias")), x3 = mapped(f, u2);
    const Array u3 = scaled(convolve(x3, w("c3.weight")), ones(w("c3.bias")), w("c3.bias")), x4 = mapped(f, u3);
    const Array u4 = scaled(down(x4), w("s4.beta"), w("s4.bias")), x5 = mapped(f, u4);
    // A full layer is a convolution with a kernel as large as the map; the sum takes the kernel turned by 180 degrees.
    const size_t inputs = x5.size() / n;
    const Array w5 = as(w("f5.weight"), {10, inputs, 1, 1}), flat = as(x5, {n, inputs, 1, 1});
    const Array u5 = scaled(convolve(flat, w5), ones(w("f5.bias")), w("f5.bias"));

    // The sensitivities d = dE/du, last layer first.
    Array d5 = zeros(u5.shape());
    for (size_t s = 0; s < n; ++s)
        for (size_t i = 0; i < 10; ++i) {
            const double y = 1 / (1 + std::exp(-u5(s, i, 0, 0))), t = static_cast<size_t>(labels(s)) == i ? 1 : 0;
            d5(s, i, 0, 0) = y * (1 - y) * (y - t) / static_cast<double>(n);
        }
    const Array d4 = times(mapped(slope, u4), as(of_input(flat, w5, d5), u4.shape()));
    const Array d3 = times(mapped(slope, u3), scaled(up(d4), w("s4.beta"), none));
    const Array d2 = times(mapped(slope, u2), of_input(x3, w("c3.weight"), d3));
    const Array d1 = times(mapped(slope, u1), scaled(up(d2), w("s2.beta"), nothing));

    gradients["f5.weight"] = of_kernel(flat, w5, d5);
    gradients["s4.beta"] = sums(times(d4, down(x4)));
    gradients["c3.weight"] = of_kernel(x3, w("c3.weight"), d3);
    gradients["s2.beta"] = sums(times(d2, down(x2)));
    gradients["c1.weight"] = of_kernel(x1, w("c1.weight"), d1);
    gradients["f5.bias"] = sums(d5);
    gradients["s4.bias"] = sums(d4);
    gradients["c3.bias"] = sums(d3);
    gradients["s2.bias"] = sums(d2);
    gradients["c1.bias"] = sums(d1);
    gradients["f5.u"] = d5; // these may be left out
    gradients["s4.u"] = d4;
    gradients["c3.u"] = d3;
    gradients["s2.u"] = d2;
    gradients["c1.u"] = d1;
    xgrad::save_npz("gradients.npz", gradients);
}
