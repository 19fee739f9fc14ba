#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/base/sizes.hpp>
#include <xgrad/models/layers/attention.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/attention.hpp>
#include <xgrad/ops/dropout.hpp>
#include <xgrad/ops/joining.hpp>
#include <xgrad/ops/matmul.hpp>
#include <xgrad/ops/shape.hpp>

#include <fmt/core.h>

#include <cmath>

namespace xgrad
{

namespace
{

template <class T>
Variable<T> dropped(const Variable<T>& x, double p, Mode mode)
{
    return mode.is_training() && p > 0 ? dropout(x, p, mode.random()) : x;
}

std::size_t parts_of_input(std::size_t width, std::size_t heads)
{
    if (width == 0 || heads == 0 || width % heads != 0)
        throw ShapeError(
            fmt::format("[attention layer] {} heads for {} numbers: the heads must divide the numbers", heads, width));
    return detail::product_of_sizes("attention layer", "input", 3, width);
}

double checked(double dropout)
{
    if (!(dropout >= 0 && dropout <= 1))
        throw ShapeError(fmt::format("[attention layer] a dropout of {}: it must be from 0 to 1", dropout));
    return dropout;
}

template <class T>
void check_places(const Variable<T>& x, std::size_t width, const char* what)
{
    if (x.dimension() != 3 || x.shape()[2] != width)
        throw ShapeError(fmt::format("[attention layer] {} of shape {}: (N, places, {}) is needed", what,
                                     to_string(x.shape()), width));
}

/** The projections P·(N, heads, L, E/heads) of places (N, L, E), P of them side by side in the weight. */
template <class T>
Variables<T> in_heads(const Variable<T>& x, const Variable<T>& weight, const Variable<T>& bias, std::size_t heads)
{
    const std::size_t samples = x.shape()[0], places = x.shape()[1], width = x.shape()[2];
    const std::size_t parts = weight.shape()[0] / width;
    const Variable<T> rows = reshape(x, {samples * places, width});
    const Variable<T> projected = matmul(rows, weight, {.b = true}) + bias;
    return unstack(permute(reshape(projected, {samples, places, parts, heads, width / heads}), {2, 0, 3, 1, 4}));
}

} // namespace

template <class T>
MultiHeadAttention<T>::MultiHeadAttention(std::size_t width, std::size_t count, Random& random, double p)
    : in_weight(
          initial_weights<T>(Initialization::glorot, {parts_of_input(width, count), width}, width, 3 * width, random)),
      in_bias(variable(filled_array({3 * width}, T{0}))),
      out(width, width, random),
      heads(count),
      dropout(checked(p))
{}

template <class T>
Variable<T> MultiHeadAttention<T>::operator()(const Variable<T>& x, Mode mode, const Variable<T>& mask,
                                              bool causal) const
{
    return attend(x, x, x, mode, mask, causal);
}

template <class T>
Variable<T> MultiHeadAttention<T>::attend(const Variable<T>& q, const Variable<T>& k, const Variable<T>& v, Mode mode,
                                          const Variable<T>& mask, bool causal) const
{
    const std::size_t width = in_weight.shape()[1];
    check_places(q, width, "queries");
    check_places(k, width, "keys");
    check_places(v, width, "values");
    if (k.shape() != v.shape() || k.shape()[0] != q.shape()[0])
        throw ShapeError(
            fmt::format("[attention layer] queries {}, keys {} and values {}: (N, L, E) and twice (N, S, E) "
                        "are needed",
                        to_string(q.shape()), to_string(k.shape()), to_string(v.shape())));
    // With the same places for all three, one product projects them.
    const bool is_self = q.data() == k.data() && k.data() == v.data();
    Variables<T> parts;
    if (is_self) {
        parts = in_heads(q, in_weight, in_bias, heads);
    } else {
        std::size_t row = 0;
        for (const Variable<T>* x : {&q, &k, &v}) {
            parts.push_back(
                in_heads(*x, slice(in_weight, 0, row, row + width), slice(in_bias, 0, row, row + width), heads)[0]);
            row += width;
        }
    }
    AttentionOptions<T> how{.mask = mask, .causal = causal};
    if (mode.is_training() && dropout > 0) {
        how.dropout = dropout;
        how.random = mode.random();
    }
    const Variable<T> read = scaled_dot_product_attention(parts[0], parts[1], parts[2], how);
    return out(reshape(permute(read, {0, 2, 1, 3}), q.shape()));
}

template <class T>
TransformerBlock<T>::TransformerBlock(std::size_t width, std::size_t heads, std::size_t hidden, Random& random,
                                      const TransformerOptions& how)
    : attention(width, heads, random, how.dropout),
      linear1(width, hidden, random, initialization_for(how.activation)),
      linear2(hidden, width, random),
      norm1({width}),
      norm2({width}),
      options(how)
{}

template <class T>
Variable<T> TransformerBlock<T>::operator()(const Variable<T>& x, Mode mode, const Variable<T>& mask) const
{
    const double p = options.dropout;
    const auto read = [&](const Variable<T>& places) {
        return dropped(attention(places, mode, mask, options.causal), p, mode);
    };
    const auto mapped = [&](const Variable<T>& places) {
        return dropped(linear2(dropped(activate(options.activation, linear1(places)), p, mode)), p, mode);
    };
    check_places(x, norm1.weight.size(), "places");
    if (options.norm_first) {
        const Variable<T> u = x + read(norm1(x));
        return u + mapped(norm2(u));
    }
    const Variable<T> u = norm1(x + read(x));
    return norm2(u + mapped(u));
}

template <class T>
LayerSummary summarize(std::string name, const MultiHeadAttention<T>& layer, const Shape& output)
{
    const std::size_t width = layer.out.bias.size(), places = output[0];
    const std::size_t weights = layer.in_weight.size() + layer.out.weight.size();
    const std::size_t scores = 2 * places * places * width; // with every place, and the means of the values
    return {std::move(name),
            fmt::format("attention of {} heads", layer.heads),
            output,
            layer.parameters().element_count(),
            places * layer.parameters().element_count() + scores,
            places * weights + scores};
}

template <class T>
LayerSummary summarize(std::string name, const TransformerBlock<T>& block, const Shape& output)
{
    LayerSummary line = summarize(std::move(name), block.attention, output);
    line.kind = fmt::format("transformer block of {} heads", block.attention.heads);
    const std::size_t units = element_count(output);
    for (const Linear<T>* linear : {&block.linear1, &block.linear2}) {
        const LayerSummary each = summarize("", *linear, {output[0], linear->bias.size()});
        line.connections += each.connections;
        line.multiply_adds += each.multiply_adds;
    }
    line.parameters = block.parameters().element_count();
    line.connections += 4 * units; // of two normalizations
    line.multiply_adds += 2 * units;
    return line;
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template struct MultiHeadAttention<T>;                                                                             \
    template struct TransformerBlock<T>;                                                                               \
    template LayerSummary summarize(std::string, const MultiHeadAttention<T>&, const Shape&);                          \
    template LayerSummary summarize(std::string, const TransformerBlock<T>&, const Shape&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
