// Signals and limits of the system while a training runs.
#ifdef XGRAD_COMMAND

#include "command.hpp"
#include <xgrad/models/training/checkpoint.hpp>

#include <pty.h>
#include <sys/resource.h>
#include <sys/stat.h>

using namespace xgrad;
using namespace xgrad::test;
namespace fs = std::filesystem;

namespace
{

const char* const last = "xgrad-runs/mlp/last.safetensors";

std::string position(const Folder& folder) { return load_checkpoint(folder / last).metadata.at("position.epoch"); }

Words endless() { return train("mlp", {"--epochs", "100000", "--log", "log"}); }

void wait_for_lines(const Folder& folder, std::ptrdiff_t count)
{
    wait_until([&] { return line_count(contents(folder / "log")) >= count; });
}

void limit_files(rlim_t bytes)
{
    const rlimit limit{bytes, bytes};
    setrlimit(RLIMIT_FSIZE, &limit);
}

} // namespace

TEST_CASE("command: every signal that asks for the end saves, and says how to go on")
{
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ, SIGXCPU}) {
        CAPTURE(number);
        const Folder folder;
        const Process process(folder, endless());
        wait_for_lines(folder, 1);
        process.send(number);
        CHECK(process.wait() == 128 + number);
        CHECK(contains(contents(folder / "err"), "to continue: xgrad train mlp --resume " + std::string(last)));
        CHECK(std::stoi(position(folder)) >= 1);
        CHECK_FALSE(fs::exists(folder / "xgrad-runs/mlp/.lock"));
    }
}

TEST_CASE("command: a signal before the first step saves too")
{
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGXFSZ}) {
        CAPTURE(number);
        const Folder folder;
        REQUIRE(mkfifo((folder / "log").c_str(), 0600) == 0);
        const Process process(folder, endless()); // it waits for a reader of its log
        wait_until([&] { return fs::exists(folder / "xgrad-runs/mlp/.lock"); });
        process.send(number);
        process.send(number == SIGINT ? 0 : number); // twice, as when a shell and a terminal end together
        const int reader = open((folder / "log").c_str(), O_RDONLY);
        CHECK(process.wait() == 128 + number);
        close(reader);
        CHECK(position(folder) == "0");
        CHECK(contains(contents(folder / "err"), "stopped in epoch 1 of 100000, after batch 0 of 10"));
    }
}

TEST_CASE("command: a terminal that is closed leaves a checkpoint")
{
    const Folder folder;
    int terminal = -1;
    const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
    REQUIRE(child >= 0);
    if (child == 0) {
        setenv("TERM", "xterm", 1);
        become_command(folder.path(), endless());
    }
    wait_for_lines(folder, 1);
    close(terminal);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 128 + SIGHUP);
    CHECK(std::stoi(position(folder)) >= 1);
}

TEST_CASE("command: what nohup ignores stays ignored")
{
    const Folder folder;
    const Process process(folder, endless(), [] { std::signal(SIGHUP, SIG_IGN); });
    wait_for_lines(folder, 1);
    process.send(SIGHUP);
    wait_for_lines(folder, line_count(contents(folder / "log")) + 2);
    process.send(SIGTERM);
    CHECK(process.wait() == 128 + SIGTERM);
}

TEST_CASE("command: a limit on the size of files is an error before the first step")
{
    const Folder folder;
    const Result result = call(folder, train("mlp", {"--epochs", "2"}), [] { limit_files(100000); });
    check_error(result, 1, "File too large");
    CHECK(fs::is_empty(folder / "xgrad-runs/mlp"));
}

TEST_CASE("command: a checkpoint that does not fit is an error, and the old one stays whole")
{
    const Folder folder;
    REQUIRE(call(folder, train("mlp", {"--epochs", "1"})).code == 0);
    const std::string before = contents(folder / last);
    const Result result = call(folder, {"train", "mlp", "--resume", "--epochs", "2"},
                               [&] { limit_files(static_cast<rlim_t>(before.size()) - 1); });
    CHECK(result.code == 1);
    CHECK(contains(result.err, "File too large"));
    CHECK(contents(folder / last) == before);
    CHECK(std::distance(fs::directory_iterator(folder / "xgrad-runs/mlp"), fs::directory_iterator()) == 2);
}

TEST_CASE("command: a log that does not fit is an error without half a line")
{
    const Folder folder;
    test::write(folder / "log", std::string(5000000, '\n'));
    const Result result = call(folder, train("mlp", {"--epochs", "2", "--log", "log"}), [] { limit_files(5000050); });
    CHECK(result.code == 1);
    CHECK(contains(result.err, "[log] log cannot be written: File too large"));
    CHECK(fs::file_size(folder / "log") == 5000000);
}

TEST_CASE("command: a result that cannot be printed is an error")
{
    const Folder folder;
    const Result result =
        call(folder, train("mlp", {"--epochs", "1"}), [] { dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO); });
    CHECK(result.code == 1);
    CHECK(contains(result.err, "cannot be written"));
    CHECK(fs::exists(folder / last));
}

#endif
