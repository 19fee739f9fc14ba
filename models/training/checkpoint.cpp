#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/base/file.hpp>
#include <xgrad/models/training/checkpoint.hpp>
#include <xgrad/models/training/safetensors.hpp>

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <fstream>
#include <vector>

namespace xgrad
{

namespace
{

namespace fs = std::filesystem;
using detail::SafetensorsHeader;
using detail::TensorEntry;

static_assert(std::endian::native == std::endian::little,
              "safetensors files are little-endian and written as they are");

constexpr const char* checksum_key = "xgrad_crc32";
constexpr std::size_t alignment = 8;

[[noreturn]] void fail(const std::string& name, const std::string& what)
{
    throw DataError(fmt::format("[checkpoint] {}: {}", name, what));
}

std::uint32_t crc_of(const void* bytes, std::size_t count, std::uint32_t start = 0)
{
    // An empty array has a null pointer, for which zlib would start again.
    return count == 0 ? start : static_cast<std::uint32_t>(crc32_z(start, static_cast<const Bytef*>(bytes), count));
}

std::uint32_t crc_of(const std::string& text) { return crc_of(text.data(), text.size()); }

/** The entries, sorted by place. @throws DataError unless they fill the data without holes or overlaps */
std::vector<std::pair<std::string, TensorEntry>> in_order(const std::string& name, const SafetensorsHeader& header,
                                                          std::uint64_t data_size)
{
    std::vector<std::pair<std::string, TensorEntry>> entries(header.tensors.begin(), header.tensors.end());
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
        return std::pair(a.second.begin, a.second.end) < std::pair(b.second.begin, b.second.end);
    });
    std::uint64_t end = 0;
    for (const auto& [tensor, entry] : entries) {
        if (entry.begin != end)
            fail(name, fmt::format("the data of tensor '{}' begins at byte {}, where {} was expected: tensors overlap "
                                   "or leave a hole; the file is damaged",
                                   printable(tensor), entry.begin, end));
        end = entry.end;
    }
    if (end != data_size)
        fail(name, fmt::format("its tensors need {} bytes of data, the file has {}: it is {}", end, data_size,
                               end > data_size ? "truncated" : "followed by something else"));
    return entries;
}

class Reader
{
  public:
    Reader(std::istream& stream, const std::string& name) : name_(name), stream_(stream)
    {
        stream_.seekg(0, std::ios::end);
        remaining_ = static_cast<std::uint64_t>(std::max<std::streamoff>(stream_.tellg(), 0));
        stream_.seekg(0);
    }

    std::uint64_t remaining() const { return remaining_; }

    void read(void* bytes, std::uint64_t count)
    {
        if (count > remaining_ || !stream_.read(static_cast<char*>(bytes), static_cast<std::streamsize>(count)))
            fail(name_, "is truncated");
        remaining_ -= count;
    }

    std::string read_header()
    {
        std::uint64_t size = 0;
        read(&size, sizeof(size));
        if (size > std::min(remaining_, detail::largest_header))
            fail(name_, fmt::format("promises a header of {} bytes, but {} follow and {} are the most: it is truncated "
                                    "or not a safetensors file",
                                    size, remaining_, detail::largest_header));
        std::string text(size, '\0');
        read(text.data(), size);
        return text;
    }

  private:
    const std::string& name_;
    std::istream& stream_;
    std::uint64_t remaining_ = 0;
};

SafetensorsHeader header_of(const Checkpoint& checkpoint)
{
    SafetensorsHeader header{{}, checkpoint.metadata};
    std::uint64_t offset = 0;
    for (const auto& [name, tensor] : checkpoint.tensors) {
        const std::uint64_t end = offset + tensor.size() * sizeof(float);
        header.tensors.emplace(name, TensorEntry{tensor.shape(), offset, end});
        offset = end;
    }
    header.metadata.erase(checksum_key);
    return header;
}

} // namespace

void save_checkpoint(const fs::path& path, const Checkpoint& checkpoint)
{
    const std::string name = path.string();
    SafetensorsHeader header = header_of(checkpoint);
    std::uint32_t crc = crc_of(header_text(name, header));
    for (const auto& entry : checkpoint.tensors)
        crc = crc_of(entry.second.data(), entry.second.size() * sizeof(float), crc);
    header.metadata[checksum_key] = fmt::format("{:08x}", crc);
    std::string text = header_text(name, header);
    text.append((alignment - text.size() % alignment) % alignment, ' ');
    if (text.size() > detail::largest_header)
        fail(name, fmt::format("names and metadata take {} bytes, {} are the most; save less", text.size(),
                               detail::largest_header));
    write_atomically(path, [&](const WriteBytes& append) {
        const std::uint64_t size = text.size();
        append(&size, sizeof(size));
        append(text.data(), text.size());
        for (const auto& entry : checkpoint.tensors)
            append(entry.second.data(), entry.second.size() * sizeof(float));
    });
}

Checkpoint load_checkpoint(std::istream& stream, const std::string& name, Checksum checksum)
{
    Reader reader(stream, name);
    SafetensorsHeader header = detail::parse_header(name, reader.read_header());
    const auto entries = in_order(name, header, reader.remaining());
    const auto expected = header.metadata.extract(checksum_key);
    const bool is_checked = expected && checksum == Checksum::checked;
    std::uint32_t crc = is_checked ? crc_of(header_text(name, header)) : 0;
    header.tensors.clear();

    Checkpoint checkpoint{{}, std::move(header.metadata), name};
    for (const auto& [tensor_name, entry] : entries) {
        auto tensor = empty_array<float>(entry.shape);
        const std::uint64_t bytes = entry.end - entry.begin;
        reader.read(tensor.data(), bytes);
        if (is_checked)
            crc = crc_of(tensor.data(), bytes, crc);
        checkpoint.tensors.emplace(tensor_name, std::move(tensor));
    }
    if (is_checked && expected.mapped() != fmt::format("{:08x}", crc))
        fail(name, fmt::format("was changed since it was written, as its CRC-32 is {:08x} and {} was expected: it is "
                               "edited or damaged; --unchecked loads it (Checksum::ignored in C++)",
                               crc, printable(expected.mapped())));
    return checkpoint;
}

Checkpoint load_checkpoint(const fs::path& path, Checksum checksum)
{
    std::error_code error;
    if (!fs::is_regular_file(path, error))
        fail(path.string(), "is no file that can be read; check the name");
    std::ifstream stream(path, std::ios::binary);
    if (!stream)
        fail(path.string(), "cannot be opened; check its permissions");
    return load_checkpoint(stream, path.string(), checksum);
}

} // namespace xgrad
