#include "interrupt.hpp"

#include <atomic>
#include <csignal>
#include <ctime>

namespace xgrad::command
{

namespace
{

std::atomic<int> received = 0; // any thread may run the handler
std::atomic<long long> received_at = 0;
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<long long>::is_always_lock_free);

long long nanoseconds()
{
    timespec now = {};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return 1'000'000'000LL * now.tv_sec + now.tv_nsec;
}

void note(int number)
{
    int none = 0;
    if (received.compare_exchange_strong(none, number)) {
        received_at = nanoseconds();
        return;
    }
    // One Ctrl-C may come twice: `timeout -s INT` sends it to the program, and then to its process group.
    constexpr long long one_event = 2'000'000;
    if (number == SIGINT && nanoseconds() - received_at > one_event) {
        std::signal(SIGINT, SIG_DFL);
        std::raise(SIGINT);
    }
}

} // namespace

void catch_interrupts()
{
    struct sigaction action = {};
    action.sa_handler = note;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ, SIGXCPU}) {
        struct sigaction before = {};
        const bool ignored = sigaction(number, nullptr, &before) == 0 && before.sa_handler == SIG_IGN;
        if (!ignored || number == SIGINT) // a shell's job in the background ignores SIGINT, and `kill -INT` asks for it
            sigaction(number, &action, nullptr);
    }
}

int interrupt() { return received; }

} // namespace xgrad::command
