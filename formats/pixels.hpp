#pragma once
// What the readers of images share.

#include <xgrad/base/array.hpp>

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>
#include <string_view>

namespace xgrad::detail
{

/** An image as a file has it: rows of pixels, each with all its channels, the last one for alpha if there are two or
 *  four. */
struct Pixels
{
    std::size_t height = 0, width = 0, channels = 0;
    std::size_t bytes = 1; ///< the bytes of a number: 1 or 2, in the order of this machine
    Buffer<std::uint8_t> numbers = {};

    std::size_t row_size() const { return width * channels * bytes; }
};

/** An image whose numbers were divided by the largest that its type has, on white where it is transparent.
 *  @return (1, H, W) or (3, H, W) */
Array<float> as_image(const Pixels& pixels);

/** The largest number of pixels that is read from any file. */
inline constexpr std::uint64_t most_pixels = std::uint64_t{1} << 26;

/** Refuses an image that is empty, or larger than load_image allows for a file of so many bytes.
 *  @param largest_ratio  the largest number of pixels that a byte of a file of this format can hold
 *  @throws DataError */
void check_extents(const std::string& name, std::uint64_t height, std::uint64_t width, std::uint64_t file_size,
                   std::uint64_t largest_ratio);

[[noreturn]] void fail_on_image(const std::string& name, const std::string& what);

// The readers, by format. The caller has looked at the first bytes. The name is for errors.

Pixels read_png(std::string_view file, const std::string& name);
Pixels read_jpeg(std::string_view file, const std::string& name);
Array<float> read_pnm(std::istream& stream, const std::string& name);

} // namespace xgrad::detail
