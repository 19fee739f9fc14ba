#pragma once

#include <xgrad/base/number.hpp>
#include <xgrad/graph/variable.hpp>

#include <cstdint>
#include <optional>

namespace xgrad
{

// Losses
//
// A loss is a scalar: the mean over the N samples, which are the first axis, of a sum over each sample. A Reduction
// takes the sum over the samples in its place, or gives the loss of each sample, in the shape (N). Losses are made of
// other ops, and the gradients here follow from the rules of those. They are those of the mean: for the sum they lack
// 1/N, and for single losses g is that of the sample. Targets may be variables too. All throw ShapeError if the shapes
// do not match or there is no sample.

/** The way in which the losses of the samples become the result. */
enum class Reduction
{
    mean, ///< their mean, a scalar
    sum,  ///< their sum, a scalar
    none  ///< a loss for each sample
};

/** The options of losses for labels. */
template <class T>
struct LabelOptions
{
    Variable<T> weights = {};                 ///< a weight for each class, 0 or more; none: all are 1
    std::optional<std::int32_t> ignored = {}; ///< the label of samples that are left out; none: no sample is
    double smoothing = 0;                     ///< ε in [0, 1]: the part of the target that all classes share
    Reduction reduction = Reduction::mean;    ///< the mean is Σ losses / Σ weights of the labels
};

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

/** The squared error of a Reduction: E_n = ½‖t_n − y_n‖² of each sample, their sum or their mean.
 *  Gradients: those of the mean, without 1/N for the other two. */
template <class T>
Variable<T> squared_error(const Variable<T>& y, const Variable<T>& t, Reduction reduction);

/** The distance from the targets, also called the L1 loss.
 *
 *  E = 1/N Σ_n Σ_k |y − t|
 *
 *  @param y  predictions (N, …)
 *  @param t  targets, of the same shape
 *
 *  Gradients: g·sign(y − t)/N for y; −g·sign(y − t)/N for t. */
template <class T>
Variable<T> absolute_error(const Variable<T>& y, const Variable<T>& t, Reduction reduction = Reduction::mean);

/** The loss of Huber 1964: the halved square of an error up to δ, and a straight line beyond.
 *
 *  E = 1/N Σ_n Σ_k h(y − t), with h(e) = ½e² where |e| ≤ δ, else δ·(|e| − ½δ)
 *
 *  @param y  predictions (N, …)
 *  @param t  targets, of the same shape
 *
 *  Gradients: g·c/N for y, with c = min(max(y − t, −δ), δ); −g·c/N for t.
 *  @throws ShapeError if δ is not positive */
template <class T>
Variable<T> huber(const Variable<T>& y, const Variable<T>& t, Number<T> delta = 1,
                  Reduction reduction = Reduction::mean);

/** The smooth L1 loss (Girshick 2015): `huber(y, t, beta)/beta`, whose slope beyond β is 1.
 *
 *  E = 1/N Σ_n Σ_k s(y − t), with s(e) = ½e²/β where |e| ≤ β, else |e| − ½β
 *
 *  @param y  predictions (N, …)
 *  @param t  targets, of the same shape
 *
 *  Gradients: g·c/N for y, with c = min(max((y − t)/β, −1), 1); −g·c/N for t.
 *  @throws ShapeError if β is not positive */
template <class T>
Variable<T> smooth_l1(const Variable<T>& y, const Variable<T>& t, Number<T> beta = 1,
                      Reduction reduction = Reduction::mean);

/** The hinge loss of two classes, −1 and 1 (Cortes and Vapnik 1995).
 *
 *  E = 1/N Σ_n Σ_k max(0, 1 − t·y)
 *
 *  @param y  scores (N, …)
 *  @param t  targets −1 or 1, of the same shape
 *
 *  Gradients: −g·t/N for y where t·y < 1, else 0; likewise −g·y/N for t. */
template <class T>
Variable<T> hinge(const Variable<T>& y, const Variable<T>& t, Reduction reduction = Reduction::mean);

/** The hinge loss of several classes: the sum over all classes but the right one (Weston and Watkins 1999).
 *
 *  E = 1/N Σ_n Σ_{k≠label_n} max(0, margin + y_nk − y_n,label_n)
 *
 *  @param y       scores (N, classes)
 *  @param labels  (N), from 0 to classes − 1
 *
 *  Gradient: g/N for y_nk where its term is positive, and −g/N for y_n,label_n for each such term.
 *  @throws ShapeError if a label is not one of the classes */
template <class T>
Variable<T> multiclass_hinge(const Variable<T>& y, const Labels& labels, Number<T> margin = 1,
                             Reduction reduction = Reduction::mean);

/** The divergence of Kullback and Leibler 1951 of distributions q from the targets p.
 *
 *  E = 1/N Σ_n Σ_k p·(ln p − ln q), where 0·ln 0 is 0
 *
 *  @param log_q  logarithms of probabilities (N, …), as of `log_softmax`
 *  @param p      targets, of the same shape
 *
 *  Gradients: −g·p/N for log_q; g·(ln p + 1 − ln q)/N for p. */
template <class T>
Variable<T> kl_divergence(const Variable<T>& log_q, const Variable<T>& p, Reduction reduction = Reduction::mean);

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

/** The cross-entropy of two classes of a Reduction: E_n = −Σ_k [t ln p + (1 − t) ln(1 − p)] of each sample, their sum
 * or their mean. Gradients: those of the mean, without 1/N for the other two. */
template <class T>
Variable<T> binary_cross_entropy(const Variable<T>& p, const Variable<T>& t, Reduction reduction);

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

/** The cross-entropy from logits of a Reduction: E_n = Σ_k [softplus(z) − t·z] of each sample, their sum or their mean.
 *  Gradients: those of the mean, without 1/N for the other two. */
template <class T>
Variable<T> binary_cross_entropy_with_logits(const Variable<T>& z, const Variable<T>& t, Reduction reduction);

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

/** The negative logarithm of the probability of the labels, from logarithms. For labels of pixels each is a sample.
 *
 *  E = Σ_n w_n·[(1 − ε)·l_n − ε/K Σ_k (weights_k/w_n) log_p_nk] / Σ_n w_n, with l_n = −log_p[n, label_n] and w_n the
 *  weight of label n, 0 if the label is ignored
 *
 *  @param log_p   logarithms of probabilities (N, K) or (N, K, …), as of `log_softmax`
 *  @param labels  (N) or (N, …), from 0 to K − 1 or the ignored one
 *
 *  Gradient: −g·w_n·(1 − ε)/Σw for the element of the label, and −g·ε·weights_k/(K·Σw) for each element of a sample
 *  that is not ignored.
 *  @throws ShapeError if a label is not one of the classes; if a mean has no sample that counts; if there is not one
 *  weight for each class, or ε is not in [0, 1] */
template <class T>
Variable<T> negative_log_likelihood(const Variable<T>& log_p, const Labels& labels,
                                    const LabelOptions<T>& options = {});

/** The cross-entropy of the softmax of logits for labels, with weights of the classes, a label that is ignored, and
 *  targets smoothed by ε (Szegedy et al. 2016).
 *
 *  E = `negative_log_likelihood(log_softmax(z, 1), labels, options)`
 *
 *  @param z       logits (N, classes) or (N, classes, …)
 *  @param labels  (N) or (N, …), from 0 to classes − 1 or the ignored one
 *
 *  Gradient: that of `negative_log_likelihood` for log_p, through `log_softmax`.
 *  @throws ShapeError as `negative_log_likelihood` does */
template <class T>
Variable<T> softmax_cross_entropy(const Variable<T>& z, const Labels& labels, const LabelOptions<T>& options);

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

/** The cross-entropy for soft targets of a Reduction: E_n = −Σ_k t ln softmax(z) of each sample, or of each pixel of
 * shape (N, …), their sum or their mean. Gradients: those of the mean, without 1/N for the other two. */
template <class T>
Variable<T> softmax_cross_entropy(const Variable<T>& z, const Variable<T>& t, Reduction reduction);

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
