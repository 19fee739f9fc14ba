#include "streams.hpp"

#include "program.hpp"
#include "ranks.hpp"
#include <xgrad/base/escape.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace xgrad::command
{

namespace
{

/** Prints that stdout cannot be written. A reader that is gone needs no message.
 *  @param error  the errno; 0 if it is not known */
int complain_of_output(int error)
{
    if (error == EPIPE)
        return signalled + SIGPIPE; // as if the signal, which is ignored then, had ended the command
    const std::string reason = error == 0 ? "" : ": " + std::generic_category().message(error);
    return complain("the standard output cannot be written" + reason, failure);
}

} // namespace

void open_missing_streams()
{
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (fcntl(descriptor, F_GETFD) < 0 && errno == EBADF) // then open() returns this number, the lowest free one
            (void)open("/dev/null", descriptor == STDOUT_FILENO ? O_RDONLY : O_WRONLY);
}

int complain(const std::string& what, int code)
{
    // Some messages of CLI11 and the system have line breaks; here an error is one line.
    std::string line = what;
    std::replace(line.begin(), line.end(), '\n', ' ');
    print_error(printable(line, line.size()));
    return code;
}

int complain(const std::exception& error)
{
    const auto* const of_system = dynamic_cast<const std::system_error*>(&error);
    if (of_system != nullptr && std::ferror(stdout) != 0)
        return complain_of_output(of_system->code().value());
    return complain(error.what(), failure);
}

int close_output(int code)
{
    const bool failed_before = std::ferror(stdout) != 0;
    errno = 0;
    if (code >= signalled) // a terminal that was closed cannot be written, either
        return code;
    if (std::fclose(stdout) != 0)
        return complain_of_output(errno);
    return failed_before ? complain_of_output(0) : code;
}

} // namespace xgrad::command
