// IDX files, plain or gzipped, as they are.

#include "input.hpp"
#include <xgrad/models/data/idx.hpp>

using namespace xgrad;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    fuzz::may_refuse([&] {
        fuzz::File file(data, size);
        read_idx_images(file, "images");
    });
    fuzz::may_refuse([&] {
        fuzz::File file(data, size);
        read_idx_labels(file, "labels", 10);
    });
    fuzz::may_refuse([&] {
        fuzz::File file(data, size);
        read_idx_labels(file, "labels-idx2-int", 10);
    });
    return 0;
}
