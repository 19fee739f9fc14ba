#pragma once

#include <xgrad/base/file.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace xgrad
{

/** A file that a .tar.gz archive should contain. */
struct ArchivedFile
{
    std::string member; ///< the path in the archive
    std::uint64_t size;
    std::string sha256; ///< the digest of the contents, in hexadecimal digits
};

/** Extracts the given files of a .tar.gz archive, and no others, into a folder, each under its bare name and by
 *  write_atomically.
 *
 *  @throws DataError if the archive is damaged, or a file is missing, or not of the expected size and SHA-256; such a
 *          file is not written
 */
void extract(const std::filesystem::path& archive, const std::vector<ArchivedFile>& files,
             const std::filesystem::path& folder);

/** A function that saves a file under a bare name: as write_atomically, it calls `write` once, and saves nothing if
 * that throws. */
using SaveFile = std::function<void(const std::string& name, const std::function<void(const WriteBytes&)>& write)>;

/** Extracts the same from a stream that can be positioned. @param name  the name of the archive, for errors */
void extract(std::istream& archive, const std::string& name, const std::vector<ArchivedFile>& files,
             const SaveFile& save);

} // namespace xgrad
