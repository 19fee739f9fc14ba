// The explorer says what the command says.
#ifdef XGRAD_COMMAND

#include "apps/command.hpp"

#include "page.hpp"

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** A page that has the digits of the folder that the command reads. */
void give_digits(Page& page)
{
    const std::string folder = data_folder() + "/";
    const Json files = {{"train_images", page.file(contents(folder + "train-images-idx3-ubyte"))},
                        {"train_labels", page.file(contents(folder + "train-labels-idx1-ubyte"))},
                        {"test_images", page.file(contents(folder + "t10k-images-idx3-ubyte"))},
                        {"test_labels", page.file(contents(folder + "t10k-labels-idx1-ubyte"))}};
    page.ask("data", files);
}

std::string without_spaces(std::string text)
{
    std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
    return text;
}

} // namespace

TEST_CASE("explorer: a planted mistake gets the explanations that xgrad compare prints")
{
    Page page;
    give_digits(page);
    for (const std::string model : {"mlp", "bouvrie", "lenet5"}) {
        const Json mistakes = page.ask("mistakes", {{"model", model}})["mistakes"];
        CHECK(mistakes.size() >= 5);
        for (std::size_t i = 0; i < mistakes.size(); i += model == "mlp" ? 1 : 5) { // some of the slow ones
            const std::string name = mistakes[i]["name"];
            CAPTURE(model);
            CAPTURE(name);
            const Result command = call({"compare", model, "--plant", name, "--data", data_folder()});
            const Json rows = page.ask("plant", {{"model", model}, {"mistake", name}, {"samples", 4}})["rows"];
            std::size_t explained = 0;
            for (const Json& row : rows)
                if (const std::string words = row["explanation"]; !words.empty()) {
                    ++explained;
                    CHECK(contains(without_spaces(command.out), without_spaces(words)));
                }
            CHECK((explained > 0) == (command.code == 1));
        }
    }
}

TEST_CASE("explorer: a training's hash is that of xgrad train --stop-after --hash, which resumes to the same bits")
{
    Page page;
    give_digits(page);
    page.ask("train", {{"model", "bouvrie"}, {"choices", Json::object()}, {"recipe", ""}, {"epochs", 3}, {"seed", 2}});
    const std::string hash = page.ask("step", {{"steps", 5}, {"factor", 1}})["hash"];
    const Folder folder;
    const Words words = {"train", "bouvrie", "--data", data_folder(), "--epochs",
                         "3",     "--seed",  "2",      "--hash",      "--quiet"};
    const auto with = [&](Words more) {
        Words all = words;
        all.insert(all.end(), more.begin(), more.end());
        return call(folder, all);
    };
    const Result at_once = with({"--stop-after", "5", "--output", "a"});
    CHECK(at_once.code == 0);
    CHECK(at_once.out == "weights: " + hash + "\n");
    with({"--stop-after", "3", "--output", "b"});
    const Result resumed =
        call(folder, {"train", "bouvrie", "--resume", "b/last.safetensors", "--stop-after", "5", "--hash", "--quiet"});
    CHECK(contains(resumed.out, "weights: " + hash + "\n"));
    check_error(with({"--stop-after", "0"}), 2, "--stop-after");
}

TEST_CASE("command: explore without an installed page says what to do")
{
    check_error(call({"explore", "--print"}), 1, "./xgrad explore builds and serves it");
}

#endif
