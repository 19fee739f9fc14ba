// ONNX' recurrent networks. The gates of W (directions, gates·H, inputs), R and B are stacked: i o f c in an LSTM, z r
// h in a GRU. https://onnx.ai/onnx/operators/onnx__LSTM.html
#include <xgrad/formats/onnx/call.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/joining.hpp>
#include <xgrad/ops/manipulation.hpp>
#include <xgrad/ops/matmul.hpp>
#include <xgrad/ops/shape.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace xgrad::onnx
{

namespace
{

/** The values that go on from step to step: h, and the cells of an LSTM. */
template <class T>
struct State
{
    Variable<T> h;
    std::optional<Variable<T>> c = {};
};

/** The weights of one direction. */
template <class T>
struct Weights
{
    Variable<T> w, r, bias_w, bias_r;
    std::optional<Variable<T>> peepholes;
    std::vector<std::string> activations;
};

template <class T>
Variable<T> activation(const Call<T>& call, const std::string& name, const Variable<T>& x)
{
    if (name == "Tanh")
        return tanh(x);
    if (name == "Sigmoid")
        return sigmoid(x);
    if (name == "Relu")
        return relu(x);
    if (name == "Softsign")
        return softsign(x);
    if (name == "Softplus")
        return softplus(x);
    call.refuse(fmt::format("has the activation '{}'", name));
}

/** Part k of so many equal ones along the last axis. */
template <class T>
Variable<T> part(const Variable<T>& x, std::size_t k, std::size_t width)
{
    return slice(x, -1, k * width, (k + 1) * width);
}

template <class T>
Variable<T> clipped(const Call<T>& call, const Variable<T>& x)
{
    const double bound = call.node.real("clip", 0);
    return bound > 0 ? clip(x, -bound, bound) : x;
}

/** h = f(x·Wᵀ + h·Rᵀ + b) */
template <class T>
State<T> simple_step(const Call<T>& call, const Weights<T>& of, const Variable<T>& x, const State<T>& before)
{
    const Variable<T> z = matmul(x, of.w, {.b = true}) + matmul(before.h, of.r, {.b = true}) + of.bias_w + of.bias_r;
    return {activation(call, of.activations[0], clipped(call, z))};
}

template <class T>
State<T> lstm_step(const Call<T>& call, const Weights<T>& of, const Variable<T>& x, const State<T>& before)
{
    const std::size_t width = before.h.shape()[1];
    const auto& [gate, cell, output] = std::tie(of.activations[0], of.activations[1], of.activations[2]);
    const Variable<T> z = matmul(x, of.w, {.b = true}) + matmul(before.h, of.r, {.b = true}) + of.bias_w + of.bias_r;
    const auto peeking = [&](std::size_t k, const Variable<T>& c) {
        return of.peepholes ? part(z, k, width) + part(*of.peepholes, k, width) * c : part(z, k, width);
    };
    const Variable<T> i = activation(call, gate, clipped(call, peeking(0, *before.c)));
    const Variable<T> f = activation(call, gate, clipped(call, peeking(2, *before.c)));
    const Variable<T> c = f * *before.c + i * activation(call, cell, clipped(call, part(z, 3, width)));
    const Variable<T> o = activation(call, gate, clipped(call, peeking(1, c)));
    return {o * activation(call, output, c), c};
}

template <class T>
State<T> gru_step(const Call<T>& call, const Weights<T>& of, const Variable<T>& x, const State<T>& before)
{
    const std::size_t width = before.h.shape()[1];
    const Variable<T> from_x = matmul(x, of.w, {.b = true}) + of.bias_w;
    const Variable<T> from_h = matmul(before.h, of.r, {.b = true}) + of.bias_r;
    const auto gate = [&](std::size_t k) {
        return activation(call, of.activations[0], clipped(call, part(from_x, k, width) + part(from_h, k, width)));
    };
    const Variable<T> z = gate(0), r = gate(1);
    Variable<T> recurrent = r * part(from_h, 2, width);
    if (call.node.integer("linear_before_reset", 0) == 0) { // the reset gate is before the product
        const Variable<T> rows = slice(of.r, 0, 2 * width, 3 * width);
        recurrent = matmul(r * before.h, rows, {.b = true}) + slice(of.bias_r, -1, 2 * width, 3 * width);
    }
    const Variable<T> candidate =
        activation(call, of.activations[1], clipped(call, part(from_x, 2, width) + recurrent));
    return {(1 - z) * candidate + z * before.h};
}

/** Runs one direction over the steps. @param xs  a step each (batch, inputs) @return  h of each step, and the last
 * state */
template <class T, class Step>
std::pair<std::vector<Variable<T>>, State<T>> run(const std::vector<Variable<T>>& xs, State<T> state, bool is_reverse,
                                                  const std::vector<std::int64_t>& lengths, const Step& step)
{
    std::vector<Variable<T>> hs(xs.size());
    for (std::size_t k = 0; k < xs.size(); ++k) {
        const std::size_t t = is_reverse ? xs.size() - 1 - k : k;
        State<T> next = step(xs[t], state);
        hs[t] = next.h;
        if (!lengths.empty()) { // sequences that have ended keep their state, and give 0
            Array<T> goes_on(Shape{lengths.size(), 1});
            for (std::size_t i = 0; i < lengths.size(); ++i)
                goes_on.data()[i] = T(static_cast<std::int64_t>(t) < lengths[i]);
            const Variable<T> mask = constant(std::move(goes_on));
            hs[t] = where(mask, next.h, 0);
            next.h = where(mask, next.h, state.h);
            if (state.c)
                next.c = where(mask, *next.c, *state.c);
        }
        state = next;
    }
    return {hs, state};
}

template <class T>
using Step = State<T> (*)(const Call<T>&, const Weights<T>&, const Variable<T>&, const State<T>&);

template <class T>
Operands<T> recurrent(const Call<T>& call, std::size_t gates, std::vector<std::string> activations, Step<T> step)
{
    const bool batch_first = call.node.integer("layout", 0) != 0;
    Variable<T> x = call.real(0);
    if (x.dimension() != 3)
        call.refuse(fmt::format("needs (steps, batch, inputs), not {}", to_string(x.shape())));
    if (batch_first)
        x = swapaxes(x, 0, 1);
    const std::string direction = call.node.text("direction", "forward");
    const std::size_t directions = direction == "bidirectional" ? 2 : 1, batch = x.shape()[1];
    const Variable<T> w = call.real(1), r = call.real(2);
    const std::size_t width = r.dimension() == 3 ? r.shape()[2] : 0;
    if (w.shape() != Shape{directions, gates * width, x.shape()[2]} ||
        r.shape() != Shape{directions, gates * width, width})
        call.refuse(fmt::format("has weights {} and {} for inputs {}", to_string(w.shape()), to_string(r.shape()),
                                to_string(x.shape())));
    const bool has_cells = gates == 4;
    std::vector<std::string> all = call.node.texts("activations", std::vector<std::string>());
    const std::size_t each = activations.size();
    if (!all.empty() && all.size() != each * directions)
        call.refuse(fmt::format("needs {} activations", each * directions));
    if (call.node.integer("input_forget", 0) != 0)
        call.refuse("couples its gates (input_forget)");
    const std::vector<std::int64_t> lengths = call.has(4) ? call.integers(4) : std::vector<std::int64_t>();
    if (!lengths.empty() && lengths.size() != batch)
        call.refuse("needs a length for each sequence");
    const auto xs_list = unstack(x, 0);
    const std::vector<Variable<T>> xs(xs_list.begin(), xs_list.end());
    const auto initial = [&](std::size_t input, std::size_t d) {
        if (!call.has(input))
            return constant(Array<T>(Shape{batch, width}, T(0)));
        return squeeze(slice(call.real(input), batch_first ? 1 : 0, d, d + 1), batch_first ? 1 : 0);
    };
    const auto of_direction = [](const Variable<T>& v, std::size_t d) { return squeeze(slice(v, 0, d, d + 1), 0); };
    std::vector<Variable<T>> hs, last_h, last_c;
    for (std::size_t d = 0; d < directions; ++d) {
        const Variable<T> none = constant(Array<T>(Shape{1}, T(0)));
        Weights<T> of{of_direction(w, d), of_direction(r, d), none, none, {}, activations};
        if (call.has(3)) {
            of.bias_w = slice(of_direction(call.real(3), d), 0, 0, gates * width);
            of.bias_r = slice(of_direction(call.real(3), d), 0, gates * width, 2 * gates * width);
        } else {
            of.bias_w = of.bias_r = constant(Array<T>(Shape{gates * width}, T(0)));
        }
        if (has_cells && call.has(7))
            of.peepholes = of_direction(call.real(7), d);
        if (!all.empty())
            of.activations.assign(all.begin() + static_cast<std::ptrdiff_t>(d * each),
                                  all.begin() + static_cast<std::ptrdiff_t>((d + 1) * each));
        State<T> state{initial(5, d)};
        if (has_cells)
            state.c = initial(6, d);
        const auto [all_h, end] =
            run<T>(xs, state, direction == "reverse" || d == 1, lengths,
                   [&](const Variable<T>& at, const State<T>& before) { return step(call, of, at, before); });
        hs.push_back(stack(all_h, 0));
        last_h.push_back(end.h);
        if (has_cells)
            last_c.push_back(*end.c);
    }
    // (steps, directions, batch, H), or (batch, steps, directions, H)
    const Variable<T> y = stack(hs, 1);
    const Axis at = batch_first ? 1 : 0;
    Operands<T> results = {batch_first ? permute(y, {2, 0, 1, 3}) : y, stack(last_h, at)};
    if (has_cells)
        results.push_back(stack(last_c, at));
    return results;
}

} // namespace

template <class T>
Table<T> recurrence_table()
{
    return {
        {"RNN", [](const Call<T>& call) { return recurrent(call, 1, {"Tanh"}, simple_step<T>); }},
        {"GRU",
         [](const Call<T>& call) {
             return recurrent(call, 3, {"Sigmoid", "Tanh"}, gru_step<T>);
         }},
        {"LSTM",
         [](const Call<T>& call) {
             return recurrent(call, 4, {"Sigmoid", "Tanh", "Tanh"}, lstm_step<T>);
         }},
    };
}

template Table<float> recurrence_table();
template Table<double> recurrence_table();

} // namespace xgrad::onnx
