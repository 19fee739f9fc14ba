#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace xgrad
{

/** The digest SHA-256 (FIPS 180-4) of bytes that come in pieces. */
class Sha256
{
  public:
    /** Adds the next bytes. */
    void append(const void* bytes, std::size_t count);

    /** The digest of all bytes so far, as 64 hexadecimal digits. */
    std::string digest() const;

  private:
    static constexpr std::size_t block_size = 64;

    void mix(const std::uint8_t* block);

    std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<std::uint8_t, block_size> block_{};
    std::uint64_t count_ = 0;
};

} // namespace xgrad
