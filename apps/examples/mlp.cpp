// The backward pass of a perceptron by hand. Change it, run it, and see what xgrad says:
//
//   c++ -std=c++20 -O1 backward.cpp $(pkg-config --cflags --libs xgrad) -o backward && ./backward
//   xgrad compare mlp --weights weights.npz --data batch.npz --gradients gradients.npz
//
// E = 1/N sum_n 1/2 |y_n - t_n|^2. A layer is u = W x + b and y = f(u), with f(u) = 1.7159 tanh(2u/3).
#include <xgrad/formats/arrays.hpp>

#include <cmath>
#include <string>
#include <vector>

using Matrix = xgrad::Array<double>;

double f(double u) { return 1.7159 * std::tanh(2 * u / 3); }

double slope(double u)
{
    const double tanh = std::tanh(2 * u / 3);
    return 1.7159 * 2 / 3 * (1 - tanh * tanh);
}

int main()
{
    xgrad::NamedArrays weights = xgrad::load_arrays("weights.npz"), batch = xgrad::load_arrays("batch.npz"), gradients;
    const auto labels = batch["labels"].as<std::int32_t>();
    const std::size_t n = labels.size(), layers = 3;
    std::vector<Matrix> x{batch["x"].as<double>()}, u, w;
    for (std::size_t l = 1; l <= layers; ++l) {
        const std::string name = "layer" + std::to_string(l);
        w.push_back(weights[name + ".weight"].as<double>());
        const Matrix b = weights[name + ".bias"].as<double>(), &in = x.back(), &k = w.back();
        Matrix sum = xgrad::empty_array<double>({n, b.size()}), out = sum;
        for (std::size_t s = 0; s < n; ++s)
            for (std::size_t i = 0; i < b.size(); ++i) {
                sum(s, i) = b(i);
                for (std::size_t j = 0; j < k.shape()[1]; ++j)
                    sum(s, i) += k(i, j) * in(s, j);
                out(s, i) = f(sum(s, i));
            }
        u.push_back(sum);
        x.push_back(out);
    }

    // The sensitivities d = dE/du, last layer first.
    Matrix d = xgrad::empty_array<double>({n, 10});
    for (std::size_t s = 0; s < n; ++s)
        for (std::size_t i = 0; i < 10; ++i) {
            const double t = static_cast<std::size_t>(labels(s)) == i ? 1 : -1;
            d(s, i) = slope(u[2](s, i)) * (x[3](s, i) - t) / static_cast<double>(n);
        }
    for (std::size_t l = layers; l > 0; --l) {
        const std::size_t outputs = d.shape()[1], inputs = x[l - 1].shape()[1];
        Matrix of_w = xgrad::filled_array({outputs, inputs}, 0.0), of_b = xgrad::filled_array({outputs}, 0.0);
        for (std::size_t s = 0; s < n; ++s)
            for (std::size_t i = 0; i < outputs; ++i) {
                of_b(i) += d(s, i);
                for (std::size_t j = 0; j < inputs; ++j)
                    of_w(i, j) += d(s, i) * x[l - 1](s, j);
            }
        const std::string name = "layer" + std::to_string(l);
        gradients[name + ".weight"] = of_w;
        gradients[name + ".bias"] = of_b;
        gradients[name + ".u"] = d; // this may be left out
        if (l == 1)
            break;
        Matrix below = xgrad::filled_array({n, inputs}, 0.0);
        for (std::size_t s = 0; s < n; ++s)
            for (std::size_t j = 0; j < inputs; ++j) {
                for (std::size_t i = 0; i < outputs; ++i)
                    below(s, j) += w[l - 1](i, j) * d(s, i);
                below(s, j) *= slope(u[l - 2](s, j));
            }
        d = below;
    }
    xgrad::save_npz("gradients.npz", gradients);
}
