#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/base/installed.hpp>
#include <xgrad/base/nearest.hpp>
#include <xgrad/models/data/dataset.hpp>
#include <xgrad/models/data/layouts.hpp>
#include <xgrad/models/data/mnist.hpp>
#include <xgrad/models/data/text.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <utility>

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

/** The names in a folder, for an error. */
std::string entries_of(const fs::path& folder)
{
    constexpr std::size_t most = 10;
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator each(folder, error), end; !error && each != end; each.increment(error)) {
        std::error_code ignored;
        names.push_back(printable(each->path().filename().string()) + (each->is_directory(ignored) ? "/" : ""));
    }
    std::sort(names.begin(), names.end());
    const std::size_t others = names.size() - std::min(names.size(), most);
    names.resize(std::min(names.size(), most));
    return names.empty()
               ? "nothing"
               : fmt::format("{}{}", fmt::join(names, ", "), others > 0 ? fmt::format(" and {} others", others) : "");
}

std::optional<Dataset> read_folder(const fs::path& folder, std::size_t classes)
{
    if (auto data = detail::read_idx_folder(folder, "", classes))
        return data;
    for (const auto& read : {detail::read_cifar_folder, detail::read_table_folder, detail::read_image_folder})
        if (auto data = read(folder))
            return data;
    return std::nullopt;
}

/** The only folder in a folder, as archives are unpacked. */
std::optional<fs::path> only_folder_in(const fs::path& folder)
{
    std::optional<fs::path> only;
    std::error_code error;
    for (fs::directory_iterator each(folder, error), end; !error && each != end; each.increment(error)) {
        std::error_code ignored;
        if (only || !each->is_directory(ignored))
            return std::nullopt;
        only = each->path();
    }
    return only;
}

Dataset load_folder(const fs::path& folder, std::size_t classes)
{
    if (auto data = read_folder(folder, classes))
        return *std::move(data);
    if (const auto inner = only_folder_in(folder))
        if (auto data = read_folder(*inner, classes))
            return *std::move(data);
    throw DataError(fmt::format(
        "[dataset] the folder {} has {}; one of these was expected: IDX files such as train-images-idx3-ubyte; CIFAR's "
        "data_batch_1.bin or train.bin; train.csv; a folder of PNG, JPEG, PGM or PPM images for each class, or these "
        "in "
        "train/ and test/",
        folder.string(), entries_of(folder)));
}

/** The data of a file: an archive of arrays or a table by its name, else a text. */
Dataset load_file(const std::string& name)
{
    const fs::path path = name;
    const std::string extension = detail::lowered(path.extension().string());
    if (extension == ".npz")
        return detail::read_array_file(path);
    if (extension == ".csv")
        return detail::read_table_file(path);
    const std::string file = detail::lowered(path.filename().string());
    for (const char* part : {"idx1-ubyte", "idx3-ubyte", "idx2-int", "data_batch_", "test_batch"})
        if (file.find(part) != std::string::npos)
            throw DataError(fmt::format("[dataset] {} is one of the files of a data set: give their folder", name));
    return text_dataset(name, read_text(path));
}

/** One of the sets of IDX files in a folder, FOLDER/PREFIX. */
std::optional<Dataset> load_set(const fs::path& path, std::size_t classes)
{
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    const std::string prefix = path.filename().string();
    if (prefix.empty() || !is_folder(folder))
        return std::nullopt;
    return detail::read_idx_folder(folder, prefix, classes);
}

Dataset named(Dataset data, const std::string& name)
{
    data.name = name;
    return data;
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
    if (std::find(names.begin(), names.end(), name_or_path) != names.end()) {
        constexpr std::size_t of_each = 10;
        return named(load_folder(find_named(name_or_path), classes == 0 ? of_each : classes), name_or_path);
    }
    std::error_code ignored;
    if (fs::is_regular_file(name_or_path, ignored))
        return named(load_file(name_or_path), name_or_path);
    if (is_folder(name_or_path))
        return named(load_folder(name_or_path, classes), name_or_path);
    if (auto data = load_set(name_or_path, classes))
        return named(*std::move(data), name_or_path);
    const bool is_relative = fs::path(name_or_path).is_relative();
    throw DataError(fmt::format(
        "[dataset] '{}' is neither {} nor a folder or a file{}{}", printable(name_or_path), fmt::join(names, ", "),
        is_relative ? fmt::format(" in {}, where this program runs", fs::current_path(ignored).string()) : "",
        detail::did_you_mean(name_or_path, names)));
}

} // namespace xgrad
