#pragma once

#include <string>

namespace xgrad::detail
{

/** The place of a document that a message names, such as "docs/mistakes.md#factor". It is the name itself in the source
 *  tree, which the name is relative to, and a path where xgrad is installed. */
std::string place_of_document(const std::string& name);

} // namespace xgrad::detail
