#pragma once

#include <xgrad/base/sample_random.hpp>
#include <xgrad/graph/variable.hpp>

#include <optional>

namespace xgrad
{

// Attention
//
// Queries choose among values by the likeness of the values' keys (Vaswani et al. 2017). Leading axes, such as samples
// and heads, are broadcast. All throw ShapeError if the shapes do not fit.

/** The options of attention. */
template <class T>
struct AttentionOptions
{
    Variable<T> mask =
        {}; ///< added to the scores, of a shape that broadcasts to (…, L, S): −∞ hides a key from a query
    bool causal = false;                     ///< true to hide from query i the keys after i
    double dropout = 0;                      ///< the probability with which a weight is left out
    std::optional<SampleRandom> random = {}; ///< the random numbers of the samples, for dropout
};

/** The weights by which each query reads the values. If all keys are hidden from a query, its weights are NaN.
 *
 *  P = softmax(Q·Kᵀ/√d + mask)
 *
 *  @param q  queries (…, L, d)
 *  @param k  keys (…, S, d)
 *  @return   (…, L, S); the weights of a query are positive and sum to 1, without dropout
 *
 *  Gradients: δ·K/√d for q; δᵀ·Q/√d for k, with δ the gradient of the scores by the rule of `softmax`.
 *  @throws ShapeError if q and k differ in d, the mask does not broadcast to (…, L, S), or dropout has no random
 *  numbers or is not in [0, 1] */
template <class T>
Variable<T> attention_weights(const Variable<T>& q, const Variable<T>& k, const AttentionOptions<T>& options = {});

/** The means of the values, for each query by its `attention_weights`.
 *
 *  Y = softmax(Q·Kᵀ/√d + mask)·V
 *
 *  @param q  queries (…, L, d)
 *  @param k  keys (…, S, d)
 *  @param v  values (…, S, e)
 *  @return   (…, L, e)
 *
 *  Gradients: Pᵀ·g for v, with P the weights; those of `attention_weights` with the upstream gradient g·Vᵀ for q and k.
 *  @throws ShapeError as `attention_weights` does, or if there is not one value for each key */
template <class T>
Variable<T> scaled_dot_product_attention(const Variable<T>& q, const Variable<T>& k, const Variable<T>& v,
                                         const AttentionOptions<T>& options = {});

} // namespace xgrad
