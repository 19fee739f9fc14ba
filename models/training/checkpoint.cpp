#include <xgrad/base/error.hpp>
#include <xgrad/base/file.hpp>
#include <xgrad/models/training/checkpoint.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string_view>
#include <vector>

namespace xgrad
{

namespace
{

namespace fs = std::filesystem;
using nlohmann::json;

static_assert(std::endian::native == std::endian::little,
              "safetensors files are little-endian and written as they are");

constexpr const char* metadata_key = "__metadata__";
constexpr const char* checksum_key = "xgrad_crc32";
constexpr std::uint64_t header_limit = std::uint64_t{16} << 20;
constexpr std::size_t alignment = 8;

[[noreturn]] void fail(const fs::path& path, const std::string& what)
{
    throw DataError(fmt::format("[checkpoint] {}: {}", path.string(), what));
}

std::uint32_t checksum(std::uint32_t start, const void* bytes, std::size_t count)
{
    // An empty array has a null pointer, for which zlib would start again.
    return count == 0 ? start : static_cast<std::uint32_t>(crc32_z(start, static_cast<const Bytef*>(bytes), count));
}

// The checksum of the header without itself. json keeps its keys sorted, so the text is the same after a round trip.
std::uint32_t header_checksum(const json& header)
{
    const std::string text = header.dump();
    return checksum(0, text.data(), text.size());
}

struct Entry
{
    std::string name;
    Shape shape;
    std::uint64_t begin;
    std::uint64_t end;
};

/** Computes the number of bytes of an array of floats. @return  false if the number does not fit */
bool byte_count(const Shape& shape, std::uint64_t& bytes)
{
    bytes = sizeof(float);
    for (const std::size_t extent : shape)
        if (extent != 0 && __builtin_mul_overflow(bytes, extent, &bytes))
            return false;
    if (bytes > static_cast<std::uint64_t>(std::numeric_limits<std::ptrdiff_t>::max()))
        return false;
    if (std::find(shape.begin(), shape.end(), 0) != shape.end())
        bytes = 0;
    return true;
}

std::vector<std::uint64_t> naturals(const fs::path& path, const std::string& name, const json& tensor, const char* key)
{
    const auto list = tensor.find(key);
    const auto is_natural = [](const json& number) { return number.is_number_unsigned(); };
    if (list == tensor.end() || !list->is_array() || !std::all_of(list->begin(), list->end(), is_natural))
        fail(path, fmt::format("the {} of tensor '{}' is no list of natural numbers; the file is damaged", key, name));
    return list->get<std::vector<std::uint64_t>>();
}

Entry parse_entry(const fs::path& path, const std::string& name, const json& tensor)
{
    if (!tensor.is_object())
        fail(path, fmt::format("tensor '{}' is described by no object; the file is damaged", name));
    const auto type = tensor.find("dtype");
    if (type == tensor.end() || *type != "F32")
        fail(path, fmt::format("tensor '{}' is of type {}; only \"F32\" is read, so save it as 32-bit floats", name,
                               type == tensor.end() ? "(none)" : type->dump()));
    const std::vector<std::uint64_t> extents = naturals(path, name, tensor, "shape");
    const std::vector<std::uint64_t> offsets = naturals(path, name, tensor, "data_offsets");
    const Shape shape(extents.begin(), extents.end());
    std::uint64_t bytes = 0;
    if (!byte_count(shape, bytes))
        fail(path, fmt::format("the shape of tensor '{}' is too large; the file is damaged", name));
    if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] - offsets[0] != bytes)
        fail(path,
             fmt::format("the data_offsets of tensor '{}' are not two that are {} bytes apart, as its shape needs; "
                         "the file is damaged",
                         name, bytes));
    return {name, shape, offsets[0], offsets[1]};
}

// Sorted by place, the entries have to fill the data without holes or overlaps.
std::vector<Entry> parse_entries(const fs::path& path, const json& header, std::uint64_t data_size)
{
    std::vector<Entry> entries;
    for (const auto& [name, tensor] : header.items())
        if (name != metadata_key)
            entries.push_back(parse_entry(path, name, tensor));
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.begin != b.begin ? a.begin < b.begin : a.end < b.end; });
    std::uint64_t end = 0;
    for (const Entry& entry : entries) {
        if (entry.begin != end)
            fail(path,
                 fmt::format("the data of tensor '{}' begins at byte {}, where {} was expected: tensors overlap or "
                             "leave a hole; the file is damaged",
                             entry.name, entry.begin, end));
        end = entry.end;
    }
    if (end != data_size)
        fail(path, fmt::format("its tensors need {} bytes of data, the file has {}: it is {}", end, data_size,
                               end > data_size ? "truncated" : "followed by something else"));
    return entries;
}

std::map<std::string, std::string> parse_metadata(const fs::path& path, const json& header)
{
    std::map<std::string, std::string> metadata;
    const auto found = header.find(metadata_key);
    if (found == header.end())
        return metadata;
    if (!found->is_object())
        fail(path, "its metadata are not an object; the file is damaged");
    for (const auto& [key, value] : found->items()) {
        if (!value.is_string())
            fail(path, fmt::format("its metadata '{}' is not a string; the file is damaged", key));
        metadata[key] = value.get<std::string>();
    }
    return metadata;
}

