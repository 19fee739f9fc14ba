#include <xgrad/base/error.hpp>
#include <xgrad/models/data/unpacked_stream.hpp>

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>

namespace xgrad::detail
{

namespace
{

constexpr std::array<char, 2> gzip_magic = {'\x1f', '\x8b'};

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
    std::array<char, 2> begin{};
    stream.read(begin.data(), begin.size());
    stream.clear();
    stream.seekg(0);
    return begin == gzip_magic;
}

} // namespace

struct UnpackedStream::Inflater
{
    z_stream state{};
    std::array<char, 1 << 16> packed{};
    bool done = false;

    Inflater()
    {
        constexpr int gzip_format = 16 + MAX_WBITS;
        if (inflateInit2(&state, gzip_format) != Z_OK)
            throw DataError("[gzip] zlib cannot begin to unpack: out of memory");
    }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    ~Inflater() { inflateEnd(&state); }

    /** Has at least `least` packed bytes ready, unless the stream ends before. */
    void refill(std::istream& stream, std::size_t least)
    {
        if (state.avail_in >= least)
            return;
        std::copy_n(reinterpret_cast<char*>(state.next_in), state.avail_in, packed.begin());
        stream.read(packed.data() + state.avail_in, static_cast<std::streamsize>(packed.size() - state.avail_in));
        state.avail_in += static_cast<uInt>(stream.gcount());
        state.next_in = reinterpret_cast<Bytef*>(packed.data());
    }

    /** Unpacks into next_out until it is full or all members are read. @return  false if the stream is damaged */
    bool unpack(std::istream& stream)
    {
        while (state.avail_out > 0 && !done) {
            refill(stream, 1);
            const int code = inflate(&state, Z_NO_FLUSH);
            if (code == Z_STREAM_END) {
                refill(stream, gzip_magic.size());
                done = state.avail_in < gzip_magic.size() ||
                       !std::equal(gzip_magic.begin(), gzip_magic.end(), reinterpret_cast<char*>(state.next_in));
                if (!done)
                    inflateReset(&state);
            } else if (code != Z_OK) { // Z_BUF_ERROR: the stream ends within a member
                return false;
            }
        }
        return true;
    }
};

UnpackedStream::UnpackedStream(std::istream& stream) : stream_(stream), packed_size_(size_of(stream))
{
    if (is_gzip(stream))
        inflater_ = std::make_unique<Inflater>();
}

UnpackedStream::~UnpackedStream() = default;

std::optional<std::size_t> UnpackedStream::read(void* bytes, std::size_t count)
{
    if (!inflater_) {
        stream_.read(static_cast<char*>(bytes), static_cast<std::streamsize>(count));
        if (stream_.bad())
            return std::nullopt;
        return static_cast<std::size_t>(stream_.gcount());
    }
    std::size_t done = 0;
    while (done < count) { // zlib counts in 32 bits
        const std::size_t piece = std::min<std::size_t>(count - done, std::numeric_limits<uInt>::max());
        inflater_->state.next_out = static_cast<Bytef*>(bytes) + done;
        inflater_->state.avail_out = static_cast<uInt>(piece);
        if (!inflater_->unpack(stream_))
            return std::nullopt;
        const std::size_t unpacked = piece - inflater_->state.avail_out;
        done += unpacked;
        if (unpacked < piece)
            break;
    }
    return done;
}

} // namespace xgrad::detail
