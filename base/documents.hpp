#pragma once

#include <string>

namespace xgrad::detail
{

/** The place at which a user finds a document that a message names. In the source tree it is the name itself. If xgrad
 *  is installed, it is the full path of the installed document.
 *  @param name  relative to the root of the source tree, such as "docs/mistakes.md#factor" */
std::string place_of_document(const std::string& name);

} // namespace xgrad::detail
