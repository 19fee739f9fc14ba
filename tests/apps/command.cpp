#ifdef XGRAD_COMMAND

#include "command.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <pty.h>
#include <sstream>

using namespace xgrad;
using namespace xgrad::test;

TEST_CASE("command: help tells verbs, options and an example")
{
    const Result top = call({"--help"});
    CHECK(top.code == 0);
    CHECK(top.err.empty());
    for (const char* verb : {"train", "evaluate", "predict", "summary", "gradcheck", "compare", "graph", "export"}) {
        CAPTURE(verb);
        CHECK(contains(top.out, std::string("  ") + verb));
        const Result one = call({verb, "--help"});
        CHECK(one.code == 0);
        CHECK(contains(one.out, "Example"));
        CHECK(contains(one.out, std::string("  xgrad ") + verb));
    }
    for (const char* option :
         {"--data", "--epochs", "--batch", "--learning-rate", "--seed", "--threads", "--resume", "--log"})
        CHECK(contains(call({"train", "--help"}).out, option));
}

TEST_CASE("command: version")
{
    const Result result = call({"--version"});
    CHECK(result.code == 0);
    CHECK(result.out.starts_with("xgrad 0."));
    for (const char* part : {"\ncompiler: ", "\ninstruction set: ", "baseline", "\nlibraries: xtensor 0.", ", zlib 1."})
        CHECK(contains(result.out, part));
}

TEST_CASE("command: without arguments it shows the help, as an error")
{
    const Result result = call(Words{});
    CHECK(result.code == 2);
    CHECK(result.out.empty());
    CHECK(contains(result.err, "gradcheck"));
}

TEST_CASE("command: wrong usage is one line and exit code 2")
{
    check_error(call({"learn"}), 2, "there is no verb 'learn'; there are: train");
    check_error(call({"train"}), 2, "MODEL");
    check_error(call({"train", "lenet6"}), 2, "lenet6");
    check_error(call({"train", "lenet5", "--speed", "9"}), 2, "--speed");
    check_error(call({"train", "lenet5", "--threads", "0"}), 2, "--threads");
    check_error(call({"train", "lenet5", "--epochs", "0"}), 2, "--epochs: must be a number greater than 0, not 0");
    check_error(call({"train", "lenet5", "--epochs", "some"}), 2, "--epochs");
    check_error(call({"train", "lenet5", "--epochs", "2.5"}), 2, "2.5");
    check_error(call({"train", "lenet5", "--batch", "-4"}), 2, "--batch");
    check_error(call({"train", "lenet5", "--learning-rate", "nan"}), 2, "--learning-rate");
    check_error(call({"train", "lenet5", "--weight-decay", "-1"}), 2, "--weight-decay");
    check_error(call({"train", "lenet5", "--optimizer", "magic"}), 2, "nesterov");
    check_error(call({"train", "lenet5", "--schedule", "magic"}), 2, "cosine");
    check_error(call({"train", "lenet5", "--activation", "magic"}), 2, "relu");
    check_error(call({"train", "mlp", "--connection-table"}), 2, "[mlp]");
    check_error(call({"summary"}), 2, "MODEL");
    check_error(call({"evaluate"}), 2, "CHECKPOINT");
    check_error(call({"predict", "some.safetensors"}), 2, "--index");
    check_error(call({"gradcheck", "magic"}), 2, "matmul");
}

TEST_CASE("command: failures are one line and exit code 1")
{
    check_error(call({"train", "lenet5", "--data", "/nowhere"}), 1, "/nowhere");
    check_error(call({"evaluate", "missing.safetensors"}), 1, "missing.safetensors");
    check_error(call({"train", "lenet5", "--resume"}), 1, "xgrad-runs/lenet5/last.safetensors");
    check_error(call({"train", "lenet5", "--data", data_folder(), "--batch", "201"}), 1, "give 200 or less");
}

TEST_CASE("command: what cannot be written is found before the data are loaded")
{
    check_error(call({"train", "lenet5", "--output", "/dev/null/run", "--data", "/nowhere"}), 1, "/dev/null/run");
    check_error(call({"train", "lenet5", "--log", "no/folder/log", "--data", "/nowhere"}), 1, "no/folder/log");
}

