// Images of all formats for predict, brought to the size of a digit.

#include "input.hpp"
#include <xgrad/formats/image.hpp>

#include <apps/input_image.hpp>

using namespace xgrad;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    fuzz::may_refuse([&] {
        fuzz::File file(data, size);
        const Array<float> image = load_image(file, "image");
        if (image.size() <= 1000000) // larger ones take their time, and are the same to the rest
            for (const auto bring : {command::fit, command::as_digit})
                bring(to_grey(image), 28, 28);
    });
    return 0;
}
