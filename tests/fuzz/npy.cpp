// Files of one array of NumPy's, converted as callers do.

#include "arrays_in.hpp"

using namespace xgrad;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    fuzz::arrays_in(
        {reinterpret_cast<const char*>(data), size},
        [](auto& file, auto& found) { detail::read_npy(file, "array", found); },
        [](const NamedArrays& arrays) {
            const AnyArray& array = arrays.at("array");
            fuzz::may_refuse([&] { array.as<float>(); });
            fuzz::may_refuse([&] { array.as<std::int32_t>(); });
        });
    return 0;
}
