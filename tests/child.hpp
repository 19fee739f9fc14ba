#pragma once
// Child processes of the test program, for what happens at the end of a process.

#include "sanitizers.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace xgrad::test
{

/** True in a child process. */
inline bool is_child = false;

/** Runs a function in a child process, which then calls std::exit(0). Returns the exit status of the child; the negated
 *  signal if one has ended it, SIGKILL after half a minute. */
template <class F>
int exit_status_of(F f)
{
    std::fflush(nullptr); // or the child would print it, too
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        is_child = true;
        try {
            f();
        } catch (...) {
            _exit(99);
        }
        std::exit(0);
    }
    int status = 0;
    for (int wait = 0; waitpid(child, &status, WNOHANG) == 0; ++wait) {
        if (wait == 30'000)
            kill(child, SIGKILL);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

} // namespace xgrad::test
