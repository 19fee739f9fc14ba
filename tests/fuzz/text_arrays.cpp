// Tables of numbers, and the text of Octave.

#include "input.hpp"
#include <xgrad/formats/found.hpp>

using namespace xgrad;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    fuzz::may_refuse([&] {
        fuzz::File stream(data, size);
        detail::FileBytes file(stream, "file");
        detail::Found found;
        detail::read_text(file, "array", found);
        found.take(file);
    });
    return 0;
}
