// What the command prints arrives, or the command fails.
#ifdef XGRAD_COMMAND

#include "command.hpp"
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/training/checkpoint.hpp>

#include <cmath>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** The result of a line of the shell, in which "$X" is the command. */
Result shell(const Folder& folder, const std::string& line)
{
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        setenv("X", XGRAD_COMMAND, 1);
        if (chdir(folder.path().c_str()) == 0)
            execl("/bin/bash", "bash", "-c", ("{ " + line + "\n} >out 2>err").c_str(), nullptr);
        _exit(99);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), contents(folder / "out"),
            contents(folder / "err")};
}

/** A line of the shell for each verb, and for what prints only text. */
std::vector<std::string> printing()
{
    const std::string data = " --data '" + data_folder() + "'", checkpoint = (trained() / best).string();
    return {"$X --help",
            "$X --version",
            "$X help",
            "$X train --help",
            "$X summary lenet5",
            "$X gradcheck matmul",
            "$X graph mlp",
            "$X compare mlp" + data,
            "$X evaluate '" + checkpoint + "'" + data,
            "$X predict '" + checkpoint + "' --index 0" + data,
            "$X train mlp --batch 20 --epochs 1 --quiet" + data};
}

} // namespace

TEST_CASE("command: a full disk behind stdout is an error, for every verb")
{
    const Folder folder;
    for (const std::string& line : printing()) {
        CAPTURE(line);
        const Result result = shell(folder, line + " >/dev/full");
        CHECK(result.code == 1);
        CHECK(contains(result.err, "No space left on device") != contains(result.err, "is the disk full?"));
    }
}

TEST_CASE("command: a closed stdout is an error, for every verb that prints")
{
    const Folder folder;
    for (const std::string& line : printing()) {
        CAPTURE(line);
        const Result result = shell(folder, line + " >&-");
        CHECK(result.code == 1);
        CHECK(line_count(result.err) >= 1);
    }
    CHECK(shell(folder, "$X graph mlp --output graph.txt >&-").code == 0);
}

TEST_CASE("command: no file is opened as a standard stream that was closed")
{
    const Folder folder;
    CHECK(shell(folder, "$X graph mlp --output graph.txt <&- >&- 2>&-").code == 0);
    CHECK(contents(folder / "graph.txt") == call({"graph", "mlp"}).out);
    const std::string train = "$X train mlp --batch 20 --epochs 2 --log log --data '" + data_folder() + "' --output ";
    CHECK(shell(folder, train + "run 2>&- >/dev/null <&-").code == 0);
    CHECK(line_count(contents(folder / "log")) == 2);
    CHECK(shell(folder, "$X evaluate missing <&- 2>&-").code == 1); // a message with nowhere to go
    CHECK(shell(folder, "$X trian 2>/dev/full").code == 2);
}

TEST_CASE("command: a reader that leaves ends it quietly")
{
    for (const std::string& line : printing()) {
        CAPTURE(line);
        for (const char* before : {"", "trap '' PIPE; "}) { // the second ignores the signal
            const Folder folder;
            CHECK(shell(folder, before + line + " | true").err.empty());
        }
    }
}

TEST_CASE("command: a message has one line and no control characters, whatever the names are")
{
    check_error(call({"evaluate", "a\nb\x1b[31m ü"}), 1, "a b\\x1b[31m ü");
    check_error(call({"train", "lenet5", "--data", "/no\nwhere"}), 1, "/no");
}

TEST_CASE("command: a checkpoint with NaN or infinity is an error that names the tensor")
{
    const Folder folder;
    Classifier classifier = make_classifier("mlp", 1);
    Checkpoint checkpoint;
    store(classifier, checkpoint);
    for (const float bad : {NAN, INFINITY}) {
        const std::string name = std::isnan(bad) ? "NaN" : "infinity";
        CAPTURE(name);
        checkpoint.tensors.at("layer2.bias").data()[3] = bad;
        save_checkpoint(folder / "bad.safetensors", checkpoint);
        for (const Words& words : {Words{"evaluate", "bad.safetensors", "--data", data_folder()},
                                   Words{"predict", "bad.safetensors", "--index", "0", "--data", data_folder()}})
            check_error(call(folder, words), 1,
                        "bad.safetensors: the tensor 'layer2.bias' has " + name + " at flat index 3");
    }
}

#endif
