#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string_view>

namespace xgrad
{

/** Appends bytes to the file that is being written. */
using WriteBytes = std::function<void(const void* bytes, std::size_t count)>;

/** Writes a file so that, whatever happens, either the old or the whole new one is there under its name: a temporary
 *  file in the same folder is written, flushed to the disk and renamed. A symbolic link is replaced.
 *
 *  @param write  is called once with the function that appends; what it throws passes through
 *  @throws DataError if the system refuses; the old file stays, and the temporary one goes
 */
void write_atomically(const std::filesystem::path& path, const std::function<void(const WriteBytes&)>& write);
void write_atomically(const std::filesystem::path& path, std::string_view bytes);

} // namespace xgrad
