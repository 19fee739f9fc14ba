#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/base/sizes.hpp>
#include <xgrad/models/layers/recurrent.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/joining.hpp>
#include <xgrad/ops/matmul.hpp>
#include <xgrad/ops/recurrence.hpp>
#include <xgrad/ops/shape.hpp>

#include <fmt/core.h>

#include <cmath>

namespace xgrad
{

namespace
{

template <class T>
std::vector<RecurrentWeights<T>> first_weights(const char* layer, std::size_t parts, std::size_t inputs,
                                               std::size_t hidden, std::size_t layers, Random& random)
{
    if (inputs == 0 || hidden == 0 || layers == 0)
        throw ShapeError(fmt::format("[{}] {} layer(s) from {} inputs to a state of {}: 1 or more of each are needed",
                                     layer, layers, inputs, hidden));
    const std::size_t rows = detail::product_of_sizes(layer, "state", parts, hidden);
    const double bound = 1 / std::sqrt(static_cast<double>(hidden));
    std::vector<RecurrentWeights<T>> all;
    for (std::size_t i = 0; i < layers; ++i)
        all.push_back({variable(random.uniform<T>({rows, i == 0 ? inputs : hidden}, -bound, bound)),
                       variable(random.uniform<T>({rows, hidden}, -bound, bound)), variable(filled_array({rows}, T{0})),
                       variable(filled_array({rows}, T{0}))});
    return all;
}

template <class T>
Parameters<T> named(const std::vector<RecurrentWeights<T>>& layers)
{
    Parameters<T> all;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        all.add(fmt::format("weight_ih_l{}", i), layers[i].input);
        all.add(fmt::format("weight_hh_l{}", i), layers[i].state);
        all.add(fmt::format("bias_ih_l{}", i), layers[i].input_bias);
        all.add(fmt::format("bias_hh_l{}", i), layers[i].state_bias);
    }
    return all;
}

/** The states before the first step, one for each layer. */
template <class T>
Variables<T> first_states(const char* layer, const char* what, const Variable<T>& given, const Shape& shape)
{
    if (!given.has_value())
        return unstack(constant(Array<T>(shape, T{0})));
    if (given.shape() != shape)
        throw ShapeError(fmt::format("[{}] {} of shape {}: (layers, N, H) = {} is needed", layer, what,
                                     to_string(given.shape()), to_string(shape)));
    return unstack(given);
}

/** Runs the layers, one upon the other. `step(i, u)` runs layer i, from x·W_ihᵀ + b_ih for all steps (T, N, P·H), and
 *  returns its outputs (T, N, H). */
template <class T, class Step>
RecurrentResult<T> run(const std::vector<RecurrentWeights<T>>& layers, const Variable<T>& x, Step step)
{
    const std::size_t samples = x.shape()[0], steps = x.shape()[1];
    Variable<T> inputs = permute(x, {1, 0, 2});
    Variables<T> states;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const RecurrentWeights<T>& layer = layers[i];
        const Variable<T> rows = reshape(inputs, {steps * samples, inputs.shape()[2]});
        const Variable<T> u = matmul(rows, layer.input, {.b = true}) + step.bias(i);
        inputs = step(i, reshape(u, {steps, samples, layer.input.shape()[0]}));
        states.push_back(squeeze(slice(inputs, 0, steps - 1, steps), 0));
    }
    return {permute(inputs, {1, 0, 2}), stack(states)};
}

/** Checks the sequences, and returns the shape (layers, N, H) of the states. */
template <class T>
Shape states_shape(const char* layer, const std::vector<RecurrentWeights<T>>& layers, const Variable<T>& x)
{
    const std::size_t inputs = layers[0].input.shape()[1];
    if (x.dimension() != 3 || x.shape()[2] != inputs)
        throw ShapeError(
            fmt::format("[{}] sequences of shape {}: (N, T, {}) is needed", layer, to_string(x.shape()), inputs));
    if (x.shape()[1] == 0)
        throw ShapeError(
            fmt::format("[{}] sequences {} of no steps: one step or more is needed", layer, to_string(x.shape())));
    return {layers.size(), x.shape()[0], layers[0].state.shape()[1]};
}

template <class T>
struct StepOfRNN
{
    const RNN<T>& layer;
    Variables<T> states;

    Variable<T> bias(std::size_t i) const { return layer.layers[i].input_bias + layer.layers[i].state_bias; }
    Variable<T> operator()(std::size_t i, const Variable<T>& u) const
    {
        return elman(u, layer.layers[i].state, states[i], layer.rectified);
    }
};

