#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string_view>

namespace xgrad
{

/** A function that appends bytes to the file that is being written. */
using WriteBytes = std::function<void(const void* bytes, std::size_t count)>;

/** Writes a file such that its name always stands for the whole old file or the whole new one. A temporary file in the
 *  same folder, NAME.PROCESS.NUMBER.tmp, is written, flushed to the disk and renamed. A symbolic link stays, and the
 *  file that it leads to is written. The mode of the old file stays, and its owner as far as that is allowed. Temporary
 *  files of this name that a crash has left are removed.
 *
 *  @param write  called once with the function that appends bytes; its exceptions pass through
 *  @throws DataError if the system refuses; then the old file stays, and the temporary one is removed */
void write_atomically(const std::filesystem::path& path, const std::function<void(const WriteBytes&)>& write);
void write_atomically(const std::filesystem::path& path, std::string_view bytes);

/** Checks that a file can be written, up to the space that it needs; removes temporary files that a crash has left.
 *  @throws DataError as write_atomically would */
void check_writable(const std::filesystem::path& path);

} // namespace xgrad
