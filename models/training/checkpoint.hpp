#pragma once

#include <xgrad/base/array.hpp>

#include <filesystem>
#include <map>
#include <string>

namespace xgrad
{

/** Named tensors, and strings about them: what a training needs to go on, or a network to be used. */
struct Checkpoint
{
    std::map<std::string, Array<float>> tensors;
    std::map<std::string, std::string> metadata;
};

/** Writes a checkpoint as one safetensors file, atomically. A CRC-32 of header and data goes into the metadata as
 *  "xgrad_crc32", a key that is ours and that load_checkpoint takes out again.
 *
 *  @throws DataError if a name is "__metadata__", a string is not UTF-8, or the file cannot be written
 */
void save_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);

/** Reads a safetensors file of F32 tensors; a CRC-32 is checked if there is one. Nothing in the file is trusted, and no
 *  more memory is taken than the size of the file warrants.
 *
 *  @throws DataError if the file is missing, damaged, not safetensors, or has tensors of another type
 */
Checkpoint load_checkpoint(const std::filesystem::path& path);

} // namespace xgrad
