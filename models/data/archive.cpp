#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/base/sha256.hpp>
#include <xgrad/models/data/archive.hpp>
#include <xgrad/models/data/unpacked_stream.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>
#include <utility>

namespace xgrad
{

namespace
{

namespace fs = std::filesystem;

constexpr std::size_t record_size = 512;
using Record = std::array<char, record_size>;

/** A tar archive that is being read, record by record. */
class Reader
{
  public:
    Reader(std::istream& stream, std::string name) : name_(std::move(name)), stream_(stream) {}

    [[noreturn]] void fail(const std::string& what) const
    {
        throw DataError(fmt::format("[archive] {}: {}; fetch it again", name_, what));
    }

    /** Reads the next record. @return  true if there was one */
    bool read(Record& record)
    {
        const auto count = stream_.read(record.data(), record_size);
        if (!count || (*count != 0 && *count != record_size))
            fail("is damaged or cut off");
        return *count != 0;
    }

  private:
    std::string name_;
    detail::UnpackedStream stream_;
};

std::string name_of(const Record& header)
{
    constexpr std::size_t longest = 100;
    return {header.data(), strnlen(header.data(), longest)};
}

// Octal digits; some writers put zeros in front, others spaces or zero bytes behind.
std::optional<std::uint64_t> size_of(const Record& header)
{
    constexpr std::size_t offset = 124, longest = 12;
    std::string digits(header.data() + offset, longest);
    digits.resize(std::min(digits.find_first_of(std::string_view(" \0", 2)), longest));
    if (digits.empty() || digits.find_first_not_of("01234567") != std::string::npos)
        return std::nullopt;
    return std::stoull(digits, nullptr, 8);
}

void copy(Reader& reader, const ArchivedFile& file, const WriteBytes& append)
{
    Sha256 sha256;
    Record record;
    for (std::uint64_t remaining = file.size; remaining > 0;) {
        if (!reader.read(record))
            reader.fail(fmt::format("ends within {}", file.member));
        const std::size_t count = std::min<std::uint64_t>(record_size, remaining);
        sha256.append(record.data(), count);
        append(record.data(), count);
        remaining -= count;
    }
    if (sha256.digest() != file.sha256)
        reader.fail(fmt::format("{} has SHA-256 {}, {} was expected", file.member, sha256.digest(), file.sha256));
}

} // namespace

void extract(std::istream& archive, const std::string& archive_name, const std::vector<ArchivedFile>& files,
             const SaveFile& save)
{
    Reader reader(archive, archive_name);
    std::vector<bool> found(files.size());
    Record record;
    while (reader.read(record)) {
        if (record[0] == '\0') // the records of zeros at the end
            continue;
        const std::string name = name_of(record);
        const auto size = size_of(record);
        if (!size)
            reader.fail("is not a tar archive");
        const auto file = std::find_if(files.begin(), files.end(), [&](const auto& f) { return f.member == name; });
        if (file == files.end()) {
            for (std::uint64_t skipped = 0; skipped < *size; skipped += record_size)
                if (!reader.read(record))
                    reader.fail(fmt::format("ends within {}", printable(name)));
            continue;
        }
        if (*size != file->size)
            reader.fail(fmt::format("{} has {} bytes, {} were expected", name, *size, file->size));
        save(fs::path(name).filename().string(), [&](const WriteBytes& append) { copy(reader, *file, append); });
        found[static_cast<std::size_t>(file - files.begin())] = true;
    }
    for (std::size_t i = 0; i < files.size(); ++i)
        if (!found[i])
            reader.fail(fmt::format("has no {}", files[i].member));
}

void extract(const fs::path& archive, const std::vector<ArchivedFile>& files, const fs::path& folder)
{
    std::ifstream stream(archive, std::ios::binary);
    if (!stream)
        throw DataError(fmt::format("[archive] {}: cannot be opened; fetch it again", archive.string()));
    extract(stream, archive.string(), files,
            [&](const std::string& name, const auto& write) { write_atomically(folder / name, write); });
}

} // namespace xgrad
