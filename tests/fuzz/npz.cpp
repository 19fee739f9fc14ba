// Archives of arrays, as they are. npy is the target for what is in them, as mutations do not get past a CRC-32.

#include "arrays_in.hpp"

using namespace xgrad;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    fuzz::arrays_in({reinterpret_cast<const char*>(data), size}, detail::read_npz);
    return 0;
}
