#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <memory>
#include <optional>

namespace xgrad::detail
{

/** The bytes of a stream; those of its gzip members if it begins with one. What follows the last member is left out. It
 *  takes less than 200 kB of memory, whatever the stream holds. */
class UnpackedStream
{
  public:
    /** The largest number of bytes that one byte of a gzipped stream can hold. */
    static constexpr std::uint64_t largest_ratio = 1032;

    /** @param stream  a stream that can be positioned; it must outlive this object */
    explicit UnpackedStream(std::istream& stream);
    UnpackedStream(const UnpackedStream&) = delete;
    UnpackedStream& operator=(const UnpackedStream&) = delete;
    ~UnpackedStream();

    bool compressed() const { return inflater_ != nullptr; }

    /** The number of bytes of the stream as it is. */
    std::uint64_t packed_size() const { return packed_size_; }

    /** Reads up to `count` bytes, fewer at the end of the stream.
     *  @return  how many, or nothing if the stream is damaged or cut off */
    std::optional<std::size_t> read(void* bytes, std::size_t count);

  private:
    struct Inflater;

    std::istream& stream_;
    std::uint64_t packed_size_;
    std::unique_ptr<Inflater> inflater_;
};

} // namespace xgrad::detail
