#include "text.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace xgrad::command
{

std::string grouped(std::size_t number)
{
    std::string digits = fmt::to_string(number);
    for (std::size_t place = digits.size(); place > 3;)
        digits.insert(place -= 3, ",");
    return digits;
}

std::string bytes_in_words(std::size_t bytes)
{
    const char* const units[] = {"B", "kB", "MB", "GB", "TB"};
    auto number = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; number >= 999.5 && unit + 1 < std::size(units); ++unit)
        number /= 1000;
    return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:#.3g} {}", number, units[unit]);
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
