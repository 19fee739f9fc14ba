#pragma once

#include <xgrad/base/array.hpp>

#include <filesystem>

namespace xgrad::command
{

/** Reads a grey image in the PGM format, plain (P2) or binary (P5), with white as 255.
 *  @return (H, W)
 *  @throws DataError if it is missing, of another format, damaged, or has more than 2^26 pixels */
Array<std::uint8_t> read_pgm(const std::filesystem::path& path);

/** The image in the middle of a frame of zeros with the given size. A larger image is shrunk by averaging and keeps its
 *  proportions; an image is never enlarged. */
Array<std::uint8_t> fit(const Array<std::uint8_t>& image, std::size_t height, std::size_t width);

} // namespace xgrad::command
