// IDX files that are gzipped here, as mutations of a gzipped file do not get past its checksum.

#include "input.hpp"
#include <xgrad/models/data/idx.hpp>

#include <zlib.h>

#include <string>

using namespace xgrad;

namespace
{

std::string gzip(std::string_view bytes)
{
    struct Deflater
    {
        z_stream state{};

        Deflater() { deflateInit2(&state, Z_BEST_SPEED, Z_DEFLATED, 16 + 10, 1, Z_DEFAULT_STRATEGY); }
        Deflater(const Deflater&) = delete;
        Deflater& operator=(const Deflater&) = delete;
        ~Deflater() { deflateEnd(&state); }
    };
    static Deflater deflater;
    deflateReset(&deflater.state);
    std::string packed(deflateBound(&deflater.state, bytes.size()), '\0');
    deflater.state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    deflater.state.avail_in = static_cast<uInt>(bytes.size());
    deflater.state.next_out = reinterpret_cast<Bytef*>(packed.data());
    deflater.state.avail_out = static_cast<uInt>(packed.size());
    deflate(&deflater.state, Z_FINISH);
    packed.resize(deflater.state.total_out);
    return packed;
}

} // namespace

/** The first two bytes say where the contents are cut in two members, and how much of the end is cut off. */
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    fuzz::Input input(data, size);
    const std::size_t first = input.byte(), lost = input.byte();
    const std::string_view contents = input.rest();
    std::string packed = gzip(contents.substr(0, first));
    if (first < contents.size())
        packed += gzip(contents.substr(first));
    packed.resize(packed.size() - std::min(packed.size(), lost < 128 ? 0 : lost - 128));
    fuzz::may_refuse([&] {
        fuzz::File file(packed);
        read_idx_images(file, "images");
    });
    fuzz::may_refuse([&] {
        fuzz::File file(packed);
        read_idx_labels(file, "labels", 10);
    });
    return 0;
}
