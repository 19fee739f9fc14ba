#pragma once
// A comparison as lines of text.

#include "report.hpp"

#include <string>
#include <vector>

namespace xgrad::command
{

/** A time with its unit: "12.5 ms". */
std::string time_text(double seconds);

/** Prints a line for each row and, under the first one that has it, each explanation. */
void print_rows(const std::vector<Row>& rows);

} // namespace xgrad::command
