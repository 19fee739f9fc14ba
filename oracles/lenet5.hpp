#pragma once
// The formulas of the course on LeNet-5 (H), each for one image. A kernel's w_{u,v}^{(k,m)}, u and v from −2 to 2, is
// w(m, k, u + 2, v + 2); the pixel (i, j) of map k is s(k, i, j).

#include "tensor.hpp"

namespace oracles
{

/** Returns whether map m of C3 reads map k of S2: the set Cbn, with (5,13) where the text has (5,14) twice. */
bool cbn(int k, int m);

/** c_ij^(m) = f( Σ_k Σ_{u,v=−2..2} w_{u,v}^{(k,m)} s_{i+2+u,j+2+v}^{(k)} + b^(m) ).
 *  s (K, H, W), w (M, K, 5, 5), b (M), c (M, H−4, W−4) */
Tensor h_conv(const Tensor& s, const Tensor& w, const Tensor& b, Function f);

/** s_ij^(k) = f( a^(k) Σ_{u,v=0,1} c_{2i+u,2j+v}^{(k)} + b^(k) ).   c (K, H, W), a and b (K), s (K, H/2, W/2) */
Tensor h_sub(const Tensor& c, const Tensor& a, const Tensor& b, Function f);

/** s_ij^(k) = max_{u,v=0,1} c_{2i+u,2j+v}^{(k)}.   c (K, H, W), s (K, H/2, W/2) */
Tensor h_max(const Tensor& c);

/** s_ij^(k) = ¼ Σ_{u,v=0,1} c_{2i+u,2j+v}^{(k)}.   c (K, H, W), s (K, H/2, W/2) */
Tensor h_mean(const Tensor& c);

/** y_i = e^{f7_i} / Σ_j e^{f7_j} */
Tensor h_softmax(const Tensor& f7);

/** J = −Σ_i z_i log y_i */
double h_j(const Tensor& z, const Tensor& y);

/** H_KL(Z‖Y) = Σ_i z_i log(z_i/y_i), a term with z_i = 0 being 0 */
double h_j_divergence(const Tensor& z, const Tensor& y);

/** H(Z) = Σ_i z_i log(1/z_i), a term with z_i = 0 being 0. For ten equal z_i it is log 10; the text has 1. */
double h_j_entropy(const Tensor& z);

/** ∂J/∂y_i = −z_i/y_i */
Tensor h_s1_y(const Tensor& z, const Tensor& y);

/** ∂J/∂σ = −(1/σ) Σ_j z_j, where y_i = σ e^{f7_i} and σ = 1/Σ_j e^{f7_j} */
double h_s1_sigma(const Tensor& z, const Tensor& f7);

/** δ(f7_i) = −(z_i − y_i), if Σ z = 1 */
Tensor h_s2(const Tensor& z, const Tensor& y);

// Fully connected, F7 and F6: f_i = f(u_i), u_i = Σ_j w_ij x_j + b_i.

/** δ(u_i) = δ(f_i) f'(u_i) */
Tensor h_f1(const Tensor& delta_f, const Tensor& u, Function derivative);
/** δ(w_ij) = δ(u_i) x_j */
Tensor h_f2(const Tensor& delta_u, const Tensor& x);
/** δ(b_i) = δ(u_i) */
Tensor h_f3(const Tensor& delta_u);
/** δ(x_j) = Σ_i δ(u_i) w_ij */
Tensor h_f4(const Tensor& delta_u, const Tensor& w);

// C5: its kernels are as large as the maps (M, 5, 5) that it reads, so each of its L maps has one unit, (L, 1, 1).

/** δ(u_00^(l)) = δ(c5_00^(l)) f'(u_00^(l)) */
Tensor h_c51(const Tensor& delta_c5, const Tensor& u, Function derivative);
/** δ(w5_{u,v}^{(m,l)}) = δ(u_00^(l)) s4_{2+u,2+v}^{(m)}.   (L, M, 5, 5) */
Tensor h_c52(const Tensor& delta_u, const Tensor& s4);
/** δ(b5^(l)) = δ(u_00^(l)).   (L) */
Tensor h_c53(const Tensor& delta_u);
/** δ(s4_ij^(m)) = Σ_l δ(u_00^(l)) w5_{i−2,j−2}^{(m,l)}.   (M, 5, 5) */
Tensor h_c54(const Tensor& delta_u, const Tensor& w5);

/** δ(c3_ij^(k)) = msk_ij^(k) δ(s4_{⌊i/2⌋,⌊j/2⌋}^(k)), msk 1 where c3_ij^(k) is its block's maximum.
 *  Among equal ones it is the first; the text counts all and would send δ several times. */
Tensor h_s4(const Tensor& c3, const Tensor& delta_s4);
/** δ(c1_ij^(k)) = msk_ij^(k) δ(s2_{⌊i/2⌋,⌊j/2⌋}^(k)), with the same mask. */
Tensor h_s2p(const Tensor& c1, const Tensor& delta_s2);

/** δ(w3_{u,v}^{(k,m)}) = Σ_ij δ(u_ij^(m)) s2_{i+2+u,j+2+v}^{(k)} for (k,m) in Cbn, 0 outside.   (16, 6, 5, 5) */
Tensor h_c32(const Tensor& delta_u, const Tensor& s2);
/** δ(b3^(m)) = Σ_ij δ(u_ij^(m)).   (M) */
Tensor h_c33(const Tensor& delta_u);
/** δ(s2_ij^(k)) = Σ_m Σ_{u,v=−2..2} δ(u_{i−2+u,j−2+v}^(m)) w3_{−u,−v}^{(k,m)}, δ(u) being 0 outside its map.
 *  delta_u (M, H, W), w3 (M, K, 5, 5) with zeros outside Cbn; (K, H+4, W+4) */
Tensor h_c34(const Tensor& delta_u, const Tensor& w3);

/** δ(u_ij^(k)) = δ(c1_ij^(k)) f'(u_ij^(k)); C3's is the same. */
Tensor h_c11(const Tensor& delta_c1, const Tensor& u, Function derivative);
/** δ(w1_{u,v}^(k)) = Σ_ij δ(u_ij^(k)) x_{i+2+u,j+2+v}.   delta_u (K, H, W), x (1, H+4, W+4); (K, 1, 5, 5) */
Tensor h_c12(const Tensor& delta_u, const Tensor& x);
/** δ(b1^(k)) = Σ_ij δ(u_ij^(k)).   (K) */
Tensor h_c13(const Tensor& delta_u);

/** θ_j := θ_j − α ∂J/∂θ_j */
Tensor h_gd(const Tensor& theta, const Tensor& gradient, double alpha);

} // namespace oracles
