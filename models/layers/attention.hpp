#pragma once

#include <xgrad/models/layers/layers.hpp>
#include <xgrad/models/layers/mode.hpp>
#include <xgrad/models/layers/normalization.hpp>

namespace xgrad
{

/** Attention with several heads (Vaswani et al. 2017). The E numbers of a place are cut into one part for each head.
 *
 *  y = concatenate(heads)·W_outᵀ + b_out, where head h is the attention of the h-th parts of q·W_qᵀ + b_q, k·W_kᵀ + b_k
 *  and v·W_vᵀ + b_v
 *
 *  Queries are (N, L, E), keys and values (N, S, E), y (N, L, E). The parameters are those of PyTorch's state dict:
 *  in_proj_weight (3E, E), the rows of W_q, W_k and W_v, in_proj_bias (3E), out_proj.weight (E, E), out_proj.bias. */
template <class T>
struct MultiHeadAttention
{
    Variable<T> in_weight, in_bias;
    Linear<T> out;
    std::size_t heads;
    double dropout = 0; ///< the probability with which a weight is left out in training

    /** @throws ShapeError if the heads do not divide E */
    MultiHeadAttention(std::size_t width, std::size_t heads, Random& random, double dropout = 0);

    /** The attention of x to itself.
     *  @param mask    added to the scores, of a shape that broadcasts to (N, heads, L, S): −∞ hides a key from a query
     *  @param causal  true to hide from each place those after it
     *  @throws ShapeError for other shapes */
    Variable<T> operator()(const Variable<T>& x, Mode mode, const Variable<T>& mask = {}, bool causal = false) const;
    /** The attention of queries to others' keys and values. */
    Variable<T> attend(const Variable<T>& q, const Variable<T>& k, const Variable<T>& v, Mode mode,
                       const Variable<T>& mask = {}, bool causal = false) const;
    Parameters<T> parameters() const
    {
        return {{"in_proj_weight", in_weight}, {"in_proj_bias", in_bias}, {"out_proj", out.parameters()}};
    }
};

/** The options of a TransformerBlock. */
struct TransformerOptions
{
    double dropout =
        0; ///< the probability with which an element of a sum, of the hidden layer or of the weights is left out
    Activation activation = Activation::relu;
    bool norm_first = true; ///< false for the order of 2017, with the normalization after each sum, PyTorch's default
    bool causal = false;    ///< true to hide from each place those after it
};

/** A block of a transformer's encoder, or with `causal` of a decoder without encoder: attention and a small network for
 *  each place, each beside a path around it (Vaswani et al. 2017; the normalization first by Xiong et al. 2020).
 *
 *  u = x + attention(norm1(x)),  y = u + linear2(f(linear1(norm2(u))))
 *
 *  x and y are (N, L, E). The parameters have the names of PyTorch's TransformerEncoderLayer: self_attn, linear1,
 *  linear2, norm1, norm2. */
template <class T>
struct TransformerBlock
{
    MultiHeadAttention<T> attention;
    Linear<T> linear1, linear2;
    LayerNorm<T> norm1, norm2;
    TransformerOptions options;

    /** @param hidden  the units of linear1 */
    TransformerBlock(std::size_t width, std::size_t heads, std::size_t hidden, Random& random,
                     const TransformerOptions& options = {});
    /** @param mask  as MultiHeadAttention has it */
    Variable<T> operator()(const Variable<T>& x, Mode mode, const Variable<T>& mask = {}) const;
    Parameters<T> parameters() const
    {
        return {{"self_attn", attention.parameters()},
                {"linear1", linear1.parameters()},
                {"linear2", linear2.parameters()},
                {"norm1", norm1.parameters()},
                {"norm2", norm2.parameters()}};
    }
};

// `output` is that of one sample: (L, E).
template <class T>
LayerSummary summarize(std::string name, const MultiHeadAttention<T>& layer, const Shape& output);
template <class T>
LayerSummary summarize(std::string name, const TransformerBlock<T>& block, const Shape& output);

} // namespace xgrad
