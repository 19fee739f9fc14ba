#pragma once
// The program as its user sees it: its name, its exit codes, and the errors of its use.

#include <stdexcept>
#include <string>
#include <vector>

namespace xgrad::command
{

enum ExitCode
{
    success = 0,
    failure = 1,
    wrong_usage = 2,
    signalled = 128 // plus the signal's number
};

/** An error for options that are well formed but make no sense together. */
class UsageError : public std::runtime_error
{
  public:
    using std::runtime_error::runtime_error;
};

/** The program's name as the user called it, for the commands that it proposes. */
const std::string& program();
void set_program(std::string name);

/** Runs the verb that the words name, or prints the help. @param given  the words after the name of the program
 *  @return  the exit code  @throws what the verb throws, but for UsageError, which is printed */
int run(const std::vector<std::string>& given);

} // namespace xgrad::command
