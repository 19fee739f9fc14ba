#include "text.hpp"

#include <fmt/format.h>

#include <cmath>

namespace xgrad::command
{

std::string grouped(std::size_t number)
{
    std::string digits = fmt::to_string(number);
    for (std::size_t place = digits.size(); place > 3;)
        digits.insert(place -= 3, ",");
    return digits;
}

std::string clock_time(double seconds)
{
    const auto whole = static_cast<std::size_t>(std::ceil(seconds));
    const std::size_t minutes = whole / 60 % 60, hours = whole / 3600;
    return hours > 0 ? fmt::format("{}:{:02}:{:02}", hours, minutes, whole % 60)
                     : fmt::format("{}:{:02}", minutes, whole % 60);
}

std::string shell_word(const std::string& word)
{
    const char* const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=@%+,-";
    if (!word.empty() && word.find_first_not_of(plain) == std::string::npos)
        return word;
    std::string quoted = "'";
    for (const char c : word)
        quoted += c == '\'' ? std::string(R"('\'')") : std::string(1, c);
    return quoted + "'";
}

} // namespace xgrad::command
