#pragma once

namespace xgrad::command
{

/** Notes signals that ask the program to end, from now on, instead of ending: Ctrl-C (SIGINT), SIGTERM, SIGHUP of a
 *  terminal that is closed, SIGPIPE of a reader that is gone, SIGXFSZ and SIGXCPU of the system's limits. A second
 *  Ctrl-C ends the program at once. What nohup ignores stays ignored. */
void catch_interrupts();

/** The number of the first signal that came, or 0. */
int interrupt();

} // namespace xgrad::command