TEST_CASE("command: train prints a line for each epoch, and the result")
{
    const Folder folder;
    const Result result = call(folder, train("mlp", {"--epochs", "3"}));
    CHECK(result.code == 0);
    CHECK(result.err.empty()); // no bar, as this is not a terminal
    CHECK(line_count(result.out) == 2 + 3 + 3);
    CHECK(contains(result.out, "epoch 1/3  loss "));
    CHECK(contains(result.out, "epoch 3/3  loss "));
    CHECK(contains(result.out, " %  "));
    CHECK(contains(result.out, " images/s"));
    CHECK(contains(result.out, "lowest test error "));
    CHECK(contains(result.out, "next: xgrad evaluate xgrad-runs/mlp/best.safetensors"));
    CHECK_FALSE(contains(result.out, "\r"));
    CHECK(std::filesystem::exists(folder / "xgrad-runs/mlp/best.safetensors"));
    CHECK(std::filesystem::exists(folder / "xgrad-runs/mlp/last.safetensors"));
}

TEST_CASE("command: --quiet leaves the result alone")
{
    const Result result = call(train("mlp", {"--epochs", "2", "--quiet"}));
    CHECK(result.code == 0);
    CHECK(line_count(result.out) == 3);
    CHECK(result.out.starts_with("lowest test error "));
}

TEST_CASE("command: --profile writes a trace and prints the costliest ops")
{
    const Folder folder;
    const Result result = call(folder, train("lenet5", {"--epochs", "1", "--quiet", "--profile", "trace.json"}));
    REQUIRE(result.code == 0);
    CHECK(contains(result.out, "GF/s"));
    CHECK(contains(result.out, "convolution_layer"));
    const auto trace = nlohmann::json::parse(contents(folder / "trace.json"));
    CHECK(trace.at("traceEvents").size() > 1000);
    check_error(call({"train", "lenet5", "--data", "/nowhere", "--profile", "no/folder/trace"}), 1, "no/folder/trace");
}

TEST_CASE("command: --log appends an object for each epoch")
{
    const Folder folder;
    for (int run = 0; run < 2; ++run)
        REQUIRE(call(folder, train("mlp", {"--epochs", "2", "--log", "log"})).code == 0);
    std::istringstream lines(contents(folder / "log"));
    std::string line;
    std::vector<int> epochs;
    while (std::getline(lines, line)) {
        const auto object = nlohmann::json::parse(line);
        CHECK(object.size() == 6);
        epochs.push_back(object.at("epoch"));
        CHECK(object.at("train_loss") > 0);
        CHECK(object.at("test_error") > 0);
        CHECK(object.at("test_error") <= 1);
        CHECK(object.at("test_loss") > 0);
        CHECK(object.at("images_per_second") > 0);
        CHECK(object.at("seconds") > 0);
    }
    CHECK(epochs == std::vector{1, 2, 1, 2});
}

TEST_CASE("command: on a terminal a bar is drawn on stderr")
{
    const Folder folder;
    const Words words = train("lenet5", {"--epochs", "8"});
    int terminal = -1;
    winsize size{.ws_row = 24, .ws_col = 100, .ws_xpixel = 0, .ws_ypixel = 0};
    const pid_t child = forkpty(&terminal, nullptr, nullptr, &size);
    REQUIRE(child >= 0);
    if (child == 0) {
        setenv("TERM", "xterm", 1);
        become_command(folder.path(), words);
    }
    std::string shown;
    char buffer[4096];
    for (ssize_t count = 0; (count = read(terminal, buffer, sizeof buffer)) > 0;)
        shown.append(buffer, static_cast<std::size_t>(count));
    close(terminal);
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(status == 0);
    CHECK(contains(shown, "\repoch 1/8 ["));
    CHECK(contains(shown, "loss "));
    CHECK(contains(shown, " left\033[K"));
    CHECK(contains(shown, "\r\033[Kepoch 1/8  loss ")); // taken away before the line
}

TEST_CASE("command: an earlier training's checkpoints are kept")
{
    const Folder folder;
    REQUIRE(call(folder, train("mlp", {"--epochs", "1"})).code == 0);
    const std::string before = contents(folder / "xgrad-runs/mlp/last.safetensors");
    const Result second = call(folder, train("mlp", {"--epochs", "1", "--seed", "2"}));
    CHECK(second.code == 0);
    CHECK(contains(second.err, "previous-"));
    CHECK(contents(folder / "xgrad-runs/mlp/previous-last.safetensors") == before);
    CHECK(contents(folder / "xgrad-runs/mlp/last.safetensors") != before);
}

