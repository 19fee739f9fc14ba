#pragma once

#include <xgrad/base/array.hpp>

#include <filesystem>
#include <map>
#include <string>

namespace xgrad
{

/** Named tensors and strings about them: all that is needed to continue a training, or to use a network. */
struct Checkpoint
{
    std::map<std::string, Array<float>> tensors;
    std::map<std::string, std::string> metadata;
};

/** Writes a checkpoint as one safetensors file, atomically. The metadata get a CRC-32 of header and data under the
 *  key "xgrad_crc32", which load_checkpoint removes again.
 *
 *  @throws DataError if a name is "__metadata__", a string is not UTF-8, or the file cannot be written
 */
void save_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);

/** Reads a safetensors file of F32 tensors; it checks the CRC-32 if there is one. It trusts nothing in the file, and
 *  takes no more memory than the size of the file justifies.
 *
 *  @throws DataError if the file is missing, damaged, not safetensors, or has tensors of another type
 */
Checkpoint load_checkpoint(const std::filesystem::path& path);

} // namespace xgrad
