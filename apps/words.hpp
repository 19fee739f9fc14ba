#pragma once
// The words of the command line: checks of options and of their values, beyond CLI11's.

#include "options.hpp"

#include <string>
#include <vector>

namespace CLI
{
class ParseError;
}

namespace xgrad::command
{

/** Adds to the options of a verb the checks that follow from their types: whole numbers are decimal and have at most 64
 *  bits, and no text is empty. */
void check_types(const Options& verb);

/** Looks for an option that the verb does not have. CLI11 would take its value for another argument and complain of
 *  that.
 *  @throws UsageError if there is one; the nearest option is named */
void check_options(const Options& verb, const std::vector<std::string>& words);

/** The message of an error that CLI11 found in the words of a verb. */
std::string message_of(const CLI::ParseError& error, const Options& verb);

} // namespace xgrad::command
