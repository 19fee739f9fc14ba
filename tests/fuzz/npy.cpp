// Files of one array of NumPy's, converted as callers do.

#include "input.hpp"
#include <xgrad/formats/found.hpp>

using namespace xgrad;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    fuzz::may_refuse([&] {
        fuzz::File stream(data, size);
        detail::FileBytes file(stream, "file");
        detail::Found found;
        detail::read_npy(file, "array", found);
        const AnyArray array = found.take(file).at("array");
        fuzz::may_refuse([&] { array.as<float>(); });
        fuzz::may_refuse([&] { array.as<std::int32_t>(); });
    });
    return 0;
}
