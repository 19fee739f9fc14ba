// Archives of arrays, as they are. npy is the target for what is in them, as mutations do not get past a CRC-32.

#include "input.hpp"
#include <xgrad/formats/found.hpp>

using namespace xgrad;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    fuzz::may_refuse([&] {
        fuzz::File stream(data, size);
        detail::FileBytes file(stream, "file");
        detail::Found found;
        detail::read_npz(file, found);
        found.take(file);
    });
    return 0;
}
