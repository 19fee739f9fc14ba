#pragma once
// The header of a safetensors file: JSON that names the tensors and says where their data lie.

#include <xgrad/base/array.hpp>

#include <cstdint>
#include <map>
#include <string>

namespace xgrad::detail
{

inline constexpr std::uint64_t largest_header = 100'000'000; ///< bytes, as in the reference implementation

/** A tensor of F32, and the place of its data behind the header. */
struct TensorEntry
{
    Shape shape;
    std::uint64_t begin = 0, end = 0;
};

struct SafetensorsHeader
{
    std::map<std::string, TensorEntry> tensors;
    std::map<std::string, std::string> metadata;
};

/** Reads a header: each entry fits its shape. Whether the data have no holes is for the caller to check.
 *
 *  @param name  the name of the file, for errors
 *  @throws DataError if it is not the header of a safetensors file of F32 tensors of at most 8 axes */
SafetensorsHeader parse_header(const std::string& name, const std::string& text);

/** The header as it is written: the same content gives the same text.
 *
 *  @param name  the name of the file, for errors
 *  @throws DataError if a tensor is called __metadata__, or a string is not UTF-8 */
std::string header_text(const std::string& name, const SafetensorsHeader& header);

} // namespace xgrad::detail
