#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace xgrad
{

/** A text that somebody else wrote, such as a name in a file, as messages and listings show it: on one line and without
 *  effect on a terminal. Control characters, marks that turn the direction of a text, and bytes that are not UTF-8
 *  appear as \n, \x1b or \u202e.
 *
 *  @param most  the number of bytes after which "…" stands for the rest */
std::string printable(std::string_view text, std::size_t most = 200);

} // namespace xgrad
