// The text that Octave's save -text writes: for each variable its name, its type, its extents and its numbers.

#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/formats/elements.hpp>
#include <xgrad/formats/found.hpp>
#include <xgrad/formats/numerals.hpp>

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <optional>

namespace xgrad::detail
{

namespace
{

/** The type of an array's elements, by the first word of its type in the file. */
std::optional<ElementType> element_type(std::string_view word)
{
    if (word == "float")
        return ElementType::float32;
    for (const auto type :
         {ElementType::boolean, ElementType::int8, ElementType::int16, ElementType::int32, ElementType::int64,
          ElementType::uint8, ElementType::uint16, ElementType::uint32, ElementType::uint64})
        if (word == element_name(type))
            return type;
    return std::nullopt;
}

class Reader
{
  public:
    Reader(FileBytes& file, std::string_view text, Found& found) : file_(file), found_(found), lines_(file, text) {}

    void read()
    {
        while (lines_.next())
            if (const auto name = value_of("name"))
                read_variable(std::string(*name));
    }

  private:
    [[noreturn]] void fail(const std::string& what) const { lines_.fail(fmt::format("{}; it is damaged", what)); }

    /** The value of a line "# key: value". */
    std::optional<std::string_view> value_of(std::string_view key) const
    {
        std::string_view line = lines_.line();
        if (!line.starts_with("# ") || !line.substr(2).starts_with(key) ||
            !line.substr(2 + key.size()).starts_with(":"))
            return std::nullopt;
        return trimmed(line.substr(3 + key.size()));
    }

    std::string_view need(std::string_view key)
    {
        if (lines_.next())
            if (const auto value = value_of(key))
                return *value;
        fail(fmt::format("is no '# {}:' where one was expected", key));
    }

    std::size_t whole(std::string_view text) const
    {
        std::uint64_t number = 0;
        if (parse(text, number) != Numeral::read)
            fail(fmt::format("has '{}' where a whole number was expected", printable(text, 40)));
        return number;
    }

    void read_variable(const std::string& name)
    {
        std::string_view type = need("type");
        constexpr std::string_view global = "global ";
        if (type.starts_with(global))
            type.remove_prefix(global.size());
        if (type.ends_with("string"))
            return skip_string();
        const std::size_t space = type.find(' ');
        const std::string_view first = type.substr(0, space);
        const std::string_view kind = space == std::string_view::npos ? first : type.substr(space + 1);
        const auto is_of = [&](std::string_view expected) { return kind == expected || type == expected; };
        const bool is_scalar = is_of("scalar") || type == "bool", is_matrix = is_of("matrix");
        const auto elements = type == "scalar" || type == "matrix" ? ElementType::float64 : element_type(first);
        if (elements && (is_scalar || is_matrix)) {
            if (!found_.meets(file_, name))
                return;
            found_.add(name, is_scalar ? read_scalar(*elements) : read_matrix(*elements));
            return;
        }
        // What holds others names these as if they were variables.
        const bool holds_numbers = type.find("matrix") != std::string_view::npos ||
                                   type.find("range") != std::string_view::npos ||
                                   type.find("complex") != std::string_view::npos;
        if (!holds_numbers || found_.meets(file_, name))
            file_.fail(fmt::format("'{}' is of the type '{}'; only real scalars, matrices and arrays of numbers are "
                                   "read, so save full(x), real(x) or the fields themselves",
                                   printable(name), printable(type)));
    }

    void skip_string()
    {
        const std::size_t elements = whole(need("elements"));
        for (std::size_t i = 0; i < elements; ++i) {
            const std::size_t length = whole(need("length"));
            lines_.skip(length + 1); // its lines may look like anything
        }
    }

    AnyArray read_scalar(ElementType type)
    {
        if (!lines_.next())
            fail("ends where a number was expected");
        AnyArray array(type, Shape{});
        put(trimmed(lines_.line()), array, 0);
        return array;
    }

    AnyArray read_matrix(ElementType type)
    {
        Shape shape;
        if (!lines_.next())
            fail("ends where a matrix was expected");
        const bool has_axes = value_of("ndims").has_value();
        if (has_axes) {
            const std::size_t axes = whole(*value_of("ndims"));
            if (axes > Shape::capacity)
                fail(fmt::format("has {} axes; {} are the most", axes, Shape::capacity));
            while (shape.size() < axes)
                shape.push_back(whole(next_word()));
        } else if (const auto rows = value_of("rows")) {
            shape = {whole(*rows), whole(need("columns"))};
        } else {
            fail("tells no extents");
        }
        check_size(shape);
        // A matrix stands row by row, an array of more axes in the order of Fortran.
        AnyArray array(type, shape);
        Places places(shape, has_axes);
        for (std::size_t i = 0; i < array.size(); ++i, places.next())
            put(next_word(), array, places.place());
        if (!trimmed(word_left_).empty())
            fail("has more numbers than the extents tell");
        return array;
    }

    /** Refuses, before memory is taken, more elements than the text has room for. */
    void check_size(const Shape& shape) const
    {
        std::size_t count = 0;
        try {
            count = element_count(shape);
        } catch (const ShapeError&) {
            fail(fmt::format("has the extents {}, which no array can have", to_string(shape)));
        }
        if (count > file_.size() / 2)
            fail(fmt::format("has the extents {}, for which the file is too small", to_string(shape)));
    }

    /** The next word, of this line or of the lines behind it. */
    std::string_view next_word()
    {
        while (trimmed(word_left_).empty()) {
            if (!lines_.next() || lines_.line().starts_with('#'))
                fail("comes where more numbers were expected");
            word_left_ = lines_.line();
        }
        word_left_ = trimmed(word_left_);
        const std::size_t end = std::min(word_left_.find_first_of(" \t"), word_left_.size());
        const std::string_view word = word_left_.substr(0, end);
        word_left_.remove_prefix(end);
        return word;
    }

    void put(std::string_view word, AnyArray& array, std::size_t place) const
    {
        const bool fits = visit_type(array.type(), [&](auto element) {
            using T = decltype(element);
            if constexpr (std::is_same_v<T, bool>) {
                element = word == "1";
                std::memcpy(array.bytes() + place, &element, 1);
                return element || word == "0";
            } else if constexpr (std::is_arithmetic_v<T>) {
                const bool is_read = parse(word, element) == Numeral::read;
                std::memcpy(array.bytes() + place * sizeof(T), &element, sizeof(T));
                return is_read;
            } else {
                return false;
            }
        });
        if (!fits)
            fail(fmt::format("has '{}', which is no {}", printable(word, 40), element_name(array.type())));
    }

    FileBytes& file_;
    Found& found_;
    Lines lines_;
    std::string_view word_left_; // of the line
};

} // namespace

void read_octave_text(FileBytes& file, std::string_view text, Found& found) { Reader(file, text, found).read(); }

} // namespace xgrad::detail
