#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/formats/safetensors.hpp>
#include <xgrad/models/training/checkpoint.hpp>

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

constexpr const char* checksum_key = "xgrad_crc32";
constexpr std::string_view float_type = "F32";

std::string in_errors(const std::string& name) { return "[checkpoint] " + name; }

[[noreturn]] void fail(const std::string& name, const std::string& what)
{
    throw DataError(fmt::format("{}: {}", in_errors(name), what));
}

std::uint32_t crc_of(const void* bytes, std::size_t count, std::uint32_t start = 0)
{
    // An empty array has a null pointer, for which zlib would start again.
    return count == 0 ? start : static_cast<std::uint32_t>(crc32_z(start, static_cast<const Bytef*>(bytes), count));
}

std::uint32_t crc_of(const std::string& text) { return crc_of(text.data(), text.size()); }

/** Refuses tensors that a network cannot take over as they are. */
void check_types(const std::string& name, const SafetensorsHeader& header)
{
    for (const auto& [tensor, entry] : header.tensors)
        if (entry.type != float_type)
            fail(name, fmt::format("tensor '{}' is of type {}; only \"F32\" is read, so save it as 32-bit floats "
                                   "(load_arrays in C++ reads other types)",
                                   printable(tensor), entry.type));
}

SafetensorsHeader header_of(const Checkpoint& checkpoint)
{
    SafetensorsHeader header{{}, checkpoint.metadata};
    std::uint64_t offset = 0;
    for (const auto& [name, tensor] : checkpoint.tensors) {
        const std::uint64_t end = offset + tensor.size() * sizeof(float);
        header.tensors.emplace(name, TensorEntry{float_type.data(), tensor.shape(), offset, end});
        offset = end;
    }
    header.metadata.erase(checksum_key);
    return header;
}

} // namespace

void save_checkpoint(const fs::path& path, const Checkpoint& checkpoint)
{
    const std::string name = in_errors(path.string());
    SafetensorsHeader header = header_of(checkpoint);
    std::uint32_t crc = crc_of(header_text(name, header));
    for (const auto& entry : checkpoint.tensors)
        crc = crc_of(entry.second.data(), entry.second.size() * sizeof(float), crc);
    header.metadata[checksum_key] = fmt::format("{:08x}", crc);
    detail::write_safetensors(name, path, header_text(name, header), [&](const WriteBytes& append) {
        for (const auto& entry : checkpoint.tensors)
            append(entry.second.data(), entry.second.size() * sizeof(float));
    });
}

Checkpoint load_checkpoint(std::istream& stream, const std::string& name, Checksum checksum)
{
    detail::FileBytes file(stream, in_errors(name));
    SafetensorsHeader header = detail::read_safetensors_header(file);
    check_types(name, header);
    const auto entries = in_order(file, header);
    const auto expected = header.metadata.extract(checksum_key);
    const bool is_checked = expected && checksum == Checksum::checked;
    std::uint32_t crc = is_checked ? crc_of(header_text(file.name(), header)) : 0;
    header.tensors.clear();

    Checkpoint checkpoint{{}, std::move(header.metadata), name};
    for (const auto& [tensor_name, entry] : entries) {
        auto tensor = empty_array<float>(entry.shape);
        const std::uint64_t bytes = entry.end - entry.begin;
        file.read(tensor.data(), bytes);
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
