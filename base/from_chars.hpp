#pragma once

#include <charconv>
#include <cstdlib>
#include <string>
#include <type_traits>

namespace xgrad::detail
{

/** Reads a number as std::from_chars does, also floating-point numbers where the C++ library cannot: there by strtod,
 *  in a program that leaves the locale at "C". */
template <class Number>
std::from_chars_result from_chars(const char* begin, const char* end, Number& number)
{
#if !defined(__cpp_lib_to_chars)
    if constexpr (std::is_floating_point_v<Number>) {
        const std::string text(begin, end);
        const bool is_decimal = text.find_first_not_of("0123456789+-.eEinfatyINFATY") == std::string::npos;
        char* behind = nullptr;
        const double value = std::strtod(text.c_str(), &behind);
        if (!is_decimal || text.starts_with('+') || behind == text.c_str())
            return {begin, std::errc::invalid_argument};
        number = static_cast<Number>(value);
        return {begin + (behind - text.c_str()), std::errc()};
    } else
#endif
        return std::from_chars(begin, end, number);
}

} // namespace xgrad::detail
