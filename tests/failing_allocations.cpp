// Runs the programs of tests/faults, in which allocations fail.
#include "child.hpp"
#include <xgrad/kernels/architecture.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <fcntl.h>
#include <string>

#ifdef XGRAD_FAILING

namespace
{

/** Returns whether this is the run that tests what does not depend on the instruction set. */
bool is_widest() { return xgrad::kernels::architecture() == xgrad::kernels::available_architectures().back(); }

} // namespace

TEST_CASE("an allocation that fails, whichever it is, is an exception that changes nothing")
{
    if (is_widest())
        CHECK(std::system(XGRAD_ALLOCATIONS) == 0);
}

TEST_CASE("an allocation that fails, without the pool, is an exception that changes nothing")
{
    if (is_widest())
        CHECK(std::system(XGRAD_ALLOCATIONS_WITHOUT_POOL) == 0);
}

#ifdef XGRAD_COMMAND

TEST_CASE("the command ends with an error if an allocation fails")
{
    if (!is_widest())
        return;
    for (const char* const later : {"", "+"}) {
        int failures = 0, successes = 0;
        for (int n = 1; successes < 3; n += 37) { // every one takes a minute
            const std::string which = std::to_string(n) + later;
            CAPTURE(which);
            const int status = xgrad::test::exit_status_of([&] {
                dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
                dup2(STDOUT_FILENO, STDERR_FILENO);
                setenv("LD_PRELOAD", XGRAD_FAILING, 1);
                setenv("XGRAD_FAIL", which.c_str(), 1);
                execl(XGRAD_COMMAND, XGRAD_COMMAND, "summary", "lenet5", nullptr);
            });
            CHECK((status == 0 || status == 1));
            ++(status == 0 ? successes : failures);
            REQUIRE(n < 100'000);
        }
        CHECK(failures > 50);
    }
}

#endif
#endif
