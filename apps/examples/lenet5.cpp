// The backward pass of LeNet-5 by hand. Change it, run it, and see what xgrad says:
//
//   c++ -std=c++20 -O1 backward.cpp $(pkg-config --cflags --libs xgrad) -o backward && ./backward
//   xgrad compare lenet5 --weights weights.npz --data batch.npz --gradients gradients.npz
//
// C1 and C3 are x * W + b by cross-correlation, tanh, and the largest of each 2x2 block; C5, F6 and F7 are full. C3
// reads the maps of the paper's table: elsewhere its weights are 0 and stay 0. E = 1/N sum_n -ln softmax(z_n)[label_n].
#include <xgrad/formats/arrays.hpp>

#include <algorithm>
#include <cmath>
#include <string>

using Array = xgrad::Array<double>;
using std::size_t;

Array zeros(const xgrad::Shape& shape) { return xgrad::filled_array(shape, 0.0); }

/** Calls f(s, o, i, u, v, a, b) for each sample, output map, input map, place and weight. */
template <class F>
void for_each_product(const Array& k, const Array& of_outputs, F f)
{
    const auto &kernel = k.shape(), &out = of_outputs.shape();
    for (size_t s = 0; s < out[0]; ++s)
        for (size_t o = 0; o < out[1]; ++o)
            for (size_t i = 0; i < kernel[1]; ++i)
                for (size_t u = 0; u < out[2]; ++u)
                    for (size_t v = 0; v < out[3]; ++v)
                        for (size_t a = 0; a < kernel[2]; ++a)
                            for (size_t b = 0; b < kernel[3]; ++b)
                                f(s, o, i, u, v, a, b);
}

Array correlate(const Array& x, const Array& k, const Array& bias)
{
    Array y = zeros({x.shape()[0], k.shape()[0], x.shape()[2] - k.shape()[2] + 1, x.shape()[3] - k.shape()[3] + 1});
    for (size_t i = 0; i < y.size(); ++i)
        y.data()[i] = bias(i / (y.shape()[2] * y.shape()[3]) % bias.size());
    for_each_product(k, y, [&](auto s, auto o, auto i, auto u, auto v, auto a, auto b) {
        y(s, o, u, v) += x(s, i, u + a, v + b) * k(o, i, a, b);
    });
    return y;
}

Array of_kernel(const Array& x, const Array& k, const Array& d)
{
    Array gradient = zeros(k.shape());
    for_each_product(k, d, [&](auto s, auto o, auto i, auto u, auto v, auto a, auto b) {
        gradient(o, i, a, b) += x(s, i, u + a, v + b) * d(s, o, u, v);
    });
    return gradient;
}

Array of_input(const Array& x, const Array& k, const Array& d)
{
    Array gradient = zeros(x.shape());
    for_each_product(k, d, [&](auto s, auto o, auto i, auto u, auto v, auto a, auto b) {
        gradient(s, i, u + a, v + b) += k(o, i, a, b) * d(s, o, u, v);
    });
    return gradient;
}

Array of_bias(const Array& d)
{
    Array gradient = zeros({d.shape()[1]});
    const size_t places = d.size() / (d.shape()[0] * d.shape()[1]);
    for (size_t i = 0; i < d.size(); ++i)
        gradient(i / places % d.shape()[1]) += d.data()[i];
    return gradient;
}

Array squashed(Array u)
{
    for (double& value : u)
        value = std::tanh(value);
    return u;
}

/** d f'(u), from y = f(u) */
Array times_slope(Array d, const Array& y)
{
    for (size_t i = 0; i < d.size(); ++i)
        d.data()[i] *= 1 - y.data()[i] * y.data()[i];
    return d;
}

/** Calls f(s, m, i, j, i', j') with the place of each block and that of its largest element. */
template <class F>
void for_each_block(const Array& x, F f)
{
    for (size_t s = 0; s < x.shape()[0]; ++s)
        for (size_t m = 0; m < x.shape()[1]; ++m)
            for (size_t i = 0; i < x.shape()[2] / 2; ++i)
                for (size_t j = 0; j < x.shape()[3] / 2; ++j) {
                    size_t row = 2 * i, column = 2 * j;
                    for (size_t place = 1; place < 4; ++place)
                        if (x(s, m, 2 * i + place / 2, 2 * j + place % 2) > x(s, m, row, column)) {
                            row = 2 * i + place / 2;
                            column = 2 * j + place % 2;
                        }
                    f(s, m, i, j, row, column);
                }
}

Array pool(const Array& x)
{
    Array y = zeros({x.shape()[0], x.shape()[1], x.shape()[2] / 2, x.shape()[3] / 2});
    for_each_block(
        x, [&](auto s, auto m, auto i, auto j, auto row, auto column) { y(s, m, i, j) = x(s, m, row, column); });
    return y;
}

Array unpool(const Array& d, const Array& x)
{
    Array gradient = zeros(x.shape());
    for_each_block(
        x, [&](auto s, auto m, auto i, auto j, auto row, auto column) { gradient(s, m, row, column) = d(s, m, i, j); });
    return gradient;
}

/** The same numbers as maps of one pixel, or of more. */
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
    const auto w = [&](const std::string& layer) {
        const Array values = weights[layer + ".weight"].as<double>();
        return values.dimension() == 4 ? values : as(values, {values.shape()[0], values.shape()[1], 1, 1});
    };
    const auto b = [&](const std::string& layer) { return weights[layer + ".bias"].as<double>(); };

    // A full layer is a convolution of maps of one pixel.
    const Array x1 = as(batch["x"].as<double>(), {n, 1, 32, 32});
    const Array y1 = squashed(correlate(x1, w("c1"), b("c1"))), x3 = pool(y1);
    const Array y3 = squashed(correlate(x3, w("c3"), b("c3"))), x5 = pool(y3);
    const Array x6 = squashed(correlate(x5, w("c5"), b("c5")));
    const Array x7 = squashed(correlate(x6, w("f6"), b("f6")));
    const Array z = correlate(x7, w("f7"), b("f7"));

    // The sensitivities d = dE/du, last layer first.
    Array d7 = zeros(z.shape());
    for (size_t s = 0; s < n; ++s) {
        double sum = 0;
        for (size_t i = 0; i < 10; ++i)
            sum += std::exp(z(s, i, 0, 0));
        for (size_t i = 0; i < 10; ++i) {
            const double y = std::exp(z(s, i, 0, 0)) / sum, t = static_cast<size_t>(labels(s)) == i ? 1 : 0;
            d7(s, i, 0, 0) = (y - t) / static_cast<double>(n);
        }
    }
    const Array d6 = times_slope(of_input(x7, w("f7"), d7), x7);
    const Array d5 = times_slope(of_input(x6, w("f6"), d6), x6);
    const Array d3 = times_slope(unpool(of_input(x5, w("c5"), d5), y3), y3);
    const Array d1 = times_slope(unpool(of_input(x3, w("c3"), d3), y1), y1);

    const auto note = [&](const std::string& layer, const Array& x, const Array& d) {
        Array of_weight = of_kernel(x, w(layer), d);
        if (layer == "c3") // the table
            for (size_t i = 0; i < of_weight.size(); ++i)
                of_weight.data()[i] *= w(layer).data()[i] != 0;
        gradients[layer + ".weight"] = of_weight;
        gradients[layer + ".bias"] = of_bias(d);
        gradients[layer + ".u"] = d; // this may be left out
    };
    note("f7", x7, d7);
    note("f6", x6, d6);
    note("c5", x5, d5);
    note("c3", x3, d3);
    note("c1", x1, d1);
    xgrad::save_npz("gradients.npz", gradients);
}
