#include <xgrad/models/data/unpacked_stream.hpp>

#include <array>

namespace xgrad::detail
{

namespace
{

/** Goes to the end of the stream and back. */
std::uint64_t size_of(std::istream& stream)
{
    stream.seekg(0, std::ios::end);
    const std::streamoff size = stream.tellg();
    stream.seekg(0);
    return stream ? static_cast<std::uint64_t>(size) : 0;
}

bool is_gzip(std::istream& stream)
{
    constexpr std::array<char, 2> gzip_magic = {'\x1f', '\x8b'};
    std::array<char, 2> begin{};
    stream.read(begin.data(), begin.size());
    stream.clear();
    stream.seekg(0);
    return begin == gzip_magic;
}

} // namespace

UnpackedStream::UnpackedStream(std::istream& stream) : stream_(stream), packed_size_(size_of(stream))
{
    if (is_gzip(stream))
        inflater_.emplace(stream, Packing::gzip);
}

std::optional<std::size_t> UnpackedStream::read(void* bytes, std::size_t count)
{
    if (inflater_)
        return inflater_->read(bytes, count);
    stream_.read(static_cast<char*>(bytes), static_cast<std::streamsize>(count));
    if (stream_.bad())
        return std::nullopt;
    return static_cast<std::size_t>(stream_.gcount());
}

} // namespace xgrad::detail
