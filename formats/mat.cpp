// MATLAB's files of level 5, as save -v6 and -v7 write them: elements with a type and a size, packed one by one in -v7.
// https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf

#include <xgrad/base/escape.hpp>
#include <xgrad/formats/elements.hpp>
#include <xgrad/formats/found.hpp>

#include <fmt/format.h>

#include <array>
#include <optional>
#include <vector>

namespace xgrad::detail
{

namespace
{

constexpr std::uint64_t file_header_size = 128, element_alignment = 8;
constexpr std::uint32_t mi_int8 = 1, mi_int32 = 5, mi_uint32 = 6, mi_matrix = 14, mi_compressed = 15;

/** The type and the size that an element begins with. A small one has its data, of up to four bytes, in the tag. */
struct Tag
{
    std::uint32_t type = 0, size = 0;
    bool is_small = false;
};

Tag read_tag(Bytes& bytes)
{
    Tag tag;
    const auto word = bytes.number<std::uint32_t>();
    tag.is_small = word >> 16 != 0;
    tag.type = word & 0xffff;
    tag.size = tag.is_small ? word >> 16 : bytes.number<std::uint32_t>();
    if (tag.is_small && tag.size > sizeof(word))
        bytes.fail(fmt::format("is damaged: a small element has {} bytes", tag.size));
    return tag;
}

/** The number of bytes between the data of an element and the next element. */
std::uint64_t padding(const Tag& tag)
{
    return tag.is_small ? 4 - tag.size : (element_alignment - tag.size % element_alignment) % element_alignment;
}

/** Reads an element of few numbers. */
template <class T>
std::vector<T> read_numbers(Bytes& bytes, std::uint32_t type, std::size_t most, const char* which)
{
    const Tag tag = read_tag(bytes);
    if (tag.type != type || tag.size % sizeof(T) != 0 || tag.size / sizeof(T) > most)
        bytes.fail(fmt::format("is damaged: its {} are of type {} and have {} bytes", which, tag.type, tag.size));
    std::vector<T> numbers(tag.size / sizeof(T));
    bytes.read(numbers.data(), tag.size);
    bytes.skip(padding(tag));
    return numbers;
}

std::optional<ElementType> stored_type(std::uint32_t type)
{
    constexpr std::optional<ElementType> none;
    constexpr std::optional<ElementType> types[] = {none,
                                                    ElementType::int8,
                                                    ElementType::uint8,
                                                    ElementType::int16,
                                                    ElementType::uint16,
                                                    ElementType::int32,
                                                    ElementType::uint32,
                                                    ElementType::float32,
                                                    none,
                                                    ElementType::float64,
                                                    none,
                                                    none,
                                                    ElementType::int64,
                                                    ElementType::uint64};
    return type < std::size(types) ? types[type] : none;
}

/** The classes of MATLAB. */
enum class Kind : std::uint32_t
{
    cell = 1,
    structure,
    object,
    text,
    sparse,
    float64,
    float32,
    int8,
    uint8,
    int16,
    uint16,
    int32,
    uint32,
    int64,
    uint64
};

std::optional<ElementType> element_type(Kind kind, bool is_logical)
{
    constexpr ElementType types[] = {
        ElementType::float64, ElementType::float32, ElementType::int8,   ElementType::uint8, ElementType::int16,
        ElementType::uint16,  ElementType::int32,   ElementType::uint32, ElementType::int64, ElementType::uint64};
    if (kind < Kind::float64 || kind > Kind::uint64)
        return std::nullopt;
    return is_logical ? ElementType::boolean
                      : types[static_cast<std::size_t>(kind) - static_cast<std::size_t>(Kind::float64)];
}

const char* shown(Kind kind)
{
    switch (kind) {
    case Kind::cell:
        return "a cell array";
    case Kind::structure:
        return "a struct";
    case Kind::sparse:
        return "a sparse matrix, for which save full(x)";
    default:
        return "an object or a function";
    }
}

/** Reads what stands before the data of an array, and the data if it is wanted. */
class MatrixReader
{
  public:
    MatrixReader(FileBytes& file, Found& found) : file_(file), found_(found), left_(most_unpacked(file.size())) {}

    /** Reads from the content of an array's element, not always up to its end. */
    void read(Bytes& bytes)
    {
        constexpr std::uint32_t complex_flag = 0x800, logical_flag = 0x200;
        const auto flags = read_numbers<std::uint32_t>(bytes, mi_uint32, 2, "flags");
        if (flags.empty())
            bytes.fail("is damaged: an array has no flags");
        const auto kind = static_cast<Kind>(flags[0] & 0xff);
        if (kind > Kind::uint64 || kind < Kind::cell)
            return; // a function or an object of Java, which have another form
        const std::vector<std::int32_t> extents = read_numbers<std::int32_t>(bytes, mi_int32, most_axes, "extents");
        constexpr std::size_t longest_name = 4096; // 63 in MATLAB
        const std::vector<char> letters = read_numbers<char>(bytes, mi_int8, longest_name, "letters of a name");
        const std::string name(letters.begin(), letters.end());
        if (kind == Kind::text)
            return skip_text(bytes);
        if (name.empty() || !found_.meets(file_, name))
            return; // MATLAB keeps objects under no name
        const auto fail = [&](const std::string& what) { file_.fail(fmt::format("'{}' {}", printable(name), what)); };
        const auto type = element_type(kind, (flags[0] & logical_flag) != 0);
        if (!type)
            fail(fmt::format("is {}; save an array of numbers, or ask for others by their names", shown(kind)));
        if ((flags[0] & complex_flag) != 0)
            fail("is complex; save real(x) and imag(x)");
        found_.add(name, read_elements(bytes, name, *type, shape_of(name, extents)));
    }

