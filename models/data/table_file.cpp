#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/base/from_chars.hpp>
#include <xgrad/models/data/layouts.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <vector>

namespace xgrad::detail
{

namespace
{

namespace fs = std::filesystem;

/** The cells of a line, without quotation marks and blanks around them. */
std::vector<std::string_view> cells_of(std::string_view line)
{
    constexpr std::string_view around = " \t\r\"";
    std::vector<std::string_view> cells;
    for (std::size_t at = 0; at <= line.size();) {
        const std::size_t end = std::min(line.find_first_of(",;", at), line.size());
        std::string_view cell = line.substr(at, end - at);
        cell.remove_prefix(std::min(cell.find_first_not_of(around), cell.size()));
        cell.remove_suffix(cell.size() - (cell.find_last_not_of(around) + 1));
        cells.push_back(cell);
        at = end + 1;
    }
    return cells;
}

/** A whole number from 0 to `most`, also with zeros behind a point. */
std::optional<std::int32_t> whole(std::string_view cell, std::int32_t most)
{
    std::int32_t number = 0;
    const char* const end = cell.data() + cell.size();
    const auto [rest, error] = detail::from_chars(cell.data(), end, number);
    const std::string_view after(rest, static_cast<std::size_t>(end - rest));
    const bool is_whole = after.empty() || (after[0] == '.' && after.find_first_not_of('0', 1) == after.npos);
    if (error != std::errc() || !is_whole || number < 0 || number > most)
        return std::nullopt;
    return number;
}

/** A table as it is read, line by line. */
class Table
{
  public:
    explicit Table(const fs::path& file) : file_(file)
    {
        std::ifstream stream(file, std::ios::binary);
        if (!stream)
            fail("cannot be opened: check its permissions");
        for (std::string line; std::getline(stream, line);) {
            ++line_;
            if (line.find_first_not_of(" \t\r") != std::string::npos)
                add(cells_of(line));
        }
        if (pixels_.empty())
            fail("has no rows of pixels");
    }

    bool has_labels() const { return label_column_.has_value(); }

    Images images() const
    {
        const std::size_t count = pixels_.size() / (side_ * side_);
        Images images{empty_array<std::uint8_t>({count, 1, side_, side_}), Labels(Shape{count}, 0), 0};
        std::copy(pixels_.begin(), pixels_.end(), images.pixels.begin());
        std::copy(labels_.begin(), labels_.end(), images.labels.begin());
        return images;
    }

    [[noreturn]] void fail(const std::string& what) const
    {
        throw DataError(fmt::format("[dataset] {}: {}", file_.string(), what));
    }

  private:
    void add(const std::vector<std::string_view>& cells)
    {
        if (columns_ == 0) {
            columns_ = cells.size();
            if (take_names(cells))
                return;
        }
        if (cells.size() != columns_)
            fail(fmt::format("line {} has {} cells, and the first one has {}", line_, cells.size(), columns_));
        if (pixels_.size() + columns_ > most_image_bytes)
            fail("has more than 2 GiB of pixels: make it smaller");
        constexpr std::int32_t brightest = 255, most_label = 999;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const bool is_label = i == label_column_;
            const auto number = whole(cells[i], is_label ? most_label : brightest);
            if (!number)
                fail(fmt::format("line {} has '{}' in column {}: {} from 0 to {} was expected", line_,
                                 printable(cells[i], 20), i + 1, is_label ? "a label" : "a pixel",
                                 is_label ? most_label : brightest));
            if (is_label)
                labels_.push_back(*number);
            else
                pixels_.push_back(static_cast<std::uint8_t>(*number));
        }
    }

    /** Finds the columns. @return  true if the first line has their names */
    bool take_names(const std::vector<std::string_view>& cells)
    {
        const auto is_name = [](std::string_view cell) { return !cell.empty() && cell[0] > '9'; };
        const bool has_names = std::any_of(cells.begin(), cells.end(), is_name);
        if (has_names) {
            constexpr std::array<std::string_view, 5> usual = {"label", "labels", "class", "target", "y"};
            const auto found = std::find_if(cells.begin(), cells.end(), [&](std::string_view cell) {
                return std::find(usual.begin(), usual.end(), lowered(std::string(cell))) != usual.end();
            });
            if (found != cells.end())
                label_column_ = static_cast<std::size_t>(found - cells.begin());
        } else if (side_of(cells.size()) == 0) {
            label_column_ = 0;
        }
        const std::size_t pixels = cells.size() - (has_labels() ? 1 : 0);
        side_ = side_of(pixels);
        if (side_ == 0)
            fail(fmt::format("has {} pixels in a row{}, which are no square: a column 'label' and H² pixels were "
                             "expected",
                             pixels, has_labels() ? " beside the label" : ""));
        return has_names;
    }

    /** The side of a square of so many pixels; 0: they are none. */
    static std::size_t side_of(std::size_t pixels)
    {
        const auto side = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(pixels))));
        return side * side == pixels ? side : 0;
    }

    const fs::path& file_;
    std::size_t line_ = 0, columns_ = 0, side_ = 0;
    std::optional<std::size_t> label_column_;
    std::vector<std::uint8_t> pixels_;
    std::vector<std::int32_t> labels_;
};

Table labelled(const fs::path& file)
{
    Table table(file);
    if (!table.has_labels())
        table.fail("has no column 'label' (nor labels, class, target, y): name it so");
    return table;
}

/** The table in a folder with a word in its name; one in the folder itself before one in a folder in it. */
std::optional<fs::path> table_in(const fs::path& folder, const std::string& word)
{
    std::vector<fs::path> own, inner;
    for (const fs::path& file : files_in(folder, word))
        if (lowered(file.extension().string()) == ".csv")
            (file.parent_path() == folder ? own : inner).push_back(file);
    const std::vector<fs::path>& found = own.empty() ? inner : own;
    if (found.size() > 1) {
        std::vector<std::string> names;
        for (const fs::path& file : found)
            names.push_back(file.filename().string());
        throw DataError(
            fmt::format("[dataset] the folder {} has several tables with '{}' in their names, {}: leave one",
                        folder.string(), word, fmt::join(names, ", ")));
    }
    return found.empty() ? std::nullopt : std::optional(found[0]);
}

} // namespace

Dataset read_table_file(const fs::path& file)
{
    Dataset data = with_sixths_as_test(labelled(file).images(), file.string());
    settle_classes(data);
    return data;
}

std::optional<Dataset> read_table_folder(const fs::path& folder)
{
    const auto train = table_in(folder, "train");
    if (!train)
        return std::nullopt;
    if (const auto test = table_in(folder, "test"))
        if (const Table table(*test); table.has_labels()) {
            Dataset data{"", labelled(*train).images(), table.images()};
            check_sizes(data, folder.string());
            settle_classes(data);
            return data;
        }
    return read_table_file(*train);
}

} // namespace xgrad::detail
