#pragma once

#include <xgrad/base/array.hpp>

#include <filesystem>
#include <iosfwd>
#include <string>

namespace xgrad::command
{

/** Reads a grey image in the PGM format, plain (P2) or binary (P5), with white as 255.
 *  @return (H, W)
 *  @throws DataError if it is missing, of another format, damaged, has more than 2^26 pixels, or more than 1 MiB of
 *          comments, or blanks, or digits of one number */
Array<std::uint8_t> read_pgm(const std::filesystem::path& path);

/** Reads the same from a stream. @param name  the name of the file, for errors */
Array<std::uint8_t> read_pgm(std::istream& stream, const std::string& name);

/** The image in the middle of a frame of zeros with the given size. A larger image is shrunk by averaging and keeps its
 *  proportions; an image is never enlarged. */
Array<std::uint8_t> fit(const Array<std::uint8_t>& image, std::size_t height, std::size_t width);

} // namespace xgrad::command
