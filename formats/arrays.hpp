#pragma once

#include <xgrad/formats/any_array.hpp>

#include <filesystem>
#include <iosfwd>
#include <map>
#include <set>
#include <string>

namespace xgrad
{

/** Arrays by their names. */
using NamedArrays = std::map<std::string, AnyArray>;

/** Reads the arrays of a file. The bytes of the file tell its format:
 *
 *  - `.npy`, one array by the name of the file without its extension, and `.npz`, stored or deflated: all real types
 *  - `.mat` as MATLAB's and Octave's `save -v6` and `-v7` write it: numbers and logicals; texts are passed over
 *  - the text of Octave's `save -text`: scalars, matrices and arrays of numbers; texts are passed over
 *  - numbers in rows and columns, separated by commas, semicolons or white space: a matrix (rows, columns) by the name
 *    of the file, or, under a row of names, an array (rows) for each column. Lines that begin with # or % are comments
 *  - `.safetensors`: BOOL, I8 to I64, U8 to U64, F16, BF16, F32, F64
 *
 *  It trusts nothing in the file. It takes no more memory than once the data that the file has, 20 times the size of a
 *  text, or 32 times the header of a safetensors file. Arrays that are packed may be 32 MiB in all, or 64 times the
 *  file if that is more.
 *
 *  @param names  the arrays that are wanted, or none for all. What else the file holds may be of any type.
 *  @throws DataError if the file is missing, damaged or of another format, if an array is wanted that is not there, or
 *          is complex, sparse, of texts or of objects, or has more than 8 axes */
NamedArrays load_arrays(const std::filesystem::path& path, const std::set<std::string>& names = {});

/** Reads the same from a stream that can be positioned. @param name  the name of the file, for errors and arrays */
NamedArrays load_arrays(std::istream& stream, const std::string& name, const std::set<std::string>& names = {});

/** Writes an array as NumPy's `save` does, version 1.0, row-major.
 *
 *  @throws DataError for bfloat16, which NumPy does not have, or if the file cannot be written */
void save_npy(const std::filesystem::path& path, const AnyArray& array);

/** Writes arrays as NumPy's `savez` does, without packing. The same arrays give the same bytes.
 *
 *  @throws DataError as save_npy does, or if a name is empty, not UTF-8 or too long for a zip archive */
void save_npz(const std::filesystem::path& path, const NamedArrays& arrays);

/** Writes arrays as a safetensors file, each in its own type.
 *
 *  @throws DataError if a name is "__metadata__", a text is not UTF-8, or the file cannot be written */
void save_safetensors(const std::filesystem::path& path, const NamedArrays& arrays,
                      const std::map<std::string, std::string>& metadata = {});

} // namespace xgrad
