#include <xgrad/base/error.hpp>
#include <xgrad/formats/inflater.hpp>

#include <zlib.h>

#include <array>

namespace xgrad::detail
{

namespace
{

constexpr std::array<char, 2> gzip_magic = {'\x1f', '\x8b'};

int window_bits(Packing packing)
{
    constexpr int gzip_header = 16;
    return packing == Packing::deflate ? -MAX_WBITS : packing == Packing::zlib ? MAX_WBITS : gzip_header + MAX_WBITS;
}

} // namespace

struct Inflater::State
{
    std::istream& stream;
    Packing packing;
    std::uint64_t unread; // packed bytes that are still in the stream
    z_stream zlib{};
    std::array<char, 1 << 16> packed{};
    bool done = false;

    State(std::istream& source, Packing form, std::uint64_t count) : stream(source), packing(form), unread(count)
    {
        if (inflateInit2(&zlib, window_bits(packing)) != Z_OK)
            throw DataError("[inflate] zlib cannot begin to unpack: out of memory");
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { inflateEnd(&zlib); }

    /** Has at least `least` packed bytes ready, unless they end before. */
    void refill(std::size_t least)
    {
        if (zlib.avail_in >= least)
            return;
        std::copy_n(reinterpret_cast<char*>(zlib.next_in), zlib.avail_in, packed.begin());
        const std::uint64_t count = std::min<std::uint64_t>(packed.size() - zlib.avail_in, unread);
        stream.read(packed.data() + zlib.avail_in, static_cast<std::streamsize>(count));
        unread = stream ? unread - count : 0;
        zlib.avail_in += static_cast<uInt>(stream.gcount());
        zlib.next_in = reinterpret_cast<Bytef*>(packed.data());
    }

    /** Returns whether another member of gzip follows. */
    bool more()
    {
        if (packing != Packing::gzip)
            return false;
        refill(gzip_magic.size());
        return zlib.avail_in >= gzip_magic.size() &&
               std::equal(gzip_magic.begin(), gzip_magic.end(), reinterpret_cast<char*>(zlib.next_in));
    }

    /** Unpacks into next_out until it is full or all is read. @return  false if the packed bytes are damaged */
    bool unpack()
    {
        while (zlib.avail_out > 0 && !done) {
            refill(1);
            const int code = inflate(&zlib, Z_NO_FLUSH);
            if (code == Z_STREAM_END) {
                done = !more();
                if (!done)
                    inflateReset(&zlib);
            } else if (code != Z_OK) { // Z_BUF_ERROR: the packed bytes end too early
                return false;
            }
        }
        return true;
    }
};

Inflater::Inflater(std::istream& stream, Packing packing, std::uint64_t packed)
    : state_(std::make_unique<State>(stream, packing, packed))
{}

Inflater::~Inflater() = default;

std::optional<std::size_t> Inflater::read(void* bytes, std::size_t count)
{
    std::size_t done = 0;
    while (done < count) { // zlib counts in 32 bits
        const std::size_t piece = std::min<std::size_t>(count - done, std::numeric_limits<uInt>::max());
        state_->zlib.next_out = static_cast<Bytef*>(bytes) + done;
        state_->zlib.avail_out = static_cast<uInt>(piece);
        if (!state_->unpack())
            return std::nullopt;
        const std::size_t unpacked = piece - state_->zlib.avail_out;
        done += unpacked;
        if (unpacked < piece)
            break;
    }
    return done;
}

bool Inflater::is_used_up() const { return state_->zlib.avail_in == 0 && state_->unread == 0; }

} // namespace xgrad::detail
