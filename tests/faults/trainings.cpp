// A training is killed, its disk is full, a signal comes: at any of its system calls, and at any time. What is on the
// disk is whole, and the training goes on to the same bits, with a log of all its epochs.
//
// XGRAD_FAULTS=400 makes 400 kills at random times, and takes every system call; otherwise there are some of each.
#include "apps/command.hpp"
#include <xgrad/models/training/checkpoint.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <random>
#include <sstream>

using namespace xgrad;
using namespace xgrad::test;
namespace fs = std::filesystem;

namespace
{

std::size_t asked_kills()
{
    const char* const text = std::getenv("XGRAD_FAULTS");
    return text == nullptr ? 0 : std::stoul(text);
}

Words training(std::size_t epochs)
{
    return {"train",     "variants", "--kind",   "convolution",          "--data",   data_folder(), "--batch", "100",
            "--threads", "1",        "--epochs", std::to_string(epochs), "--output", "run",         "--log",   "log"};
}

/** The same training, begun or continued as a user would: from the last checkpoint, if there is one. */
Words further(const Folder& folder, std::size_t epochs)
{
    if (fs::exists(folder / "run/last.safetensors"))
        return {"train", "variants", "--resume", "run/last.safetensors", "--log", "log", "--threads", "1"};
    return training(epochs);
}

std::function<void()> with_fault(const std::string& fault)
{
    return [fault] {
        setenv("LD_PRELOAD", XGRAD_FAULT_CALLS, 1);
        setenv("XGRAD_FAULT", fault.c_str(), 1);
    };
}

/** The files of a training that nothing disturbs. */
struct Undisturbed
{
    Folder folder;
    std::string last, best;

    explicit Undisturbed(std::size_t epochs)
    {
        REQUIRE(call(folder, training(epochs)).code == 0);
        last = contents(folder / "run/last.safetensors");
        best = contents(folder / "run/best.safetensors");
    }
};

void check_readable(const Folder& folder)
{
    std::error_code ignored;
    for (const fs::directory_entry& file : fs::directory_iterator(folder / "run", ignored))
        if (file.path().extension() == ".safetensors" && file.path().filename() != ".trial.safetensors")
            CHECK_NOTHROW(load_checkpoint(file.path()));
}

void check_finished(const Folder& folder, const Undisturbed& expected, std::size_t epochs)
{
    CHECK(contents(folder / "run/last.safetensors") == expected.last);
    CHECK(contents(folder / "run/best.safetensors") == expected.best);
    std::vector<std::size_t> logged, all(epochs);
    std::istringstream lines(contents(folder / "log"));
    for (std::string line; std::getline(lines, line);)
        logged.push_back(nlohmann::json::parse(line).at("epoch"));
    for (std::size_t i = 0; i < epochs; ++i)
        all[i] = i + 1;
    CHECK(logged == all);
    for (const fs::directory_entry& file : fs::directory_iterator(folder / "run")) {
        const std::string name = file.path().filename().string();
        CAPTURE(name);
        // Killed before the first last.safetensors, a training begins anew, and finds a best one of somebody.
        CHECK((name == "last.safetensors" || name == "best.safetensors" || name == "previous-best.safetensors"));
    }
}

/** Trains two epochs with a fault at a system call, goes on, and checks the result. This for the calls first, first +
 *  stride, … until the training comes to its end without the fault. @return  the number of faults */
int at_calls(const std::string& fault, int stride, const std::function<void(const Result&, const Folder&)>& check)
{
    constexpr std::size_t epochs = 2;
    static const Undisturbed expected(epochs);
    int faults = 0;
    for (int number = 1;; number += stride) {
        CAPTURE(fault);
        CAPTURE(number);
        const Folder folder;
        const Result result = call(folder, training(epochs), with_fault(fault + " " + std::to_string(number)));
        CAPTURE(result.err);
        check_readable(folder);
        const bool ended = result.code == 0;
        if (!ended)
            check(result, folder);
        const Result rest = call(folder, further(folder, epochs));
        CAPTURE(rest.err);
        CHECK(rest.code == 0);
        check_finished(folder, expected, epochs);
        faults += !ended;
        if (ended && fault != "half")
            return faults;
        if (fault == "half" && number > 200)
            return faults;
    }
}

int stride_of(int usual) { return asked_kills() > 0 ? 1 : usual; }

} // namespace

TEST_CASE("faults: a training that is killed at a system call goes on to the same bits")
{
    const auto is_killed = [](const Result& result, const Folder&) { CHECK(result.code == -SIGKILL); };
    CHECK(at_calls("kill", stride_of(7), is_killed) > 10);
    CHECK(at_calls("half", stride_of(13), is_killed) >= 1);
}

TEST_CASE("faults: a training whose disk is full says so, and goes on later")
{
    const int faults = at_calls("full", stride_of(11), [](const Result& result, const Folder&) {
        CHECK(result.code == 1);
        CHECK(contains(result.err, "No space left on device"));
        CHECK(line_count(result.err) == 1);
    });
    CHECK(faults > 5);
}

TEST_CASE("faults: a training that gets SIGTERM at a system call saves, and goes on to the same bits")
{
    const int faults = at_calls("term", stride_of(11), [](const Result& result, const Folder& folder) {
        CHECK(result.code == 128 + SIGTERM);
        CHECK(fs::exists(folder / "run/last.safetensors"));
    });
    CHECK(faults > 5);
}

TEST_CASE("faults: a training that is killed again and again goes on to the same bits")
{
    constexpr std::size_t epochs = 60;
    const Undisturbed expected(epochs);
    const std::size_t kills = asked_kills() > 0 ? asked_kills() : 25;
    std::mt19937 random(1);
    std::size_t killed = 0, finished = 0;
    while (killed < kills) {
        const Folder folder;
        for (;;) {
            const Process process(folder, further(folder, epochs));
            std::this_thread::sleep_for(std::chrono::microseconds(random() % 200'000));
            process.send(SIGKILL);
            const int code = process.wait();
            check_readable(folder);
            if (code == 0)
                break;
            REQUIRE(code == -SIGKILL);
            ++killed;
        }
        check_finished(folder, expected, epochs);
        ++finished;
    }
    MESSAGE(killed << " kills in " << finished << " trainings of " << epochs << " epochs");
}
