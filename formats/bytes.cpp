#include <xgrad/base/error.hpp>
#include <xgrad/formats/bytes.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

namespace xgrad::detail
{

static_assert(std::endian::native == std::endian::little, "numbers of files are little-endian and read as they are");

void Bytes::fail(const std::string& what) const { throw DataError(name_ + ": " + what); }

void Bytes::read(void* bytes, std::uint64_t count)
{
    if (count > remaining_)
        fail(fmt::format("is truncated: {} bytes were expected where {} are left", count, remaining_));
    fetch(static_cast<char*>(bytes), count);
    remaining_ -= count;
}

void Bytes::skip(std::uint64_t count)
{
    std::array<char, 4096> passed;
    for (; count > 0; count -= std::min<std::uint64_t>(count, passed.size()))
        read(passed.data(), std::min<std::uint64_t>(count, passed.size()));
}

FileBytes::FileBytes(std::istream& stream, const std::string& name) : Bytes(name, 0), stream_(stream)
{
    stream_.seekg(0, std::ios::end);
    size_ = static_cast<std::uint64_t>(std::max<std::streamoff>(stream_.tellg(), 0));
    seek(0);
}

void FileBytes::seek(std::uint64_t position)
{
    if (position > size_)
        fail(fmt::format("is truncated: it has {} bytes, and byte {} is needed", size_, position));
    stream_.clear();
    stream_.seekg(static_cast<std::streamoff>(position));
    set_remaining(size_ - position);
}

void FileBytes::fetch(char* bytes, std::size_t count)
{
    if (!stream_.read(bytes, static_cast<std::streamsize>(count)))
        fail("cannot be read on; it has changed or its disk has a fault");
}

PartBytes::PartBytes(Bytes& whole, const std::string& name, std::uint64_t count) : Bytes(name, count), whole_(whole)
{
    if (count > whole.remaining())
        fail(fmt::format("is truncated: {} bytes were promised where {} are left", count, whole.remaining()));
}

UnpackedBytes::UnpackedBytes(FileBytes& file, const std::string& name, Packing packing, std::uint64_t packed,
                             std::uint64_t unpacked)
    : Bytes(name, unpacked), inflater_(file.stream(), packing, packed)
{
    if (packed > file.remaining())
        fail(fmt::format("is truncated: {} packed bytes were promised where {} are left", packed, file.remaining()));
    if (unpacked / Inflater::largest_ratio > packed)
        fail(fmt::format("promises {} bytes in {} packed ones, which cannot hold so many; it is damaged", unpacked,
                         packed));
}

bool UnpackedBytes::ends()
{
    char beyond = 0;
    const auto count = inflater_.read(&beyond, 1);
    return remaining() == 0 && count && *count == 0 && inflater_.is_used_up();
}

void UnpackedBytes::drain()
{
    std::array<char, 4096> passed;
    std::optional<std::size_t> count;
    do
        count = inflater_.read(passed.data(), passed.size());
    while (count == passed.size());
    if (!count || !inflater_.is_used_up())
        fail("is damaged: its packed bytes cannot be unpacked");
}

void UnpackedBytes::fetch(char* bytes, std::size_t count)
{
    if (inflater_.read(bytes, count) != count)
        fail("is damaged: its packed bytes cannot be unpacked, or hold fewer than promised");
}

} // namespace xgrad::detail
