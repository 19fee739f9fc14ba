// Attention, transformers and recurrent layers. xgrad's sequences are (N, L, E); libtorch's modules have (L, N, E).

#include "family.hpp"
#include <xgrad/models/layers/attention.hpp>
#include <xgrad/models/layers/recurrent.hpp>
#include <xgrad/ops/attention.hpp>

#include <limits>

namespace agree
{

namespace
{

constexpr double hidden_key = -std::numeric_limits<double>::infinity();

/** A mask that hides some keys, but from no query all of them. */
Array<double> drawn_mask(Draw& d, std::size_t queries, std::size_t keys)
{
    Array<double> mask = d.normal({queries, keys});
    for (std::size_t i = 0; i < queries; ++i)
        for (std::size_t k = 1; k < keys; ++k)
            if (d.one_in(3))
                mask(i, k) = hidden_key;
    return mask;
}

Tensor causal_mask(std::int64_t queries, std::int64_t keys)
{
    return torch::full({queries, keys}, hidden_key, torch::kDouble).triu(1);
}

/** The inputs of attention with several heads: weights and biases of the projections, in the order of libtorch. */
std::vector<Array<double>> drawn_projections(Draw& d, std::size_t width)
{
    return {d.normal({3 * width, width}), d.normal({3 * width}), d.normal({width, width}), d.normal({width})};
}

void set_projections(xgrad::MultiHeadAttention<double>& layer, std::span<const Variable> weights)
{
    layer.in_weight = weights[0];
    layer.in_bias = weights[1];
    layer.out.weight = weights[2];
    layer.out.bias = weights[3];
}

Tensor attended(const Tensor& q, const Tensor& k, const Tensor& v, std::int64_t heads, std::span<const Tensor> weights,
                const Tensor& mask)
{
    namespace F = torch::nn::functional;
    const auto options = F::MultiheadAttentionForwardFuncOptions(q.size(-1), heads, weights[0], weights[1], {}, {},
                                                                 false, 0, weights[2], weights[3])
                             .training(false)
                             .need_weights(false)
                             .attn_mask(mask);
    return std::get<0>(
               F::multi_head_attention_forward(q.transpose(0, 1), k.transpose(0, 1), v.transpose(0, 1), options))
        .transpose(0, 1);
}

/** A recurrent layer. @param gates  the parts of its weights @param f, g  (x, state, cells, weights, layers) */
template <class F, class G>
Family recurrent(std::string name, std::size_t gates, F f, G g)
{
    return {std::move(name), [=](Draw& d) {
                const std::size_t n = 1 + d.below(3), steps = 1 + d.below(4), inputs = 1 + d.below(4),
                                  hidden = 1 + d.below(4);
                const auto layers = static_cast<std::size_t>(d.integer("layers", 1, 3));
                std::vector<Array<double>> arrays{d.normal({n, steps, inputs}), d.normal({layers, n, hidden}),
                                                  d.normal({layers, n, hidden})};
                for (std::size_t layer = 0; layer < layers; ++layer)
                    for (const Shape& shape :
                         {Shape{gates * hidden, layer == 0 ? inputs : hidden}, Shape{gates * hidden, hidden},
                          Shape{gates * hidden}, Shape{gates * hidden}})
                        arrays.push_back(d.normal(shape));
                return Configuration(
                    arrays,
                    [=](const Variables& xs) {
                        xgrad::Random random(1);
                        return f(
                            xs,
                            [&](auto layer) {
                                for (std::size_t i = 0; i < layers; ++i)
                                    layer.layers[i] = {xs[4 * i + 3], xs[4 * i + 4], xs[4 * i + 5], xs[4 * i + 6]};
                                return layer;
                            },
                            inputs, hidden, layers, random);
                    },
                    [=](const Tensors& ts) { return g(ts, Tensors(ts.begin() + 3, ts.end()), size(layers)); });
            }};
}

Family rnn(std::string name, bool rectified)
{
    return recurrent(
        std::move(name), 1,
        [=](const Variables& xs, auto with_weights, std::size_t inputs, std::size_t hidden, std::size_t layers,
            xgrad::Random& random) {
            const auto layer = with_weights(xgrad::RNN<double>(inputs, hidden, random, layers, rectified));
            const auto result = layer(xs[0], xs[1]);
            return Variables{result.outputs, result.state};
        },
        [=](const Tensors& ts, const Tensors& weights, std::int64_t layers) {
            const auto [outputs, state] =
                rectified ? torch::rnn_relu(ts[0], ts[1], weights, true, layers, 0, false, false, true)
                          : torch::rnn_tanh(ts[0], ts[1], weights, true, layers, 0, false, false, true);
            return Tensors{outputs, state};
        });
}

} // namespace

Families sequence_families()
{
    return {
        {"attention",
         [](Draw& d) {
             const Shape stack = d.shape(0, 2);
             const std::size_t queries = 1 + d.below(4), keys = 1 + d.below(4), width = 1 + d.below(4),
                               values = 1 + d.below(4);
             const auto with = [&](std::size_t rows, std::size_t columns) {
                 Shape shape = stack;
                 shape.push_back(rows);
                 shape.push_back(columns);
                 return shape;
             };
             const bool causal = d.flag("causal"), masked = d.flag("masked");
             const Array<double> mask = drawn_mask(d, queries, keys);
             return Configuration(
                 {d.normal(with(queries, width)), d.normal(with(keys, width)), d.normal(with(keys, values))},
                 [=](const Variables& xs) {
                     xgrad::AttentionOptions<double> options{.causal = causal};
                     if (masked)
                         options.mask = xgrad::constant<double>(mask);
                     return scaled_dot_product_attention(xs[0], xs[1], xs[2], options);
                 },
                 [=](const Tensors& ts) {
                     Tensor hidden = masked ? tensor(mask) : torch::zeros({size(queries), size(keys)}, torch::kDouble);
                     if (causal)
                         hidden = hidden + causal_mask(size(queries), size(keys));
                     return std::get<0>(at::_scaled_dot_product_attention(
                         ts[0], ts[1], ts[2], masked || causal ? c10::optional<Tensor>(hidden) : c10::nullopt));
                 });
         }},
        {"multi_head_attention",
         [](Draw& d) {
             const auto heads = d.integer("heads", 1, 3);
             const std::size_t width = static_cast<std::size_t>(heads) * (1 + d.below(3)), n = 1 + d.below(3),
                               queries = 1 + d.below(4), keys = 1 + d.below(4);
             const bool masked = d.flag("masked");
             const Array<double> mask = drawn_mask(d, queries, keys);
             std::vector<Array<double>> arrays{d.normal({n, queries, width}), d.normal({n, keys, width}),
                                               d.normal({n, keys, width})};
             for (const Array<double>& weights : drawn_projections(d, width))
                 arrays.push_back(weights);
             return Configuration(
                 arrays,
                 [=](const Variables& xs) {
                     xgrad::Random random(1);
                     xgrad::MultiHeadAttention<double> layer(width, static_cast<std::size_t>(heads), random);
                     set_projections(layer, std::span<const Variable>(xs).subspan(3));
                     return layer.attend(xs[0], xs[1], xs[2], xgrad::Mode::evaluation(),
                                         masked ? xgrad::constant<double>(mask) : Variable());
                 },
                 [=](const Tensors& ts) {
                     return attended(ts[0], ts[1], ts[2], heads, std::span(ts).subspan(3),
                                     masked ? tensor(mask) : Tensor());
                 });
         }},
        {"transformer_block",
         [](Draw& d) {
             const auto heads = d.integer("heads", 1, 2);
             const std::size_t width = static_cast<std::size_t>(heads) * (2 + d.below(2)), hidden = 1 + d.below(5);
             const bool causal = d.flag("causal"), norm_first = d.flag("norm first"), gelu = d.flag("gelu");
             std::vector<Array<double>> arrays{d.normal({1 + d.below(3), 1 + d.below(4), width})};
             for (const Array<double>& weights : drawn_projections(d, width))
                 arrays.push_back(weights);
             for (const Shape& shape : {Shape{hidden, width}, Shape{hidden}, Shape{width, hidden}, Shape{width},
                                        Shape{width}, Shape{width}, Shape{width}, Shape{width}})
                 arrays.push_back(d.normal(shape));
             return Configuration(
                 arrays,
                 [=](const Variables& xs) {
                     xgrad::Random random(1);
                     xgrad::TransformerBlock<double> block(
                         width, static_cast<std::size_t>(heads), hidden, random,
                         {.activation = gelu ? xgrad::Activation::gelu : xgrad::Activation::relu,
                          .norm_first = norm_first,
                          .causal = causal});
                     set_projections(block.attention, std::span<const Variable>(xs).subspan(1));
                     block.linear1.weight = xs[5];
                     block.linear1.bias = xs[6];
                     block.linear2.weight = xs[7];
                     block.linear2.bias = xs[8];
                     block.norm1.weight = xs[9];
                     block.norm1.bias = xs[10];
                     block.norm2.weight = xs[11];
                     block.norm2.bias = xs[12];
                     return block(xs[0], xgrad::Mode::evaluation());
                 },
                 [=](const Tensors& ts) {
                     const std::int64_t e = size(width);
                     const auto attention = [&](const Tensor& x) {
                         return attended(x, x, x, heads, std::span(ts).subspan(1),
                                         causal ? causal_mask(x.size(1), x.size(1)) : Tensor());
                     };
                     const auto network = [&](const Tensor& x) {
                         const Tensor h = torch::linear(x, ts[5], ts[6]);
                         return torch::linear(gelu ? torch::gelu(h) : torch::relu(h), ts[7], ts[8]);
                     };
                     const auto norm1 = [&](const Tensor& x) { return torch::layer_norm(x, {e}, ts[9], ts[10]); };
                     const auto norm2 = [&](const Tensor& x) { return torch::layer_norm(x, {e}, ts[11], ts[12]); };
                     const Tensor x = ts[0];
                     if (norm_first) {
                         const Tensor u = x + attention(norm1(x));
                         return u + network(norm2(u));
                     }
                     const Tensor u = norm1(x + attention(x));
                     return norm2(u + network(u));
                 });
         }},
        {"transformer_encoder_layer",
         [](Draw& d) {
             const auto heads = d.integer("heads", 1, 2);
             const std::size_t width = static_cast<std::size_t>(heads) * (2 + d.below(2)), hidden = 1 + d.below(5);
             return Configuration(
                 {d.normal({1 + d.below(3), 1 + d.below(4), width})},
                 [=](const Variables& xs) {
                     xgrad::Random random(1);
                     const xgrad::TransformerBlock<double> block(width, static_cast<std::size_t>(heads), hidden, random,
                                                                 {.norm_first = false});
                     return block(xs[0], xgrad::Mode::evaluation());
                 },
                 [=](const Tensors& ts) { // the module with the block's weights, by their names
                     xgrad::Random random(1);
                     const xgrad::TransformerBlock<double> block(width, static_cast<std::size_t>(heads), hidden, random,
                                                                 {.norm_first = false});
                     torch::nn::TransformerEncoderLayer layer(
                         torch::nn::TransformerEncoderLayerOptions(size(width), heads)
                             .dim_feedforward(size(hidden))
                             .dropout(0));
                     layer->to(torch::kDouble);
                     layer->eval();
                     const torch::NoGradGuard no_gradient;
                     const xgrad::Parameters<double> parameters = block.parameters();
                     for (const auto& parameter : layer->named_parameters())
                         parameter.value().copy_(tensor(parameters[std::string_view(parameter.key())].value()));
                     torch::AutoGradMode gradient(true);
                     return layer->forward(ts[0].transpose(0, 1)).transpose(0, 1);
                 });
         }},
        rnn("rnn_tanh", false),
        rnn("rnn_relu", true),
        recurrent(
            "lstm", 4,
            [](const Variables& xs, auto with_weights, std::size_t inputs, std::size_t hidden, std::size_t layers,
               xgrad::Random& random) {
                const auto layer = with_weights(xgrad::LSTM<double>(inputs, hidden, random, layers));
                const auto result = layer(xs[0], xs[1], xs[2]);
                return Variables{result.outputs, result.state, result.cells};
            },
            [](const Tensors& ts, const Tensors& weights, std::int64_t layers) {
                const auto [outputs, state, cells] =
                    torch::lstm(ts[0], {ts[1], ts[2]}, weights, true, layers, 0, false, false, true);
                return Tensors{outputs, state, cells};
            }),
        recurrent(
            "gru", 3,
            [](const Variables& xs, auto with_weights, std::size_t inputs, std::size_t hidden, std::size_t layers,
               xgrad::Random& random) {
                const auto layer = with_weights(xgrad::GRU<double>(inputs, hidden, random, layers));
                const auto result = layer(xs[0], xs[1]);
                return Variables{result.outputs, result.state};
            },
            [](const Tensors& ts, const Tensors& weights, std::int64_t layers) {
                const auto [outputs, state] = torch::gru(ts[0], ts[1], weights, true, layers, 0, false, false, true);
                return Tensors{outputs, state};
            }),
    };
}

} // namespace agree