class Reader
{
  public:
    explicit Reader(const fs::path& path) : path_(path)
    {
        std::error_code error;
        if (!fs::is_regular_file(path, error))
            fail(path, "is no file that can be read; check the name");
        remaining_ = fs::file_size(path, error);
        stream_.open(path, std::ios::binary);
        if (error || !stream_)
            fail(path, "cannot be opened; check its permissions");
    }

    std::uint64_t remaining() const { return remaining_; }

    void read(void* bytes, std::uint64_t count)
    {
        if (count > remaining_ || !stream_.read(static_cast<char*>(bytes), static_cast<std::streamsize>(count)))
            fail(path_, "is truncated");
        remaining_ -= count;
    }

  private:
    fs::path path_;
    std::ifstream stream_;
    std::uint64_t remaining_ = 0;
};

json read_header(Reader& reader, const fs::path& path)
{
    std::uint64_t size = 0;
    reader.read(&size, sizeof(size));
    if (size > std::min(reader.remaining(), header_limit))
        fail(path,
             fmt::format("promises a header of {} bytes, but {} follow and {} are the most: it is truncated or not a "
                         "safetensors file",
                         size, reader.remaining(), header_limit));
    std::string text(size, '\0');
    reader.read(text.data(), size);
    // The parser would take a zero byte as the end, and anything could follow it.
    if (text.find('\0') != std::string::npos)
        fail(path, "its header is not JSON, as it has a zero byte; it is damaged or not a safetensors file");
    // A header nested millions deep would take a hundred times its size in memory.
    const json::parser_callback_t check_depth = [&](int depth, json::parse_event_t, json&) {
        constexpr int deepest = 3;
        if (depth > deepest)
            fail(path, "its header is nested too deep; it is not a safetensors file");
        return true;
    };
    try {
        json header = json::parse(text, check_depth);
        if (!header.is_object())
            fail(path, "its header is not an object; it is not a safetensors file");
        return header;
    } catch (const json::exception& error) {
        fail(path, fmt::format("its header is not JSON ({}); it is damaged or not a safetensors file", error.what()));
    }
}

json make_header(const fs::path& path, const Checkpoint& checkpoint)
{
    json header = json::object();
    std::uint64_t offset = 0;
    for (const auto& [name, tensor] : checkpoint.tensors) {
        if (name == metadata_key)
            fail(path, "a tensor cannot have the name __metadata__; give it another");
        const std::uint64_t end = offset + tensor.size() * sizeof(float);
        header[name] = {{"dtype", "F32"},
                        {"shape", std::vector<std::uint64_t>(tensor.shape().begin(), tensor.shape().end())},
                        {"data_offsets", {offset, end}}};
        offset = end;
    }
    header[metadata_key] = checkpoint.metadata;
    header[metadata_key].erase(checksum_key);
    return header;
}

std::string header_text(const fs::path& path, const Checkpoint& checkpoint)
{
    try {
        json header = make_header(path, checkpoint);
        std::uint32_t crc = header_checksum(header);
        for (const auto& [name, tensor] : checkpoint.tensors)
            crc = checksum(crc, tensor.data(), tensor.size() * sizeof(float));
        header[metadata_key][checksum_key] = fmt::format("{:08x}", crc);
        std::string text = header.dump();
        text.append((alignment - text.size() % alignment) % alignment, ' ');
        return text;
    } catch (const json::exception& error) {
        fail(path, fmt::format("a name or its metadata cannot be written ({}); use UTF-8", error.what()));
    }
}

} // namespace

void save_checkpoint(const fs::path& path, const Checkpoint& checkpoint)
{
    const std::string header = header_text(path, checkpoint);
    if (header.size() > header_limit)
        fail(path,
             fmt::format("names and metadata take {} bytes, {} are the most; save less", header.size(), header_limit));
    write_atomically(path, [&](const WriteBytes& append) {
        const std::uint64_t size = header.size();
        append(&size, sizeof(size));
        append(header.data(), header.size());
        for (const auto& [name, tensor] : checkpoint.tensors)
            append(tensor.data(), tensor.size() * sizeof(float));
    });
}

Checkpoint load_checkpoint(const fs::path& path)
{
    Reader reader(path);
    json header = read_header(reader, path);
    const std::vector<Entry> entries = parse_entries(path, header, reader.remaining());
    Checkpoint checkpoint{{}, parse_metadata(path, header)};
    const auto expected = checkpoint.metadata.extract(checksum_key);
    if (expected)
        header[metadata_key].erase(checksum_key);

    std::uint32_t crc = header_checksum(header);
    for (const Entry& entry : entries) {
        auto tensor = empty_array<float>(entry.shape);
        reader.read(tensor.data(), entry.end - entry.begin);
        crc = checksum(crc, tensor.data(), entry.end - entry.begin);
        checkpoint.tensors.emplace(entry.name, std::move(tensor));
    }
    if (expected && expected.mapped() != fmt::format("{:08x}", crc))
        fail(path, fmt::format("its CRC-32 is {:08x}, {} was expected: the file is damaged", crc, expected.mapped()));
    return checkpoint;
}

} // namespace xgrad
