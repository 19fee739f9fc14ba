#include "planted.hpp"

#include "bouvrie_network.hpp"
#include "lenet5.hpp"

#include <algorithm>
#include <cmath>

namespace oracles
{

namespace
{

using Change = std::function<void(Step&)>;
using T = const Tensors&;

// The kinds of changes to a step.

/** A change to another formula. */
Change instead(Step::Compute compute)
{
    return [=](Step& step) { step.compute = compute; };
}

/** A change of the right formula's result. */
Change then(const std::function<Tensor(Tensor)>& change)
{
    return [=](Step& step) { step.compute = [right = step.compute, change](T v, T d) { return change(right(v, d)); }; };
}

/** A change in the way to join the gradients of the samples. */
Change joined_by(Step::Join join)
{
    return [=](Step& step) { step.join = join; };
}

double one(double) { return 1; }

Tensor times(Tensor x, double factor)
{
    for (double& element : x.data)
        element *= factor;
    return x;
}

std::function<Tensor(Tensor)> times(double factor)
{
    return [=](Tensor x) { return times(std::move(x), factor); };
}

/** The array with `change(matrix, rows, columns)` applied to each matrix in the last two axes. */
template <class F>
Tensor each_matrix(Tensor x, F change)
{
    const std::size_t rows = x.shape[x.shape.size() - 2], columns = x.shape.back();
    for (auto begin = x.data.begin(); begin != x.data.end(); begin += static_cast<std::ptrdiff_t>(rows * columns))
        change(&*begin, rows, columns);
    return x;
}

Tensor rot180(Tensor x)
{
    return each_matrix(std::move(x), [](double* matrix, std::size_t rows, std::size_t columns) {
        std::reverse(matrix, matrix + rows * columns);
    });
}

Tensor flipped(Tensor x)
{
    return each_matrix(std::move(x), [](double* matrix, std::size_t rows, std::size_t columns) {
        for (std::size_t r = 0; r < rows; ++r)
            std::reverse(matrix + r * columns, matrix + (r + 1) * columns);
    });
}

Tensor transposed(Tensor x)
{
    x = each_matrix(std::move(x), [](double* matrix, std::size_t rows, std::size_t columns) {
        const std::vector<double> before(matrix, matrix + rows * columns);
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t c = 0; c < columns; ++c)
                matrix[c * rows + r] = before[r * columns + c];
    });
    std::swap(x.shape[x.shape.size() - 2], x.shape.back());
    return x;
}

/** The array with its last outermost slice moved to the front. */
Tensor permuted(Tensor x)
{
    const std::size_t slice = x.data.size() / x.shape[0];
    std::rotate(x.data.begin(), x.data.end() - static_cast<std::ptrdiff_t>(slice), x.data.end());
    return x;
}

/** The part of a full product with 5×5 kernels that a valid product gives; the rest is 0. */
Tensor valid_part(Tensor x)
{
    return each_matrix(std::move(x), [](double* matrix, std::size_t rows, std::size_t columns) {
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t c = 0; c < columns; ++c)
                if (r < 4 || r + 4 >= rows || c < 4 || c + 4 >= columns)
                    matrix[r * columns + c] = 0;
    });
}

/** The array with 0 everywhere except at the first element of each 2×2 block. */
Tensor not_spread(Tensor x)
{
    return each_matrix(std::move(x), [](double* matrix, std::size_t rows, std::size_t columns) {
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t c = 0; c < columns; ++c)
                if (r % 2 != 0 || c % 2 != 0)
                    matrix[r * columns + c] = 0;
    });
}

/** δ(s) at the first element of each 2×2 block, whichever is the maximum. */
Tensor to_first_elements(const Tensor& delta_s) { return not_spread(b10u(delta_s, 2)); }

/** δ(s) at each element that equals its block's maximum. */
Tensor to_every_maximum(const Tensor& c, const Tensor& delta_s)
{
    const Tensor maximum = b10u(h_max(c), 2);
    Tensor delta = b10u(delta_s, 2);
    for (std::size_t i = 0; i < delta.data.size(); ++i)
        if (c.data[i] != maximum.data[i])
            delta.data[i] = 0;
    return delta;
}

Tensor sum_of_samples(const std::vector<Tensor>& of_samples)
{
    return times(b24(of_samples), static_cast<double>(of_samples.size()));
}

Tensor mean_of_means(const std::vector<Tensor>& of_samples)
{
    return times(b24(of_samples), 1 / static_cast<double>(of_samples.size()));
}

/** A change to the result of the previous run. */
Change stale()
{
    return [](Step& step) {
        step.join = [before = Tensor()](const std::vector<Tensor>& of_samples) mutable {
            return std::exchange(before, b24(of_samples));
        };
    };
}

/** Kernels turned by 180° beforehand, so the formula's own rot180 restores them. */
Tensor not_turned(const Tensor& kernels) { return rot180(kernels); }

} // namespace

