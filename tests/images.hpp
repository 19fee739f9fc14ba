#pragma once
// PNG files, written without libpng.

#include <zlib.h>

#include <cstdint>
#include <string>

namespace xgrad::test
{

inline std::string big_endian(std::uint32_t number)
{
    std::string bytes;
    for (const int shift : {24, 16, 8, 0})
        bytes += static_cast<char>(number >> shift & 0xff);
    return bytes;
}

inline std::string png_chunk(const std::string& type, const std::string& data)
{
    const std::string body = type + data;
    const uLong crc = crc32_z(0, reinterpret_cast<const Bytef*>(body.data()), body.size());
    return big_endian(static_cast<std::uint32_t>(data.size())) + body + big_endian(static_cast<std::uint32_t>(crc));
}

/** A kind of PNG image, by the numbers of its header: 0 is grey, 2 RGB, 3 a palette, 4 grey with alpha, 6 RGBA. */
struct PngKind
{
    int bits = 8, colours = 0;
    bool interlaced = false;
    std::string chunks = {}; ///< a palette and whatever else comes before the pixels
};

/** A PNG file. @param rows  for each row of pixels a filter, 0 for none, and its bytes */
inline std::string png(std::uint32_t width, std::uint32_t height, const PngKind& kind, const std::string& rows)
{
    uLongf size = compressBound(rows.size());
    std::string packed(size, '\0');
    compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(rows.data()), rows.size());
    packed.resize(size);
    std::string header = big_endian(width) + big_endian(height);
    for (const int byte : {kind.bits, kind.colours, 0, 0, kind.interlaced ? 1 : 0})
        header += static_cast<char>(byte);
    return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", header) + kind.chunks + png_chunk("IDAT", packed) +
           png_chunk("IEND", "");
}

/** A grey PNG file of 8 bits. @param pixels  row by row */
inline std::string grey_png(std::uint32_t width, std::uint32_t height, const std::string& pixels)
{
    std::string rows;
    for (std::uint32_t i = 0; i < height; ++i)
        rows += '\0' + pixels.substr(i * width, width);
    return png(width, height, {}, rows);
}

} // namespace xgrad::test
