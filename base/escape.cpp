#include <xgrad/base/escape.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>

namespace xgrad::detail
{

namespace
{

constexpr std::string_view unknown = "\xef\xbf\xbd"; // U+FFFD

/** The first character of a text. */
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

bool is_control(std::string_view character)
{
    return character.size() == 1 && (static_cast<unsigned char>(character[0]) < 0x20 || character[0] == '\x7f');
}

/** The text with each character written by f, from the bytes of the character. */
template <class F>
std::string each_written(std::string_view text, F f)
{
    std::string written;
    while (!text.empty())
        written += f(next_character(text));
    return written;
}

std::string replaced(std::string_view character, std::initializer_list<std::pair<char, const char*>> replacements)
{
    for (const auto& [from, to] : replacements)
        if (character[0] == from)
            return to;
    return std::string(character);
}

} // namespace

bool is_utf8(std::string_view text)
{
    while (!text.empty()) {
        const std::size_t length = first_of(text).length;
        if (length == 0)
            return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string_view next_character(std::string_view& text)
{
    const std::size_t length = first_of(text).length;
    const std::string_view character = length == 0 ? unknown : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
    return character;
}

std::string in_json(std::string_view text)
{
    return '"' +
           each_written(text,
                        [](std::string_view c) {
                            const std::string usual = replaced(
                                c, {{'"', "\\\""}, {'\\', "\\\\"}, {'\n', "\\n"}, {'\t', "\\t"}, {'\r', "\\r"}});
                            return usual.size() == 1 && is_control(usual) ? fmt::format("\\u{:04x}", c[0]) : usual;
                        }) +
           '"';
}

std::string in_html(std::string_view text)
{
    return each_written(text, [](std::string_view c) {
        return is_control(c) && c != "\n" && c != "\t"
                   ? std::string(unknown)
                   : replaced(c, {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}});
    });
}

std::string in_latex(std::string_view text)
{
    return each_written(text, [](std::string_view c) -> std::string {
        if (is_control(c) || c == unknown)
            return c == "\n" || c == "\t" ? " " : "?";
        if (c.size() > 1)
            return fmt::format("\\text{{{}}}", c);
        return replaced(c, {{'\\', "\\text{\\textbackslash}"},
                            {'^', "\\text{\\textasciicircum}"},
                            {'~', "\\text{\\textasciitilde}"},
                            {'{', "\\{"},
                            {'}', "\\}"},
                            {'_', "\\_"},
                            {'%', "\\%"},
                            {'&', "\\&"},
                            {'#', "\\#"},
                            {'$', "\\$"}});
    });
}

std::string in_dot(std::string_view text)
{
    return '"' +
           each_written(text,
                        [](std::string_view c) {
                            return is_control(c) && c != "\n"
                                       ? std::string(unknown)
                                       : replaced(c, {{'"', "\\\""}, {'\\', "\\\\"}, {'\n', "\\n"}, {'&', "&amp;"}});
                        }) +
           '"';
}

} // namespace xgrad::detail

namespace xgrad
{

std::string printable(std::string_view text, std::size_t most)
{
    std::string shown;
    for (std::size_t at = 0; at < text.size();) {
        const detail::Character next = detail::first_of(text.substr(at));
        const std::size_t length = std::max<std::size_t>(next.length, 1);
        if (length > most - at)
            return shown + "…";
        if (next.length == 0)
            shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at]));
        else
            shown += detail::acts(next.code) ? detail::escaped(next.code) : std::string(text.substr(at, length));
        at += length;
    }
    return shown;
}

} // namespace xgrad