const Squashing logistic{bouvrie_logistic.f, bouvrie_logistic.slope, [](double y) { return y * (1 - y); }};
const Squashing hyperbolic{[](double u) { return std::tanh(u); },
                           [](double u) { return 1 - std::tanh(u) * std::tanh(u); },
                           [](double y) { return 1 - y * y; }};
const Squashing scaled_hyperbolic{bouvrie_tanh.f, bouvrie_tanh.slope,
                                  [](double y) { return 1.7159 * 2 / 3 * (1 - y * y / (1.7159 * 1.7159)); }};

Mistakes lenet5_mistakes(const Squashing& f)
{
    return {
        {"extra-rot180", "c3.weight", "δ(w3) is turned by 180°, though C3 correlates (H-C3.2)", then(rot180)},
        {"transposed", "f6.weight", "xδᵀ in place of δxᵀ (H-F.2)", then(transposed)},
        {"flipped", "c1.weight", "δ(w1) with its columns in the opposite order (H-C1.2)", then(flipped)},
        {"convolution-for-correlation", "c3.input", "w_{u,v} in place of w_{−u,−v} in δ(s2) (H-C3.4)",
         instead([](T v, T d) { return h_c34(d.at("c3.u"), not_turned(v.at("c3.weight"))); })},
        {"valid-for-full", "c3.input", "δ(s2) only where the kernel lies within δ(u) (H-C3.4)", then(valid_part)},
        {"factor-n", "c5.weight", "the sum over the samples in place of the mean", joined_by(sum_of_samples), "", true},
        {"factor-one-over-n", "c5.weight", "divided by N twice", joined_by(mean_of_means), "", true},
        {"factor-2", "f6.weight", "2δ(u)x (H-F.2)", then(times(2))},
        {"sign", "f6.weight", "−δ(u)x (H-F.2)", then(times(-1))},
        {"mean-for-sum", "c1.bias", "the mean of δ(u) over its map in place of the sum (H-C1.3)",
         then(times(1.0 / (28 * 28)))},
        {"missing-derivative", "c5.u", "δ(u) = δ(c5), without f'(u) (H-C5.1)", instead([](T v, T d) {
             Tensor delta(v.at("c5.u").shape);
             delta.data = d.at("f6.input").data;
             return delta;
         })},
        {"derivative-at-output", "c3.u", "f'(c3) in place of f'(u) (H-C1.1)",
         instead([=](T v, T d) { return h_c11(d.at("s4.input"), v.at("s4.input"), f.slope); })},
        {"derivative-at-input", "c3.u", "f' by its formula in f(u), given u (H-C1.1)",
         instead([=](T v, T d) { return h_c11(d.at("s4.input"), v.at("c3.u"), f.slope_of_output); })},
        {"missing-upsampling", "s4.input", "δ(s4) goes to the first element of each block (H-S4)",
         instead([](T, T d) { return to_first_elements(d.at("c5.input")); })},
        {"every-tie", "s2.input", "msk is 1 at every maximum of a block (H-S2p)",
         instead([](T v, T d) { return to_every_maximum(v.at("s2.input"), d.at("c3.input")); })},
        {"bias-not-summed-positions", "c3.bias", "δ(b3) = δ(u), not summed over the map (H-C3.3)",
         instead([](T, T d) { return d.at("c3.u"); })},
        {"bias-not-summed-batch", "f6.bias", "each sample's δ(b6), not summed over the batch", joined_by(shares)},
        {"diagonal-softmax", "f7.output", "δ(f7) = −z(1 − y), the diagonal of softmax's Jacobian alone (H-S2)",
         instead([](T v, T) {
             Tensor delta = v.at("z");
             for (std::size_t i = 0; i < delta.data.size(); ++i)
                 delta.data[i] *= v.at("y").data[i] - 1;
             return delta;
         })},
        {"cross-entropy-sign", "f7.output", "δ(f7) = z − y (H-S2)", then(times(-1))},
        {"permuted-channels", "c1.weight", "the maps of δ(w1) in another order (H-C1.2)", then(permuted)},
        {"stale", "c3.weight", "δ(w3) of the batch before", stale()},
    };
}

Mistakes perceptron_mistakes(const Squashing& f)
{
    const auto hidden = [](Function slope, const char* where) {
        return instead([=](T v, T d) { return b5(v.at("layer2.weight"), d.at("layer2.u"), v.at(where), slope); });
    };
    return {
        {"transposed", "layer1.weight", "xδᵀ in place of δxᵀ, as the paper prints it (B7)", then(transposed)},
        {"factor-n", "layer1.weight", "the sum over the samples in place of the mean", joined_by(sum_of_samples), "",
         true},
        {"factor-one-over-n", "layer1.weight", "divided by N twice", joined_by(mean_of_means), "", true},
        {"factor-2", "layer3.u", "2f'(u)(y − t): the ½ of E is forgotten (B6)", then(times(2))},
        {"sign", "layer3.u", "f'(u)(t − y) (B6)", then(times(-1))},
        {"missing-derivative", "layer1.u", "δ = Wᵀδ', without f'(u) (B5)", hidden(one, "layer1.u")},
        {"derivative-at-output", "layer1.u", "f'(x) in place of f'(u) (B5)", hidden(f.slope, "layer2.input")},
        {"derivative-at-input", "layer1.u", "f' by its formula in f(u), given u (B5)",
         hidden(f.slope_of_output, "layer1.u")},
        {"bias-not-summed-batch", "layer1.bias", "each sample's δ, not summed over the batch (B4)", joined_by(shares)},
        {"permuted-channels", "layer2.weight", "the units of ∂E/∂W in another order (B7)", then(permuted)},
        {"stale", "layer2.weight", "∂E/∂W of the batch before", stale()},
    };
}

