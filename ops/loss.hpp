#pragma once

#include <xgrad/graph/variable.hpp>

namespace xgrad
{

// Losses are scalars: the mean over the samples, which are the first axis, of a sum over what each sample predicts. All
// throw ShapeError if the shapes do not match or there is no sample.

/** E = 1/N Σ_n ½‖t_n − y_n‖² (B1 divided by N; B2 for one sample; G0).
 *  @param y  predictions (N, …)   @param t  targets, the same shape
 *  Gradient: y, (y − t)/N (B6, G3). */
template <class T>
Variable<T> squared_error(const Variable<T>& y, const Variable<T>& t);

/** E = −1/N Σ_n Σ_k [ t ln p + (1 − t) ln(1 − p) ] (G0), from probabilities. With logits at hand prefer the other one.
 *  @param p  probabilities in (0, 1), (N, …)   @param t  targets in [0, 1], the same shape */
template <class T>
Variable<T> binary_cross_entropy(const Variable<T>& p, const Variable<T>& t);

/** The same from logits z, p = sigmoid(z), without overflow: 1/N Σ_n Σ_k [ softplus(z) − t·z ].
 *  Gradient: z, (sigmoid(z) − t)/N (G4). */
template <class T>
Variable<T> binary_cross_entropy_with_logits(const Variable<T>& z, const Variable<T>& t);

/** E = −1/N Σ_n ln softmax(z_n)[label_n] (H-J for one-hot targets); for labels of each pixel the mean over them too.
 *  @param z  logits (N, classes) or (N, classes, …)   @param labels  (N) or (N, …), from 0 to classes − 1
 *  Gradient: z, (softmax(z) − one-hot)/N (H-S2). */
template <class T>
Variable<T> softmax_cross_entropy(const Variable<T>& z, const Labels& labels);

/** E = −1/N Σ_n Σ_k t ln softmax(z) for one-hot or soft targets (H-J).
 *  @param z  logits (N, classes)   @param t  target distributions, the same shape
 *  Gradient: z, (softmax(z)·Σ_k t − t)/N; with Σ t = 1, (softmax(z) − t)/N (H-S2). */
template <class T>
Variable<T> softmax_cross_entropy(const Variable<T>& z, const Variable<T>& t);

/** One-hot rows: (N) labels become (N, classes), `on` at the label and `off` elsewhere (B1: 0, or −1 for tanh outputs).
 */
template <class T>
Variable<T> one_hot(const Labels& labels, std::size_t classes, T off = 0, T on = 1);

} // namespace xgrad
