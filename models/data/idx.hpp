#pragma once

#include <xgrad/base/array.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <string>

namespace xgrad
{

/** Reads the images of an IDX file, plain or gzipped.
 *
 *  It takes no more memory than the file has data, whatever the header promises. A gzipped file may hold 32 MiB, or 64
 *  times its own size if that is more.
 *
 *  @return (N, 1, H, W)
 *  @throws DataError if the file is missing, not IDX, not of unsigned bytes of rank 3, empty, larger than 2 GiB,
 *  damaged, shorter or longer than its header says, or gzipped and larger than said above
 */
Array<std::uint8_t> read_idx_images(const std::filesystem::path& path);

/** Reads the same from a stream that can be positioned. @param name  the name of the file, for errors */
Array<std::uint8_t> read_idx_images(std::istream& stream, const std::string& name);

/** Reads the labels of an IDX file, plain or gzipped. If "idx2-int" is in its name, as in QMNIST's, it is a table of
 *  32-bit integers, rank 2, whose first column has the labels.
 *
 *  @return (N), each below `classes`
 *  @throws DataError as read_idx_images does, for rank 1; also for a label that is not below `classes`
 */
Labels read_idx_labels(const std::filesystem::path& path, std::size_t classes);

/** Reads the same from a stream that can be positioned. @param name  the name of the file, for errors */
Labels read_idx_labels(std::istream& stream, const std::string& name, std::size_t classes);

/** Writes images (N, 1, H, W) as an IDX file; gzipped, without a timestamp, if the name ends in .gz.
 *
 *  @throws ShapeError for another shape, DataError if the file cannot be written
 */
void write_idx_images(const std::filesystem::path& path, const Array<std::uint8_t>& images);

/** Writes labels (N), each in 0..255, as an IDX file; gzipped, without a timestamp, if the name ends in .gz.
 *
 *  @throws ShapeError for another shape, DataError for another value or if the file cannot be written
 */
void write_idx_labels(const std::filesystem::path& path, const Labels& labels);

} // namespace xgrad
