#pragma once

#include <xgrad/formats/inflater.hpp>

#include <cstddef>
#include <cstdint>
#include <istream>
#include <optional>

namespace xgrad::detail
{

/** The bytes of a stream; those of its gzip members if it begins with one. What follows the last member is left out. It
 *  takes less than 200 kB of memory, whatever the stream holds. */
class UnpackedStream
{
  public:
    /** @param stream  a stream that can be positioned; it must outlive this object */
    explicit UnpackedStream(std::istream& stream);
    UnpackedStream(const UnpackedStream&) = delete;
    UnpackedStream& operator=(const UnpackedStream&) = delete;

    bool compressed() const { return inflater_.has_value(); }

    /** The number of bytes of the stream as it is. */
    std::uint64_t packed_size() const { return packed_size_; }

    /** Reads up to `count` bytes, fewer at the end of the stream.
     *  @return  how many, or nothing if the stream is damaged or cut off */
    std::optional<std::size_t> read(void* bytes, std::size_t count);

  private:
    std::istream& stream_;
    std::uint64_t packed_size_;
    std::optional<Inflater> inflater_;
};

} // namespace xgrad::detail
