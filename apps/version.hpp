#pragma once

#include <string>

namespace xgrad::command
{

/** The version, and below it what the command was built with and runs on: compiler, instruction set, libraries. */
std::string version_text();

} // namespace xgrad::command
