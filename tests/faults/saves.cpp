// A fault at each system call of one save.
#include "calls.hpp"
#include "files.hpp"
#include <xgrad/models/training/checkpoint.hpp>

#include <doctest/doctest.h>

#include <string>
#include <sys/wait.h>

using namespace xgrad;
using namespace xgrad::test;
namespace fs = std::filesystem;

namespace
{

Checkpoint checkpoint_of(float value)
{
    return {{{"a", Array<float>({300}, value)}, {"b", Array<float>({2, 2}, value)}},
            {{"value", std::to_string(value)}}};
}

enum Ended
{
    saved = 0,
    refused = 3,
    killed = -1
};

/** Saves in another process, with a fault. */
Ended save_with(const std::string& fault, const fs::path& path)
{
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        xgrad_fault(fault.c_str());
        try {
            save_checkpoint(path, checkpoint_of(2));
        } catch (const DataError&) {
            _exit(refused);
        }
        _exit(saved);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? static_cast<Ended>(WEXITSTATUS(status)) : killed;
}

/** Saves with a fault at each call in turn, until there are no more calls. @return  the number of calls */
template <class Check>
int at_each_call(const std::string& fault, bool replaces, const Check& check)
{
    for (int call = 1;; ++call) {
        CAPTURE(fault);
        CAPTURE(call);
        const Folder folder;
        fs::create_directory(folder / "elsewhere");
        fs::create_symlink("elsewhere/file", folder / "link");
        if (replaces)
            save_checkpoint(folder / "link", checkpoint_of(1));
        const Ended ended = save_with(fault + " " + std::to_string(call), folder / "link");
        check(ended, folder);
        const bool is_there = fs::exists(folder / "link");
        CHECK((is_there || (!replaces && ended != saved)));
        if (is_there) {
            const std::string value = load_checkpoint(folder / "link").metadata.at("value");
            CHECK((value == std::to_string(2.0f) || (replaces && ended != saved)));
        }
        CHECK(fs::is_symlink(folder / "link"));
        save_checkpoint(folder / "link", checkpoint_of(3));
        CHECK(std::distance(fs::directory_iterator(folder / "elsewhere"), fs::directory_iterator()) == 1);
        if (ended == saved && fault != "half")
            return call;
        if (fault == "half" && call == 40)
            return call;
    }
}

} // namespace

TEST_CASE("faults: killed at any system call of a save, the old file or the new one is there, and nothing else stays")
{
    for (const bool replaces : {true, false})
        for (const char* fault : {"kill", "half"}) {
            int kills = 0;
            const int calls = at_each_call(fault, replaces, [&](Ended ended, const Folder&) {
                CHECK(ended != refused);
                kills += ended == killed;
            });
            CHECK(calls > 8);
            CHECK(kills >= 4); // a save has four writes: size, header, and each tensor
        }
}

TEST_CASE("faults: a disk that is full from any call on is an error, and the old file stays with nothing beside it")
{
    int refusals = 0;
    at_each_call("full", true, [&](Ended ended, const Folder& folder) {
        CHECK(ended != killed);
        refusals += ended == refused;
        CHECK(std::distance(fs::directory_iterator(folder / "elsewhere"), fs::directory_iterator()) == 1);
    });
    CHECK(refusals > 5);
}
