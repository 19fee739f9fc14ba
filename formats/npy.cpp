#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/formats/found.hpp>
#include <xgrad/formats/npy.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace xgrad::detail
{

namespace
{

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t longest_header = 1 << 16; // NumPy itself trusts ten thousand characters
constexpr std::size_t alignment = 64;

/** The content of a header. */
struct Header
{
    std::string type;
    bool column_major = false;
    Shape shape;
};

/** The dictionary of a header: {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), } */
class Parser
{
  public:
    Parser(const Bytes& bytes, std::string_view text) : bytes_(bytes), text_(text) {}

    Header header()
    {
        Header header;
        bool has_type = false, has_order = false, has_shape = false;
        expect('{');
        while (!skips('}')) {
            const std::string key = string();
            expect(':');
            if (key == "descr" && !std::exchange(has_type, true))
                header.type = type();
            else if (key == "fortran_order" && !std::exchange(has_order, true))
                header.column_major = boolean();
            else if (key == "shape" && !std::exchange(has_shape, true))
                header.shape = shape();
            else
                fail(fmt::format("has the key '{}' that is unknown or comes twice", printable(key)));
            if (!skips(',')) {
                expect('}');
                break;
            }
        }
        if (text_.find_first_not_of(" \n") != std::string_view::npos)
            fail("goes on behind its end");
        if (!has_type || !has_order || !has_shape)
            fail("lacks one of 'descr', 'fortran_order' and 'shape'");
        return header;
    }

  private:
    [[noreturn]] void fail(const std::string& what) const { bytes_.fail("its header " + what + "; it is damaged"); }

    bool skips(char c)
    {
        text_.remove_prefix(std::min(text_.find_first_not_of(" \n"), text_.size()));
        if (!text_.starts_with(c))
            return false;
        text_.remove_prefix(1);
        return true;
    }

    void expect(char c)
    {
        if (!skips(c))
            fail(fmt::format("has no '{}' where one was expected", c));
    }

    std::string string()
    {
        const char quote = skips('"') ? '"' : '\'';
        if (quote == '\'')
            expect(quote);
        const std::size_t end = text_.find(quote);
        if (end == std::string_view::npos)
            fail("has a string without an end");
        const std::string result(text_.substr(0, end));
        text_.remove_prefix(end + 1);
        return result;
    }

    std::string type()
    {
        if (skips('['))
            bytes_.fail("holds records of several fields; save each field as an array of its own");
        return string();
    }

    bool boolean()
    {
        skips(' '); // takes all white space away
        for (const bool value : {false, true}) {
            const std::string_view word = value ? "True" : "False";
            if (text_.starts_with(word)) {
                text_.remove_prefix(word.size());
                return value;
            }
        }
        fail("has a 'fortran_order' that is neither True nor False");
    }

    Shape shape()
    {
        Shape shape;
        expect('(');
        while (!skips(')')) {
            std::uint64_t extent = 0;
            const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), extent);
            if (error != std::errc())
                fail("has a 'shape' that is no list of natural numbers");
            text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
            if (shape.size() == Shape::capacity)
                bytes_.fail(fmt::format("has more than {} axes; reshape it to fewer", Shape::capacity));
            shape.push_back(extent);
            if (!skips(',')) {
                expect(')');
                break;
            }
        }
        return shape;
    }

    const Bytes& bytes_;
    std::string_view text_;
};

struct TypeName
{
    std::string_view name;
    ElementType type;
};

constexpr TypeName types[] = {{"b1", ElementType::boolean}, {"i1", ElementType::int8},    {"i2", ElementType::int16},
                              {"i4", ElementType::int32},   {"i8", ElementType::int64},   {"u1", ElementType::uint8},
                              {"u2", ElementType::uint16},  {"u4", ElementType::uint32},  {"u8", ElementType::uint64},
                              {"f2", ElementType::float16}, {"f4", ElementType::float32}, {"f8", ElementType::float64}};

/** The kinds of NumPy's types that are not read. */
const char* refused_kind(char kind)
{
    switch (kind) {
    case 'c':
        return "complex numbers; save their real and imaginary parts as two arrays";
    case 'O':
        return "Python objects, which no other program can read; convert it with numpy.asarray(x, dtype=float)";
    case 'S':
    case 'U':
        return "texts; only numbers are read";
    case 'M':
    case 'm':
        return "dates or times; convert it to numbers with astype";
    case 'V':
        return "records; save each field as an array of its own";
    default:
        return "a type that is not read; convert it with astype('f8')";
    }
}

ElementLayout layout_of(const Bytes& bytes, const Header& header)
{
    std::string_view name = header.type;
    const char order = name.empty() ? '\0' : name.front();
    if (std::string_view("<>|=").find(order) != std::string_view::npos && order != '\0')
        name.remove_prefix(1);
    for (const TypeName& each : types)
        if (each.name == name)
            return {each.type, each.type, header.shape, order == '>', header.column_major};
    bytes.fail(fmt::format("is of type '{}': {}", printable(header.type),
                           refused_kind(name.empty() || name == "f16" ? '\0' : name.front())));
}

} // namespace

AnyArray read_npy(Bytes& bytes)
{
    std::string begin(magic.size(), '\0');
    bytes.read(begin.data(), begin.size());
    if (begin != magic)
        bytes.fail("is no .npy file: it does not begin with \\x93NUMPY");
    const auto major = bytes.number<std::uint8_t>(), minor = bytes.number<std::uint8_t>();
    if (major < 1 || major > 3 || minor != 0)
        bytes.fail(fmt::format("is of version {}.{}; 1.0, 2.0 and 3.0 are read", major, minor));
    const std::uint32_t length = major == 1 ? bytes.number<std::uint16_t>() : bytes.number<std::uint32_t>();
    if (length > longest_header)
        bytes.fail(
            fmt::format("promises a header of {} bytes; {} are the most, so it is damaged", length, longest_header));
    std::string text(length, '\0');
    bytes.read(text.data(), length);
    const ElementLayout layout = layout_of(bytes, Parser(bytes, text).header());
    AnyArray array = read_elements(bytes, layout);
    if (bytes.remaining() != 0)
        bytes.fail(
            fmt::format("has {} bytes behind its elements; it is damaged or holds several arrays", bytes.remaining()));
    return array;
}

void read_npy(FileBytes& file, const std::string& name, Found& found)
{
    if (found.meets(file, name))
        found.add(name, read_npy(file));
}

std::string npy_header(const std::string& name, const AnyArray& array)
{
    const TypeName* type = std::find_if(std::begin(types), std::end(types),
                                        [&](const TypeName& each) { return each.type == array.type(); });
    if (type == std::end(types))
        throw DataError(
            fmt::format("{}: NumPy has no {}; save float32 or a safetensors file", name, element_name(array.type())));
    std::string text = fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': ({}{}), }}",
                                   element_size(array.type()) == 1 ? '|' : '<', type->name,
                                   fmt::join(array.shape(), ", "), array.shape().size() == 1 ? "," : "");
    // NumPy leaves room for a first extent of this many digits, so that an array can grow in its file.
    constexpr std::size_t most_digits = 21;
    if (!array.shape().empty())
        text.append(most_digits - fmt::to_string(array.shape()[0]).size(), ' ');
    const std::size_t begin = magic.size() + 2 + sizeof(std::uint16_t);
    text.append(alignment - (begin + text.size() + 1) % alignment, ' '); // as NumPy: never none
    text += '\n';
    std::string header(magic);
    header += {1, 0, static_cast<char>(text.size() & 0xff), static_cast<char>(text.size() >> 8)};
    return header + text;
}

} // namespace xgrad::detail
