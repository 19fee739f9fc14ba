#include <xgrad/base/error.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/graph/value_and_gradient.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <bit>

namespace xgrad
{

namespace
{

template <class T>
using PooledVector = std::vector<T, PooledAllocator<T>>;

/** What the chunks give, added up in a fixed order by whichever thread completes a sum: up to four neighbours one after
 * the other, so that a thread that has computed all of them holds one sum and one part, then pairs, pairs of pairs, …
 */
template <class T>
class OrderedSum
{
  public:
    explicit OrderedSum(std::size_t chunks)
        : together_(std::clamp(std::bit_floor(chunks / 2), std::size_t{1}, std::size_t{4})),
          parts_(chunks),
          arrived_(chunks)
    {}

    void put(std::size_t chunk, ValueAndGradient<T>&& part)
    {
        parts_[chunk] = std::move(part);
        const std::size_t first = chunk / together_ * together_, end = std::min(first + together_, parts_.size());
        for (std::size_t right = std::max(chunk, first + 1); right < end; ++right)
            if (!add(first, right))
                return;
        for (std::size_t distance = together_; distance < parts_.size(); distance *= 2) {
            const std::size_t left = first / (2 * distance) * (2 * distance);
            if (left + distance < parts_.size() && !add(left, left + distance))
                return;
        }
    }

    ValueAndGradient<T> take() { return std::move(parts_[0]); }

  private:
    /** Adds one part to another one, of which it is the only partner on the right, if both are there: else the other
     * one's thread will. */
    bool add(std::size_t left, std::size_t right)
    {
        if (arrived_[right].fetch_add(1, std::memory_order_acq_rel) == 0)
            return false;
        ValueAndGradient<T>&sum = parts_[left], &part = parts_[right];
        sum.value += part.value;
        for (std::size_t i = 0; i < sum.gradients.size(); ++i)
            sum.gradients[i] = std::move(sum.gradients[i]) + part.gradients[i];
        part.gradients.clear();
        return true;
    }

    std::size_t together_;
    PooledVector<ValueAndGradient<T>> parts_;
    PooledVector<std::atomic<std::uint8_t>> arrived_; // by the part on the right
};

/** Keeps what a chunk runs on this thread apart from the tapes outside: whichever thread that is, and were the chunk
 * the only one, what was recorded there cannot be used. */
class InsideChunk
{
  public:
    InsideChunk() : outside_(std::exchange(detail::context, {.in_chunk = true})) {}
    InsideChunk(const InsideChunk&) = delete;
    InsideChunk& operator=(const InsideChunk&) = delete;
    ~InsideChunk() { detail::context = outside_; }

  private:
    detail::Context outside_;
};

/** What ChunkOptions says. @param sample_bytes  of an input */
std::size_t usual_chunk(std::size_t weights, std::size_t sample_bytes, std::size_t samples)
{
    constexpr std::size_t usual = 16, most = 64, weights_a_sample = 16'384, input_bytes = std::size_t{1} << 19;
    const std::size_t fit = input_bytes / std::max<std::size_t>(sample_bytes, 1);
    const std::size_t by_cache = std::clamp(std::bit_floor(fit), std::size_t{1}, usual);
    const std::size_t wanted = std::clamp(std::bit_ceil(weights / weights_a_sample), by_cache, most);
    return wanted > usual ? std::clamp(std::bit_floor(samples / 2), usual, wanted) : wanted;
}

} // namespace

void detail::throw_sample_mismatch(std::size_t a, std::size_t b)
{
    throw ShapeError(fmt::format("[value_and_gradient] {} samples and {} targets: the first axes must agree", a, b));
}

void detail::throw_no_samples()
{
    throw ShapeError("[value_and_gradient] a scalar holds no samples: they lie along the first axis");
}

template <class T>
ValueAndGradient<T> detail::chunked_value_and_gradient(const Parameters<T>& parameters, const Samples& batch,
                                                       const ChunkOptions& options, ChunkLoss<T> loss)
{
    const std::size_t samples = batch.count;
    const std::size_t size =
        options.chunk ? *options.chunk : usual_chunk(parameters.element_count(), batch.elements * sizeof(T), samples);
    if (samples == 0 || size == 0)
        throw ShapeError(
            fmt::format("[value_and_gradient] {} samples in chunks of {}: both must be 1 or more", samples, size));
    const std::size_t chunks = (samples - 1) / size + 1;
    OrderedSum<T> total(chunks);
    parallel_for(chunks, [&](std::size_t chunk) {
        const std::size_t begin = chunk * size, end = begin + std::min(size, samples - begin);
        const T weight = static_cast<T>(end - begin) / static_cast<T>(samples);
        const InsideChunk independent_of_outer_tapes;
        if (detail::is_observed()) [[unlikely]]
            detail::tell_chunk(chunk);
        ValueAndGradient<T> part;
        loss(begin, end, [&](FunctionRef<Variable<T>()> loss_of_part) {
            Tape tape;
            const Variable<T> value = loss_of_part();
            if (value.size() != 1)
                throw GraphError(
                    fmt::format("[value_and_gradient] the loss function gave an array of shape {}, a scalar is needed: "
                                "take the mean over the samples",
                                to_string(value.shape())));
            const Variable<T> upstream(Array<T>(value.shape(), weight));
            part = {weight * value.item(), tape.vector_jacobian_product(value, upstream, parameters)};
        });
        total.put(chunk, std::move(part));
    });
    return total.take();
}

template ValueAndGradient<float> detail::chunked_value_and_gradient(const Parameters<float>&, const Samples&,
                                                                    const ChunkOptions&, ChunkLoss<float>);
template ValueAndGradient<double> detail::chunked_value_and_gradient(const Parameters<double>&, const Samples&,
                                                                     const ChunkOptions&, ChunkLoss<double>);

} // namespace xgrad
