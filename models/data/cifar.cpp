#include <xgrad/base/error.hpp>
#include <xgrad/models/data/layouts.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <vector>

namespace xgrad::detail
{

namespace
{

namespace fs = std::filesystem;

constexpr std::size_t side = 32, image_bytes = 3 * side * side;

[[noreturn]] void fail(const fs::path& file, const std::string& what)
{
    throw DataError(fmt::format("[dataset] {}: {}", file.string(), what));
}

/** The layout of CIFAR-10 or CIFAR-100. A record has its labels, the last of which is used, and an image. */
struct Kind
{
    std::size_t label_bytes, classes;
    std::vector<std::string> train;
    const char* test;
    const char* names;
};

const std::vector<Kind>& kinds()
{
    static const std::vector<Kind> all = {
        {1,
         10,
         {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"},
         "test_batch.bin",
         "batches.meta.txt"},
        {2, 100, {"train.bin"}, "test.bin", "fine_label_names.txt"}};
    return all;
}

bool is_file(const fs::path& path)
{
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}

Images read(const std::vector<fs::path>& files, const Kind& kind)
{
    const std::size_t record = kind.label_bytes + image_bytes;
    std::size_t count = 0;
    for (const fs::path& file : files) {
        std::error_code error;
        const std::uintmax_t size = fs::file_size(file, error);
        if (error || size == 0 || size % record != 0)
            fail(file, fmt::format("has {} bytes, and records of {} were expected: it is cut off or another file; get "
                                   "it again",
                                   error ? 0 : size, record));
        count += static_cast<std::size_t>(size / record);
        if (count > most_image_bytes / record)
            fail(file, "has more than 2 GiB: it is another file");
    }
    Images images{empty_array<std::uint8_t>({count, 3, side, side}), empty_array<std::int32_t>({count}), kind.classes};
    std::vector<char> bytes(record);
    std::size_t n = 0;
    for (const fs::path& file : files) {
        std::ifstream stream(file, std::ios::binary);
        while (n < count && stream.read(bytes.data(), static_cast<std::streamsize>(record))) {
            const auto label = static_cast<std::uint8_t>(bytes[kind.label_bytes - 1]);
            if (label >= kind.classes)
                fail(file, fmt::format("the label of record {} is {}, and there are {} classes: it is damaged", n,
                                       label, kind.classes));
            images.labels.data()[n] = label;
            std::memcpy(images.pixels.data() + n++ * image_bytes, bytes.data() + kind.label_bytes, image_bytes);
        }
    }
    if (n != count)
        fail(files.back(), "cannot be read to its end: it has changed or its disk has a fault");
    return images;
}

/** The names of the classes, a line each; none if the file does not have as many. */
std::vector<std::string> read_names(const fs::path& file, std::size_t classes)
{
    constexpr std::size_t longest = 100;
    std::vector<std::string> names;
    std::ifstream stream(file);
    char line[longest];
    while (names.size() <= classes && stream.getline(line, longest)) {
        std::string name = line;
        name.erase(std::find(name.begin(), name.end(), '\r'), name.end());
        if (!name.empty())
            names.push_back(name);
    }
    return names.size() == classes ? names : std::vector<std::string>();
}

} // namespace

std::optional<Dataset> read_cifar_folder(const fs::path& folder)
{
    for (const Kind& kind : kinds()) {
        std::vector<fs::path> train;
        for (const std::string& name : kind.train)
            if (is_file(folder / name))
                train.push_back(folder / name);
        if (train.empty() && is_file(folder / fs::path(kind.train[0]).stem()))
            fail(folder / fs::path(kind.train[0]).stem(),
                 "may be CIFAR's version for Python, which is of pickles: get the binary version");
        if (train.empty())
            continue;
        if (!is_file(folder / kind.test))
            fail(folder, fmt::format("has {} and no {}: put it there", train[0].filename().string(), kind.test));
        return Dataset{"", read(train, kind), read({folder / kind.test}, kind),
                       read_names(folder / kind.names, kind.classes)};
    }
    return std::nullopt;
}

} // namespace xgrad::detail
