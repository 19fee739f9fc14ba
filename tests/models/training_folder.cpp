// Whose files lie in the folder of a training, and what becomes of them.
#include "files.hpp"
#include "training.hpp"
#include <xgrad/base/file.hpp>
#include <xgrad/models/training/folder.hpp>

#include <doctest/doctest.h>

#include <set>

using namespace xgrad;
using namespace xgrad::test;
namespace fs = std::filesystem;

namespace
{

TrainingOptions with_seed(std::uint64_t seed)
{
    TrainingOptions options = few_steps;
    options.seed = seed;
    return options;
}

/** Trains in a folder. @return  the file of the best epoch */
fs::path train_in(const Folder& folder, std::uint64_t seed)
{
    Training training = make_training("mlp", with_seed(seed));
    const TrainingFolder files(folder.path());
    run(training, {.folder = files});
    return files.best();
}

/** Continues a file in its folder, or in another one. @return  the file of the best epoch */
fs::path continue_in(const Folder& folder, const fs::path& resumed, std::size_t epochs, std::uint64_t seed)
{
    TrainingOptions options = with_seed(seed);
    options.epochs = epochs;
    Training training = make_training("mlp", options);
    training.resume(load_checkpoint(resumed));
    const TrainingFolder files(folder.path());
    run(training, {.folder = files, .resumed_from = resumed});
    return files.best();
}

std::set<std::string> names(const Folder& folder)
{
    std::set<std::string> all;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder.path()))
        all.insert(entry.path().filename().string());
    return all;
}

/** The options of a training of six epochs whose best epoch is not the last one, on any instruction set. */
TrainingOptions best_before_last()
{
    TrainingOptions options = few_steps;
    options.epochs = 6;
    options.learning_rate = 0.5;
    for (options.seed = 1; options.seed < 50; ++options.seed) {
        Training training = make_training("mlp", options);
        run(training, {});
        if (training.best()->epoch < training.last()->epoch)
            break;
    }
    return options;
}

std::string of(const Folder& folder, const std::string& name) { return test::contents(folder / name); }

const std::set<std::string> pair_of_files = {last_checkpoint, best_checkpoint};

} // namespace

TEST_CASE("training folder: each training's files stay, however many come after it")
{
    const Folder folder;
    std::vector<std::string> lasts, bests;
    for (const std::uint64_t seed : {1u, 2u, 3u, 4u}) {
        train_in(folder, seed);
        lasts.push_back(of(folder, last_checkpoint));
        bests.push_back(of(folder, best_checkpoint));
    }
    CHECK(folder.count() == 8);
    const std::vector<std::string> before = {"previous-", "previous-2-", "previous-3-", ""};
    for (std::size_t i = 0; i < before.size(); ++i) {
        CHECK(of(folder, before[i] + last_checkpoint) == lasts[i]);
        CHECK(of(folder, before[i] + best_checkpoint) == bests[i]);
    }
}

TEST_CASE("training folder: run tells the new names, before the first checkpoint is written")
{
    const Folder folder;
    test::write(folder / last_checkpoint, "whatever it is");
    Training training = make_training("mlp");
    std::vector<fs::path> told;
    run(training, {.folder = folder.path(), .on_kept = [&](const auto& kept) { told = kept; }});
    CHECK(told == std::vector{folder / "previous-last.safetensors"});
    CHECK(of(folder, "previous-last.safetensors") == "whatever it is");
}

TEST_CASE("training folder: a training that fails at its first step has changed nothing")
{
    const Folder folder;
    train_in(folder, 1);
    const std::string last = of(folder, last_checkpoint), best = of(folder, best_checkpoint);
    TrainingOptions options = few_steps;
    options.learning_rate = 1e30;
    options.optimizer = "sgd";
    Training training = make_training("mlp", options);
    CHECK_THROWS_AS(run(training, {.folder = folder.path()}), NumericalError);
    CHECK(names(folder) == pair_of_files);
    CHECK(of(folder, last_checkpoint) == last);
    CHECK(of(folder, best_checkpoint) == best);
}

