#include <xgrad/base/error.hpp>
#include <xgrad/models/data/layouts.hpp>
#include <xgrad/models/data/validation.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <limits>
#include <map>
#include <vector>

namespace xgrad::detail
{

namespace
{

namespace fs = std::filesystem;

} // namespace

Dataset with_sixths_as_test(const Images& all, const std::string& name)
{
    constexpr std::size_t sixth = 6;
    std::map<std::int32_t, std::size_t> seen;
    std::vector<bool> is_test(all.size());
    for (std::size_t i = 0; i < all.size(); ++i)
        is_test[i] = ++seen[all.labels.data()[i]] % sixth == 0;
    if (std::count(is_test.begin(), is_test.end(), true) == 0)
        throw DataError(fmt::format("[dataset] {}: every sixth image of a class is a test image, and no class has six; "
                                    "add images, or a test set",
                                    name));
    return {"", marked(all, is_test, false), marked(all, is_test, true)};
}

void settle_classes(Dataset& data)
{
    std::int32_t smallest = std::numeric_limits<std::int32_t>::max(), largest = 0;
    for (const Images* images : {&data.train, &data.test})
        for (const std::int32_t label : images->labels) {
            smallest = std::min(smallest, label);
            largest = std::max(largest, label);
        }
    const std::int32_t first = smallest == 0 ? 0 : 1;
    if (first == 1) {
        for (Images* images : {&data.train, &data.test})
            for (std::int32_t& label : images->labels)
                --label;
        if (data.class_names.empty())
            for (std::int32_t label = 1; label <= largest; ++label)
                data.class_names.push_back(fmt::to_string(label));
    }
    data.train.classes = data.test.classes = static_cast<std::size_t>(largest - first + 1);
}

void check_sizes(const Dataset& data, const std::string& name)
{
    const Shape &train = data.train.pixels.shape(), &test = data.test.pixels.shape();
    if (train[1] != test[1])
        throw DataError(fmt::format("[dataset] {} has training images of {} channels and test images of {}: they have "
                                    "to be alike",
                                    name, train[1], test[1]));
    if (train[2] != test[2] || train[3] != test[3])
        throw DataError(
            fmt::format("[dataset] {} has training images of {}x{} and test images of {}x{}: they have to be of one "
                        "size",
                        name, train[2], train[3], test[2], test[3]));
}

std::vector<fs::path> files_in(const fs::path& folder, std::string_view part_of_name)
{
    std::vector<fs::path> files, folders;
    std::error_code error;
    const auto matches = [&](const fs::path& path) {
        return lowered(path.filename().string()).find(part_of_name) != std::string::npos;
    };
    for (fs::directory_iterator each(folder, error), end; !error && each != end; each.increment(error)) {
        std::error_code ignored;
        if (!matches(each->path()))
            continue;
        if (each->is_regular_file(ignored))
            files.push_back(each->path());
        else if (each->is_directory(ignored))
            folders.push_back(each->path());
    }
    for (const fs::path& inner : folders)
        for (fs::directory_iterator each(inner, error), end; !error && each != end; each.increment(error)) {
            std::error_code ignored;
            if (matches(each->path()) && each->is_regular_file(ignored))
                files.push_back(each->path());
        }
    std::sort(files.begin(), files.end());
    return files;
}

std::string lowered(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

} // namespace xgrad::detail
