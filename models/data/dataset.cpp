#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/base/installed.hpp>
#include <xgrad/models/data/dataset.hpp>
#include <xgrad/models/data/idx.hpp>
#include <xgrad/models/data/mnist.hpp>
#include <xgrad/models/data/text.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>

namespace xgrad
{

namespace
{

namespace fs = std::filesystem;

constexpr const char* sample_way_out = "use mnist-sample, or a folder of four IDX files";

std::optional<fs::path> environment_folder(const char* variable)
{
    const char* value = std::getenv(variable);
    if (value == nullptr || *value == '\0')
        return std::nullopt;
    return fs::path(value);
}

fs::path cache_folder()
{
    if (const auto folder = environment_folder("XGRAD_CACHE"))
        return *folder;
    if (const auto folder = environment_folder("XDG_CACHE_HOME"))
        return *folder / "xgrad";
    if (const auto folder = environment_folder("HOME"))
        return *folder / ".cache" / "xgrad";
    throw DataError(
        "[dataset] there is no cache folder, as none of XGRAD_CACHE, XDG_CACHE_HOME and HOME is set: set one");
}

/** The places of a named data set, best first. */
std::vector<fs::path> places(const std::string& name)
{
    std::vector<fs::path> folders;
    if (const auto folder = environment_folder("XGRAD_DATA"))
        folders.push_back(*folder / name);
    const bool is_shipped = name == "mnist-sample" || name == "alice";
#ifdef XGRAD_SOURCE_DATA
    if (is_shipped)
        folders.push_back(fs::path(XGRAD_SOURCE_DATA) / name);
#endif
    if (is_shipped)
        folders.push_back(detail::installed_data() / name);
    if (name == "fashion-mnist")
        folders.push_back(fs::path("/usr/share/datasets") / name);
    return folders;
}

std::optional<fs::path> find_file(const fs::path& folder, const std::string& stem, const std::string& suffix)
{
    for (const char* separator : {"-", "."})
        for (const char* compression : {"", ".gz"}) {
            fs::path path = folder / (stem + separator + suffix + compression);
            std::error_code ignored;
            if (fs::is_regular_file(path, ignored)) // an unpacked archive may have folders with such names beside
                return path;
        }
    return std::nullopt;
}

fs::path require_file(const fs::path& folder, const std::string& stem, const std::string& suffix)
{
    if (const auto path = find_file(folder, stem, suffix))
        return *path;
    throw DataError(
        fmt::format("[dataset] the folder {} has no {}-{} (nor with '.' before idx, nor with .gz): put it there, "
                    "or give another folder",
                    folder.string(), stem, suffix));
}

Images load_images(const fs::path& folder, const std::string& part, std::size_t classes)
{
    const fs::path images_path = require_file(folder, part + "-images", "idx3-ubyte");
    const fs::path labels_path = require_file(folder, part + "-labels", "idx1-ubyte");
    Images images{read_idx_images(images_path), read_idx_labels(labels_path, classes), classes};
    if (images.pixels.shape()[0] != images.labels.size())
        throw DataError(fmt::format("[dataset] {} has {} images, but {} has {} labels: get a pair of files that belong "
                                    "together",
                                    images_path.string(), images.pixels.shape()[0], labels_path.string(),
                                    images.labels.size()));
    return images;
}

Dataset load_folder(const std::string& name, const fs::path& folder, std::size_t classes)
{
    Dataset dataset{name, load_images(folder, "train", classes), load_images(folder, "t10k", classes)};
    const Shape& train = dataset.train.pixels.shape();
    const Shape& test = dataset.test.pixels.shape();
    if (train[2] != test[2] || train[3] != test[3])
        throw DataError(
            fmt::format("[dataset] {} has training images of {}x{} and test images of {}x{}: they have to be "
                        "of one size",
                        folder.string(), train[2], train[3], test[2], test[3]));
    return dataset;
}

bool is_folder(const fs::path& path)
{
    std::error_code ignored;
    return fs::is_directory(path, ignored);
}

fs::path find_named(const std::string& name)
{
    for (const fs::path& folder : places(name))
        if (is_folder(folder))
            return folder;
    const fs::path cached = cache_folder() / name;
    if (name == "mnist")
        fetch_mnist(cached);
    else if (!is_folder(cached))
        throw DataError(
            name == "fashion-mnist"
                ? fmt::format("[dataset] fashion-mnist is not installed: run 'apt-get install "
                              "dataset-fashion-mnist', put its four files into {}, or {}",
                              cached.string(), sample_way_out)
                : fmt::format("[dataset] {} was not found: set XGRAD_DATA to the folder that it is in (data in the "
                              "source tree), or put its files into {}",
                              name, cached.string()));
    return cached;
}

} // namespace

const std::vector<std::string>& dataset_names()
{
    static const std::vector<std::string> names = {"mnist", "fashion-mnist", "mnist-sample", "alice"};
    return names;
}

Dataset load_dataset(const std::string& name_or_path, std::size_t classes)
{
    const auto& names = dataset_names();
    if (name_or_path == "alice")
        return text_dataset(name_or_path, read_text(find_named(name_or_path) / "alice.txt"));
    if (std::find(names.begin(), names.end(), name_or_path) != names.end())
        return load_folder(name_or_path, find_named(name_or_path), classes);
    std::error_code ignored;
    if (fs::is_regular_file(name_or_path, ignored))
        return text_dataset(name_or_path, read_text(name_or_path));
    if (!is_folder(name_or_path)) {
        const bool is_relative = fs::path(name_or_path).is_relative();
        throw DataError(fmt::format(
            "[dataset] '{}' is neither {} nor a folder or a file of text{}: give one of these", printable(name_or_path),
            fmt::join(names, ", "),
            is_relative ? fmt::format(" in {}, where this program runs", fs::current_path(ignored).string()) : ""));
    }
    return load_folder(name_or_path, name_or_path, classes);
}

} // namespace xgrad
