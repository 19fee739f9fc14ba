#include <xgrad/base/printable.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace xgrad
{

namespace
{

struct Character
{
    std::size_t length; // 0: not UTF-8
    char32_t code;
};

Character first_of(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (byte(0) < 0x80)
        return {1, byte(0)};
    const std::size_t length = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
    constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; // a longer form of a smaller code is no UTF-8
    if (byte(0) < 0xc0 || byte(0) >= 0xf8 || text.size() < length)
        return {0, 0};
    char32_t code = byte(0) & (0x7fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if (byte(i) >> 6 != 2)
            return {0, 0};
        code = code << 6 | (byte(i) & 0x3fu);
    }
    const bool is_surrogate = code >= 0xd800 && code < 0xe000;
    return code < least[length] || code > 0x10ffff || is_surrogate ? Character{0, 0} : Character{length, code};
}

/** Returns whether a character acts on a terminal, breaks a line or turns the direction of a text. */
bool acts(char32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || (code >= 0x200b && code <= 0x200f) ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
}

std::string escaped(char32_t code)
{
    switch (code) {
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        return code < 0x80 ? fmt::format("\\x{:02x}", static_cast<unsigned>(code))
                           : fmt::format("\\u{:04x}", static_cast<unsigned>(code));
    }
}

} // namespace

std::string printable(std::string_view text, std::size_t most)
{
    std::string shown;
    for (std::size_t at = 0; at < text.size();) {
        const Character next = first_of(text.substr(at));
        const std::size_t length = std::max<std::size_t>(next.length, 1);
        if (length > most - at)
            return shown + "…";
        if (next.length == 0)
            shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at]));
        else
            shown += acts(next.code) ? escaped(next.code) : std::string(text.substr(at, length));
        at += length;
    }
    return shown;
}

} // namespace xgrad
