// Files that the command reads: edited ones, and those that are made to do harm.

#include "command.hpp"
#include <xgrad/models/training/checkpoint.hpp>

#include <filesystem>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** The checkpoint of `trained`, changed as other tools of safetensors change one, under a new name. */
std::string edited(const std::string& name, const std::function<void(Checkpoint&)>& edit)
{
    Checkpoint checkpoint = load_checkpoint(trained() / best);
    edit(checkpoint);
    save_checkpoint(trained() / name, checkpoint);
    // The other tool keeps the metadata, and so the old checksum.
    const auto crc_of = [](const std::string& bytes) { return bytes.find("xgrad_crc32\":\"") + 14; };
    const std::string old = contents(trained() / best);
    std::string bytes = contents(trained() / name);
    bytes.replace(crc_of(bytes), 8, old.substr(crc_of(old), 8));
    write(trained() / name, bytes);
    return name;
}

} // namespace

TEST_CASE("command: a checkpoint that was edited is read with --unchecked")
{
    const std::string name = edited("noted.safetensors", [](Checkpoint& all) { all.metadata["note"] = "mine"; });
    const std::string resumed = (trained() / name).string();
    for (const Words& words : {Words{"evaluate", name}, Words{"predict", name, "--index", "0"}, Words{"summary", name},
                               train("lenet5", {"--resume", resumed, "--output", "x"})})
    {
        CAPTURE(words[0]);
        check_error(call(trained(), words), 1, "was changed since it was written");
        Words unchecked = words;
        unchecked.push_back("--unchecked");
        const Result result = call(trained(), unchecked);
        CAPTURE(result.err);
        CHECK(result.code == 0);
    }
}

TEST_CASE("command: evaluate needs no state of an optimizer")
{
    const std::string name = edited("weights.safetensors", [](Checkpoint& all) {
        std::erase_if(all.tensors, [](const auto& entry) { return entry.first.starts_with("optimizer."); });
    });
    const Result result = call(trained(), {"evaluate", name, "--unchecked"});
    CHECK(result.code == 0);
    CHECK(result.out == call(trained(), {"evaluate", best}).out);
}

TEST_CASE("command: summary of a checkpoint is that of its model")
{
    CHECK(call(trained(), {"summary", best}).out == call({"summary", "lenet5"}).out);
    check_error(call(trained(), {"summary", best, "--pooling", "mean"}), 2, "leave --pooling out");
    check_error(call({"summary", "lenet6"}), 2, "lenet6");
}

TEST_CASE("command: control characters of a file do not reach the terminal")
{
    const std::string name =
        edited("clears.safetensors", [](Checkpoint& all) { all.metadata["data"] = "\x1b[2J\x1b]0;owned\x07\n"; });
    const Result result = call(trained(), {"evaluate", name, "--unchecked"});
    CHECK(result.code == 1);
    CHECK(contains(result.err, "the relative path '\\x1b[2J\\x1b]0;owned\\x07\\n'"));
    CHECK(line_count(result.err) == 1);
    CHECK(!contains(result.err, "\x1b"));
    std::filesystem::create_directory_symlink(data_folder(), trained() / "\x1b[2J");
    const std::string folder = edited("folder.safetensors", [](Checkpoint& all) { all.metadata["data"] = "\x1b[2J"; });
    const Result of_folder = call(trained(), {"evaluate", folder, "--unchecked"});
    CHECK(of_folder.code == 0);
    CHECK(contains(of_folder.out, "lenet5 on \\x1b[2J: "));
}

TEST_CASE("command: a data set of a name is not the folder of that name, and it is said")
{
    const Folder folder;
    std::filesystem::create_directory_symlink(data_folder(), folder / "mnist-sample");
    const Result named = call(folder, {"evaluate", (trained() / best).string(), "--data", "mnist-sample"});
    CHECK(contains(named.out, "of 1,000 test images"));
    CHECK(contains(named.err, "note: mnist-sample is the data set of that name; the folder mnist-sample is --data "
                              "./mnist-sample"));
    const Result here = call(folder, {"evaluate", (trained() / best).string(), "--data", "./mnist-sample"});
    CHECK(contains(here.out, "of 40 test images"));
    CHECK(here.err.empty());
}

TEST_CASE("command: a comment or blanks without an end in an image are refused")
{
    for (const std::string endless : {"P2 #", "P5 1 ", "P5 0"}) {
        CAPTURE(endless);
        write(trained() / "bad.pgm", endless + std::string(3u << 20, endless.back() == '#' ? 'x' : endless.back()));
        check_error(call(trained(), {"predict", best, "bad.pgm"}), 1, "without an end");
    }
    // Comments and blanks of a usual file do not count, however many there are.
    std::string image = "P2\n# drawn\n28 28 # at a time\n255\n";
    for (int i = 0; i < 784; ++i)
        image += "      0\n";
    write(trained() / "good.pgm", image);
    CHECK(call(trained(), {"predict", best, "good.pgm"}).code == 0);
}
