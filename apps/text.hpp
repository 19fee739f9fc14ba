#pragma once

#include <fmt/core.h>

#include <cstddef>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

namespace xgrad::command
{

/** A number with commas: 60000 as "60,000". */
std::string grouped(std::size_t number);

/** A number of bytes as "512 B", "23.4 kB", "5.82 MB". */
std::string bytes_in_words(std::size_t bytes);

/** A time in seconds as "0:05", "12:34", "1:02:03". */
std::string clock_time(double seconds);

/** A word as a shell reads it, in quotes if necessary. */
std::string shell_word(const std::string& word);

/** Prints a text at once, and ignores it if nobody can read it: a training goes on, or saves, when a terminal is
 * closed. */
template <class... Values>
void tell(std::FILE* file, fmt::format_string<Values...> format, Values&&... values)
{
    try {
        fmt::print(file, format, std::forward<Values>(values)...);
        std::fflush(file);
    } catch (const std::system_error&) {
    }
}

} // namespace xgrad::command
