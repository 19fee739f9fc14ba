#pragma once

#include <filesystem>
#include <string>

namespace xgrad::detail
{

/** The place of a document that a message names, such as "docs/mistakes.md#factor". In the source tree this is the name
 *  itself, which is relative to the tree's root. Where xgrad is installed, it is a full path. */
std::string place_of_document(const std::string& name);

/** The address of the same document for a link, "file:///…/docs/mistakes.md#factor"; empty if it is nowhere on this
 *  machine. */
std::string link_to_document(const std::string& name);

/** The folder of data that are installed with xgrad. It need not exist. */
std::filesystem::path installed_data();

} // namespace xgrad::detail
