// Elements of MATLAB's files, as they are and packed here, as mutations do not get past the checksum of packed ones.

#include "arrays_in.hpp"

#include <zlib.h>

#include <string>

using namespace xgrad;

namespace
{

void read(const std::string& elements)
{
    constexpr std::size_t header_size = 128;
    fuzz::arrays_in(std::string(header_size, ' ') + elements, detail::read_mat);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string elements(reinterpret_cast<const char*>(data), size);
    read(elements);
    uLongf packed_size = compressBound(size);
    std::string packed(packed_size, '\0');
    compress2(reinterpret_cast<Bytef*>(packed.data()), &packed_size, data, size, Z_BEST_SPEED);
    packed.resize(packed_size);
    std::string tag(8, '\0');
    tag[0] = 15; // a packed element
    for (std::size_t i = 0; i < 4; ++i)
        tag[4 + i] = static_cast<char>(packed_size >> 8 * i & 0xff);
    read(tag + packed);
    return 0;
}
