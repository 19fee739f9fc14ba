#include "protocol.hpp"

namespace xgrad::gradbench
{

namespace
{

/** Layers of a long short-term memory whose matrices are diagonal. */
struct Network
{
    Variable<double> main;  ///< (2·layers, 4·B): a row of weights and one of biases for each layer
    Variable<double> extra; ///< (3, B): weights of the input, weights and biases of the output
};

/** Characters of B bits, (C, B), and the hidden values and cells at the beginning, (2·layers, B). */
struct Text
{
    Variable<double> sequence, state;
};

/** One layer's weights and biases, and its state. */
struct Layer
{
    Variables<double> w, b; // of the forget, in, out gates and of the change
    Variable<double> hidden, cell;

    Variable<double> step(const Variable<double>& x)
    {
        const auto next_cell = [](auto c, auto in, auto h, auto wf, auto bf, auto wi, auto bi, auto wg, auto bg) {
            return c * sigmoid(in * wf + bf) + sigmoid(h * wi + bi) * tanh(h * wg + bg);
        };
        const auto next_hidden = [](auto c, auto in, auto wo, auto bo) { return sigmoid(in * wo + bo) * tanh(c); };
        cell = elementwise("cell", next_cell, cell, x, hidden, w[0], b[0], w[1], b[1], w[3], b[3]);
        hidden = elementwise("hidden", next_hidden, cell, x, w[2], b[2]);
        return hidden;
    }
};

/** The mean loss of predicting the next character's bits. */
Variable<double> loss(const Network& network, const Text& text)
{
    const Variables<double> rows = unstack(network.main), extra = unstack(network.extra), state = unstack(text.state),
                            inputs = unstack(text.sequence * extra[0]);
    std::vector<Layer> layers;
    for (std::size_t i = 0; i < rows.size(); i += 2)
        layers.push_back({split(rows[i], 4), split(rows[i + 1], 4), state[i], state[i + 1]});
    Variables<double> predicted;
    for (std::size_t t = 0; t + 1 < inputs.size(); ++t) {
        Variable<double> x = inputs[t];
        for (Layer& layer : layers)
            x = layer.step(x);
        predicted.push_back(x);
    }
    const Variable<double> y = stack(predicted) * extra[1] + extra[2];
    const Variable<double> norm = log(sum(exp(y), {1}, true) + 2);
    return -mean(slice(text.sequence, 0, 1, inputs.size()) * (y - norm));
}

Network network_of(const json& input)
{
    return {variable_of(input.at("main_params")), variable_of(input.at("extra_params"))};
}

Text text_of(const json& input) { return {constant_of(input.at("sequence")), constant_of(input.at("state"))}; }

} // namespace

Eval lstm()
{
    const auto objective = [](const json& input) {
        return computation([network = network_of(input), text = text_of(input)] { return loss(network, text).item(); });
    };
    const auto jacobian = [](const json& input) {
        return computation([network = network_of(input), text = text_of(input)] {
            Tape tape;
            const Variables<double> g = tape.gradient(loss(network, text), {network.main, network.extra});
            return concatenate({ravel(g[0]), ravel(g[1])});
        });
    };
    return {"lstm", {{"objective", objective}, {"jacobian", jacobian}}};
}

} // namespace xgrad::gradbench
