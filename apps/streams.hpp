#pragma once
// The standard streams: what is printed there arrives, or the command says that it does not.

#include <exception>
#include <string>

namespace xgrad::command
{

/** Opens /dev/null for each of the descriptors 0 to 2 that is closed, so that no file gets its number. Reading from a
 *  closed stdin and writing to a closed stdout fail; what goes to a closed stderr is lost. */
void open_missing_streams();

/** Prints an error on stderr, in one line that begins with "xgrad: ". It does not throw if stderr cannot be written.
 *  @return  the code */
int complain(const std::string& what, int code);

/** Prints the error that ended the command.
 *  @return  the exit code */
int complain(const std::exception& error);

/** Writes what is left in stdout, and closes it.
 *  @return  the code; that of a failure, which is printed, if anything could not be written */
int close_output(int code);

} // namespace xgrad::command
