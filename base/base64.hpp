#pragma once
// Bytes as text: RFC 4648, section 4.

#include <string>
#include <string_view>

namespace xgrad::detail
{

std::string to_base64(std::string_view bytes);

/** The bytes of a text. @throws DataError if it is not base64, with its padding and without line breaks */
std::string from_base64(std::string_view text);

} // namespace xgrad::detail
