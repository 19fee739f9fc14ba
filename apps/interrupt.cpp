#include "interrupt.hpp"

namespace xgrad::command
{

namespace
{

volatile std::sig_atomic_t received = 0;

void note_and_restore(int number)
{
    received = number;
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
}

} // namespace

InterruptGuard::InterruptGuard()
{
    received = 0;
    struct sigaction action = {};
    action.sa_handler = note_and_restore;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, &interrupt_before_);
    sigaction(SIGTERM, &action, &terminate_before_);
}

InterruptGuard::~InterruptGuard()
{
    sigaction(SIGINT, &interrupt_before_, nullptr);
    sigaction(SIGTERM, &terminate_before_, nullptr);
}

int InterruptGuard::signal() const { return received; }

} // namespace xgrad::command
