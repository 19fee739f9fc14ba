// Numbers in rows and columns: CSV files, and what NumPy's savetxt writes.

#include <xgrad/base/escape.hpp>
#include <xgrad/formats/found.hpp>
#include <xgrad/formats/numerals.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace xgrad::detail
{

namespace
{

constexpr std::string_view blank = " \t";
constexpr std::size_t most_names = 10'000; // an array of a few numbers takes more memory than these in a text

bool is_comment(std::string_view line) { return line.empty() || line[0] == '#' || line[0] == '%'; }

/** The cells of the rows of a table. */
class Cells
{
  public:
    /** Chooses what separates the cells by the first row. */
    explicit Cells(std::string_view first_row)
    {
        for (const char each : {',', ';'})
            if (separator_ == ' ' && first_row.find(each) != std::string_view::npos)
                separator_ = each;
    }

    /** Takes the first cell off a row. @return  nothing if none is left */
    std::optional<std::string_view> next(Lines& lines, std::optional<std::string_view>& row) const
    {
        if (!row)
            return std::nullopt;
        *row = trimmed(*row);
        std::string_view cell;
        std::size_t end = 0;
        if (row->starts_with('"')) {
            end = row->find('"', 1);
            if (end == std::string_view::npos)
                lines.fail("has a quotation mark without its partner");
            cell = row->substr(1, end++ - 1);
        }
        const std::size_t begin = end;
        end = separator_ == ' ' ? row->find_first_of(blank, begin) : row->find(separator_, begin);
        end = std::min(end, row->size());
        if (begin == 0)
            cell = row->substr(0, end);
        else if (!trimmed(row->substr(begin, end - begin)).empty())
            lines.fail("has something behind a quotation mark");
        if (end == row->size())
            row.reset();
        else
            row->remove_prefix(end + 1);
        return trimmed(cell);
    }

  private:
    char separator_ = ' '; // a blank stands for any white space
};

/** A table of numbers that is being read. */
class Table
{
  public:
    Table(FileBytes& file, Found& found, std::string_view text) : file_(file), found_(found), lines_(file, text) {}

    void read(const std::string& name)
    {
        while (lines_.next()) {
            const std::string_view row = trimmed(lines_.line());
            if (is_comment(row))
                continue;
            if (!cells_) {
                cells_.emplace(row);
                if (read_names(row))
                    continue;
            }
            read_row(row);
        }
        if (rows_ == 0)
            file_.fail(cells_ ? "holds names of columns, but no numbers" : "holds no numbers");
        if (names_.empty())
            add_matrix(name);
        else
            add_columns();
    }

  private:
    /** Takes a first row without a number for the names of the columns. @return  false if it is none */
    bool read_names(std::string_view text)
    {
        std::vector<std::string> names;
        std::optional<std::string_view> row = text;
        while (const auto cell = cells_->next(lines_, row)) {
            double number = 0;
            if (cell->empty() || parse(*cell, number) != Numeral::none)
                return false;
            names.emplace_back(*cell);
        }
        if (names.size() > most_names)
            lines_.fail(fmt::format("names {} columns, {} are the most; leave the names out to read a matrix",
                                    names.size(), most_names));
        names_ = std::move(names);
        for (const std::string& name : names_)
            is_wanted_.push_back(found_.meets(file_, name));
        columns_ = names_.size();
        return true;
    }

    void read_row(std::string_view text)
    {
        std::optional<std::string_view> row = text;
        std::size_t column = 0;
        while (const auto cell = cells_->next(lines_, row)) {
            if (names_.empty() || (column < columns_ && is_wanted_[column]))
                numbers_.push_back(number(*cell, column));
            ++column;
        }
        if (rows_++ == 0 && names_.empty())
            columns_ = column;
        if (column != columns_)
            lines_.fail(fmt::format("has {} columns where {} were expected", column, columns_));
    }

    double number(std::string_view cell, std::size_t column) const
    {
        const auto fail = [&](const char* what) {
            lines_.fail(fmt::format("has '{}' in column {}, which {}", printable(cell, 40), column + 1, what));
        };
        double number = 0;
        switch (parse(cell, number)) {
        case Numeral::none:
            fail(cell.empty() ? "is empty: write nan where a number is missing" : "is no number");
            break;
        case Numeral::out_of_range:
            fail("is beyond the range of double");
            break;
        case Numeral::not_exact:
            fail("no double is; save it as .npy");
            break;
        case Numeral::read:
            break;
        }
        return number;
    }

    void add_matrix(const std::string& name)
    {
        if (!found_.meets(file_, name))
            return;
        AnyArray matrix(ElementType::float64, Shape{rows_, columns_});
        std::copy_n(reinterpret_cast<const std::byte*>(numbers_.data()), matrix.byte_count(), matrix.bytes());
        found_.add(name, std::move(matrix));
    }

    void add_columns()
    {
        const auto step = static_cast<std::size_t>(std::count(is_wanted_.begin(), is_wanted_.end(), true));
        std::size_t place = 0;
        for (std::size_t column = 0; column < columns_; ++column) {
            if (!is_wanted_[column])
                continue;
            auto numbers = empty_array<double>(Shape{rows_});
            for (std::size_t i = 0; i < rows_; ++i)
                numbers.data()[i] = numbers_[i * step + place];
            found_.add(names_[column], AnyArray(numbers));
            ++place;
        }
    }

    FileBytes& file_;
    Found& found_;
    Lines lines_;
    std::optional<Cells> cells_;
    std::vector<std::string> names_; // of the columns, or none
    std::vector<bool> is_wanted_;
    std::size_t rows_ = 0, columns_ = 0;
    std::vector<double> numbers_;
};

/** Octave begins with comments, one of which is a name. */
bool is_octave(const FileBytes& file, std::string_view text)
{
    Lines lines(file, text);
    while (lines.next() && is_comment(trimmed(lines.line())))
        if (lines.line().starts_with("# name: "))
            return true;
    return false;
}

} // namespace

void read_text(FileBytes& file, const std::string& name, Found& found)
{
    std::string text(file.remaining(), '\0');
    file.read(text.data(), text.size());
    if (text.find('\0') != std::string::npos)
        file.fail("is of no format that is read: it is neither text nor begins as .npy, .npz, .mat or .safetensors do");
    std::string_view view = text;
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (view.starts_with(byte_order_mark))
        view.remove_prefix(byte_order_mark.size());
    if (is_octave(file, view))
        read_octave_text(file, view, found);
    else
        Table(file, found, view).read(name);
}

} // namespace xgrad::detail
