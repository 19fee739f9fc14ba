// Images for predict, brought to the size of a digit.

#include "input.hpp"

#include <apps/pgm.hpp>

using namespace xgrad;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    fuzz::may_refuse([&] {
        fuzz::File file(data, size);
        command::fit(command::read_pgm(file, "image"), 28, 28);
    });
    return 0;
}
