// Options of train: validation, early stopping, clipping, accumulation, averages, schedules.
#ifdef XGRAD_COMMAND

#include "command.hpp"
#include <xgrad/models/training/checkpoint.hpp>

#include <nlohmann/json.hpp>

#include <set>
#include <sstream>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

const std::string last = "xgrad-runs/mlp/last.safetensors";

/** The part of a text from a word to the end of its line; empty if it is not there. */
std::string line_from(const std::string& text, const std::string& word)
{
    const std::size_t begin = text.find(word);
    return begin == std::string::npos ? "" : text.substr(begin, text.find('\n', begin) - begin);
}

} // namespace

TEST_CASE("command: without validation images the result says that the test images chose it")
{
    const Result result = call(train("mlp", {"--epochs", "2", "--quiet"}));
    CHECK(result.code == 0);
    CHECK(contains(line_from(result.out, "lowest test error "), ", chosen on the test images), last "));
}

TEST_CASE("command: --validation holds out images, and the test images are read at the end")
{
    const Folder folder;
    const Result result = call(folder, train("mlp", {"--epochs", "3", "--validation", "50", "--log", "log"}));
    CHECK(result.code == 0);
    CHECK(contains(result.out, "150 training, 50 validation and 40 test images"));
    CHECK(contains(line_from(result.out, "epoch 2/3"), "  validation error "));
    CHECK(contains(result.out, "\nlowest validation error "));
    CHECK_FALSE(contains(result.out, "chosen on the test images"));
    CHECK(line_count(result.out) == 2 + 3 + 4);
    const std::string error = line_from(result.out, "test error of the checkpoint ").substr(29);
    CHECK(contains(call(folder, {"evaluate", "xgrad-runs/mlp/best.safetensors"}).out, "test error " + error));
    std::istringstream lines(contents(folder / "log"));
    for (std::string line; std::getline(lines, line);) {
        const auto object = nlohmann::json::parse(line);
        CHECK(object.contains("validation_error"));
        CHECK_FALSE(object.contains("test_error"));
    }
    check_error(call(folder, {"train", "mlp", "--resume", "--validation", "40"}), 1, "validation 50, not 40");
    const Result longer = call(folder, {"train", "mlp", "--resume", "--epochs", "4", "--log", "log"});
    CHECK(longer.code == 0);
    CHECK(contains(longer.out, "150 training, 50 validation"));
    CHECK(line_count(contents(folder / "log")) == 4);
}

TEST_CASE("command: --early-stopping holds out a twelfth, ends early, and goes on with more patience")
{
    const Folder folder;
    const Words words = {"--epochs", "50", "--early-stopping", "--patience", "2", "--lr", "1e-20"};
    const Result result = call(folder, train("mlp", words));
    CHECK(result.code == 0);
    CHECK(contains(result.out, "184 training, 16 validation and 40 test images"));
    CHECK(contains(result.out, "ends after 2 epochs without a smaller validation error"));
    CHECK(contains(result.out, "\nended early: no validation error was smaller for 2 epochs\n"));
    CHECK(contains(result.out, "(epoch 1), last "));
    CHECK(load_checkpoint(folder / last).metadata.at("position.epoch") == "3");
    CHECK(contains(call(folder, {"train", "mlp", "--resume"}).err, "has ended early; --patience with a larger number"));
    const Result more = call(folder, {"train", "mlp", "--resume", "--patience", "4"});
    CHECK(more.code == 0);
    CHECK(load_checkpoint(folder / last).metadata.at("position.epoch") == "5");
    CHECK_FALSE(contains(more.err, "previous-"));
}

