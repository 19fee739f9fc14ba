#pragma once

#include <xgrad/graph/tape.hpp>
#include <xgrad/graph/workers.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <optional>

namespace xgrad
{

/** A loss and its gradients, in the order of the parameters. `auto [loss, gradients] = value_and_gradient(…);` */
template <class T>
struct ValueAndGradient
{
    T value;
    Variables<T> gradients;
};

/** How a batch is cut. A chunk is what one tape sees: small enough for its activations to stay in cache. */
struct ChunkOptions
{
    /** Samples; results depend on it in the last bits, on the number of threads they do not. If it is not given, 16; of
     *  large samples fewer, as many as have half a megabyte. But each chunk writes a gradient for every parameter: one
     *  sample for every 16,384 of them is the least, up to 64 and, beyond 16, up to half of the batch. */
    std::optional<std::size_t> chunk = {};
};

namespace detail
{

/** The loss of samples begin … end − 1, called for each chunk on some thread. */
template <class T>
using ChunkLoss = FunctionRef<Variable<T>(std::size_t begin, std::size_t end)>;

/** How many there are, and how many numbers each has, or 0 if that is not known. */
struct Samples
{
    std::size_t count;
    std::size_t elements = 0;
};

template <class T>
ValueAndGradient<T> chunked_value_and_gradient(const Parameters<T>& parameters, const Samples& samples,
                                               const ChunkOptions& options, ChunkLoss<T> loss);

[[noreturn]] void throw_sample_mismatch(std::size_t a, std::size_t b);
[[noreturn]] void throw_no_samples();

template <class T>
Array<T> rows(const Array<T>& array, std::size_t begin, std::size_t end)
{
    Shape shape = array.shape();
    const std::size_t row = shape[0] == 0 ? 0 : array.size() / shape[0];
    shape[0] = end - begin;
    Array<T> part = empty<T>(shape);
    std::copy(array.data() + begin * row, array.data() + end * row, part.data());
    return part;
}

// Samples begin … end − 1 as the loss function gets them: arrays of numbers as constants, labels as they are.
template <class T>
requires std::is_floating_point_v<T> Variable<T> chunk_of(const Array<T>& batch, std::size_t begin, std::size_t end)
{
    return constant(rows(batch, begin, end));
}
template <class T>
Variable<T> chunk_of(const Variable<T>& batch, std::size_t begin, std::size_t end)
{
    return constant(rows(batch.value(), begin, end));
}
inline Labels chunk_of(const Labels& batch, std::size_t begin, std::size_t end) { return rows(batch, begin, end); }

template <class Batch>
Samples samples_of(const Batch& batch)
{
    if (batch.shape().empty())
        throw_no_samples();
    const std::size_t count = batch.shape()[0];
    return {count, count == 0 ? 0 : batch.size() / count};
}

} // namespace detail

/** The loss of the parameters and its gradient, on one tape. @param loss  () → scalar Variable<T> */
template <class T, std::invocable Loss>
ValueAndGradient<T> value_and_gradient(const Parameters<T>& parameters, Loss&& loss)
{
    return detail::chunked_value_and_gradient<T>(parameters, {1}, {}, [&](std::size_t, std::size_t) { return loss(); });
}

/** The loss over a batch and its gradient: chunks of the batch on tapes of their own, over all threads.
 *
 *  The loss function gets a part of the samples and returns the mean of their losses; the chunks are weighted by their
 *  sizes. It is called on several threads at once. What looks at the whole batch (batch normalisation) belongs on one
 * tape. The chunks' gradients are added in a fixed order: the same bits for any number of threads.
 *
 *  @param xs    Array, Variable or Labels, samples along the first axis
 *  @param loss  (part of xs) → scalar Variable<T>
 *  @throws GraphError if the loss is no scalar or does not depend on a parameter; what the loss function throws */
template <class T, class Xs, class Loss>
requires std::invocable<Loss&, decltype(detail::chunk_of(std::declval<Xs>(), 0, 0))> ValueAndGradient<T>
value_and_gradient(const Parameters<T>& parameters, const Xs& xs, Loss&& loss, const ChunkOptions& options = {})
{
    return detail::chunked_value_and_gradient<T>(
        parameters, detail::samples_of(xs), options,
        [&](std::size_t begin, std::size_t end) { return loss(detail::chunk_of(xs, begin, end)); });
}

/** The same for samples that the loss function finds itself: loss(begin, end) of samples begin … end − 1. */
template <class T, class Loss>
requires std::invocable<Loss&, std::size_t, std::size_t> ValueAndGradient<T>
value_and_gradient(const Parameters<T>& parameters, std::size_t samples, Loss&& loss, const ChunkOptions& options = {})
{
    return detail::chunked_value_and_gradient<T>(parameters, {samples}, options, loss);
}

/** The same with targets: loss(part of xs, part of ys). */
template <class T, class Xs, class Ys, class Loss>
requires std::invocable<Loss&, decltype(detail::chunk_of(std::declval<Xs>(), 0, 0)),
                        decltype(detail::chunk_of(std::declval<Ys>(), 0, 0))>
    ValueAndGradient<T> value_and_gradient(const Parameters<T>& parameters, const Xs& xs, const Ys& ys, Loss&& loss,
                                           const ChunkOptions& options = {})
{
    const detail::Samples samples = detail::samples_of(xs);
    if (const std::size_t targets = detail::samples_of(ys).count; targets != samples.count)
        detail::throw_sample_mismatch(samples.count, targets);
    return detail::chunked_value_and_gradient<T>(parameters, samples, options, [&](std::size_t begin, std::size_t end) {
        return loss(detail::chunk_of(xs, begin, end), detail::chunk_of(ys, begin, end));
    });
}

} // namespace xgrad
