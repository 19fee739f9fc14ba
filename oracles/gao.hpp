#pragma once
// The formulas of the illustrated article on backpropagation (G). In networks of full layers each column is a sample,
// and the cost is the mean over all n of them, so that δ^L = ∂C/∂Z^L has a factor 1/n. Images are (N, C, H, W); what
// the article calls convolution is cross-correlation.

#include "tensor.hpp"

namespace oracles
{

/** Z = WX + B: W (m, k), X (k, n), B (m), Z (m, n). */
Tensor g0(const Tensor& w, const Tensor& x, const Tensor& b);

/** A = f(Z). */
Tensor g0_activation(const Tensor& z, Function f);

/** C = 1/(2n) Σ ‖y − a‖²: a and y (m, n). */
double g0_quadratic(const Tensor& a, const Tensor& y);

/** C = −1/n Σ [ y ln a + (1 − y) ln(1 − a) ]: a and y (m, n). */
double g0_cross_entropy(const Tensor& a, const Tensor& y);

/** ∂C/∂w_ij = δ_i a_j, summed over the samples: δ (m, n), a (k, n) of the layer before, the result (m, k). */
Tensor g1(const Tensor& delta, const Tensor& a);

/** ∂C/∂b_i = δ_i, summed over the samples: δ (m, n), the result (m). */
Tensor g2(const Tensor& delta);

/** δ^L = (A − Y) ∘ f'(Z) / n for the quadratic cost: all (m, n). */
Tensor g3(const Tensor& a, const Tensor& y, const Tensor& z, Function slope);

/** δ^L = (A − Y) / n for the cross-entropy of sigmoid units: all (m, n). */
Tensor g4(const Tensor& a, const Tensor& y);

/** ∂C/∂A = (−Y/A + (1 − Y)/(1 − A)) / n for the cross-entropy, on the way to G4 (printed with a minus between the two).
 */
Tensor g4_output(const Tensor& a, const Tensor& y);

/** δ^l = Wᵀ δ^{l+1} ∘ f'(Z^l): W (m, k) and δ^{l+1} (m, n) of the layer behind, Z^l (k, n). */
Tensor g5(const Tensor& w, const Tensor& delta, const Tensor& z, Function slope);

/** o = ⌊(i − k + 2p)/s⌋ + 1: the extent that a kernel of k gives for an image of i, with p zeros on each side, in steps
 *  of s. */
std::size_t g6(std::size_t i, std::size_t k, std::size_t p, std::size_t s);

/** p = (k − 1)/2, which keeps the size, for odd k. */
std::size_t g6_same(std::size_t k);

/** p = k − 1, so that every overlap counts. */
std::size_t g6_full(std::size_t k);

/** δ^l = β (f'(z^l) ∘ up(δ^{l+1})), z^{l+1} = β down(f(z^l)) + b: δ^{l+1} (N, C, H/h, W/w), β (C), z^l (N, C, H, W). */
Tensor g7(const Tensor& delta, const Tensor& beta, const Tensor& z, Function slope);

/** δ_i^l = f'(z_i^l) ∘ Σ_j δ_j^{l+1} ⋆ rot180(w_ji), full, z_j^{l+1} = Σ_i f(z_i^l) ⋆ w_ji + b_j:
 *  δ^{l+1} (N, O, H − K_h + 1, W − K_w + 1), w (O, C, K_h, K_w), z^l (N, C, H, W). */
Tensor g8(const Tensor& delta, const Tensor& w, const Tensor& z, Function slope);

/** ∂C/∂w_ji = a_i ⋆ δ_j, valid, summed over the images: a (N, C, H, W), δ (N, O, H', W'), the result
 *  (O, C, H − H' + 1, W − W' + 1). */
Tensor g9(const Tensor& a, const Tensor& delta);

/** The image, the kernel and the result of the worked example. */
Tensor g10_image();
Tensor g10_kernel();
Tensor g10();

// Activations f with their f'; at 0 the rectifying ones have the slope of the left side.
double g11_sigmoid(double x);          ///< 1/(1 + e^{−x})
double g11_sigmoid_slope(double x);    ///< f (1 − f)
double g11_tanh(double x);             ///< (e^x − e^{−x})/(e^x + e^{−x})
double g11_tanh_slope(double x);       ///< 1 − f²
double g11_relu(double x);             ///< max(0, x)
double g11_relu_slope(double x);       ///< 1 where x > 0, else 0
double g11_leaky_relu(double x);       ///< x where x > 0, else 0.01·x
double g11_leaky_relu_slope(double x); ///< 1 where x > 0, else 0.01

/** Maxout: y_c = max_{k<pieces} x_{c·pieces+k}, and the gradient to x: g goes to the first of the largest.
 *  x (N, C, places), y and g (N, C/pieces, places). */
Tensor g11_maxout(const Tensor& x, std::size_t pieces);
Tensor g11_maxout_gradient(const Tensor& g, const Tensor& x, std::size_t pieces);

/** Poolings of size × size windows in steps of `stride`, and the gradients to x: g to the first of the largest for the
 *  maximum, g/size² for the mean, 2·g·x for the sum of squares. They are added where windows overlap. */
Tensor g11_max_pool(const Tensor& x, std::size_t size, std::size_t stride);
Tensor g11_max_pool_gradient(const Tensor& g, const Tensor& x, std::size_t size, std::size_t stride);
Tensor g11_mean_pool(const Tensor& x, std::size_t size, std::size_t stride);
Tensor g11_mean_pool_gradient(const Tensor& g, const Tensor& x, std::size_t size, std::size_t stride);
Tensor g11_square_pool(const Tensor& x, std::size_t size, std::size_t stride);
Tensor g11_square_pool_gradient(const Tensor& g, const Tensor& x, std::size_t size, std::size_t stride);

enum class ShallowCost
{
    quadratic,
    cross_entropy ///< the last layer has sigmoid units
};

/** A network of full layers: w (m, k), b (m), f and f' of each layer. */
struct ShallowNetwork
{
    std::vector<Tensor> w, b;
    std::vector<Function> f, slope;
};

/** The values of each layer, forward and backward: z, δ = ∂C/∂z, ∂C/∂w and ∂C/∂b. */
struct ShallowPass
{
    double cost = 0;
    std::vector<Tensor> z, delta, to_w, to_b;
};

/** The whole pass: G0 forward, then G3 or G4, G5 from layer to layer, G1 and G2 in each.
 *  @param x  (inputs, n)   @param y  targets (outputs, n) */
ShallowPass shallow_pass(const ShallowNetwork& network, const Tensor& x, const Tensor& y, ShallowCost cost);

} // namespace oracles
