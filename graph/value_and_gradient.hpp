#pragma once

#include <xgrad/base/batch.hpp>
#include <xgrad/base/workers.hpp>
#include <xgrad/graph/tape.hpp>

#include <concepts>
#include <cstddef>
#include <new>

namespace xgrad
{

/** A loss and its gradients, in the order of the parameters. `auto [loss, gradients] = value_and_gradient(…);` */
template <class T>
struct ValueAndGradient
{
    T value;
    Variables<T> gradients;
};

namespace detail
{

/** Samples begin … end − 1 of a batch. */
template <class T>
struct Chunk
{
    const Parameters<T>& parameters;
    std::size_t begin, end;
    T weight; ///< the weight of their mean in the mean of the batch

    /** The chunk's part of the batch's value and gradient, on a tape of its own.
     *  @param loss  of these samples, called with what is in the parts */
    template <class Loss, class... Parts>
    ValueAndGradient<T> differentiate(Loss&& loss, Parts&&... parts) const
    {
        ValueAndGradient<T> result;
        constexpr bool is_loss = std::is_convertible_v<decltype(loss(parts.get()...)), Variable<T>>;
        static_assert(is_loss, "a loss function returns a scalar Variable of the parameters' type, not a number such "
                               "as item() or nothing");
        if constexpr (is_loss)
            result = differentiated([&] { return loss(parts.get()...); });
        (parts.end(), ...);
        return result;
    }
    ValueAndGradient<T> differentiated(FunctionRef<Variable<T>()> loss) const;
};

/** Returns whether this thread computes one of several chunks, so that ops see only a part of the batch. */
inline bool is_part_of_batch() { return context.chunks > 1; }

/** The sum of what a function returns for the chunks of a batch. Several threads call it at once. */
template <class T>
ValueAndGradient<T> sum_over_chunks(const Parameters<T>& parameters, const Samples& batch, const ChunkOptions& options,
                                    FunctionRef<ValueAndGradient<T>(const Chunk<T>&)> part);

/** Samples begin … end − 1 of a batch as a loss function gets them: a constant that refers to them while this object
 *  lives. It becomes a copy if somebody keeps it longer. */
template <class T>
class Part
{
  public:
    Part(const Array<T>& batch, std::size_t begin, std::size_t end) : samples_(rows_in_place(batch, begin, end)) {}
    Part(const Variable<T>& batch, std::size_t begin, std::size_t end) : Part(batch.value(), begin, end) {}
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    ~Part()
    {
        try {
            end();
        } catch (const std::bad_alloc&) { // after another exception
            Access::array(samples_).clear();
        }
    }

    Variable<T> get() const { return samples_; }
    void end()
    {
        if (!Access::is_only_holder(samples_))
            samples_.mutable_data();
    }

  private:
    Variable<T> samples_; // held here, so that no op writes over it
};

/** Samples begin … end − 1 of a batch of labels: a copy, as they are few. It may be taken once. */
template <>
class Part<std::int32_t>
{
  public:
    Part(const Labels& batch, std::size_t begin, std::size_t end) : samples_(rows(batch, begin, end)) {}

    Labels get() { return std::move(samples_); }
    void end() {}

  private:
    Labels samples_;
};

/** The part of a batch that converts to labels. */
Part(const Labels&, std::size_t, std::size_t)->Part<std::int32_t>;

/** The type of the part of a batch that a loss function gets. */
template <class Batch>
using PartOf = decltype(Part(std::declval<const Batch&>(), 0, 0).get());

} // namespace detail

/** The loss of the parameters and its gradient, on one tape. @param loss  () → scalar Variable<T> */
template <class T, std::invocable Loss>
ValueAndGradient<T> value_and_gradient(const Parameters<T>& parameters, Loss&& loss)
{
    return detail::sum_over_chunks<T>(parameters, {1}, {},
                                      [&](const detail::Chunk<T>& chunk) { return chunk.differentiate(loss); });
}

/** The loss over a batch and its gradient. The chunks of the batch have tapes of their own, on all threads.
 *
 *  The loss function gets a part of the samples and returns the mean of their losses; the chunks are weighted by their
 *  sizes. It is called on several threads at once. A loss that looks at the whole batch (batch normalisation) belongs
 *  on one tape. The chunks' gradients are added in a fixed order, which gives the same bits for any number of threads.
 *
 *  The part of an array or variable is not copied but read in its place in xs, which must stay as it is during the
 *  call. If the loss function keeps a part, that becomes a copy when its chunk is done. It may be read after the call,
 *  and by no other thread before.
 *
 *  @param xs    Array, Variable or Labels, samples along the first axis
 *  @param loss  (part of xs) → scalar Variable<T>
 *  @throws GraphError if the loss is no scalar or does not depend on a parameter; what the loss function throws */
template <class T, class Xs, class Loss>
requires std::invocable<Loss&, detail::PartOf<Xs>> ValueAndGradient<T>
value_and_gradient(const Parameters<T>& parameters, const Xs& xs, Loss&& loss, const ChunkOptions& options = {})
{
    const detail::Samples samples = detail::samples_of(xs);
    return detail::sum_over_chunks<T>(parameters, samples, options, [&](const detail::Chunk<T>& chunk) {
        return chunk.differentiate(loss, detail::Part(xs, chunk.begin, chunk.end));
    });
}

/** The loss over a batch that the loss function finds itself, and its gradient: loss(begin, end) is that of samples
 *  begin … end − 1. A loss that draws random numbers makes sample_generators(seed, epoch, begin, end - begin). */
template <class T, class Loss>
requires std::invocable<Loss&, std::size_t, std::size_t> ValueAndGradient<T>
value_and_gradient(const Parameters<T>& parameters, std::size_t samples, Loss&& loss, const ChunkOptions& options = {})
{
    return detail::sum_over_chunks<T>(parameters, {samples}, options, [&](const detail::Chunk<T>& chunk) {
        return chunk.differentiate([&] { return loss(chunk.begin, chunk.end); });
    });
}

/** The loss over a batch with targets, and its gradient: loss(part of xs, part of ys). */
template <class T, class Xs, class Ys, class Loss>
requires std::invocable<Loss&, detail::PartOf<Xs>, detail::PartOf<Ys>> ValueAndGradient<T>
value_and_gradient(const Parameters<T>& parameters, const Xs& xs, const Ys& ys, Loss&& loss,
                   const ChunkOptions& options = {})
{
    const detail::Samples samples = detail::samples_of(xs, ys);
    return detail::sum_over_chunks<T>(parameters, samples, options, [&](const detail::Chunk<T>& chunk) {
        return chunk.differentiate(loss, detail::Part(xs, chunk.begin, chunk.end),
                                   detail::Part(ys, chunk.begin, chunk.end));
    });
}

} // namespace xgrad
