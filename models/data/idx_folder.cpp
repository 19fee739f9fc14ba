#include <xgrad/base/error.hpp>
#include <xgrad/models/data/idx.hpp>
#include <xgrad/models/data/layouts.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <vector>

namespace xgrad::detail
{

namespace
{

namespace fs = std::filesystem;

/** The four files of a set: images and labels for training, images and labels for the test. */
using Files = std::array<std::optional<fs::path>, 4>;

constexpr const char* usual_names[] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
                                       "t10k-labels-idx1-ubyte"};

struct Name
{
    std::string prefix; ///< the part before the four names, with no '-' at its end
    std::size_t index;  ///< the number of the file among the four
};

/** The parts of a name such as "emnist-letters-test-images-idx3-ubyte.gz". */
std::optional<Name> parsed(std::string name)
{
    const auto take = [&](std::string_view end) {
        const bool has = name.ends_with(end);
        if (has)
            name.resize(name.size() - end.size());
        return has;
    };
    take(".gz");
    const bool has_images = take("idx3-ubyte"), has_labels = !has_images && (take("idx1-ubyte") || take("idx2-int"));
    if ((!has_images && !has_labels) || !(take("-") || take(".")) || !take(has_images ? "-images" : "-labels"))
        return std::nullopt;
    const bool of_train = take("train"), of_test = !of_train && (take("t10k") || take("test"));
    if ((!of_train && !of_test) || !(name.empty() || take("-")))
        return std::nullopt;
    return Name{name, (of_test ? std::size_t{2} : 0) + (has_labels ? 1 : 0)};
}

Images read(const Files& files, std::size_t index, std::size_t classes)
{
    constexpr std::size_t most_classes = 1000;
    Images images{read_idx_images(*files[index]),
                  read_idx_labels(*files[index + 1], classes == 0 ? most_classes : classes), classes};
    if (images.pixels.shape()[0] != images.labels.size())
        throw DataError(fmt::format("[dataset] {} has {} images, but {} has {} labels: get a pair of files that belong "
                                    "together",
                                    files[index]->string(), images.pixels.shape()[0], files[index + 1]->string(),
                                    images.labels.size()));
    return images;
}

/** Turns rows into columns: EMNIST has its images on their side. */
void transpose(Array<std::uint8_t>& pixels)
{
    const std::size_t count = pixels.shape()[0], height = pixels.shape()[2], width = pixels.shape()[3];
    Array<std::uint8_t> upright = empty_array<std::uint8_t>({count, 1, width, height});
    for (std::size_t n = 0; n < count; ++n)
        for (std::size_t i = 0; i < height; ++i)
            for (std::size_t j = 0; j < width; ++j)
                upright.data()[(n * width + j) * height + i] = pixels.data()[(n * height + i) * width + j];
    pixels = std::move(upright);
}

/** The names of the classes in EMNIST's file "…-mapping.txt": a label and the codes of its characters in each line.
 *  None if it is not there or not like that. */
std::vector<std::string> mapped_names(const fs::path& file, const Dataset& data)
{
    std::vector<std::string> names;
    std::ifstream stream(file);
    for (long label = 0, code = 0; names.size() < data.train.classes && stream >> label >> code;) {
        if (code <= ' ' || code > '~')
            return {};
        names.emplace_back(1, static_cast<char>(code));
        stream.ignore(1000, '\n');
    }
    return names.size() == data.train.classes ? names : std::vector<std::string>();
}

} // namespace

std::optional<Dataset> read_idx_folder(const fs::path& folder, const std::string& prefix, std::size_t classes)
{
    std::map<std::string, Files> sets;
    for (const fs::path& file : files_in(folder, "idx"))
        if (const auto name = parsed(file.filename().string()); name && (prefix.empty() || name->prefix == prefix)) {
            std::optional<fs::path>& place = sets[name->prefix][name->index];
            if (!place || place->extension() == ".gz") // the unpacked one of two
                place = file;
        }
    if (sets.empty())
        return std::nullopt;
    if (sets.contains("") && sets.size() > 1) // what has no prefix is not to be ambiguous
        sets = {{"", sets.at("")}};
    if (sets.size() > 1) {
        std::vector<std::string> names;
        for (const auto& each : sets)
            names.push_back(each.first);
        throw DataError(fmt::format("[dataset] the folder {} has several data sets, {}: give one, as {}",
                                    folder.string(), fmt::join(names, ", "), (folder / names[0]).string()));
    }
    const std::string set = sets.begin()->first, before = set.empty() ? "" : set + "-";
    const Files& files = sets.begin()->second;
    for (std::size_t i = 0; i < files.size(); ++i)
        if (!files[i])
            throw DataError(
                fmt::format("[dataset] the folder {} has no {}{} (nor with '.' before idx, nor with .gz): put it "
                            "there, or give another folder",
                            folder.string(), before, usual_names[i]));
    Dataset data{"", read(files, 0, classes), read(files, 2, classes)};
    check_sizes(data, folder.string());
    if (lowered(set).starts_with("emnist"))
        for (Images* images : {&data.train, &data.test})
            transpose(images->pixels);
    if (classes == 0) {
        settle_classes(data);
        if (auto names = mapped_names(files[0]->parent_path() / (set + "-mapping.txt"), data); !names.empty())
            data.class_names = std::move(names);
    }
    return data;
}

} // namespace xgrad::detail
