#include <xgrad/base/from_chars.hpp>
#include <xgrad/formats/numerals.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>

namespace xgrad::detail
{

namespace
{

template <class T>
Numeral parse_with(std::string_view text, T& number)
{
    if (text.starts_with('+') && !text.starts_with("+-"))
        text.remove_prefix(1);
    const char* const end = text.data() + text.size();
    const auto [behind, error] = from_chars(text.data(), end, number);
    if (behind != end || error == std::errc::invalid_argument)
        return Numeral::none;
    return error == std::errc() ? Numeral::read : Numeral::out_of_range;
}

/** Reads NA, as Octave calls what is missing, as NaN. */
template <class T>
Numeral parse_or_missing(std::string_view text, T& number)
{
    if (text != "NA")
        return parse_with(text, number);
    number = std::numeric_limits<T>::quiet_NaN();
    return Numeral::read;
}

} // namespace

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blank = " \t\r";
    text.remove_prefix(std::min(text.find_first_not_of(blank), text.size()));
    return text.substr(0, text.find_last_not_of(blank) + 1);
}

bool Lines::next()
{
    if (left_.empty())
        return false;
    const std::size_t end = std::min(left_.find('\n'), left_.size());
    line_ = left_.substr(0, end);
    if (line_.ends_with('\r'))
        line_.remove_suffix(1);
    left_.remove_prefix(std::min(end + 1, left_.size()));
    ++number_;
    return true;
}

void Lines::skip(std::size_t count)
{
    if (count == 0 || count > left_.size()) // 0 after a sum that has wrapped around
        fail(fmt::format("promises a text of {} bytes where {} are left", count, left_.size()));
    number_ +=
        static_cast<std::size_t>(std::count(left_.begin(), left_.begin() + static_cast<std::ptrdiff_t>(count), '\n'));
    left_.remove_prefix(count);
}

void Lines::fail(const std::string& what) const { file_.fail(fmt::format("line {} {}", number_, what)); }

Numeral parse(std::string_view text, double& number)
{
    const Numeral result = parse_or_missing(text, number);
    std::int64_t whole = 0;
    constexpr double end = 0x1p63;
    if (result == Numeral::read && parse_with(text, whole) == Numeral::read &&
        (number >= end || static_cast<std::int64_t>(number) != whole))
        return Numeral::not_exact;
    return result;
}

template <class T>
Numeral parse(std::string_view text, T& number)
{
    if constexpr (std::floating_point<T>)
        return parse_or_missing(text, number);
    else
        return parse_with(text, number);
}

template Numeral parse(std::string_view, float&);
template Numeral parse(std::string_view, std::int8_t&);
template Numeral parse(std::string_view, std::int16_t&);
template Numeral parse(std::string_view, std::int32_t&);
template Numeral parse(std::string_view, std::int64_t&);
template Numeral parse(std::string_view, std::uint8_t&);
template Numeral parse(std::string_view, std::uint16_t&);
template Numeral parse(std::string_view, std::uint32_t&);
template Numeral parse(std::string_view, std::uint64_t&);

} // namespace xgrad::detail
