#include <xgrad/base/error.hpp>
#include <xgrad/base/file.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/models/data/idx.hpp>

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace xgrad
{

namespace
{

namespace fs = std::filesystem;

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint8_t unsigned_byte = 0x08;
constexpr std::size_t block_size = std::size_t{1} << 20;
constexpr std::uint64_t size_limit = std::uint64_t{2} << 30;

[[noreturn]] void fail(const fs::path& path, const std::string& what)
{
    throw DataError(fmt::format("[idx] {}: {}", path.string(), what));
}

std::string kind(std::size_t rank)
{
    return rank == 3 ? "images (rank 3)" : rank == 1 ? "labels (rank 1)" : fmt::format("an array of rank {}", rank);
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

class Reader
{
  public:
    explicit Reader(const fs::path& path) : path_(path)
    {
        std::error_code error;
        const fs::file_status status = fs::status(path, error);
        if (!fs::exists(status))
            fail(path, "there is no such file; check the name or get the data set");
        if (!fs::is_regular_file(status))
            fail(path, "is not a regular file; give the IDX file itself");
        file_.reset(gzopen(path.c_str(), "rb"));
        if (!file_)
            fail(path, "cannot be opened: " + std::generic_category().message(errno));
    }

    /** Reads up to `count` bytes, fewer at the end of the file. @return  how many */
    std::size_t read(std::uint8_t* bytes, std::size_t count)
    {
        const int read = gzread(file_.get(), bytes, static_cast<unsigned>(count));
        int code = Z_OK;
        gzerror(file_.get(), &code);
        if (read < 0 || code != Z_OK)
            fail(path_, "is damaged or cut off (zlib cannot read on); get the file again");
        return static_cast<std::size_t>(read);
    }

    bool compressed() { return gzdirect(file_.get()) == 0; }

  private:
    struct Close
    {
        void operator()(gzFile file) const { gzclose(file); }
    };

    fs::path path_;
    std::unique_ptr<gzFile_s, Close> file_;
};

Shape read_extents(Reader& reader, const fs::path& path, std::size_t rank)
{
    std::array<std::uint8_t, 4> word{};
    const auto read_word = [&] {
        if (reader.read(word.data(), word.size()) != word.size())
            fail(path, "ends within its header; get the file again");
    };
    read_word();
    if (word[0] != 0 || word[1] != 0)
        fail(path, fmt::format("is not an IDX file: it begins with {:02x}{:02x}, not with 0000", word[0], word[1]));
    if (word[2] != unsigned_byte)
        fail(path, fmt::format("holds {} (type 0x{:02x}); only unsigned bytes (0x08) can be read",
                               element_type(word[2]), word[2]));
    if (word[3] != rank)
        fail(path, fmt::format("holds {} where {} were expected; are the files mislabelled or swapped?", kind(word[3]),
                               kind(rank)));
    Shape extents(rank);
    for (std::size_t& extent : extents) {
        read_word();
        extent = std::size_t{word[0]} << 24 | std::size_t{word[1]} << 16 | std::size_t{word[2]} << 8 | word[3];
    }
    return extents;
}

std::uint64_t promised_bytes(const fs::path& path, const Shape& extents)
{
    std::uint64_t count = 1;
    for (const std::size_t extent : extents) {
        if (extent == 0)
            fail(path, fmt::format("has the extents {}, so it holds nothing; get another file", to_string(extents)));
        if (count > size_limit / extent)
            fail(path, fmt::format("promises {} bytes; more than 2 GiB are not read, and the header is likely damaged",
                                   to_string(extents)));
        count *= extent;
    }
    return count;
}

[[noreturn]] void fail_on_size(const fs::path& path, const Shape& extents, bool truncated)
{
    const char* difference = truncated ? "is truncated: it has fewer" : "has trailing bytes: it has more";
    fail(path, fmt::format("{} bytes than the extents {} in its header promise; get the file again", difference,
                           to_string(extents)));
}

// The size of compressed data is known only after reading, so the data are collected in blocks.
std::vector<Bytes> read_blocks(Reader& reader, const fs::path& path, const Shape& extents)
{
    const std::uint64_t promised = promised_bytes(path, extents);
    if (!reader.compressed()) {
        const std::uint64_t size = fs::file_size(path);
        const std::uint64_t expected = 4 + 4 * extents.size() + promised;
        if (size != expected)
            fail_on_size(path, extents, size < expected);
    }
    std::vector<Bytes> blocks;
    for (std::uint64_t remaining = promised; remaining > 0; remaining -= blocks.back().size()) {
        Bytes& block = blocks.emplace_back(std::min<std::uint64_t>(block_size, remaining));
        if (reader.read(block.data(), block.size()) != block.size())
            fail_on_size(path, extents, true);
    }
    std::uint8_t beyond = 0;
    if (reader.read(&beyond, 1) != 0)
        fail_on_size(path, extents, false);
    return blocks;
}

template <class T>
void copy_blocks(const std::vector<Bytes>& blocks, T* destination)
{
    for (const Bytes& block : blocks)
        destination = std::copy(block.begin(), block.end(), destination);
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
    promised_bytes(path, extents);
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

Array<std::uint8_t> read_idx_images(const fs::path& path)
{
    Reader reader(path);
    const Shape extents = read_extents(reader, path, 3);
    const std::vector<Bytes> blocks = read_blocks(reader, path, extents);
    auto images = empty_array<std::uint8_t>({extents[0], 1, extents[1], extents[2]});
    copy_blocks(blocks, images.data());
    return images;
}

Labels read_idx_labels(const fs::path& path, std::size_t classes)
{
    Reader reader(path);
    const Shape extents = read_extents(reader, path, 1);
    const std::vector<Bytes> blocks = read_blocks(reader, path, extents);
    auto labels = empty_array<std::int32_t>({extents[0]});
    copy_blocks(blocks, labels.data());
    for (std::size_t i = 0; i < extents[0]; ++i)
        if (static_cast<std::size_t>(labels.data()[i]) >= classes)
            fail(path, fmt::format("the label of sample {} is {}, but there are only {} classes, from 0 on; give their "
                                   "right number or another file",
                                   i, labels.data()[i], classes));
    return labels;
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
            fail(path, fmt::format("a label of {} does not fit the format, which has bytes from 0 to 255", label));
        bytes += static_cast<char>(label);
    }
    write_idx(path, bytes);
}

} // namespace xgrad
