#pragma once
// The words of the command line: checks of options and of their values, beyond CLI11's.

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace xgrad::command
{

/** Checks that a number is finite and greater than 0, or at least 0, or at least 0 and less than 1; in 32 bits, too. */
CLI::Validator positive();
CLI::Validator not_negative();
CLI::Validator below_one();

/** Checks that a word is one of these. The error names the nearest one. */
CLI::Validator one_of(const std::vector<std::string>& words);

/** Adds to the options of a verb the checks that follow from their types: whole numbers are decimal and have at most 64
 *  bits, and no text is empty. */
void check_types(CLI::App& verb);

/** Looks for an option that the verb does not have. CLI11 would take its value for another argument and complain of
 *  that.
 *  @throws UsageError if there is one; the nearest option is named */
void check_options(const CLI::App& verb, const std::vector<std::string>& words);

/** The message of an error that CLI11 found in the words of a verb. */
std::string message_of(const CLI::ParseError& error, const CLI::App& verb);

} // namespace xgrad::command
