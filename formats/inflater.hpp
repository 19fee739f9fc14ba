#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <istream>
#include <limits>
#include <memory>
#include <optional>

namespace xgrad::detail
{

/** The forms of deflated bytes: as in a zip archive, as in a MATLAB file, and as gzip writes them. */
enum class Packing
{
    deflate,
    zlib,
    gzip ///< one member or more
};

/** The bytes that packed ones of a stream hold. It takes less than 200 kB of memory, whatever the stream holds. */
class Inflater
{
  public:
    /** The largest number of bytes that one packed byte can hold. */
    static constexpr std::uint64_t largest_ratio = 1032;

    /** @param stream  must outlive this object; it is read from where it is
     *  @param packed  the number of packed bytes, if they end before the stream */
    Inflater(std::istream& stream, Packing packing, std::uint64_t packed = std::numeric_limits<std::uint64_t>::max());
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    ~Inflater();

    /** Reads up to `count` bytes, fewer where the packed ones end.
     *  @return  how many, or nothing if these are damaged or cut off */
    std::optional<std::size_t> read(void* bytes, std::size_t count);

    /** True if no packed byte is left. */
    bool is_used_up() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// A packed file may hold 32 MiB, or 64 times its own size: real data hold about ten times. So a small file cannot fill
// the memory.
inline constexpr std::uint64_t unsuspicious_size = std::uint64_t{32} << 20;
inline constexpr std::uint64_t usual_ratio = 64;

/** The largest number of bytes that is taken from a packed file of `size` bytes. */
constexpr std::uint64_t most_unpacked(std::uint64_t size) { return std::max(unsuspicious_size, usual_ratio * size); }

} // namespace xgrad::detail
