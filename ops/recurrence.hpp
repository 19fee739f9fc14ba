#pragma once

#include <xgrad/graph/variable.hpp>

#include <array>

namespace xgrad
{

// Recurrence
//
// These ops run a recurrent network over T steps of N sequences. u is the part of the pre-activations that does not
// depend on the state, for all steps at once: x·W_ihᵀ + b. W is the matrix of the state, and the state has H numbers
// for each sequence. All steps are one op, whose gradient to W is one product. All throw ShapeError if the shapes do
// not fit or there is no step.

/** The states of the simple recurrent network (Elman 1990).
 *
 *  h_t = f(u_t + h_{t−1}·Wᵀ), with f = tanh, or relu if `rectified`
 *
 *  @param u  (T, N, H)
 *  @param w  (H, H)
 *  @param h  the state before the first step (N, H)
 *  @return   h_1 … h_T, (T, N, H)
 *
 *  Gradients, from the last step to the first with δ_t = f'∘(g_t + δ_{t+1}·W): δ for u; Σ_t δ_tᵀ·h_{t−1} for w; δ_1·W
 *  for h. */
template <class T>
Variable<T> elman(const Variable<T>& u, const Variable<T>& w, const Variable<T>& h, bool rectified = false);

/** The states of the long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al.
 * 2000). The four parts of a = u_t + h_{t−1}·Wᵀ are those of i, f, n and o.
 *
 *  c_t = σ(f)∘c_{t−1} + σ(i)∘tanh(n),  h_t = σ(o)∘tanh(c_t)
 *
 *  @param u  (T, N, 4H)
 *  @param w  (4H, H)
 *  @param h  the output before the first step (N, H)
 *  @param c  the cells before the first step (N, H)
 *  @return   h_1 … h_T, (T, N, H), and c_T, (N, H)
 *
 *  Gradients, from the last step to the first with δ_t that of a: δ for u; Σ_t δ_tᵀ·h_{t−1} for w; δ_1·W for h; that of
 *  the cells times σ(f) for c. */
template <class T>
std::array<Variable<T>, 2> lstm(const Variable<T>& u, const Variable<T>& w, const Variable<T>& h, const Variable<T>& c);

/** The states of the gated recurrent unit (Cho et al. 2014), with the reset gate behind the product as in cuDNN and
 *  PyTorch. The three parts of u_t and of p = h_{t−1}·Wᵀ + b are those of r, z and n.
 *
 *  h_t = (1 − z)∘n + z∘h_{t−1},  r = σ(u_r + p_r),  z = σ(u_z + p_z),  n = tanh(u_n + r∘p_n)
 *
 *  @param u  (T, N, 3H)
 *  @param w  (3H, H)
 *  @param b  (3H)
 *  @param h  the state before the first step (N, H)
 *  @return   h_1 … h_T, (T, N, H)
 *
 *  Gradients, from the last step to the first with δ_t that of p: the gradient of the pre-activations for u;
 *  Σ_t δ_tᵀ·h_{t−1} for w; Σ δ over steps and sequences for b; that of h_0 for h. */
template <class T>
Variable<T> gru(const Variable<T>& u, const Variable<T>& w, const Variable<T>& b, const Variable<T>& h);

} // namespace xgrad