TEST_CASE("training folder: the file that a training continues is its own, and its best one too")
{
    const Folder folder;
    train_in(folder, 1);
    CHECK(continue_in(folder, folder / last_checkpoint, 3, 1) == folder / best_checkpoint);
    CHECK(names(folder) == pair_of_files);
}

TEST_CASE("training folder: a training that continues the best epoch keeps the last one, with its best one")
{
    const Folder folder;
    TrainingOptions options = best_before_last();
    Training training = make_training("mlp", options);
    run(training, {.folder = folder.path()});
    REQUIRE(training.best()->epoch < training.last()->epoch);
    const std::string last = of(folder, last_checkpoint), best = of(folder, best_checkpoint);

    options.epochs = training.best()->epoch + 1;
    Training second = make_training("mlp", options);
    second.resume(load_checkpoint(folder / best_checkpoint));
    run(second, {.folder = folder.path(), .resumed_from = folder / best_checkpoint});
    CHECK(of(folder, "previous-last.safetensors") == last);
    CHECK(of(folder, "previous-best.safetensors") == best);
    CHECK(of(folder, last_checkpoint) != last);
    CHECK(folder.count() == 4);
}

TEST_CASE("training folder: a training under a previous name is continued with its own best epoch")
{
    const Folder folder;
    train_in(folder, 1);
    const std::string best = of(folder, best_checkpoint);
    train_in(folder, 2);
    const std::string newer = of(folder, best_checkpoint);
    REQUIRE(best != newer);
    const fs::path previous = folder / "previous-last.safetensors";
    SUBCASE("which is finished: nothing changes, and its best one is found")
    {
        CHECK(continue_in(folder, previous, 2, 1) == folder / "previous-best.safetensors");
        CHECK(folder.count() == 4);
        CHECK(of(folder, best_checkpoint) == newer);
    }
    SUBCASE("which goes on: the newer training's files get the next name")
    {
        const std::string before = of(folder, "previous-last.safetensors");
        CHECK(continue_in(folder, previous, 3, 1) == folder / best_checkpoint);
        CHECK(of(folder, "previous-2-best.safetensors") == newer);
        CHECK(of(folder, "previous-last.safetensors") == before);
        CHECK(load_checkpoint(folder / best_checkpoint).metadata.at("training.seed") == "1");
        CHECK(folder.count() == 6);
    }
}

TEST_CASE("training folder: a training that moves to another folder takes its best epoch along")
{
    const Folder first, second;
    TrainingOptions options = best_before_last();
    Training training = make_training("mlp", options);
    run(training, {.folder = first.path()});
    REQUIRE(training.best()->epoch < training.last()->epoch);
    const std::string best = of(first, best_checkpoint);

    train_in(second, 2);
    options.epochs = 7;
    Training further = make_training("mlp", options);
    further.resume(load_checkpoint(first / last_checkpoint));
    run(further, {.folder = second.path(), .resumed_from = first / last_checkpoint});
    if (further.best()->epoch < 7)
        CHECK(of(second, best_checkpoint) == best);
    CHECK(second.count() == 4);
    CHECK(first.count() == 2);
}

TEST_CASE("training folder: a crash between the two files of an epoch is no other training")
{
    const Folder folder, whole;
    train_in(whole, 1);
    Training training = make_training("mlp", with_seed(1));
    CHECK_THROWS_AS(run(training, {.folder = folder.path(),
                                   .before_saving =
                                       [&](const EpochReport& report) {
                                           if (report.epoch == 2)
                                               throw DataError("a crash");
                                       }}),
                    DataError);
    fs::copy_file(whole / best_checkpoint, folder / best_checkpoint, fs::copy_options::overwrite_existing);
    REQUIRE(load_checkpoint(folder / best_checkpoint).metadata.at("position.epoch") == "2");
    REQUIRE(load_checkpoint(folder / last_checkpoint).metadata.at("position.epoch") == "1");
    continue_in(folder, folder / last_checkpoint, 2, 1);
    CHECK(names(folder) == pair_of_files);
    CHECK(of(folder, last_checkpoint) == of(whole, last_checkpoint));
    CHECK(of(folder, best_checkpoint) == of(whole, best_checkpoint));
}

