#pragma once
// A comparison as lines of text.

#include "report.hpp"

namespace xgrad::command
{

/** Prints a line for each row and, under the first one that has it, each explanation. */
void print_rows(const Report& report);

} // namespace xgrad::command
