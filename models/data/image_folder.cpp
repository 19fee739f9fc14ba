#include <xgrad/base/error.hpp>
#include <xgrad/formats/image.hpp>
#include <xgrad/models/data/layouts.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

namespace xgrad::detail
{

namespace
{

namespace fs = std::filesystem;

bool is_image(const fs::path& file)
{
    static const std::set<std::string> extensions = {".png", ".jpg", ".jpeg", ".pgm", ".ppm", ".pnm"};
    return file.filename().string()[0] != '.' && extensions.contains(lowered(file.extension().string()));
}

/** The folders in a folder, or the images; sorted. What begins with a dot is left out. */
std::vector<fs::path> entries_of(const fs::path& folder, bool of_folders)
{
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator each(folder, error), end; !error && each != end; each.increment(error)) {
        std::error_code ignored;
        const bool wanted = of_folders ? each->is_directory(ignored) && each->path().filename().string()[0] != '.'
                                       : is_image(each->path()) && each->is_regular_file(ignored);
        if (wanted)
            found.push_back(each->path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

/** The folders of a folder that have images, by their names. */
std::vector<std::string> classes_in(const fs::path& folder)
{
    std::vector<std::string> names;
    for (const fs::path& each : entries_of(folder, true))
        if (!entries_of(each, false).empty())
            names.push_back(each.filename().string());
    return names;
}

/** Images of one size, as they are read. */
class Collection
{
  public:
    void add(const fs::path& file, std::int32_t label)
    {
        const Array<float> image = load_image(file);
        const Shape& shape = image.shape();
        if (labels_.empty()) {
            height_ = shape[1];
            width_ = shape[2];
            first_ = file;
        }
        if (shape[1] != height_ || shape[2] != width_)
            throw DataError(fmt::format("[dataset] {} has {}x{} pixels, and {} has {}x{}: bring all images to one size",
                                        file.string(), shape[2], shape[1], first_.string(), width_, height_));
        if (bytes_.size() + image.size() > most_image_bytes)
            throw DataError(
                fmt::format("[dataset] the images up to {} have more than 2 GiB: make them smaller", file.string()));
        channels_.push_back(channels_of(image));
        labels_.push_back(label);
        for (std::size_t i = 0; i < channels_.back() * height_ * width_; ++i)
            bytes_.push_back(static_cast<std::uint8_t>(std::lround(255 * image.data()[i])));
    }

    std::size_t channels() const { return *std::max_element(channels_.begin(), channels_.end()); }

    /** @param channels  3, or 1 if all are grey */
    Images images(std::size_t channels, std::size_t classes) const
    {
        const std::size_t size = height_ * width_;
        Images images{empty_array<std::uint8_t>({labels_.size(), channels, height_, width_}),
                      empty_array<std::int32_t>({labels_.size()}), classes};
        std::copy(labels_.begin(), labels_.end(), images.labels.begin());
        const std::uint8_t* from = bytes_.data();
        std::uint8_t* to = images.pixels.data();
        for (const std::size_t own : channels_) {
            for (std::size_t c = 0; c < channels; ++c)
                to = std::copy_n(from + (own == 1 ? 0 : c * size), size, to);
            from += own * size;
        }
        return images;
    }

  private:
    /** One channel also for an image with three equal ones, as programs save grey images. */
    static std::size_t channels_of(const Array<float>& image)
    {
        const std::size_t size = image.shape()[1] * image.shape()[2];
        const float* const red = image.data();
        const bool is_grey = image.shape()[0] == 1 ||
                             (std::equal(red, red + size, red + size) && std::equal(red, red + size, red + 2 * size));
        return is_grey ? 1 : 3;
    }

    fs::path first_;
    std::size_t height_ = 0, width_ = 0;
    std::vector<std::size_t> channels_;
    std::vector<std::int32_t> labels_;
    std::vector<std::uint8_t> bytes_;
};

Collection collect(const fs::path& folder, const std::vector<std::string>& classes)
{
    Collection all;
    for (std::size_t label = 0; label < classes.size(); ++label)
        for (const fs::path& file : entries_of(folder / classes[label], false))
            all.add(file, static_cast<std::int32_t>(label));
    return all;
}

/** The first of these folders that is there. */
std::optional<fs::path> first_of(const fs::path& folder, const std::vector<std::string>& names)
{
    for (const std::string& name : names) {
        std::error_code ignored;
        if (fs::is_directory(folder / name, ignored))
            return folder / name;
    }
    return std::nullopt;
}

} // namespace

std::optional<Dataset> read_image_folder(const fs::path& folder)
{
    const auto train = first_of(folder, {"train", "training"});
    const auto test = first_of(folder, {"test", "testing", "val", "validation", "valid"});
    const bool has_train = train && !classes_in(*train).empty(), has_parts = has_train && test;
    const fs::path& whole = has_train ? *train : folder;
    const std::vector<std::string> classes = classes_in(whole);
    if (classes.empty())
        return std::nullopt;
    if (classes.size() == 1)
        throw DataError(fmt::format("[dataset] {} has images in one folder, '{}': a folder for each of two classes or "
                                    "more was expected",
                                    whole.string(), classes[0]));
    const Collection images = collect(whole, classes);
    if (!has_parts) {
        Dataset data = with_sixths_as_test(images.images(images.channels(), classes.size()), folder.string());
        data.class_names = classes;
        data.is_of_files = true;
        return data;
    }
    for (const std::string& name : classes_in(*test))
        if (!std::binary_search(classes.begin(), classes.end(), name))
            throw DataError(fmt::format("[dataset] {} has the class '{}', and {} has only {}", test->string(), name,
                                        train->string(), fmt::join(classes, ", ")));
    if (classes_in(*test).empty())
        throw DataError(fmt::format("[dataset] {} has no folders of images: the classes {} were expected",
                                    test->string(), fmt::join(classes, ", ")));
    const Collection others = collect(*test, classes);
    const std::size_t channels = std::max(images.channels(), others.channels());
    return Dataset{"", images.images(channels, classes.size()), others.images(channels, classes.size()), classes, true};
}

} // namespace xgrad::detail
