#pragma once
// The formulas of the notes on convolution and its variants (N): convolutions. Images are (N, C, H, W), kernels
// (O, C, K_h, K_w); g is the upstream gradient of the result. A Pass has the result and the gradients of the operands,
// in their order: each product a·b in a sum y contributes g·b to a and g·a to b.

#include "tensor.hpp"

#include <string>

namespace oracles
{

/** A formula's value, and the gradient of each operand. */
struct Pass
{
    Tensor y;
    std::vector<Tensor> gradients;
};

/** s(t) = Σ_a x(a) w(t − a), full: x (M), w (K), s (M + K − 1). */
Pass n1_vector(const Tensor& x, const Tensor& w, const Tensor& g);

/** S(i,j) = Σ_{m,n} I(m,n) K(i − m, j − n), full: I (H, W), K (K_h, K_w), S (H + K_h − 1, W + K_w − 1). */
Pass n1(const Tensor& image, const Tensor& kernel, const Tensor& g);

/** S(i,j) = Σ_{m,n} I(i + m, j + n) K(m,n), valid: I (H, W), K (K_h, K_w), S (H − K_h + 1, W − K_w + 1). */
Pass n2(const Tensor& image, const Tensor& kernel, const Tensor& g);

/** W(i,c) = w_p((i − c) mod L): w (K), W (L, L). */
Pass n3(const Tensor& w, const Tensor& g);

/** s = W x_p: x (M), w (K), s (L), L = M + K − 1. Gradients Wᵀ g, cut, and the sums of g x_pᵀ along the diagonals. */
Pass n3_product(const Tensor& x, const Tensor& w, const Tensor& g);

/** Block (r,c) of G_b is G_{(r − c) mod M}, the circulant matrix of row (r − c) mod M of the padded kernel:
 *  k (K_h, K_w), G_b (M·N, M·N). */
Pass n4(const Tensor& k, std::size_t rows, std::size_t columns, const Tensor& g);

/** h = G_b f_p: x (H, W), k (K_h, K_w), h (M, N), M = H + K_h − 1, N = W + K_w − 1. */
Pass n4_product(const Tensor& x, const Tensor& k, const Tensor& g);

/** Z_{i,j,k} = Σ_{l,m,n} V_{l,j+m,k+n} K_{i,l,m,n}, for each image. */
Pass n5(const Tensor& v, const Tensor& k, const Tensor& g);

/** Z_{i,j,k} = Σ_{l,m,n} V_{l, j s1 + m, k s2 + n} K_{i,l,m,n}. Its gradients are N21 and N20. */
Tensor n6(const Tensor& v, const Tensor& k, std::size_t s1, std::size_t s2);

/** The width of the result for "valid", "same" and "full" padding: m − (k − 1), m, m + (k − 1). */
std::size_t n7(std::size_t width, std::size_t k, const std::string& padding);

/** Z_{i,j,k} = Σ_{l,m,n} V_{l,j+m,k+n} W_{i,j,k,l,m,n} + b_{i,j,k}: W stored as (H', W', O, C, K_h, K_w), b
 *  (O, H', W'). */
Pass n8(const Tensor& v, const Tensor& w, const Tensor& b, const Tensor& g);

/** Z_{i,j,k} = Σ_{l,m,n} V_{l,j+m,k+n} W_{i,j%t,k%t,l,m,n} + b_{i,j%t,k%t}: W stored as (t_h, t_w, O, C, K_h, K_w), b
 *  (O, t_h, t_w). */
Pass n9(const Tensor& v, const Tensor& w, const Tensor& b, const Tensor& g);

/** N5 with only the channels l of i's group: K (O, C/groups, K_h, K_w). */
Pass n10(const Tensor& v, const Tensor& k, std::size_t groups, const Tensor& g);

/** n = (k − 1)/(k' − 1): the number of kernels of k' that see as far as one of k. */
std::size_t n11(std::size_t k, std::size_t small);

/** n k'²/k², the share of the weights that remains. */
double n11_share(std::size_t k, std::size_t small);

/** S(i,j) = Σ_{m,n} I(i + m(d + 1), j + n(d + 1)) K(m,n) with d holes (printed with + 1): matrices, valid. */
Pass n18(const Tensor& image, const Tensor& kernel, std::size_t holes, const Tensor& g);

/** (d + 1)(K − 1) + 1, the extent with d holes (printed as (d + 1)K + 1). */
std::size_t n18_extent(std::size_t k, std::size_t holes);

/** The number of places of a row that the last of several layers sees, with kernels of k and these tap distances. */
std::size_t n18_seen(std::size_t k, const std::vector<std::size_t>& distances);

/** g(G,V,s)_{i,l,j,k} = Σ_{m,n} G_{i,m,n} V_{l, m s1 + j, n s2 + k}, summed over the images: the result
 *  (O, C, K_h, K_w). */
Tensor n20(const Tensor& g, const Tensor& v, std::size_t s1, std::size_t s2, std::size_t height, std::size_t width);

/** h(K,G,s)_{l,j,k} = Σ_q Σ_{m,m': m s1 + m' = j} Σ_{n,n': n s2 + n' = k} G_{q,m,n} K_{q,l,m',n'}: the result
 *  (N, C, H, W). */
Tensor n21(const Tensor& k, const Tensor& g, std::size_t s1, std::size_t s2, std::size_t height, std::size_t width);

/** The full true convolution of matrices as IDFT(DFT(x)·DFT(k)), by the transforms' sums: x (H, W), k (K_h, K_w).
 *  Gradients: the inverse transforms of DFT(g)·conj DFT(k) and DFT(g)·conj DFT(x), cut. */
Pass n24(const Tensor& x, const Tensor& k, const Tensor& g);

/** y = k1 ⋆ (k2 ⋆ x), k2 along the rows, k1 along the columns, which is K ⋆ x for K = k1 ⊗ k2, valid: x (H, W). */
Pass n25(const Tensor& x, const Tensor& k1, const Tensor& k2, const Tensor& g);

} // namespace oracles