TEST_CASE("training folder: a file that comes while a training runs is not overwritten")
{
    const Folder folder;
    Training training = make_training("mlp");
    run(training, {.folder = folder.path(), .on_epoch = [&](const EpochReport& report) {
                       if (report.epoch == 1)
                           write_atomically(folder / last_checkpoint, "somebody's");
                   }});
    CHECK(of(folder, "previous-last.safetensors") == "somebody's");
    CHECK(load_checkpoint(folder / last_checkpoint).metadata.at("position.epoch") == "2");
}

TEST_CASE("training folder: one training at a time")
{
    const Folder folder;
    {
        const TrainingFolder first(folder.path());
        CHECK(contains(error_of([&] { TrainingFolder second(folder.path()); }), "another training"));
        const TrainingFolder copy = first;
        CHECK(folder.count() == 1);
    }
    CHECK(folder.count() == 0);
    test::write(folder / ".lock", ""); // a crash has left it
    CHECK_NOTHROW(TrainingFolder(folder.path()));
}

TEST_CASE("training folder: what a crash left is removed")
{
    const Folder folder;
    for (const char* left : {"last.safetensors.99.0.tmp", "best.safetensors.99.1.tmp", ".trial.safetensors",
                             ".trial.safetensors.99.0.tmp", ".lock"})
        test::write(folder / left, "half");
    train_in(folder, 1);
    CHECK(names(folder) == pair_of_files);
}

TEST_CASE("training folder: what saving needs is tried before the first step")
{
    const Folder folder;
    const auto refusal = [&](const fs::path& path, const std::string& data) {
        Dataset named = digits();
        named.name = data;
        Training training(make_classifier("mlp", 3), named, few_steps);
        std::size_t steps = 0;
        const std::string text = error_of([&] { run(training, {.folder = path, .on_batch = [&] { ++steps; }}); });
        CHECK(steps == 0);
        return text;
    };
    CHECK(contains(refusal(folder.path(), "latin\xe9"), "'latin\xe9' is not UTF-8"));
    CHECK(folder.count() == 0);
    CHECK(contains(refusal("/dev/null/run", "data"), "/dev/null/run"));
    fs::create_directory(folder / last_checkpoint);
    CHECK(contains(refusal(folder.path(), "data"), "not a regular file"));
}

TEST_CASE("training folder: a link to a file that is not there yet is followed")
{
    const Folder folder, elsewhere;
    fs::create_symlink(elsewhere / "kept", folder / last_checkpoint);
    train_in(folder, 1);
    CHECK(fs::is_symlink(folder / last_checkpoint));
    CHECK(load_checkpoint(elsewhere / "kept").metadata.at("position.epoch") == "2");
    CHECK(names(folder) == pair_of_files);
}

TEST_CASE("training: it goes on with more epochs, to the same bits where the learning rate does not depend on them")
{
    TrainingOptions options = few_steps;
    options.schedule = "constant";
    Training first = make_training("mlp", options);
    finish(first);
    const Checkpoint two = first.checkpoint();
    options.epochs = 4;
    const Checkpoint four = uninterrupted("mlp", options);
    Training second = make_training("mlp", options);
    second.resume(two);
    CHECK(second.epoch() == 2);
    finish(second);
    CHECK(same_checkpoints(second.checkpoint(), four));
}

TEST_CASE("training: fewer epochs than have begun are refused")
{
    Training first = make_training("mlp");
    train_batches(first, 6);
    const Checkpoint checkpoint = first.checkpoint();
    TrainingOptions options = few_steps;
    options.epochs = 1;
    Training second = make_training("mlp", options);
    const std::string text = message_of<DataError>([&] { second.resume(checkpoint); });
    CHECK(contains(text, "1 epochs and 2 batches are done"));
    CHECK(contains(text, "give 2 or more"));
}

TEST_CASE("training: data in a relative folder are missed by name")
{
    Checkpoint checkpoint = make_training("mlp").checkpoint();
    checkpoint.metadata["data"] = "tiny/digits";
    checkpoint.name = "runs/best.safetensors";
    const std::string text = error_of([&] { load_training_data(checkpoint); });
    CHECK(contains(text, "runs/best.safetensors names the relative path 'tiny/digits'"));
    CHECK(contains(text, fs::current_path().string()));
}
