// Files of arrays of any format, safetensors of all types among them, of which one array is wanted.

#include "input.hpp"
#include <xgrad/formats/arrays.hpp>

using namespace xgrad;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    for (const std::set<std::string>& names : {std::set<std::string>{}, {"w"}})
        fuzz::may_refuse([&] {
            fuzz::File file(data, size);
            load_arrays(file, "file", names);
        });
    return 0;
}