Mistakes bouvrie_mistakes(const Squashing& f)
{
    const auto under_s4 = [](Function slope, const char* where) {
        return instead([=](T v, T d) { return b10(v.at("s4.beta"), d.at("s4.u"), v.at(where), 2, slope); });
    };
    return {
        {"missing-rot180", "c1.weight", "conv2(x, rot180(δ)), without the outer rot180 (B13)", then(rot180)},
        {"transposed", "c1.weight", "∂E/∂k with rows and columns exchanged (B12)", then(transposed)},
        {"flipped", "c1.weight", "∂E/∂k with its columns in the opposite order (B12)", then(flipped)},
        {"convolution-for-correlation", "s2.u", "conv2(δ', k) in place of conv2(δ', rot180(k)) (B14d)",
         instead([=](T v, T d) { return b14d(d.at("c3.u"), not_turned(kernels_of_c3(v)), v.at("s2.u"), f.slope); })},
        {"valid-for-full", "s2.u", "δ only where the kernel lies within δ' (B14d)", then(valid_part)},
        {"factor-n", "f5.weight", "the sum over the samples in place of the mean (B24)", joined_by(sum_of_samples), "",
         true},
        {"factor-one-over-n", "f5.weight", "divided by N twice (B24)", joined_by(mean_of_means), "", true},
        {"factor-2", "f5.u", "2f'(u)(y − t): the ½ of E is forgotten (B6)", then(times(2))},
        {"sign", "f5.u", "f'(u)(t − y) (B6)", then(times(-1))},
        {"mean-for-sum", "c1.bias", "the mean of δ over its map in place of the sum (B11)",
         then(times(1.0 / (24 * 24)))},
        {"missing-derivative", "c3.u", "β up(δ'), without f'(u) (B10)", under_s4(one, "c3.u")},
        {"derivative-at-output", "c3.u", "f'(x) in place of f'(u) (B10)", under_s4(f.slope, "s4.input")},
        {"derivative-at-input", "c3.u", "f' by its formula in f(u), given u (B10)",
         under_s4(f.slope_of_output, "c3.u")},
        {"missing-upsampling", "c3.u", "δ' goes to the first element of each block (B10)", then(not_spread)},
        {"missing-beta", "c3.u", "f'(u) up(δ'), without β (B10)", instead([=](T v, T d) {
             return b10(Tensor(v.at("s4.beta").shape, 1), d.at("s4.u"), v.at("c3.u"), 2, f.slope);
         })},
        {"bias-not-summed-positions", "c1.bias", "∂E/∂b = δ, not summed over the map (B11)",
         instead([](T, T d) { return d.at("c1.u"); })},
        {"bias-not-summed-batch", "f5.bias", "each sample's δ, not summed over the batch (B4)", joined_by(shares)},
        {"diagonal-softmax", "c3.scores", "∂E/∂α α(1 − α), the diagonal of the Jacobian alone (B15, B17)",
         instead([](T v, T d) {
             const Tensor alpha = b14c_alpha(v.at("c3.scores"));
             Tensor delta = b15a(d.at("c3.u"), v.at("c3.input"), v.at("c3.kernels"));
             for (std::size_t i = 0; i < delta.data.size(); ++i)
                 delta.data[i] *= alpha.data[i] * (1 - alpha.data[i]);
             return delta;
         }),
         "combination"},
        {"missing-penalty", "c3.scores", "∂E/∂c alone, without ∂Ω/∂c (B17, B20)", instead([](T v, T d) {
             return b17(b15a(d.at("c3.u"), v.at("c3.input"), v.at("c3.kernels")), b14c_alpha(v.at("c3.scores")));
         }),
         "sparsity", false, "the gradient of an L1 penalty on α is 0 everywhere (B21, docs/errata.md)"},
        {"permuted-channels", "c1.weight", "the maps of ∂E/∂k in another order (B12)", then(permuted)},
        {"stale", "f5.weight", "∂E/∂W of the batch before", stale()},
    };
}

Steps planted(Steps steps, const Mistake& mistake)
{
    for (Step& step : steps)
        if (step.name == mistake.step)
            mistake.make(step);
    return steps;
}

} // namespace oracles
