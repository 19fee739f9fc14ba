// Elements of MATLAB's files, as they are and packed here, as mutations do not get past the checksum of packed ones.

#include "input.hpp"
#include <xgrad/formats/found.hpp>

#include <zlib.h>

#include <string>

using namespace xgrad;

namespace
{

void read(const std::string& elements)
{
    constexpr std::size_t header_size = 128;
    const std::string bytes = std::string(header_size, ' ') + elements;
    fuzz::may_refuse([&] {
        fuzz::File stream(bytes);
        detail::FileBytes file(stream, "file");
        detail::Found found;
        detail::read_mat(file, found);
        found.take(file);
    });
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
