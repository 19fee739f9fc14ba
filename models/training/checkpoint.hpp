#pragma once

#include <xgrad/base/array.hpp>

#include <filesystem>
#include <iosfwd>
#include <map>
#include <string>

namespace xgrad
{

/** Named tensors and strings about them: all that is needed to continue a training, or to use a network. */
struct Checkpoint
{
    std::map<std::string, Array<float>> tensors;
    std::map<std::string, std::string> metadata;
    std::string name = "the checkpoint"; ///< the path of the file that it was read from; errors name it
};

/** Writes a checkpoint as one safetensors file, atomically. The metadata get a CRC-32 of header and data under the
 *  key "xgrad_crc32", which load_checkpoint removes again.
 *
 *  @throws DataError if a name is "__metadata__", a string is not UTF-8, or the file cannot be written
 */
void save_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);

/** The ways to treat the CRC-32 of a checkpoint. */
enum class Checksum
{
    checked, ///< a file that differs from the one that was written is an error
    ignored  ///< a file that was edited since is taken as it is
};

/** Reads a safetensors file of F32 tensors. It trusts nothing in the file, and takes a time in proportion to the size
 * of the file, and memory of at most 32 times the header and once the data. Of what the reference implementation
 * accepts, it refuses other types than F32, more than 8 axes, and a name or key that comes twice.
 *
 *  @param checksum  tells whether the CRC-32 is checked, if there is one
 *  @throws DataError if the file is missing, damaged, not safetensors, changed since it was written, or has tensors of
 *          another type
 */
Checkpoint load_checkpoint(const std::filesystem::path& path, Checksum checksum = Checksum::checked);

/** Reads the same from a stream that can be positioned. @param name  the name of the file, for errors */
Checkpoint load_checkpoint(std::istream& stream, const std::string& name, Checksum checksum = Checksum::checked);

} // namespace xgrad
