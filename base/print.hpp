#pragma once

#include <xgrad/base/array.hpp>

#include <iosfwd>

namespace xgrad
{

/** The element types whose arrays are printed without xtensor's xio.hpp, which takes long to compile. */
template <class T>
concept Printable = std::same_as<T, float> || std::same_as<T, double> || std::same_as<T, std::int32_t>;

/** Writes an array as xtensor does. */
template <Printable T>
std::ostream& operator<<(std::ostream& out, const Array<T>& values);

} // namespace xgrad
