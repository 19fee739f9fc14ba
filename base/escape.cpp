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

/** The number of bytes of the first character; 0 if it is not UTF-8. */
std::size_t length_of_first(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(0);
    const std::size_t length = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (length < 2)
        return length;
    if (text.size() < length || first > 0xf4)
        return 0;
    std::uint32_t code = first & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0U) != 0x80)
            return 0;
        code = code << 6 | (byte(i) & 0x3fU);
    }
    const std::uint32_t least = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
    const bool is_surrogate = code >= 0xd800 && code < 0xe000;
    return code < least || code > 0x10ffff || is_surrogate ? 0 : length;
}

bool is_control(std::string_view character)
{
    return character.size() == 1 && (static_cast<unsigned char>(character[0]) < 0x20 || character[0] == '\x7f');
}

std::string as_escape(char control)
{
    switch (control) {
    case '\n':
        return "\\n";
    case '\t':
        return "\\t";
    case '\r':
        return "\\r";
    default:
        return fmt::format("\\x{:02x}", control);
    }
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
        const std::size_t length = length_of_first(text);
        if (length == 0)
            return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string_view next_character(std::string_view& text)
{
    const std::size_t length = length_of_first(text);
    const std::string_view character = length == 0 ? unknown : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
    return character;
}

std::string in_plain_text(std::string_view text)
{
    return each_written(text, [](std::string_view c) { return is_control(c) ? as_escape(c[0]) : std::string(c); });
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
