#pragma once
// The .npy format of NumPy: a header, which is a dictionary in Python's syntax, and the elements.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

#include <xgrad/formats/elements.hpp>

#include <string>

namespace xgrad::detail
{

/** Reads an array that takes up all of the bytes. @throws DataError if they are no array of real numbers */
AnyArray read_npy(Bytes& bytes);

/** The bytes before the elements of an array, as NumPy writes them. @throws DataError for bfloat16 */
std::string npy_header(const std::string& name, const AnyArray& array);

} // namespace xgrad::detail
