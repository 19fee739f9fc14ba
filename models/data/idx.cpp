#include <xgrad/base/error.hpp>
#include <xgrad/base/file.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/models/data/idx.hpp>
#include <xgrad/models/data/unpacked_stream.hpp>

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace xgrad
{

namespace
{

namespace fs = std::filesystem;

constexpr std::uint8_t unsigned_byte = 0x08, integer = 0x0c;
constexpr std::uint64_t size_limit = std::uint64_t{2} << 30;

[[noreturn]] void fail(const std::string& name, const std::string& what)
{
    throw DataError(fmt::format("[idx] {}: {}", name, what));
}

std::string kind(std::size_t rank)
{
    return rank == 3   ? "images (rank 3)"
           : rank == 2 ? "a table (rank 2)"
           : rank == 1 ? "labels (rank 1)"
                       : fmt::format("an array of rank {}", rank);
}

std::string_view element_type(std::uint8_t code)
{
    switch (code) {
    case unsigned_byte:
        return "unsigned bytes";
    case 0x09:
        return "signed bytes";
    case 0x0b:
        return "16-bit integers";
    case 0x0c:
        return "32-bit integers";
    case 0x0d:
        return "floats";
    case 0x0e:
        return "doubles";
    default:
        return "an unknown type";
    }
}

std::uint64_t promised_bytes(const std::string& name, const Shape& extents)
{
    if (std::find(extents.begin(), extents.end(), std::size_t{0}) != extents.end())
        fail(name, fmt::format("has the extents {}, so it holds nothing; get another file", to_string(extents)));
    std::uint64_t count = size_limit + 1;
    try {
        count = element_count(extents);
    } catch (const ShapeError&) { // more than any array has
    }
    if (count > size_limit)
        fail(name, fmt::format("promises {} bytes; more than 2 GiB are not read, and the header is likely damaged",
                               to_string(extents)));
    return count;
}

/** An IDX file that is being read. */
class Reader
{
  public:
    Reader(std::istream& stream, std::string name) : name_(std::move(name)), stream_(stream) {}

    [[noreturn]] void fail(const std::string& what) const { xgrad::fail(name_, what); }

    /** Reads the header. @return  the extents, of an array that the file can hold; of 32-bit integers with a last
     *          axis of four bytes */
    Shape read_extents(std::size_t rank, std::uint8_t type = unsigned_byte)
    {
        const auto word = read_word();
        if (word[0] != 0 || word[1] != 0)
            fail(fmt::format("is not an IDX file: it begins with {:02x}{:02x}, not with 0000", word[0], word[1]));
        if (word[2] != type)
            fail(fmt::format("holds {} (type 0x{:02x}); only {} (0x{:02x}) can be read", element_type(word[2]), word[2],
                             element_type(type), type));
        if (word[3] != rank)
            fail(fmt::format("holds {} where {} were expected; are the files mislabelled or swapped?", kind(word[3]),
                             kind(rank)));
        Shape extents(rank);
        for (std::size_t& extent : extents) {
            const auto next = read_word();
            extent = std::size_t{next[0]} << 24 | std::size_t{next[1]} << 16 | std::size_t{next[2]} << 8 | next[3];
        }
        if (type == integer)
            extents.push_back(4);
        check_promise(extents, rank);
        return extents;
    }

    /** Reads all the data, which are as many as the extents promise. */
    void read_data(const Shape& extents, std::uint8_t* bytes)
    {
        const std::size_t count = element_count(extents);
        if (read(bytes, count) != count)
            fail_on_size(extents, true);
        std::uint8_t beyond = 0;
        if (read(&beyond, 1) != 0)
            fail_on_size(extents, false);
    }

  private:
    std::size_t read(std::uint8_t* bytes, std::size_t count)
    {
        const auto read = stream_.read(bytes, count);
        if (!read)
            fail("is damaged or cut off (zlib cannot read on); get the file again");
        return *read;
    }

    std::array<std::uint8_t, 4> read_word()
    {
        std::array<std::uint8_t, 4> word{};
        if (read(word.data(), word.size()) != word.size())
            fail("ends within its header; get the file again");
        return word;
    }

    /** Refuses, before any memory is taken, a header that promises more than the file can hold. */
    void check_promise(const Shape& extents, std::size_t rank) const
    {
        const std::uint64_t promised = promised_bytes(name_, extents), size = stream_.packed_size();
        if (!stream_.compressed()) {
            const std::uint64_t expected = 4 + 4 * rank + promised;
            if (size != expected)
                fail_on_size(extents, size < expected);
        } else if (promised > size * detail::Inflater::largest_ratio) {
            fail_on_size(extents, true);
        } else if (promised > detail::most_unpacked(size)) {
            fail(fmt::format("promises {} bytes in {} gzipped ones: {} times as many are the most, or {} MiB; unpack "
                             "it with gunzip if it is right",
                             promised, size, detail::usual_ratio, detail::unsuspicious_size >> 20));
        }
    }

    [[noreturn]] void fail_on_size(const Shape& extents, bool truncated) const
    {
        const char* difference = truncated ? "is truncated: it has fewer" : "has trailing bytes: it has more";
        fail(fmt::format("{} bytes than the extents {} in its header promise; get the file again", difference,
                         to_string(extents)));
    }

    std::string name_;
    detail::UnpackedStream stream_;
};

std::ifstream open_regular(const fs::path& path)
{
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status))
        fail(path.string(), "there is no such file; check the name or get the data set");
    if (!fs::is_regular_file(status))
        fail(path.string(), "is not a regular file; give the IDX file itself");
    errno = 0;
    std::ifstream stream(path, std::ios::binary);
    if (!stream)
        fail(path.string(), "cannot be opened: " + std::generic_category().message(errno));
    return stream;
}

