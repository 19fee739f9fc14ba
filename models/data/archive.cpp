#include <xgrad/base/error.hpp>
#include <xgrad/base/file.hpp>
#include <xgrad/models/data/archive.hpp>

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

namespace xgrad
{

namespace
{

namespace fs = std::filesystem;

constexpr std::size_t record_size = 512;
using Record = std::array<char, record_size>;

[[noreturn]] void fail(const fs::path& archive, const std::string& what)
{
    throw DataError(fmt::format("[archive] {}: {}; fetch it again", archive.string(), what));
}

class Reader
{
  public:
    explicit Reader(const fs::path& path) : path_(path), file_(gzopen(path.c_str(), "rb"))
    {
        if (!file_)
            fail(path, "cannot be opened");
    }

    /** Reads the next record. @return  true if there was one */
    bool read(Record& record)
    {
        const int count = gzread(file_.get(), record.data(), record_size);
        int code = Z_OK;
        gzerror(file_.get(), &code);
        if (count < 0 || code != Z_OK || (count != 0 && count != record_size))
            fail(path_, "is damaged or cut off");
        return count != 0;
    }

  private:
    struct Close
    {
        void operator()(gzFile file) const { gzclose(file); }
    };

    fs::path path_;
    std::unique_ptr<gzFile_s, Close> file_;
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

void copy(Reader& reader, const fs::path& archive, const ArchivedFile& file, const fs::path& target)
{
    write_atomically(target, [&](const WriteBytes& append) {
        uLong crc = crc32(0, nullptr, 0);
        Record record;
        for (std::uint64_t remaining = file.size; remaining > 0;) {
            if (!reader.read(record))
                fail(archive, fmt::format("ends within {}", file.member));
            const std::size_t count = std::min<std::uint64_t>(record_size, remaining);
            crc = crc32(crc, reinterpret_cast<const Bytef*>(record.data()), static_cast<uInt>(count));
            append(record.data(), count);
            remaining -= count;
        }
        if (crc != file.crc)
            fail(archive, fmt::format("{} has CRC-32 {:08x}, {:08x} was expected", file.member, crc, file.crc));
    });
}

} // namespace

void extract(const fs::path& archive, const std::vector<ArchivedFile>& files, const fs::path& folder)
{
    Reader reader(archive);
    std::vector<bool> found(files.size());
    Record record;
    while (reader.read(record)) {
        if (record[0] == '\0') // the records of zeros at the end
            continue;
        const std::string name = name_of(record);
        const auto size = size_of(record);
        if (!size)
            fail(archive, "is not a tar archive");
        const auto file = std::find_if(files.begin(), files.end(), [&](const auto& f) { return f.member == name; });
        if (file == files.end()) {
            for (std::uint64_t skipped = 0; skipped < *size; skipped += record_size)
                if (!reader.read(record))
                    fail(archive, fmt::format("ends within {}", name));
            continue;
        }
        if (*size != file->size)
            fail(archive, fmt::format("{} has {} bytes, {} were expected", name, *size, file->size));
        copy(reader, archive, *file, folder / fs::path(name).filename());
        found[static_cast<std::size_t>(file - files.begin())] = true;
    }
    for (std::size_t i = 0; i < files.size(); ++i)
        if (!found[i])
            fail(archive, fmt::format("has no {}", files[i].member));
}

} // namespace xgrad
