// The files of a training: folders, names, checkpoints that it continues, its log.
#ifdef XGRAD_COMMAND

#include "command.hpp"
#include <xgrad/models/training/checkpoint.hpp>

#include <nlohmann/json.hpp>

#include <set>
#include <sstream>

using namespace xgrad;
using namespace xgrad::test;
namespace fs = std::filesystem;

namespace
{

std::string last_of(const Folder& folder, const std::string& run = "xgrad-runs/mlp")
{
    return contents(folder / (run + "/last.safetensors"));
}

std::vector<int> logged_epochs(const std::string& log)
{
    std::istringstream lines(log);
    std::vector<int> epochs;
    for (std::string line; std::getline(lines, line);)
        epochs.push_back(nlohmann::json::parse(line).at("epoch"));
    return epochs;
}

std::string last_line(const std::string& text)
{
    const std::string whole = text.substr(0, text.size() - 1);
    return whole.substr(whole.rfind('\n') + 1);
}

} // namespace

TEST_CASE("command: data whose name cannot be recorded are refused before they are learned")
{
    const Folder folder;
    fs::copy(data_folder(), folder / "latin\xe9");
    const Result result =
        call(folder, {"train", "mlp", "--data", "latin\xe9", "--batch", "20", "--epochs", "1", "--output", "run"});
    check_error(result, 1, "'latin\\xe9' is not UTF-8");
    CHECK(fs::is_empty(folder / "run"));
}

TEST_CASE("command: a third training in a folder keeps the files of both before it")
{
    const Folder folder;
    std::set<std::string> written, kept;
    for (const char* seed : {"1", "2", "3"}) {
        const Result result = call(folder, train("mlp", {"--epochs", "1", "--seed", seed, "--output", "runs"}));
        REQUIRE(result.code == 0);
        CHECK(contains(result.err, "note: checkpoints of another training in runs are now called previous-") ==
              (*seed != '1'));
        written.insert(last_of(folder, "runs"));
        CHECK(last_line(result.out) == "next: xgrad evaluate runs/best.safetensors");
    }
    for (const char* name : {"last", "previous-last", "previous-2-last"})
        kept.insert(contents(folder / ("runs/" + std::string(name) + ".safetensors")));
    CHECK(kept == written);
}

TEST_CASE("command: two trainings in one folder at once, and the second is refused")
{
    const Folder folder;
    const Process first(folder, train("mlp", {"--epochs", "100000", "--log", "log"}));
    wait_until([&] { return line_count(contents(folder / "log")) >= 1; });
    const Folder other; // its own out and err
    for (const Words& more : {Words{}, Words{"--seed", "2"}, Words{"--resume"}}) {
        Words words = train("mlp", more);
        words.insert(words.end(), {"--output", (folder / "xgrad-runs/mlp").string()});
        check_error(call(other, words), 1, "another training writes its checkpoints to the folder");
    }
    first.send(SIGKILL);
    CHECK(first.wait() == -SIGKILL);
    const Process second(folder, {"train", "mlp", "--resume"});
    wait_until([&] { return contains(contents(folder / "err"), "note: continues in epoch "); });
    second.send(SIGINT);
    CHECK(second.wait() == 130);
}

TEST_CASE("command: variants are trained in one folder by one process")
{
    const Folder folder;
    const Process first(folder, {"train", "variants", "--data", data_folder(), "--epochs", "100000", "--log", "log"});
    wait_until([&] { return line_count(contents(folder / "log")) >= 1; });
    const Folder other;
    check_error(call(other, {"train", "variants", "--data", data_folder(), "--output",
                             (folder / "xgrad-runs/variants").string()}),
                1, "another training");
    first.send(SIGINT);
    CHECK(first.wait() == 130);
    const std::string hint = contents(folder / "err");
    CHECK(contains(hint, "to continue: xgrad train variants --resume xgrad-runs/variants/convolution/last.safetensors "
                         "--log log"));
    const Process second(
        folder, {"train", "variants", "--resume", "xgrad-runs/variants/convolution/last.safetensors", "--log", "log"});
    const auto before = line_count(contents(folder / "log"));
    wait_until([&] { return line_count(contents(folder / "log")) > before; });
    second.send(SIGINT);
    CHECK(second.wait() == 130);
    CHECK(contains(contents(folder / "err"), "note: continues in epoch "));
}

TEST_CASE("command: a checkpoint by its bare name is continued in its folder")
{
    const Folder folder;
    REQUIRE(call(folder, train("mlp", {"--epochs", "1", "--output", "."})).code == 0);
    const Result result = call(folder, {"train", "mlp", "--resume", "last.safetensors", "--epochs", "2"});
    CHECK(result.code == 0);
    CHECK_FALSE(fs::exists(folder / "xgrad-runs"));
    CHECK(load_checkpoint(folder / "last.safetensors").metadata.at("position.epoch") == "2");
}

TEST_CASE("command: a training goes on with more epochs than were asked for at first")
{
    const Folder folder;
    REQUIRE(call(folder, train("mlp", {"--epochs", "1"})).code == 0);
    const Result result = call(folder, {"train", "mlp", "--resume", "--epochs", "3"});
    CHECK(result.code == 0);
    CHECK(contains(result.out, "epoch 3/3"));
    CHECK(contains(result.err, "note: 3 epochs, no longer 1: the learning rate follows its schedule for 3"));
    CHECK_FALSE(contains(result.err, "previous-"));
    check_error(call(folder, {"train", "mlp", "--resume", "--epochs", "2"}), 1, "give 3 or more");
}

