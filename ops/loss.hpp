#pragma once

#include <xgrad/graph/variable.hpp>

namespace xgrad
{

// Losses
//
// A loss is a scalar: the mean over the N samples, which are the first axis, of a sum over each sample. Losses are made
// of other ops, and the gradients here follow from the rules of those. Targets may be variables too. All throw
// ShapeError if the shapes do not match or there is no sample.

/** The halved squared distance from the targets. For one sample it is B2, and B1 is N times this.
 *
 *  E = 1/N Σ_n ½‖t_n − y_n‖²
 *
 *  @param y  predictions (N, …)
 *  @param t  targets, of the same shape
 *
 *  Gradients: g·(y − t)/N for y; g·(t − y)/N for t.
 *
 *  Source: B1, B2, B6, G0, G3. */
template <class T>
Variable<T> squared_error(const Variable<T>& y, const Variable<T>& t);

/** The cross-entropy of probabilities for two classes. From logits take `binary_cross_entropy_with_logits`.
 *
 *  E = −1/N Σ_n Σ_k [t ln p + (1 − t) ln(1 − p)], where 0·ln 0 is 0
 *
 *  @param p  probabilities in (0, 1), of shape (N, …)
 *  @param t  targets in [0, 1], of the same shape
 *
 *  Gradients: g·(−t/p + (1 − t)/(1 − p))/N for p; g·(ln(1 − p) − ln p)/N for t.
 *
 *  Source: G0, G4. */
template <class T>
Variable<T> binary_cross_entropy(const Variable<T>& p, const Variable<T>& t);

/** The cross-entropy of two classes from logits z with p = sigmoid(z), without overflow and, however confident a logit
 *  is, without cancellation. A term is 0 at an infinite logit that is right, and infinite at one that is wrong.
 *
 *  E = 1/N Σ_n Σ_k [softplus(z) − t·z]
 *
 *  @param z  logits (N, …)
 *  @param t  targets in [0, 1], of the same shape
 *
 *  Gradients: g·(sigmoid(z) − t)/N for z; −g·z/N for t.
 *
 *  Source: G4. */
template <class T>
Variable<T> binary_cross_entropy_with_logits(const Variable<T>& z, const Variable<T>& t);

/** The cross-entropy of the softmax of logits for labels. For labels of pixels N counts all of them.
 *
 *  E = −1/N Σ_n ln softmax(z_n)[label_n]
 *
 *  @param z       logits (N, classes) or (N, classes, …)
 *  @param labels  (N) or (N, …), from 0 to classes − 1
 *
 *  Gradient: g·(softmax(z) − one-hot)/N for z.
 *  @throws ShapeError if a label is not one of the classes
 *
 *  Source: H-J, H-S2. */
template <class T>
Variable<T> softmax_cross_entropy(const Variable<T>& z, const Labels& labels);

/** The cross-entropy of the softmax of logits for one-hot or soft targets. For targets of pixels N counts all of them.
 *
 *  E = −1/N Σ_n Σ_k t ln softmax(z), where 0·∞ is 0
 *
 *  @param z  logits (N, classes) or (N, classes, …)
 *  @param t  target distributions along axis 1, of the same shape
 *
 *  Gradients: g·(softmax(z)·Σ_k t − t)/N for z, with Σ_k t = 1 for a distribution; −g·ln softmax(z)/N for t.
 *  @throws ShapeError if z has fewer than 2 axes
 *
 *  Source: H-J, H-S2. */
template <class T>
Variable<T> softmax_cross_entropy(const Variable<T>& z, const Variable<T>& t);

/** The one-hot rows of labels. For tanh outputs `off` is −1.
 *
 *  y[n,k] = on where k is label n, off elsewhere
 *
 *  @param labels  (N), from 0 to classes − 1
 *  @return        (N, classes)
 *
 *  Gradient: none, y is a constant.
 *  @throws ShapeError if the labels are not of rank 1 or a label is not one of the classes
 *
 *  Source: B1. */
template <class T>
Variable<T> one_hot(const Labels& labels, std::size_t classes, T off = 0, T on = 1);

} // namespace xgrad
