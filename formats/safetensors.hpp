#pragma once
// The safetensors format: a header in JSON that names the tensors and says where their data lie, and these data.
// https://github.com/huggingface/safetensors

#include <xgrad/base/array.hpp>
#include <xgrad/base/file.hpp>
#include <xgrad/formats/bytes.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace xgrad::detail
{

inline constexpr std::uint64_t largest_header = 100'000'000; ///< bytes, as in the reference implementation

/** A tensor, and the place of its data behind the header. */
struct TensorEntry
{
    const char* type; ///< one of the format's names, such as "F32"
    Shape shape;
    std::uint64_t begin = 0, end = 0;
};

struct SafetensorsHeader
{
    std::map<std::string, TensorEntry> tensors;
    std::map<std::string, std::string> metadata;
};

/** Reads a header: each entry fits its type and shape. Whether the data have no holes is for the caller to check.
 *
 *  @param name  begins each error: the name of the file, and who reads it
 *  @throws DataError if it is not the header of a safetensors file of tensors of at most 8 axes */
SafetensorsHeader parse_header(const std::string& name, const std::string& text);

/** The header as it is written: the same content gives the same text.
 *
 *  @param name  begins each error
 *  @throws DataError if a tensor is called __metadata__, or a string is not UTF-8 */
std::string header_text(const std::string& name, const SafetensorsHeader& header);

/** Reads the header of a file, up to its data. @throws DataError as parse_header does, or if the file is cut off */
SafetensorsHeader read_safetensors_header(Bytes& file);

/** The tensors in the order of their data, which are all that is left in the file.
 *
 *  @throws DataError unless they fill the data without holes or overlaps */
std::vector<std::pair<std::string, TensorEntry>> in_order(const Bytes& file, const SafetensorsHeader& header);

/** Writes a file.
 *
 *  @param name  begins each error
 *  @param text  the header_text
 *  @param write_data  appends the data
 *  @throws DataError if the header is too long, or the file cannot be written */
void write_safetensors(const std::string& name, const std::filesystem::path& path, std::string text,
                       const std::function<void(const WriteBytes&)>& write_data);

} // namespace xgrad::detail
