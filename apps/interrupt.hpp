#pragma once

#include <csignal>

namespace xgrad::command
{

/** Notes a first Ctrl-C (or SIGTERM) while it exists; a second one ends the program as usual. One at a time. */
class InterruptGuard
{
  public:
    InterruptGuard();
    InterruptGuard(const InterruptGuard&) = delete;
    InterruptGuard& operator=(const InterruptGuard&) = delete;
    ~InterruptGuard();

    /** The signal that came, or 0. */
    int signal() const;

  private:
    struct sigaction interrupt_before_, terminate_before_;
};

} // namespace xgrad::command
