#pragma once

#include <xgrad/base/array.hpp>
#include <xgrad/base/ranks.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>

namespace xgrad
{

/** The way in which a batch is cut into chunks. Each has a tape of its own, and its activations should stay in
 *  cache. */
struct ChunkOptions
{
    /** The number of samples in a chunk. Results depend on it in the last bits, but not on the number of threads. By
     *  default it is 16, or for large samples fewer, as many as have half a megabyte. But each chunk writes a gradient
     *  for every parameter. So it has at least one sample for every 16,384 parameters, up to 64 and, beyond 16, up to
     *  half of the batch. */
    std::optional<std::size_t> chunk = {};
    /** Processes that share the chunks; null: this one computes all. Each rank makes the same call with the whole
     *  batch, computes its own chunks and gets the same loss and gradients, with the bits that one process gets. */
    Ranks* ranks = nullptr;
    /** Bits that each rank may set before the call, such as a wish to stop. After it they are those of all ranks,
     *  united. */
    std::uint64_t* flags = nullptr;
};

namespace detail
{

/** The usual number of samples in a chunk of a batch: see ChunkOptions.
 *  @param weights  the number of parameters  @param sample_bytes  the size of one sample of the input */
inline std::size_t usual_chunk(std::size_t weights, std::size_t sample_bytes, std::size_t samples)
{
    constexpr std::size_t usual = 16, most = 64, weights_a_sample = 16'384, input_bytes = std::size_t{1} << 19;
    const std::size_t fit = input_bytes / std::max<std::size_t>(sample_bytes, 1);
    const std::size_t by_cache = std::clamp(std::bit_floor(fit), std::size_t{1}, usual);
    const std::size_t wanted = std::clamp(std::bit_ceil(weights / weights_a_sample), by_cache, most);
    return wanted > usual ? std::clamp(std::bit_floor(samples / 2), usual, wanted) : wanted;
}

/** The number of samples of a batch, and of the elements of each, or 0 if that is not known. */
struct Samples
{
    std::size_t count;
    std::size_t elements = 0;
};

/** The samples of a batch. @throws ShapeError for a scalar, or if there are not as many targets */
Samples samples_of_shapes(std::initializer_list<Shape> shapes);
template <class... Batches>
Samples samples_of(const Batches&... batches)
{
    return samples_of_shapes({Shape(batches.shape().begin(), batches.shape().end())...});
}

/** An array that refers to rows begin … end − 1 of another one. */
template <class T>
Array<T> rows_in_place(const Array<T>& array, std::size_t begin, std::size_t end)
{
    Shape shape = array.shape();
    const std::size_t row = shape[0] == 0 ? 0 : array.size() / shape[0];
    shape[0] = end - begin;
    return referring_to(array.data() + begin * row, shape);
}

/** A copy of rows begin … end − 1 of an array. */
template <class T>
Array<T> rows(const Array<T>& array, std::size_t begin, std::size_t end)
{
    const Array<T> in_place = rows_in_place(array, begin, end);
    return Array<T>(in_place);
}

} // namespace detail

} // namespace xgrad
