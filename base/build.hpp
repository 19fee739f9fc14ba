#pragma once

#include <string>

namespace xgrad::detail
{

/** A text that tells builds of the library apart: the build ID that the linker gave to the library, or to the program
 *  that contains it. Without one it is the version of the compiler. */
std::string build_id();

} // namespace xgrad::detail
