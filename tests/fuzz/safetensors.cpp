// Checkpoints.

#include "input.hpp"
#include <xgrad/models/training/checkpoint.hpp>

using namespace xgrad;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    for (const Checksum checksum : {Checksum::checked, Checksum::ignored})
        fuzz::may_refuse([&] {
            fuzz::File file(data, size);
            load_checkpoint(file, "checkpoint", checksum);
        });
    return 0;
}
