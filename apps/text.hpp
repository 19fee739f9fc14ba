#pragma once

#include <cstddef>
#include <string>

namespace xgrad::command
{

/** 60000 as "60,000". */
std::string grouped(std::size_t number);

/** Seconds as "0:05", "12:34", "1:02:03". */
std::string clock_time(double seconds);

/** A word as a shell reads it: in quotes if need be. */
std::string shell_word(const std::string& word);

} // namespace xgrad::command
