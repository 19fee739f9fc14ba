// Files of images and labels: tables, archives of arrays, CIFAR's records, and a text of EMNIST's classes.

#include "input.hpp"
#include <xgrad/models/data/dataset.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

using namespace xgrad;
namespace fs = std::filesystem;

namespace
{

/** A folder that is removed at the end. */
struct Folder
{
    fs::path path = fs::temp_directory_path() / ("xgrad-fuzz-" + std::to_string(getpid()));

    Folder() { fs::create_directories(path / "cifar"); }
    ~Folder()
    {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    void write(const char* name, const std::uint8_t* data, std::size_t size) const
    {
        std::ofstream(path / name, std::ios::binary)
            .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const Folder folder;
    if (size == 0)
        return 0;
    if (data[0] == 'P') {
        folder.write("x.npz", data, size);
        fuzz::may_refuse([&] { load_dataset((folder.path / "x.npz").string()); });
    } else if (data[0] == 1) {
        for (const char* name : {"cifar/train.bin", "cifar/test.bin", "cifar/fine_label_names.txt"})
            folder.write(name, data, size);
        fuzz::may_refuse([&] { load_dataset((folder.path / "cifar").string()); });
    } else {
        folder.write("x.csv", data, size);
        fuzz::may_refuse([&] { load_dataset((folder.path / "x.csv").string()); });
    }
    return 0;
}
