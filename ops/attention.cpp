#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/kernels/elementwise/broadcast.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/attention.hpp>
#include <xgrad/ops/dropout.hpp>
#include <xgrad/ops/matmul.hpp>
#include <xgrad/ops/softmax.hpp>

#include <fmt/core.h>

#include <cmath>
#include <limits>

namespace xgrad
{

namespace
{

/** The shape (…, L, S) of the scores. @throws ShapeError if the shapes do not fit */
Shape scores_shape(const char* op, const Shape& q, const Shape& k)
{
    if (q.size() < 2 || k.size() < 2 || q.back() != k.back())
        throw ShapeError(
            fmt::format("[{}] queries of shape {} and keys of shape {}: (…, L, d) and (…, S, d) are needed", op,
                        to_string(q), to_string(k)));
    Shape shape = kernels::broadcast_shapes(op, Shape(q.begin(), q.end() - 2), Shape(k.begin(), k.end() - 2));
    shape.push_back(q[q.size() - 2]);
    shape.push_back(k[k.size() - 2]);
    return shape;
}

template <class T>
void check_options(const char* op, const Shape& scores, const AttentionOptions<T>& options)
{
    if (options.mask.has_value() && kernels::broadcast_shapes(op, scores, options.mask.shape()) != scores)
        throw ShapeError(fmt::format("[{}] a mask of shape {} for scores of shape {}: it must broadcast to them", op,
                                     to_string(options.mask.shape()), to_string(scores)));
    if (!(options.dropout >= 0 && options.dropout <= 1))
        throw ShapeError(fmt::format("[{}] a dropout of {}: it must be from 0 to 1", op, options.dropout));
    if (options.dropout > 0 && !options.random)
        throw ShapeError(
            fmt::format("[{}] a dropout of {} without random numbers: give `random`", op, options.dropout));
}

/** The mask (L, S) that hides the keys after a query. */
template <class T>
Variable<T> causal_mask(std::size_t queries, std::size_t keys)
{
    Array<T> mask = filled_array(Shape{queries, keys}, T{0});
    for (std::size_t i = 0; i < queries; ++i)
        for (std::size_t j = i + 1; j < keys; ++j)
            mask.data()[i * keys + j] = -std::numeric_limits<T>::infinity();
    return constant(std::move(mask));
}

} // namespace

template <class T>
Variable<T> attention_weights(const Variable<T>& q, const Variable<T>& k, const AttentionOptions<T>& options)
{
    const Shape shape = scores_shape("attention_weights", q.shape(), k.shape());
    check_options("attention_weights", shape, options);
    const T scale = static_cast<T>(1 / std::sqrt(static_cast<double>(q.shape().back())));
    Variable<T> scores = matmul(q * scale, k, {.b = true});
    if (options.mask.has_value())
        scores = std::move(scores) + options.mask;
    if (options.causal)
        scores = std::move(scores) + causal_mask<T>(shape[shape.size() - 2], shape.back());
    Variable<T> weights = softmax(std::move(scores));
    return options.dropout > 0 ? dropout(weights, options.dropout, *options.random) : weights;
}

template <class T>
Variable<T> scaled_dot_product_attention(const Variable<T>& q, const Variable<T>& k, const Variable<T>& v,
                                         const AttentionOptions<T>& options)
{
    const char* const op = "scaled_dot_product_attention";
    const Shape scores = scores_shape(op, q.shape(), k.shape());
    if (v.dimension() < 2 || v.shape()[v.dimension() - 2] != scores.back())
        throw ShapeError(
            fmt::format("[{}] values of shape {} for keys of shape {}: (…, S, e) with a value for each key "
                        "is needed",
                        op, to_string(v.shape()), to_string(k.shape())));
    kernels::broadcast_shapes(op, Shape(scores.begin(), scores.end() - 2),
                              Shape(v.shape().begin(), v.shape().end() - 2));
    check_options(op, scores, options);
    return matmul(attention_weights(q, k, options), v);
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> attention_weights(const Variable<T>&, const Variable<T>&, const AttentionOptions<T>&);        \
    template Variable<T> scaled_dot_product_attention(const Variable<T>&, const Variable<T>&, const Variable<T>&,      \
                                                      const AttentionOptions<T>&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