TEST_CASE("command: a resumed training takes no other training's files for its own")
{
    const Folder folder;
    for (const char* run : {"a", "b"})
        REQUIRE(
            call(folder, train("mlp", {"--epochs", "1", "--seed", *run == 'a' ? "1" : "2", "--output", run})).code ==
            0);
    const std::string of_b = last_of(folder, "b");
    const Result result =
        call(folder, {"train", "mlp", "--resume", "a/last.safetensors", "--output", "b", "--epochs", "2"});
    CHECK(result.code == 0);
    CHECK(contains(result.err, "are now called previous-best.safetensors and previous-last.safetensors"));
    CHECK(contents(folder / "b/previous-last.safetensors") == of_b);

    const Result previous = call(folder, {"train", "mlp", "--resume", "b/previous-last.safetensors"});
    CHECK(previous.code == 0);
    CHECK(last_line(previous.out) == "next: xgrad evaluate b/previous-best.safetensors");
}

TEST_CASE("command: data in a relative folder are named with the checkpoint that names them")
{
    const Folder folder, other;
    fs::copy(data_folder(), folder / "tiny");
    REQUIRE(call(folder, {"train", "mlp", "--data", "tiny", "--batch", "20", "--epochs", "1", "--output", "."}).code ==
            0);
    const std::string checkpoint = (folder / "last.safetensors").string();
    const std::string reason = checkpoint + " names the relative path 'tiny'";
    check_error(call(other, {"evaluate", checkpoint}), 1, reason);
    check_error(call(other, {"predict", checkpoint, "--index", "0"}), 1, reason);
    check_error(call(other, {"train", "mlp", "--resume", checkpoint, "--epochs", "2"}), 1, reason);
    CHECK(call(other, {"evaluate", checkpoint, "--data", data_folder()}).code == 0);
    CHECK(call(folder, {"evaluate", checkpoint}).code == 0);
}

TEST_CASE("command: half a line at the end of the log is cut off")
{
    const Folder folder;
    const std::string whole = R"({"epoch":7,"train_loss":1})";
    for (const std::string& half : {std::string("{"), std::string(R"({"epo)"), whole.substr(0, 20)}) {
        test::write(folder / "log", whole + "\n" + half);
        REQUIRE(call(folder, train("mlp", {"--epochs", "1", "--log", "log"})).code == 0);
        CHECK(logged_epochs(contents(folder / "log")) == std::vector{7, 1});
    }
    for (const std::string& other : {whole, std::string("my notes"), std::string(R"({"epochs":4)")}) {
        test::write(folder / "log", other);
        REQUIRE(call(folder, train("mlp", {"--epochs", "1", "--log", "log"})).code == 0);
        CHECK(contents(folder / "log").starts_with(other + "\n{\"epoch\":1,"));
    }
}

TEST_CASE("command: lines of epochs that are repeated after a crash are not written again")
{
    const Folder whole, folder;
    REQUIRE(call(whole, train("mlp", {"--epochs", "3", "--log", "log"})).code == 0);
    const std::string log = contents(whole / "log");
    const std::string first = log.substr(0, log.find('\n') + 1);

    test::write(folder / "log", "earlier\n" + first); // killed before its first checkpoint
    REQUIRE(call(folder, train("mlp", {"--epochs", "3", "--log", "log"})).code == 0);
    CHECK(logged_epochs(contents(folder / "log").substr(8)) == std::vector{1, 2, 3});
    CHECK(contents(folder / "log").starts_with("earlier\n" + first));

    // The best epoch is continued, with the lines after it there; then with more epochs, which have other losses.
    const std::string best = "xgrad-runs/mlp/best.safetensors";
    const int done = std::stoi(load_checkpoint(whole / best).metadata.at("position.epoch"));
    REQUIRE(call(whole, {"train", "mlp", "--resume", best, "--log", "log"}).code == 0);
    CHECK(contents(whole / "log") == log);
    REQUIRE(call(whole, {"train", "mlp", "--resume", "--epochs", "5", "--log", "log"}).code == 0);
    CHECK(logged_epochs(contents(whole / "log")) == std::vector{1, 2, 3, 4, 5});
    CHECK(done <= 3);

    // Another training's line is none of its own.
    REQUIRE(call(folder, train("mlp", {"--epochs", "1", "--seed", "5", "--output", "new", "--log", "log2"})).code == 0);
    REQUIRE(call(folder, train("mlp", {"--epochs", "1", "--seed", "6", "--output", "newer", "--log", "log2"})).code ==
            0);
    CHECK(logged_epochs(contents(folder / "log2")) == std::vector{1, 1});
}

TEST_CASE("command: a log may be a device")
{
    CHECK(call(train("mlp", {"--epochs", "1", "--log", "/dev/null"})).code == 0);
    check_error(call(train("mlp", {"--epochs", "1", "--log", "/dev/full", "--quiet"})), 1,
                "[log] /dev/full cannot be written");
}

#endif
