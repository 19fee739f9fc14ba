#include "files.hpp"
#include <xgrad/base/lock.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <memory>
#include <sys/wait.h>

using namespace xgrad;
using namespace xgrad::test;

TEST_CASE("lock: one object holds it at a time, and nothing is left of it")
{
    const Folder folder;
    auto first = std::make_unique<FileLock>(folder / "lock");
    CHECK(first->held());
    CHECK_FALSE(FileLock(folder / "lock").held());
    CHECK(FileLock(folder / "other").held());
    CHECK(folder.count() == 1);
    first.reset();
    CHECK(folder.count() == 0);
    CHECK(FileLock(folder / "lock").held());
}

TEST_CASE("lock: a file that a crash left locks nothing")
{
    const Folder folder;
    int ready[2];
    REQUIRE(pipe(ready) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const FileLock lock(folder / "lock");
        const char held = lock.held() ? 'y' : 'n';
        if (::write(ready[1], &held, 1) == 1)
            pause();
        _exit(1);
    }
    char held = 0;
    REQUIRE(::read(ready[0], &held, 1) == 1);
    CHECK(held == 'y');
    CHECK_FALSE(FileLock(folder / "lock").held());
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    close(ready[0]);
    close(ready[1]);
    CHECK(folder.count() == 1);
    CHECK(FileLock(folder / "lock").held());
    CHECK(folder.count() == 0);
}

TEST_CASE("lock: a folder that is not there is an error")
{
    const Folder folder;
    CHECK(contains(error_of([&] { const FileLock lock(folder / "nowhere" / "lock"); }), "nowhere/lock"));
}