TEST_CASE("command: the same files on one thread and on two")
{
    std::vector<std::string> files;
    for (const char* threads : {"1", "2"}) {
        const Folder folder;
        REQUIRE(call(folder, train("lenet5", {"--epochs", "2", "--threads", threads})).code == 0);
        files.push_back(contents(folder / best) + contents(folder / "xgrad-runs/lenet5/last.safetensors"));
    }
    CHECK(files[0] == files[1]);
    CHECK(files[0].size() > 4 * 61706);
}

TEST_CASE("command: more threads than cores are a note")
{
    const Result result = call(train("mlp", {"--epochs", "1", "--threads", "500"}));
    CHECK(result.code == 0);
    CHECK(contains(result.err, "note: 500 threads"));
}

TEST_CASE("command: an interrupt saves and stops, and --resume comes to the same file as without one")
{
    const std::string last = "xgrad-runs/lenet5/last.safetensors";
    const Folder whole, parts;
    REQUIRE(call(whole, train("lenet5", {"--epochs", "40"})).code == 0);

    const Process process(parts, train("lenet5", {"--epochs", "40", "--log", "log"}));
    wait_until([&] { return line_count(contents(parts / "log")) >= 2; });
    process.send(SIGINT);
    CHECK(process.wait() == 130);
    const std::string err = contents(parts / "err");
    CHECK(contains(err, "stopped in epoch "));
    CHECK(contains(err, "to continue: xgrad train lenet5 --resume xgrad-runs/lenet5/last.safetensors"));
    CHECK(contents(parts / last) != contents(whole / last));

    const Result rest = call(parts, {"train", "lenet5", "--resume", "--log", "log"});
    CHECK(rest.code == 0);
    CHECK(contains(rest.err, "note: continues in epoch "));
    CHECK(contents(parts / last) == contents(whole / last));
    CHECK(contents(parts / best) == contents(whole / best));
    CHECK(line_count(contents(parts / "log")) == 40);
}

TEST_CASE("command: a second interrupt ends it at once")
{
    using namespace std::chrono_literals;
    int code = 0;
    for (int attempt = 0; attempt < 10 && code != -SIGINT; ++attempt) { // it may be at the end of a batch just now
        const Folder folder;
        const Process process(folder, {"train", "lenet5", "--data", XGRAD_SOURCE_DATA "/mnist-sample", "--batch",
                                       "4000", "--threads", "1", "--log", "log"});
        wait_until([&] { return line_count(contents(folder / "log")) >= 1; });
        process.send(SIGINT);
        std::this_thread::sleep_for(5ms);
        process.send(SIGINT);
        code = process.wait();
    }
    CHECK(code == -SIGINT);
}

TEST_CASE("command: --resume refuses another model, other data and other options")
{
    const Folder& folder = trained();
    check_error(call(folder, {"train", "mlp", "--resume", best}), 1, "of the model lenet5, not mlp");
    check_error(call(folder, {"train", "lenet5", "--resume", best, "--data", XGRAD_SOURCE_DATA "/mnist-sample"}), 1,
                "other data");
    check_error(call(folder, {"train", "lenet5", "--resume", best, "--chunk", "9"}), 1, "chunk 16, not 9");
    check_error(call(folder, {"train", "lenet5", "--resume", best, "--pooling", "mean"}), 1, "'max', not 'mean'");
}

TEST_CASE("command: --resume of a finished training says so")
{
    const Result result = call(trained(), {"train", "lenet5", "--resume"});
    CHECK(result.code == 0);
    CHECK(contains(result.err, "is finished already"));
    CHECK(contains(result.out, "lowest test error "));
}

TEST_CASE("command: a loss that explodes ends with the reason")
{
    const Words exploding = {"--learning-rate", "1e30", "--optimizer", "sgd"};
    const Result plain = call(train("mlp", exploding));
    CHECK(plain.code == 1);
    CHECK(contains(plain.err, "epoch 1, batch 2 of 10"));
    CHECK_FALSE(contains(plain.err, "[matmul]"));
    Words detecting = exploding;
    detecting.push_back("--detect-nan");
    const Result detected = call(train("mlp", detecting));
    CHECK(detected.code == 1);
    CHECK(contains(detected.err, "epoch 1, batch 2 of 10"));
    CHECK(contains(detected.err, "[matmul]"));
}

#endif
