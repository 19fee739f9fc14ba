// What a checkpoint says of its model and its training.

#include "input.hpp"
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/training/training_options.hpp>

#include <string>

using namespace xgrad;

/** Lines of the metadata, "key=value", and "name:4" for a tensor of so many numbers. */
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::string_view text = fuzz::Input(data, size).rest();
    Checkpoint checkpoint;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        const std::size_t middle = std::min(line.find_first_of("=:"), line.size());
        const std::string key(line.substr(0, middle)), value(line.substr(std::min(line.size(), middle + 1)));
        if (middle < line.size() && line[middle] == ':')
            checkpoint.tensors[key] = Array<float>(Shape{value.empty() ? 0u : std::size_t(value[0] & 15)}, 1.0f);
        else
            checkpoint.metadata[key] = value;
    }
    fuzz::may_refuse([&] { training_options(checkpoint); });
    fuzz::may_refuse([&] { load_classifier(checkpoint); });
    return 0;
}
