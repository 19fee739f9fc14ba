#pragma once
// The formulas of Bouvrie's notes on convolutional networks (2006), for one sample: units are (units), maps (maps,
// rows, columns), weights (outputs, inputs), kernels (outputs, inputs, rows, columns). δ = ∂E/∂u is the sensitivity of
// a pre-activation u; rows and columns are r and c.

#include "tensor.hpp"

#include <functional>
#include <vector>

namespace oracles
{

/** An activation f and its derivative f'. */
struct BouvrieActivation
{
    Function f, slope;
};

// B3: 1/(1 + e^(−βu)) and a·tanh(b·u), and their derivatives βe^(−βu)/(1 + e^(−βu))² and a·b/cosh²(b·u).
double b3_logistic(double u, double beta);
double b3_logistic_slope(double u, double beta);
double b3_tanh(double u, double a, double b);
double b3_tanh_slope(double u, double a, double b);
extern const BouvrieActivation bouvrie_logistic; ///< β = 1
extern const BouvrieActivation bouvrie_tanh;     ///< a = 1.7159, b = 2/3

/** t: 1 at the label, `negative` elsewhere. (samples, classes) */
Tensor b1_targets(const std::vector<std::size_t>& labels, std::size_t classes, double negative);
/** E = ½ Σ_n Σ_k (t_k^n − y_k^n)²; t and y (samples, classes). */
double b1(const Tensor& t, const Tensor& y);
/** E^n = ½ ‖t^n − y^n‖²; t and y (classes). */
double b2(const Tensor& t, const Tensor& y);
/** x = f(Wx + b); W (outputs, inputs), x (inputs), b (outputs). */
Tensor b3(const Tensor& w, const Tensor& x, const Tensor& b, Function f);
/** ∂E/∂b = δ. */
Tensor b4(const Tensor& delta);
/** δ = Wᵀδ' ∘ f'(u); W (outputs, inputs) and δ' (outputs) of the next layer, u (inputs). */
Tensor b5(const Tensor& next_w, const Tensor& next_delta, const Tensor& u, Function slope);
/** δ = f'(u) ∘ (y − t). */
Tensor b6(const Tensor& u, const Tensor& y, const Tensor& t, Function slope);
/** ∂E/∂W = δxᵀ (outputs, inputs); δ (outputs), x (inputs). */
Tensor b7(const Tensor& delta, const Tensor& x);
/** ΔW_ij = −η_ij ∂E/∂W_ij; all of one shape. */
Tensor b8(const Tensor& rates, const Tensor& gradient);

/** x_j = f(Σ_{i∈M_j} x_i * k_ij + b_j), valid; M (outputs, inputs): 1 where output map j reads input map i, else 0. */
Tensor b9(const Tensor& x, const Tensor& k, const Tensor& b, const Tensor& m, Function f);
/** δ_j = β_j (f'(u_j) ∘ up(δ'_j)); β (maps) and δ' (maps, rows/n, columns/n) of the subsampling layer above. */
Tensor b10(const Tensor& next_beta, const Tensor& next_delta, const Tensor& u, std::size_t n, Function slope);
/** up(x) = x ⊗ 1_n. */
Tensor b10u(const Tensor& x, std::size_t n);
/** ∂E/∂b_j = Σ_{u,v} (δ_j)_{uv}. */
Tensor b11(const Tensor& delta);
/** ∂E/∂k_ij = Σ_{u,v} (δ_j)_{uv} (p_i)_{uv}, p the patch that met k at (u, v). */
Tensor b12(const Tensor& delta, const Tensor& x);
/** ∂E/∂k_ij = rot180(conv2(x_i, rot180(δ_j), 'valid')). */
Tensor b13(const Tensor& delta, const Tensor& x);
/** down(x): the sums of the distinct n×n blocks. */
Tensor b14_down(const Tensor& x, std::size_t n);
/** x_j = f(β_j down(x_j) + b_j); β and b (maps). */
Tensor b14(const Tensor& x, const Tensor& beta, const Tensor& b, std::size_t n, Function f);
/** ∂E/∂b_j = Σ_{u,v} (δ_j)_{uv}. */
Tensor b14b_bias(const Tensor& delta);
/** ∂E/∂β_j = Σ_{u,v} (δ_j ∘ down(x_j))_{uv}. */
Tensor b14b_beta(const Tensor& delta, const Tensor& x, std::size_t n);
/** δ_j = f'(u_j) ∘ Σ_m conv2(δ'_m, rot180(k_jm), 'full'); δ' and k of the convolution layer above. */
Tensor b14d(const Tensor& next_delta, const Tensor& next_k, const Tensor& u, Function slope);

// Learned combinations: kernels k (inputs, rows, columns); scores c and weights α (inputs, outputs).

/** α_ij = e^(c_ij) / Σ_k e^(c_kj). */
Tensor b14c_alpha(const Tensor& c);
/** x_j = f(Σ_i α_ij (x_i * k_i) + b_j). */
Tensor b14c(const Tensor& x, const Tensor& k, const Tensor& alpha, const Tensor& b, Function f);
/** ∂α_k/∂c_i = δ_ki α_i − α_i α_k (inputs, inputs), δ Kronecker's, for the α (inputs) of one output map. */
Tensor b15(const Tensor& alpha);
/** ∂E/∂α_ij = Σ_{u,v} (δ_j ∘ (x_i * k_i))_{uv}. */
Tensor b15a(const Tensor& delta, const Tensor& x, const Tensor& k);
/** ∂E/∂c_i = Σ_k ∂E/∂α_k ∂α_k/∂c_i, for each output map. */
Tensor b16(const Tensor& to_alpha, const Tensor& alpha);
/** ∂E/∂c_i = α_i (∂E/∂α_i − Σ_k ∂E/∂α_k α_k), for each output map. */
Tensor b17(const Tensor& to_alpha, const Tensor& alpha);
/** Ẽ = E + λ Σ |α|. */
double b18(double error, double lambda, const Tensor& alpha);
/** ∂Ω/∂α = λ sign(α). */
Tensor b19(double lambda, const Tensor& alpha);
/** ∂Ω/∂c_i = Σ_k ∂Ω/∂α_k ∂α_k/∂c_i, for each output map. */
Tensor b20(double lambda, const Tensor& alpha);
/** ∂Ω/∂c_i = λ (|α_i| − α_i Σ_k |α_k|), for each output map; 0, as the α are positive and sum to 1. */
Tensor b21(double lambda, const Tensor& alpha);

/** (E(w + ε) − E(w − ε)) / 2ε. */
double b22(const std::function<double(double)>& error, double w, double epsilon);
/** Stochastic diagonal Levenberg–Marquardt: Δw = −η/(μ + h) ∂E/∂w, h the curvature; all of one shape. */
Tensor b23(double eta, double mu, const Tensor& curvature, const Tensor& gradient);
/** The gradient of a batch: the mean of those of its samples. */
Tensor b24(const std::vector<Tensor>& gradients);
/** δ = y − t of logistic outputs under cross-entropy, where squared error has f'(u) ∘ (y − t) (B6). */
Tensor b24_cross_entropy(const Tensor& y, const Tensor& t);

} // namespace oracles