template <class T>
struct StepOfLSTM
{
    const LSTM<T>& layer;
    Variables<T> states, cells;
    Variables<T>& last_cells;

    Variable<T> bias(std::size_t i) const { return layer.layers[i].input_bias + layer.layers[i].state_bias; }
    Variable<T> operator()(std::size_t i, const Variable<T>& u) const
    {
        auto [outputs, last] = lstm(u, layer.layers[i].state, states[i], cells[i]);
        last_cells.push_back(std::move(last));
        return outputs;
    }
};

template <class T>
struct StepOfGRU
{
    const GRU<T>& layer;
    Variables<T> states;

    Variable<T> bias(std::size_t i) const { return layer.layers[i].input_bias; }
    Variable<T> operator()(std::size_t i, const Variable<T>& u) const
    {
        return gru(u, layer.layers[i].state, layer.layers[i].state_bias, states[i]);
    }
};

/** @param output  (T, H) */
template <class T>
LayerSummary summary(std::string name, std::string kind, const std::vector<RecurrentWeights<T>>& layers,
                     const Shape& output)
{
    std::size_t weights = 0, biases = 0;
    for (const RecurrentWeights<T>& layer : layers) {
        weights += layer.input.size() + layer.state.size();
        biases += layer.input_bias.size() + layer.state_bias.size();
    }
    return {std::move(name),
            layers.size() == 1 ? std::move(kind) : fmt::format("{} of {} layers", kind, layers.size()),
            output,
            weights + biases,
            (weights + biases) * output[0],
            weights * output[0]};
}

} // namespace

template <class T>
RNN<T>::RNN(std::size_t inputs, std::size_t hidden, Random& random, std::size_t count, bool is_rectified)
    : layers(first_weights<T>("rnn", 1, inputs, hidden, count, random)), rectified(is_rectified)
{}

template <class T>
RecurrentResult<T> RNN<T>::operator()(const Variable<T>& x, const Variable<T>& state) const
{
    const Shape shape = states_shape("rnn", layers, x);
    return run(layers, x, StepOfRNN<T>{*this, first_states("rnn", "states", state, shape)});
}

template <class T>
Parameters<T> RNN<T>::parameters() const
{
    return named(layers);
}

template <class T>
LSTM<T>::LSTM(std::size_t inputs, std::size_t hidden, Random& random, std::size_t count)
    : layers(first_weights<T>("lstm", 4, inputs, hidden, count, random))
{}

template <class T>
RecurrentResult<T> LSTM<T>::operator()(const Variable<T>& x, const Variable<T>& state, const Variable<T>& cells) const
{
    const Shape shape = states_shape("lstm", layers, x);
    Variables<T> last;
    RecurrentResult<T> result = run(layers, x,
                                    StepOfLSTM<T>{*this, first_states("lstm", "states", state, shape),
                                                  first_states("lstm", "cells", cells, shape), last});
    result.cells = stack(last);
    return result;
}

template <class T>
Parameters<T> LSTM<T>::parameters() const
{
    return named(layers);
}

template <class T>
GRU<T>::GRU(std::size_t inputs, std::size_t hidden, Random& random, std::size_t count)
    : layers(first_weights<T>("gru", 3, inputs, hidden, count, random))
{}

template <class T>
RecurrentResult<T> GRU<T>::operator()(const Variable<T>& x, const Variable<T>& state) const
{
    const Shape shape = states_shape("gru", layers, x);
    return run(layers, x, StepOfGRU<T>{*this, first_states("gru", "states", state, shape)});
}

template <class T>
Parameters<T> GRU<T>::parameters() const
{
    return named(layers);
}

template <class T>
LayerSummary summarize(std::string name, const RNN<T>& layer, const Shape& output)
{
    return summary(std::move(name), "recurrent", layer.layers, output);
}

template <class T>
LayerSummary summarize(std::string name, const LSTM<T>& layer, const Shape& output)
{
    return summary(std::move(name), "LSTM", layer.layers, output);
}

template <class T>
LayerSummary summarize(std::string name, const GRU<T>& layer, const Shape& output)
{
    return summary(std::move(name), "GRU", layer.layers, output);
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template struct RNN<T>;                                                                                            \
    template struct LSTM<T>;                                                                                           \
    template struct GRU<T>;                                                                                            \
    template LayerSummary summarize(std::string, const RNN<T>&, const Shape&);                                         \
    template LayerSummary summarize(std::string, const LSTM<T>&, const Shape&);                                        \
    template LayerSummary summarize(std::string, const GRU<T>&, const Shape&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