TEST_CASE("command: clipped, accumulated and averaged, it is told and goes on to the same bits")
{
    const Folder whole, parts;
    const Words words = {"--epochs",
                         "3",
                         "--batch",
                         "30",
                         "--accumulate",
                         "3",
                         "--clip-norm",
                         "1",
                         "--clip-value",
                         "0.5",
                         "--ema",
                         "0.9",
                         "--warmup",
                         "0.5",
                         "--optimizer",
                         "amsgrad",
                         "--schedule",
                         "polynomial",
                         "--schedule-power",
                         "3",
                         "--schedule-floor",
                         "0.1",
                         "--drop-last",
                         "--lr",
                         "0.001"};
    const auto run = [&](const Words& more) {
        Words all = {"train", "mlp", "--data", data_folder()};
        all.insert(all.end(), words.begin(), words.end());
        all.insert(all.end(), more.begin(), more.end());
        return all;
    };
    const Result result = call(whole, run({}));
    REQUIRE(result.code == 0);
    CHECK(contains(result.out, "(polynomial after 0.5 epochs of warm-up)"));
    CHECK(contains(result.out, "a step for 3 batches, gradients cut at 0.5, gradients of norm 1 at most, weights "
                               "averaged with decay 0.9, no smaller last batch\n"));
    const Process process(parts, run({"--log", "log"}));
    wait_until([&] { return line_count(contents(parts / "log")) >= 1; });
    process.send(SIGINT);
    const int code = process.wait();
    CHECK((code == 130 || code == 0)); // it may be faster than the signal
    const Result rest = call(parts, {"train", "mlp", "--resume", "--log", "log"});
    CHECK(rest.code == 0);
    CHECK(contents(parts / last) == contents(whole / last));
    CHECK(contents(parts / "xgrad-runs/mlp/best.safetensors") == contents(whole / "xgrad-runs/mlp/best.safetensors"));
    const auto tensors = load_checkpoint(whole / last).tensors;
    CHECK(tensors.contains("unaveraged.layer1.weight"));
    CHECK(tensors.contains("optimizer.largest_square.layer1.weight"));
}

TEST_CASE("command: options that make no sense together are wrong usage")
{
    const auto refused = [](const Words& words, const std::string& part) {
        Words all = {"train", "mlp"};
        all.insert(all.end(), words.begin(), words.end());
        check_error(call(all), 2, part);
    };
    refused({"--patience", "3"}, "--patience says when --early-stopping ends the training: give both");
    refused({"--early-stopping", "--validation", "0"}, "--early-stopping needs validation images");
    refused({"--schedule-power", "3"}, "[schedule] 'cosine' has no power: it is for polynomial");
    refused({"--schedule", "linear", "--schedule-factor", "0.5"}, "'linear' has no factor: it is for step");
    refused({"--schedule-patience", "3"}, "'cosine' has no patience: it is for plateau");
    refused({"--schedule", "polynomail"}, "did you mean 'polynomial'?");
    refused({"--optimizer", "lions"}, "did you mean 'lion'?");
    refused({"--clip-nrom", "1"}, "did you mean --clip-norm?");
    refused({"--early-stoping"}, "did you mean --early-stopping?");
    for (const char* option : {"--clip-norm", "--clip-value", "--accumulate", "--patience", "--schedule-power"})
        refused({option, "0"}, std::string(option) + ": must be a number greater than 0");
    for (const char* option : {"--ema", "--schedule-floor"})
        for (const char* number : {"1", "0.99999999999", "-0.1", "nan"})
            refused({option, number}, std::string(option) + ": must be a number of at least 0 and less than 1");
    refused({"--validation", "1.5"}, "--validation: must be a whole number");
    check_error(call(train("mlp", {"--validation", "200"})), 1, "200 images are held out of 200");
    check_error(call(train("mlp", {"--validation", "190"})), 1, "besides those that are held out: give 10 or less");
}

TEST_CASE("command: variants with validation images end with their test errors")
{
    const Folder folder;
    const Result result = call(folder, {"train", "variants", "--data", data_folder(), "--epochs", "1", "--batch", "50",
                                        "--quiet", "--validation", "40"});
    REQUIRE(result.code == 0);
    CHECK(contains(result.out, " test error at the lowest validation error\n"));
}

TEST_CASE("command: the page on the command has every option of train, and the help has every option of the page")
{
    const std::string help = call({"train", "--help"}).out, page = contents(XGRAD_SOURCE_DATA "/../docs/command.md");
    const auto options_in = [](const std::string& text) {
        std::set<std::string> found;
        for (std::size_t at = text.find("--"); at != std::string::npos; at = text.find("--", at + 2)) {
            const std::size_t end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz-", at);
            if (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '`' || text[at - 1] == ',') && end > at + 2)
                found.insert(text.substr(at, end - at));
        }
        return found;
    };
    const std::size_t begin = page.find("## train"), end = page.find("## evaluate");
    REQUIRE(begin != std::string::npos);
    const std::set<std::string> shown = options_in(page.substr(begin, end - begin));
    const std::set<std::string> of_models = options_in(help.substr(help.find("Options of the models")));
    for (const std::string& option : options_in(help.substr(0, help.find("Options of the models")))) {
        CAPTURE(option);
        CHECK((shown.contains(option) || option == "--help" || of_models.contains(option)));
    }
    const std::set<std::string> all = options_in(help);
    for (const std::string& option : shown) {
        CAPTURE(option);
        CHECK(all.contains(option));
    }
}

#endif
