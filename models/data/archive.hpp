#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace xgrad
{

/** A file that a .tar.gz archive should contain. */
struct ArchivedFile
{
    std::string member; // its path in the archive
    std::uint64_t size;
    std::uint32_t crc; // CRC-32 of its contents
};

/** Extracts the given files of a .tar.gz archive, and no others, into a folder, each under its bare name and by
 *  write_atomically.
 *
 *  @throws DataError if the archive is damaged, or a file is missing, or not of the expected size and CRC-32; such a
 *          file is not written
 */
void extract(const std::filesystem::path& archive, const std::vector<ArchivedFile>& files,
             const std::filesystem::path& folder);

} // namespace xgrad
