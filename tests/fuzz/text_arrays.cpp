// Tables of numbers, and the text of Octave.

#include "arrays_in.hpp"

using namespace xgrad;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    fuzz::arrays_in({reinterpret_cast<const char*>(data), size},
                    [](auto& file, auto& found) { detail::read_text(file, "array", found); });
    return 0;
}
