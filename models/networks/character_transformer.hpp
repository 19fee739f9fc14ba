#pragma once

#include <xgrad/models/layers/attention.hpp>
#include <xgrad/models/layers/embedding.hpp>
#include <xgrad/models/layers/mode.hpp>
#include <xgrad/models/layers/normalization.hpp>

#include <cstdint>
#include <vector>

namespace xgrad
{

/** The options of a character transformer. */
struct CharacterTransformerOptions
{
    std::size_t width = 64; ///< the numbers of a place
    std::size_t heads = 4;
    std::size_t blocks = 2;
    double dropout = 0.1; ///< the dropout of the blocks (TransformerOptions)
};

/** The probabilities of the next character by a transformer without encoder (Radford et al. 2018).
 *
 *  x_t = symbol of character t + place t (sinusoidal_places),  logits = norm(blocks(x))·Vᵀ + c
 *
 *  A block is causal: its result at place t depends on characters 1 … t. Its hidden layer has four times the width. */
template <class T>
struct CharacterTransformer
{
    CharacterTransformerOptions options;
    Embedding<T> symbols;
    std::vector<TransformerBlock<T>> blocks;
    LayerNorm<T> norm;
    Linear<T> output;

    /** @throws ShapeError if a size is 0, or the heads do not divide the width */
    explicit CharacterTransformer(std::uint64_t seed, const CharacterTransformerOptions& options = {});

    /** @param text  characters (N, L)   @return  logits (N, 256, L) of the next ones */
    Variable<T> operator()(const Variable<T>& text, Mode mode = Mode::evaluation()) const;

    /** The parameters "symbols.weight", "block1.self_attn.in_proj_weight", …, "output.bias". */
    Parameters<T> parameters() const;
    /** The layers for a window of a text. */
    std::vector<LayerSummary> summary() const;

  private:
    CharacterTransformer(Random random, const CharacterTransformerOptions& options);
};

} // namespace xgrad
