#pragma once

#include <xgrad/base/workers.hpp>
#include <xgrad/graph/tape.hpp>

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

/** Takes a loss's value and gradient. */
template <class T>
using Differentiate = FunctionRef<void(FunctionRef<Variable<T>()> loss)>;
/** Calls differentiate(loss) with the loss of samples begin … end − 1. Called for each chunk on some thread. */
template <class T>
using ChunkLoss = FunctionRef<void(std::size_t begin, std::size_t end, Differentiate<T> differentiate)>;

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

/** Rows begin … end − 1 of an array, in their place there. */
template <class T>
Array<T> rows_in_place(const Array<T>& array, std::size_t begin, std::size_t end)
{
    Shape shape = array.shape();
    const std::size_t row = shape[0] == 0 ? 0 : array.size() / shape[0];
    shape[0] = end - begin;
    return referring_to(array.data() + begin * row, shape);
}
/** A copy of them. */
template <class T>
Array<T> rows(const Array<T>& array, std::size_t begin, std::size_t end)
{
    const Array<T> in_place = rows_in_place(array, begin, end);
    return Array<T>(in_place);
}

/** Samples begin … end − 1 of a batch as a loss function gets them: a constant that refers to them while this object
 *  lives. Who keeps it for longer keeps a copy (for which there must be memory: a destructor cannot throw). */
template <class T>
class Part
{
  public:
    Part(const Array<T>& batch, std::size_t begin, std::size_t end) : samples_(rows_in_place(batch, begin, end)) {}
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    ~Part()
    {
        if (!Access::is_only_holder(samples_))
            samples_.mutable_data();
    }

    Variable<T> get() const { return samples_; }

  private:
    Variable<T> samples_; // held here, so that no op takes it for its own and writes to it
};

/** Labels are few: a copy, to be taken once. */
template <>
class Part<std::int32_t>
{
  public:
    Part(const Labels& batch, std::size_t begin, std::size_t end) : samples_(rows(batch, begin, end)) {}

    Labels get() { return std::move(samples_); }

  private:
    Labels samples_;
};

template <class T>
requires std::is_floating_point_v<T> Part<T> part_of(const Array<T>& batch, std::size_t begin, std::size_t end)
{
    return {batch, begin, end};
}
template <class T>
Part<T> part_of(const Variable<T>& batch, std::size_t begin, std::size_t end)
{
    return {batch.value(), begin, end};
}

inline Part<std::int32_t> part_of(const Labels& batch, std::size_t begin, std::size_t end)
{
    return {batch, begin, end};
}

/** What a loss function gets of such a batch. */
template <class Batch>
using PartOf = decltype(part_of(std::declval<const Batch&>(), 0, 0).get());

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
    return detail::chunked_value_and_gradient<T>(parameters, {1}, {},
                                                 [&](std::size_t, std::size_t, detail::Differentiate<T> differentiate) {
                                                     differentiate([&] { return loss(); });
                                                 });
}

/** The loss over a batch and its gradient: chunks of the batch on tapes of their own, over all threads.
 *
 *  The loss function gets a part of the samples and returns the mean of their losses; the chunks are weighted by their
 *  sizes. It is called on several threads at once. What looks at the whole batch (batch normalisation) belongs on one
 *  tape. The chunks' gradients are added in a fixed order: the same bits for any number of threads.
 *
 *  The part of an array or variable is not copied but read in its place in xs, which must stay as it is during the
 * call. What the loss function keeps of it becomes a copy when its chunk is done: to be read after the call, and by no
 * other thread before.
 *
 *  @param xs    Array, Variable or Labels, samples along the first axis
 *  @param loss  (part of xs) → scalar Variable<T>
 *  @throws GraphError if the loss is no scalar or does not depend on a parameter; what the loss function throws */
template <class T, class Xs, class Loss>
requires std::invocable<Loss&, detail::PartOf<Xs>> ValueAndGradient<T>
value_and_gradient(const Parameters<T>& parameters, const Xs& xs, Loss&& loss, const ChunkOptions& options = {})
{
    return detail::chunked_value_and_gradient<T>(
        parameters, detail::samples_of(xs), options,
        [&](std::size_t begin, std::size_t end, detail::Differentiate<T> differentiate) {
            auto x = detail::part_of(xs, begin, end);
            differentiate([&] { return loss(x.get()); });
        });
}

/** The same for samples that the loss function finds itself: loss(begin, end) of samples begin … end − 1. */
template <class T, class Loss>
requires std::invocable<Loss&, std::size_t, std::size_t> ValueAndGradient<T>
value_and_gradient(const Parameters<T>& parameters, std::size_t samples, Loss&& loss, const ChunkOptions& options = {})
{
    return detail::chunked_value_and_gradient<T>(
        parameters, {samples}, options,
        [&](std::size_t begin, std::size_t end, detail::Differentiate<T> differentiate) {
            differentiate([&] { return loss(begin, end); });
        });
}

/** The same with targets: loss(part of xs, part of ys). */
template <class T, class Xs, class Ys, class Loss>
requires std::invocable<Loss&, detail::PartOf<Xs>, detail::PartOf<Ys>> ValueAndGradient<T>
value_and_gradient(const Parameters<T>& parameters, const Xs& xs, const Ys& ys, Loss&& loss,
                   const ChunkOptions& options = {})
{
    const detail::Samples samples = detail::samples_of(xs);
    if (const std::size_t targets = detail::samples_of(ys).count; targets != samples.count)
        detail::throw_sample_mismatch(samples.count, targets);
    return detail::chunked_value_and_gradient<T>(
        parameters, samples, options, [&](std::size_t begin, std::size_t end, detail::Differentiate<T> differentiate) {
            auto x = detail::part_of(xs, begin, end);
            auto y = detail::part_of(ys, begin, end);
            differentiate([&] { return loss(x.get(), y.get()); });
        });
}

} // namespace xgrad
