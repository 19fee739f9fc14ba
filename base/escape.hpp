#pragma once
// Texts of users, such as the names of ops, variables and files, in messages and as parts of a document.

#include <cstddef>
#include <string>
#include <string_view>

namespace xgrad
{

/** A text that somebody else wrote, such as a name in a file, as messages and listings show it: on one line and without
 *  effect on a terminal. Control characters, marks that turn the direction of a text, and bytes that are not UTF-8
 *  appear as `\n`, `\x1b` or `\u202e`.
 *
 *  @param most  the number of bytes after which "…" stands for the rest */
std::string printable(std::string_view text, std::size_t most = 200);

} // namespace xgrad

namespace xgrad::detail
{

// In documents, bytes that are not UTF-8 become U+FFFD.

/** A text as a string in JSON, with its quotation marks. */
std::string in_json(std::string_view text);

/** A text in an element or in a quoted attribute of HTML or SVG. Control characters, which XML does not have, become
 *  U+FFFD. */
std::string in_html(std::string_view text);

/** A text in LaTeX, inside formulas and outside. Control characters and what is not UTF-8 become question marks. */
std::string in_latex(std::string_view text);

/** A text as a label of Graphviz' DOT language, with its quotation marks. A line break is one in the label, too. */
std::string in_dot(std::string_view text);

/** Returns whether a text is UTF-8. */
bool is_utf8(std::string_view text);

/** Takes the first character off a UTF-8 text. @return  its bytes; U+FFFD for a byte that is not UTF-8 */
std::string_view next_character(std::string_view& text);

} // namespace xgrad::detail
