#pragma once

#include <cstddef>
#include <string>

namespace xgrad::command
{

/** A number with commas: 60000 as "60,000". */
std::string grouped(std::size_t number);

/** A time in seconds as "0:05", "12:34", "1:02:03". */
std::string clock_time(double seconds);

/** A word as a shell reads it, in quotes if necessary. */
std::string shell_word(const std::string& word);

} // namespace xgrad::command