    /** The place behind the text that was read last; 0 before the first one. */
    std::uint64_t text_end() const { return text_end_; }

  private:
    /** Goes to the end of a text, behind which the next element stands: Octave gives a text of several rows a size that
     *  is too large. */
    void skip_text(Bytes& bytes)
    {
        const Tag tag = read_tag(bytes);
        bytes.skip(tag.size + padding(tag));
        text_end_ = file_.position();
    }

    static constexpr std::size_t most_axes = 64; // to be named; an array has eight

    Shape shape_of(const std::string& name, const std::vector<std::int32_t>& extents) const
    {
        if (extents.size() > Shape::capacity)
            file_.fail(fmt::format("'{}' has {} axes; {} are the most, so reshape it", printable(name), extents.size(),
                                   Shape::capacity));
        Shape shape;
        for (const std::int32_t extent : extents) {
            if (extent < 0)
                file_.fail(fmt::format("is damaged: '{}' has an extent of {}", printable(name), extent));
            shape.push_back(static_cast<std::size_t>(extent));
        }
        return shape;
    }

    AnyArray read_elements(Bytes& bytes, const std::string& name, ElementType type, const Shape& shape)
    {
        const Tag tag = read_tag(bytes);
        const auto stored = stored_type(tag.type);
        PartBytes data(bytes, fmt::format("{}: '{}'", file_.name(), printable(name)), tag.size);
        if (!stored)
            data.fail(fmt::format("is damaged: its elements are of the unknown type {}", tag.type));
        if (promised_bytes(data, *stored, shape) != tag.size)
            data.fail(fmt::format("is damaged: its data have {} bytes, which its extents do not fit", tag.size));
        const std::uint64_t size = promised_bytes(data, type, shape);
        if (size > left_)
            data.fail(fmt::format("makes the arrays larger than {} MiB and {} times the file; save it by -v6, which "
                                  "does not pack, if it is right",
                                  unsuspicious_size >> 20, usual_ratio));
        left_ -= size;
        // A logical is stored as bytes, a whole double as the smallest integer.
        return detail::read_elements(data, {*stored, type, shape, false, true});
    }

    FileBytes& file_;
    Found& found_;
    std::uint64_t left_;         // bytes that arrays may still take
    std::uint64_t text_end_ = 0; // the place in the file
};

void check_header(FileBytes& file)
{
    std::array<char, file_header_size> header{};
    file.read(header.data(), header.size());
    constexpr std::size_t order_place = 126;
    if (header[order_place] == 'M')
        file.fail("was written on a big-endian machine; save it again on another one");
}

void read_packed(FileBytes& file, std::uint32_t packed, MatrixReader& reader)
{
    // The element's own size is the first to be unpacked.
    const std::uint64_t begin = file.position(), tag_size = 8;
    Tag tag;
    {
        UnpackedBytes first(file, file.name(), Packing::zlib, packed, tag_size);
        tag = read_tag(first);
    }
    if (tag.type != mi_matrix || tag.is_small)
        return;
    file.seek(begin);
    UnpackedBytes bytes(file, file.name(), Packing::zlib, packed, tag_size + tag.size);
    bytes.skip(tag_size);
    reader.read(bytes);
    bytes.drain(); // not what is left by its size: Octave gives a text of several rows a wrong one
}

} // namespace

void read_mat(FileBytes& file, Found& found)
{
    check_header(file);
    MatrixReader reader(file, found);
    while (file.remaining() > 0) {
        const Tag tag = read_tag(file);
        const std::uint64_t begin = file.position(), end = begin + tag.size;
        if (tag.size > file.remaining())
            file.fail(fmt::format("is truncated: an element of {} bytes was promised where {} are left", tag.size,
                                  file.remaining()));
        if (tag.type == mi_compressed) {
            read_packed(file, tag.size, reader);
            file.seek(end);
        } else if (tag.type == mi_matrix && !tag.is_small) {
            PartBytes bytes(file, file.name(), tag.size);
            reader.read(bytes);
            file.seek(reader.text_end() > begin ? reader.text_end() : std::min(end + padding(tag), file.size()));
        } else {
            file.fail(fmt::format("is damaged: it has an element of type {} where an array was expected", tag.type));
        }
    }
}

} // namespace xgrad::detail
