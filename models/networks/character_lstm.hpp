#pragma once

#include <xgrad/models/layers/embedding.hpp>
#include <xgrad/models/layers/mode.hpp>
#include <xgrad/models/layers/recurrent.hpp>

#include <cstdint>
#include <vector>

namespace xgrad
{

/** The options of a character LSTM. */
struct CharacterLSTMOptions
{
    std::size_t width = 32;  ///< the numbers that stand for a character
    std::size_t units = 160; ///< the units of each layer's state
    std::size_t layers = 1;
    double dropout = 0.1; ///< the probability with which an element of the uppermost outputs is left out in training
};

/** The probabilities of the next character by a long short-term memory (Graves 2013): logits_t = V·h_t + c, where h_t
 * is the state after characters 1 … t. */
template <class T>
struct CharacterLSTM
{
    CharacterLSTMOptions options;
    Embedding<T> symbols;
    LSTM<T> lstm;
    Linear<T> output;

    /** @throws ShapeError if a size is 0 */
    explicit CharacterLSTM(std::uint64_t seed, const CharacterLSTMOptions& options = {});

    /** @param text  characters (N, L), which may have any length   @return  logits (N, 256, L) of the next ones */
    Variable<T> operator()(const Variable<T>& text, Mode mode = Mode::evaluation()) const;

    /** The parameters "symbols.weight", "lstm.weight_ih_l0", …, "output.weight", "output.bias". */
    Parameters<T> parameters() const;
    /** The layers for a window of a text. */
    std::vector<LayerSummary> summary() const;

  private:
    CharacterLSTM(Random random, const CharacterLSTMOptions& options);
};

} // namespace xgrad
