#pragma once
// The formulas of the notes on convolution and its variants (N): blocks of layers, pooling, and ways to learn. Images
// are (N, C, H, W); kernels slide with `same` padding. A block takes a list of weights, (kernels, biases) of one
// convolution after the other. A Pass has the gradients of x and then of each of them.

#include "variants.hpp"

namespace oracles
{

/** z = column ⋆ (row ⋆ x), row of 1×n, column of n×1. */
Pass n12(const Tensor& x, const std::vector<Tensor>& weights, const Tensor& g);

/** The maps of kernels of several sizes, one after the other. */
Pass n13(const Tensor& x, const std::vector<Tensor>& weights, const Tensor& g);

/** A chain of 1×1, ReLU, k×k, ReLU, 1×1. */
Pass n14(const Tensor& x, const std::vector<Tensor>& weights, const Tensor& g);

/** A kernel for each map, ReLU, then 1×1 over the maps. */
Pass n15(const Tensor& x, const std::vector<Tensor>& weights, const Tensor& g);

/** w h N_I + N_I N_O (printed as w h N_I² + N_I N_O). */
std::size_t n15_weights(std::size_t height, std::size_t width, std::size_t inputs, std::size_t outputs);

/** The shuffle: channel i·groups + j of the result is channel i of group j. */
Pass n16_shuffle(const Tensor& x, std::size_t groups, const Tensor& g);

/** A chain of grouped 1×1, ReLU, shuffle, grouped k×k. */
Pass n16(const Tensor& x, const std::vector<Tensor>& weights, std::size_t groups, const Tensor& g);

/** y = s ∘ x, s = sigmoid(W₂ relu(W₁ m + b₁) + b₂), m the mean of each map; weights W₁ (R, C), b₁, W₂ (C, R), b₂. */
Pass n17(const Tensor& x, const std::vector<Tensor>& weights, const Tensor& g);

/** A full layer over h×w maps, at each place of larger ones: W (O, C·h·w), b (O), y (N, O, H − h + 1, W − w + 1).
 */
Pass n19(const Tensor& x, const Tensor& w, const Tensor& b, std::size_t height, std::size_t width, const Tensor& g);

/** H^(t) = f(U ⋆ X + b + W ⋆ p(Ŷ^(t−1))), Ŷ^(t) = V ⋆ H^(t) + c, t = 1 … steps, W absent at t = 1; weights U, b, W, V,
 *  c. In the notes f and p are the identity; in a labeller f is ReLU and p the softmax over the classes.
 *  @param distance  the distance of the kernels' taps */
Pass n22(const Tensor& x, const std::vector<Tensor>& weights, std::size_t steps, std::size_t distance, bool labeller,
         const Tensor& g);

/** The means, or the maxima, of regions in proportion to the image size: ⌊iH/h⌋ … ⌈(i + 1)H/h⌉ − 1. */
Pass n23(const Tensor& x, bool maximum, const Tensor& g);

/** The gradients of −1/N Σ t ln softmax(x Wᵀ + b) to W and b alone: x (N, I) the features, t (N, O) summing to 1. */
std::vector<Tensor> n26(const Tensor& features, const Tensor& w, const Tensor& b, const Tensor& targets);

/** ½ mean (x − x̂)², x̂ = tanh(x ⋆ k + b) * k + c: valid, then full. Gradients to k, b, c. */
Pass n26_objective(const Tensor& x, const Tensor& k, const Tensor& b, const Tensor& c);

/** A pooling window: its size and stride. */
struct PoolingWindow
{
    std::size_t height, width, down, across;
};

/** max x. */
Pass n27_max(const Tensor& x, const PoolingWindow& window, const Tensor& g);

/** Σ x / n. */
Pass n27_mean(const Tensor& x, const PoolingWindow& window, const Tensor& g);

/** √(Σ x²). */
Pass n27_l2(const Tensor& x, const PoolingWindow& window, const Tensor& g);

/** Σ e^{−r²/2σ²} x / Σ e^{−r²/2σ²}, r the distance from the window's centre. */
Pass n27_distance(const Tensor& x, const PoolingWindow& window, double sigma, const Tensor& g);

/** The largest of `pieces` consecutive channels. */
Pass n27_maxout(const Tensor& x, std::size_t pieces, const Tensor& g);

/** The drawn element of each window: y has the drawn values, each of which is only once in its window. */
Pass n27_stochastic(const Tensor& x, const PoolingWindow& window, const Tensor& drawn, const Tensor& g);

/** Σ p x, p = x / Σ x: the mean of the drawn element. */
Pass n27_probability(const Tensor& x, const PoolingWindow& window, const Tensor& g);

} // namespace oracles
