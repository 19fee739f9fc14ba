// The one function of zlib's that the page needs, for checkpoints: emscripten's packages have no zlib.

#include <zlib.h>

#include <array>
#include <cstdint>

namespace
{

/** The remainders of all bytes by the polynomial of CRC-32 (ISO 3309), its bits in reversed order. */
constexpr std::array<std::uint32_t, 256> remainders = [] {
    constexpr std::uint32_t polynomial = 0xedb88320;
    std::array<std::uint32_t, 256> all{};
    for (std::uint32_t byte = 0; byte < all.size(); ++byte) {
        all[byte] = byte;
        for (int bit = 0; bit < 8; ++bit)
            all[byte] = (all[byte] & 1) != 0 ? all[byte] >> 1 ^ polynomial : all[byte] >> 1;
    }
    return all;
}();

} // namespace

extern "C" uLong crc32_z(uLong crc, const Bytef* bytes, z_size_t count)
{
    if (bytes == nullptr)
        return 0;
    auto sum = ~static_cast<std::uint32_t>(crc);
    for (z_size_t i = 0; i < count; ++i)
        sum = sum >> 8 ^ remainders[(sum ^ bytes[i]) & 0xff];
    return ~sum;
}
