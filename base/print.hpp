#pragma once

#include <xgrad/base/array.hpp>

#include <iosfwd>

namespace xgrad::detail
{

/** Writes an array as xtensor does. Its own way to write, which takes long to compile, is in one file. */
template <class T>
void print(std::ostream& out, const Array<T>& values);

extern template void print(std::ostream&, const Array<float>&);
extern template void print(std::ostream&, const Array<double>&);

} // namespace xgrad::detail
