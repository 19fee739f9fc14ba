#include "example.hpp"

#include <xgrad/base/error.hpp>
#include <xgrad/base/file.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

namespace xgrad::command
{

namespace
{

namespace fs = std::filesystem;

constexpr const char* in_numpy =
    R"(# The backward pass of a perceptron by hand. Change it, run it, and see what xgrad says:
#
#   python3 backward.py
#   xgrad compare mlp --weights weights.npz --data batch.npz --gradients gradients.npz
#
# E = 1/N sum_n 1/2 |y_n - t_n|^2. A layer is u = x W' + b and y = f(u), with f(u) = 1.7159 tanh(2u/3).
import numpy as np

w = np.load("weights.npz")
batch = np.load("batch.npz")
x1, labels = batch["x"], batch["labels"]
n = len(labels)


def f(u):
    return 1.7159 * np.tanh(2 * u / 3)


def slope(u):
    return 1.7159 * 2 / 3 * (1 - np.tanh(2 * u / 3) ** 2)


u1 = x1 @ w["layer1.weight"].T + w["layer1.bias"]
x2 = f(u1)
u2 = x2 @ w["layer2.weight"].T + w["layer2.bias"]
x3 = f(u2)
u3 = x3 @ w["layer3.weight"].T + w["layer3.bias"]
y = f(u3)
t = np.full((n, 10), -1.0)
t[np.arange(n), labels] = 1

# The sensitivities d = dE/du, last layer first.
d3 = slope(u3) * (y - t) / n
d2 = slope(u2) * (d3 @ w["layer3.weight"])
d1 = slope(u1) * (d2 @ w["layer2.weight"])

gradients = {
    "layer1.weight": d1.T @ x1, "layer1.bias": d1.sum(axis=0),
    "layer2.weight": d2.T @ x2, "layer2.bias": d2.sum(axis=0),
    "layer3.weight": d3.T @ x3, "layer3.bias": d3.sum(axis=0),
    "layer1.u": d1, "layer2.u": d2, "layer3.u": d3,  # these may be left out
}
np.savez("gradients.npz", **gradients)
)";

constexpr const char* in_octave =
    R"(% The backward pass of a perceptron by hand. Change it, run it, and see what xgrad says:
%
%   octave-cli backward.m
%   xgrad compare mlp --weights weights.npz --data batch.npz --gradients gradients.mat
%
% E = 1/N sum_n 1/2 |y_n - t_n|^2. A layer is u = x W' + b and y = f(u), with f(u) = 1.7159 tanh(2u/3).
1;
load example.txt   % x, labels, layer1_weight, layer1_bias, ...
n = numel(labels);

function y = f(u)
  y = 1.7159 * tanh(2 * u / 3);
end

function s = slope(u)
  s = 1.7159 * 2 / 3 * (1 - tanh(2 * u / 3) .^ 2);
end

u1 = x * layer1_weight' + layer1_bias;
x2 = f(u1);
u2 = x2 * layer2_weight' + layer2_bias;
x3 = f(u2);
u3 = x3 * layer3_weight' + layer3_bias;
y = f(u3);
t = -ones(n, 10);
t(sub2ind(size(t), (1:n)', labels(:) + 1)) = 1;

% The sensitivities d = dE/du, last layer first.
d3 = slope(u3) .* (y - t) / n;
d2 = slope(u2) .* (d3 * layer3_weight);
d1 = slope(u1) .* (d2 * layer2_weight);

gradient.layer1_weight = d1' * x;
gradient.layer1_bias = sum(d1, 1);
gradient.layer2_weight = d2' * x2;
gradient.layer2_bias = sum(d2, 1);
gradient.layer3_weight = d3' * x3;
gradient.layer3_bias = sum(d3, 1);
gradient.layer1_u = d1;   % these may be left out
gradient.layer2_u = d2;
gradient.layer3_u = d3;
save("-v7", "gradients.mat", "-struct", "gradient");
)";

constexpr const char* in_cxx =
    R"(// The backward pass of a perceptron by hand. Change it, run it, and see what xgrad says:
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
)";

/** An array as Octave's `save -text` writes it: a matrix, or a row. */
std::string octave_text(std::string name, const Array<double>& values)
{
    std::replace(name.begin(), name.end(), '.', '_');
    const bool is_matrix = values.dimension() == 2;
    const std::size_t rows = is_matrix ? values.shape()[0] : 1, columns = is_matrix ? values.shape()[1] : values.size();
    std::string text = fmt::format("# name: {}\n# type: matrix\n# rows: {}\n# columns: {}\n", name, rows, columns);
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < columns; ++j)
            text += fmt::format(" {}", values.data()[i * columns + j]);
        text += '\n';
    }
    return text + "\n\n";
}

} // namespace

void write_example(const fs::path& folder, const Parameters<double>& parameters, const Prepared& batch)
{
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        throw DataError(fmt::format("[compare] the folder {} cannot be made: {}", folder.string(), error.message()));
    Array<double> x = batch.images;
    x.reshape({batch.labels.size(), x.size() / batch.labels.size()});
    NamedArrays weights;
    std::string for_octave = octave_text("x", x) + octave_text("labels", xt::cast<double>(batch.labels));
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        weights.emplace(parameters.name(i), parameters[i].value());
        for_octave += octave_text(parameters.name(i), parameters[i].value());
    }
    save_npz(folder / "weights.npz", weights);
    save_npz(folder / "batch.npz", {{"x", x}, {"labels", batch.labels}});
    write_atomically(folder / "example.txt", for_octave);
    write_atomically(folder / "backward.py", in_numpy);
    write_atomically(folder / "backward.m", in_octave);
    write_atomically(folder / "backward.cpp", in_cxx);
}

} // namespace xgrad::command
