// Archives of the package that MNIST comes in. They are tar files: idx_gz is the target for gzip.

#include "input.hpp"
#include <xgrad/models/data/archive.hpp>

#include <string>

using namespace xgrad;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const std::vector<ArchivedFile> files = {
        {"package/data/empty", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"package/data/abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}};
    fuzz::may_refuse([&] {
        fuzz::File file(data, size);
        extract(file, "archive", files,
                [](const std::string&, const auto& write) { write([](const void*, std::size_t) {}); });
    });
    return 0;
}
