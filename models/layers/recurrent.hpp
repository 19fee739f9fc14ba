#pragma once

#include <xgrad/models/layers/layers.hpp>

#include <vector>

namespace xgrad
{

// Recurrent layers run over sequences (N, T, D): N samples, first as everywhere, of T steps. PyTorch has this order
// with batch_first=True. Several layers lie one upon the other; each reads the outputs of the one below. The weights
// have the names, the shapes and the order of gates of PyTorch's state dict: weight_ih_l0, weight_hh_l0, bias_ih_l0,
// bias_hh_l0, weight_ih_l1, … They start uniform in ±1/√H, the biases at 0. All throw ShapeError for sequences of
// another shape or of no steps, and for first states of another shape.

/** The weights of one layer of P parts, such as gates, for D inputs and a state of H numbers. */
template <class T>
struct RecurrentWeights
{
    Variable<T> input, state;           ///< (P·H, D) and (P·H, H)
    Variable<T> input_bias, state_bias; ///< (P·H)
};

/** The results of a recurrent layer. */
template <class T>
struct RecurrentResult
{
    Variable<T> outputs;    ///< those of the uppermost layer in each step (N, T, H)
    Variable<T> state;      ///< h_T of each layer (layers, N, H)
    Variable<T> cells = {}; ///< c_T of each layer of an LSTM (layers, N, H)
};

/** The simple recurrent network (Elman 1990): h_t = f(x_t·W_ihᵀ + b_ih + h_{t−1}·W_hhᵀ + b_hh), f = tanh or relu. */
template <class T>
struct RNN
{
    std::vector<RecurrentWeights<T>> layers;
    bool rectified = false; ///< true for relu in place of tanh

    RNN(std::size_t inputs, std::size_t hidden, Random& random, std::size_t layers = 1, bool rectified = false);
    /** @param state  the states before the first step (layers, N, H); none: zeros */
    RecurrentResult<T> operator()(const Variable<T>& x, const Variable<T>& state = {}) const;
    Parameters<T> parameters() const;
};

/** The long short-term memory (Hochreiter and Schmidhuber 1997): four parts in the order i, f, g, o.
 *
 *  c_t = σ(f)∘c_{t−1} + σ(i)∘tanh(g),  h_t = σ(o)∘tanh(c_t),  (i, f, g, o) = x_t·W_ihᵀ + b_ih + h_{t−1}·W_hhᵀ + b_hh */
template <class T>
struct LSTM
{
    std::vector<RecurrentWeights<T>> layers;

    LSTM(std::size_t inputs, std::size_t hidden, Random& random, std::size_t layers = 1);
    /** @param state, cells  h and c before the first step (layers, N, H); none: zeros */
    RecurrentResult<T> operator()(const Variable<T>& x, const Variable<T>& state = {},
                                  const Variable<T>& cells = {}) const;
    Parameters<T> parameters() const;
};

/** The gated recurrent unit (Cho et al. 2014): three parts in the order r, z, n; p_t = h_{t−1}·W_hhᵀ + b_hh.
 *
 *  h_t = (1 − z)∘n + z∘h_{t−1},  r and z the σ of the sums of both parts,  n = tanh(x_t·W_inᵀ + b_in + r∘p_n) */
template <class T>
struct GRU
{
    std::vector<RecurrentWeights<T>> layers;

    GRU(std::size_t inputs, std::size_t hidden, Random& random, std::size_t layers = 1);
    /** @param state  the states before the first step (layers, N, H); none: zeros */
    RecurrentResult<T> operator()(const Variable<T>& x, const Variable<T>& state = {}) const;
    Parameters<T> parameters() const;
};

// `output` is that of one sample: (T, H).
// clang-format off
template <class T> LayerSummary summarize(std::string name, const RNN<T>& layer, const Shape& output);
template <class T> LayerSummary summarize(std::string name, const LSTM<T>& layer, const Shape& output);
template <class T> LayerSummary summarize(std::string name, const GRU<T>& layer, const Shape& output);
// clang-format on

} // namespace xgrad