std::string gzip(const std::string& bytes)
{
    constexpr int gzip_format = 16 + MAX_WBITS;
    z_stream stream{};
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_format, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
        throw DataError("[idx] zlib cannot compress: out of memory");
    std::string compressed(deflateBound(&stream, bytes.size()), '\0');
    // zlib's interface is older than const; it does not write to its input.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
    stream.avail_out = static_cast<uInt>(compressed.size());
    deflate(&stream, Z_FINISH);
    compressed.resize(stream.total_out);
    deflateEnd(&stream);
    return compressed;
}

std::string idx_header(const fs::path& path, const Shape& extents)
{
    promised_bytes(path.string(), extents);
    std::string header{0, 0, unsigned_byte, static_cast<char>(extents.size())};
    for (const std::size_t extent : extents)
        for (const int shift : {24, 16, 8, 0})
            header += static_cast<char>(extent >> shift & 0xff);
    return header;
}

void write_idx(const fs::path& path, const std::string& bytes)
{
    write_atomically(path, path.extension() == ".gz" ? gzip(bytes) : bytes);
}

} // namespace

Array<std::uint8_t> read_idx_images(std::istream& stream, const std::string& name)
{
    Reader reader(stream, name);
    const Shape extents = reader.read_extents(3);
    auto images = empty_array<std::uint8_t>({extents[0], 1, extents[1], extents[2]});
    reader.read_data(extents, images.data());
    return images;
}

Array<std::uint8_t> read_idx_images(const fs::path& path)
{
    std::ifstream stream = open_regular(path);
    return read_idx_images(stream, path.string());
}

Labels read_idx_labels(std::istream& stream, const std::string& name, std::size_t classes)
{
    Reader reader(stream, name);
    const bool is_table = fs::path(name).filename().string().find("idx2-int") != std::string::npos;
    const Shape extents = is_table ? reader.read_extents(2, integer) : reader.read_extents(1);
    std::vector<std::uint8_t> bytes(element_count(extents));
    reader.read_data(extents, bytes.data());
    const std::size_t step = bytes.size() / extents[0]; // of a table, the first column
    auto labels = empty_array<std::int32_t>({extents[0]});
    for (std::size_t i = 0; i < extents[0]; ++i) {
        const std::uint8_t* const at = bytes.data() + i * step;
        const std::uint32_t label =
            is_table ? std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 | at[3]
                     : at[0];
        if (label >= classes)
            reader.fail(fmt::format("the label of sample {} is {}, but there are only {} classes, from 0 on: keep the "
                                    "samples of {} classes, numbered from 0, or take another data set",
                                    i, label, classes, classes));
        labels.data()[i] = static_cast<std::int32_t>(label);
    }
    return labels;
}

Labels read_idx_labels(const fs::path& path, std::size_t classes)
{
    std::ifstream stream = open_regular(path);
    return read_idx_labels(stream, path.string(), classes);
}

void write_idx_images(const fs::path& path, const Array<std::uint8_t>& images)
{
    const Shape& shape = images.shape();
    if (shape.size() != 4 || shape[1] != 1)
        throw ShapeError(fmt::format("[idx] images of shape (N, 1, H, W) were expected, {} came", to_string(shape)));
    std::string bytes = idx_header(path, {shape[0], shape[2], shape[3]});
    bytes.append(images.data(), images.data() + images.size());
    write_idx(path, bytes);
}

void write_idx_labels(const fs::path& path, const Labels& labels)
{
    const Shape& shape = labels.shape();
    if (shape.size() != 1)
        throw ShapeError(fmt::format("[idx] labels of shape (N) were expected, {} came", to_string(shape)));
    std::string bytes = idx_header(path, {shape[0]});
    for (const std::int32_t label : labels.storage()) {
        if (label < 0 || label > 255)
            fail(path.string(),
                 fmt::format("a label of {} does not fit the format, which has bytes from 0 to 255", label));
        bytes += static_cast<char>(label);
    }
    write_idx(path, bytes);
}

} // namespace xgrad
