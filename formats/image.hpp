#pragma once

#include <xgrad/base/array.hpp>

#include <filesystem>
#include <iosfwd>
#include <string>

namespace xgrad
{

/** Reads an image. The first bytes of the file tell its format:
 *
 *  - PNG: 1 to 16 bits, grey, colours or a palette, interlaced or not. It needs libpng when the library is built
 *  - JPEG: grey or colours, baseline or progressive. It needs libjpeg when the library is built
 *  - PGM and PPM: plain (P2, P3) or binary (P5, P6), 8 or 16 bits
 *
 *  What is transparent lies on white: an alpha of a gives a·v + (1 − a). Gamma, profiles of colours and the orientation
 *  that a camera notes are left out.
 *
 *  It trusts nothing in the file. A file may have 2^23 pixels, or 64 for each of its bytes if that is more, and at most
 *  2^26. The memory is at most 32 bytes a pixel and 2^28 bytes for the file.
 *
 *  @return (1, H, W) if it is grey, else (3, H, W): red, green and blue. Black is 0 and full intensity is 1
 *  @throws DataError if the file is missing, damaged, cut off, too large or of another format, or if the library was
 *          built without the one that reads it */
Array<float> load_image(const std::filesystem::path& path);

/** Reads the same from a stream. @param name  the name of the file, for errors */
Array<float> load_image(std::istream& stream, const std::string& name);

/** The brightness of an image (C, H, W), as (1, H, W): y = 0.299 r + 0.587 g + 0.114 b, as in Rec. 601; a grey image
 *  itself. @throws ShapeError if it has other than 1 or 3 channels */
Array<float> to_grey(const Array<float>& image);

} // namespace xgrad
