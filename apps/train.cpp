#include "command.hpp"
#include "interrupt.hpp"
#include "progress.hpp"
#include "text.hpp"
#include "train_arguments.hpp"
#include "training_log.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/base/workers.hpp>
#include <xgrad/inspect/profile.hpp>
#include <xgrad/models/data/text.hpp>
#include <xgrad/models/training/evaluation.hpp>
#include <xgrad/models/training/pretraining.hpp>
#include <xgrad/models/training/training.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>
#include <vector>

namespace xgrad::command
{

namespace
{

namespace fs = std::filesystem;

fs::path output_folder(const TrainArguments& arguments)
{
    if (!arguments.output.empty())
        return arguments.output;
    const fs::path resumed_in = fs::path(arguments.resume_from).parent_path();
    if (arguments.resume_from.empty())
        return fs::path("xgrad-runs") / arguments.model.model;
    return resumed_in.empty() ? fs::path(".") : resumed_in;
}

/** The checkpoint to continue; an empty path for a new training. @throws DataError if it is not there */
fs::path resumed_file(const TrainArguments& arguments)
{
    if (!arguments.resume)
        return {};
    fs::path path =
        arguments.resume_from.empty() ? output_folder(arguments) / last_checkpoint : fs::path(arguments.resume_from);
    std::error_code ignored;
    if (!fs::exists(path, ignored))
        throw DataError(fmt::format(
            "[resume] there is no {}: name the checkpoint, as --resume FILE, or leave --resume out", path.string()));
    return path;
}

Checkpoint load_for_resume(const fs::path& path, const std::string& model, Checksum checksum)
{
    Checkpoint checkpoint = load_checkpoint(path, checksum);
    const std::string found = load_classifier(checkpoint).name;
    if (found != model)
        throw DataError(fmt::format("[resume] {} is of the model {}, not {}: 'train {} --resume' continues it",
                                    path.string(), found, model, found));
    return checkpoint;
}

/** All that a training does beside plain steps, in words; empty if nothing. */
std::string extras_of(const Training& training)
{
    const TrainingOptions& options = training.options();
    std::vector<std::string> extras;
    if (options.accumulate > 1)
        extras.push_back(fmt::format("a step for {} batches", options.accumulate));
    if (options.clip_value > 0)
        extras.push_back(fmt::format("gradients cut at {}", options.clip_value));
    if (options.clip_norm > 0)
        extras.push_back(fmt::format("gradients of norm {} at most", options.clip_norm));
    if (options.ema > 0)
        extras.push_back(fmt::format("weights averaged with decay {}", options.ema));
    if (options.drop_last)
        extras.push_back("no smaller last batch");
    if (options.augmentation.flip)
        extras.push_back("half of the images mirrored");
    if (options.augmentation.shift > 0)
        extras.push_back(fmt::format("images shifted by up to {} pixel{}", options.augmentation.shift,
                                     options.augmentation.shift == 1 ? "" : "s"));
    if (options.augmentation.erase > 0)
        extras.push_back(fmt::format("a square of {0}x{0} pixels erased", options.augmentation.erase));
    if (options.patience > 0)
        extras.push_back(fmt::format("ends after {} epoch{} without a smaller validation {}", options.patience,
                                     options.patience == 1 ? "" : "s",
                                     training.classifier().is_judged_by_loss() ? "loss" : "error"));
    return fmt::to_string(fmt::join(extras, ", "));
}

void announce(const Training& training, const Dataset& data)
{
    const TrainingOptions& options = training.options();
    const std::size_t held_out = training.validation_images();
    const Task task = training.classifier().task;
    tell(stdout, "{}: {} parameters; {}: {} training{} and {} test {} of {}; {} thread{}\n", training.classifier().name,
         grouped(training.classifier().parameter_count()), printable(data.name),
         grouped(training.training_images().size()),
         held_out > 0 ? fmt::format(", {} validation", grouped(held_out)) : std::string(), grouped(data.test.size()),
         samples_of(task),
         task == Task::next_characters ? fmt::format("{} characters", text_context)
                                       : fmt::format("{} classes", data.train.classes),
         threads(), threads() == 1 ? "" : "s");
    const double warmup = options.schedule_options.warmup;
    tell(stdout, "{}, learning rate {} ({}{}), weight decay {}, batches of {}, seed {}{}\n", options.optimizer,
         options.learning_rate, options.schedule,
         warmup > 0 ? fmt::format(" after {} epoch{} of warm-up", warmup, warmup == 1 ? "" : "s") : std::string(),
         options.weight_decay, options.batch, options.seed, options.distort ? ", distorted images" : "");
    if (const std::string extras = extras_of(training); !extras.empty())
        tell(stdout, "{}\n", extras);
}

std::string position(const Training& training)
{
    return fmt::format("in epoch {} of {}, after batch {} of {}", training.epoch() + 1, training.options().epochs,
                       training.batch(), training.batches());
}

/** Prints the result. The test images are read here for the first time if there are validation images.
 *  @return  the test error: of the best epoch on the validation images, or without these of the last epoch */
double conclude(const Training& training, const Dataset& data, const fs::path& checkpoint)
{
    const EpochReport best = training.best().value(), last = training.last().value();
    double test_error = last.error;
    if (training.stopped_early())
        fmt::print("ended early: no validation {} was smaller for {} epoch{}\n", measure_name(best),
                   training.options().patience, training.options().patience == 1 ? "" : "s");
    fmt::print("lowest {} {} {} (epoch {}{}), last {} (epoch {})\n", best.images(), measure_name(best),
               measure_of(best), best.epoch,
               best.on_validation ? "" : fmt::format(", chosen on the test {}", samples_of(training.classifier().task)),
               measure_of(last), last.epoch);
    if (best.on_validation) {
        const Evaluation test = xgrad::evaluate(load_classifier(load_checkpoint(checkpoint)), data.test);
        test_error = test.error();
        const EpochReport of_test{.error = test_error, .loss = test.loss, .judged_by_loss = best.judged_by_loss};
        fmt::print("test {} of the checkpoint {}\n", measure_name(of_test), measure_of(of_test));
    }
    fmt::print("checkpoint: {}\n", checkpoint.string());
    fmt::print("next: {} evaluate {}\n", shell_word(program()), shell_word(checkpoint.string()));
    if (std::fflush(stdout) != 0)
        throw std::system_error(errno, std::generic_category());
    return test_error;
}

struct Settings
{
    Choices choices;
    TrainingOptions training;
};

/** The settings of a new training: the recipe's or the model's defaults, changed by the given options. */
Settings settings_of(const TrainArguments& arguments)
{
    if (!arguments.recipe) {
        const Choices choices = arguments.model.over({});
        return {choices, arguments.over(arguments.model.make(0, choices).defaults)};
    }
    try {
        const Recipe& found = recipe(architecture(arguments.model.model), *arguments.recipe);
        return {found.with(arguments.model.given), arguments.over(found.training)};
    } catch (const Error& error) {
        throw UsageError(error.what());
    }
}

/** The settings of a training that continues. */
Settings settings_of(const TrainArguments& arguments, const Checkpoint& earlier)
{
    return {arguments.model.over(load_classifier(earlier).choices), arguments.over(training_options(earlier))};
}

void learn_kernels(const Training& training, const TrainArguments& arguments)
{
    const Classifier& classifier = training.classifier();
    const auto reports = pretrain(classifier.stages, training.training_images(), classifier.preparation,
                                  {.epochs = arguments.pretraining_epochs, .seed = training.options().seed});
    if (!arguments.quiet)
        for (const PretrainingReport& report : reports)
            tell(stdout, "{} learned without labels: the part of its input that it cannot rebuild {}\n", report.layer,
                 arguments.pretraining_epochs == 1
                     ? fmt::format("was {:.0f} % in the only epoch", 100 * report.last)
                     : fmt::format("went from {:.0f} % in the first epoch to {:.0f} % in the last", 100 * report.first,
                                   100 * report.last));
}

struct Outcome
{
    ExitCode code;
    double test_error;
};

Outcome stopped() { return {static_cast<ExitCode>(signalled + interrupt()), 0}; }

/** Tells what begins, once it is known that checkpoints can be written. */
void tell_start(const Training& training, const Dataset& data, const TrainArguments& arguments,
                const std::optional<Checkpoint>& earlier)
{
    if (!arguments.quiet)
        announce(training, data);
    if (!earlier)
        return;
    if (training.stopped_early())
        tell(stderr, "note: this training has ended early; --patience with a larger number continues it\n");
    else if (training.finished())
        tell(stderr, "note: this training is finished already; --epochs with a larger number continues it\n");
    else
        tell(stderr, "note: continues {}\n", position(training));
    const std::size_t before = training_options(*earlier).epochs, now = training.options().epochs;
    if (before != now)
        tell(stderr, "note: {} epochs, no longer {}: the learning rate follows its schedule for {}\n", now, before,
             now);
}

/** Tells how to go on after a signal. Not on stdout: its reader may have been interrupted by the same key. */
void tell_stop(const Training& training, const fs::path& folder, const TrainArguments& arguments)
{
    tell(stderr, "stopped {}; to continue: {} train {} --resume {}{}\n", position(training), shell_word(program()),
         arguments.model.model, shell_word((folder / last_checkpoint).string()),
         arguments.log.empty() ? "" : " --log " + shell_word(arguments.log));
}

Outcome train_one(const TrainArguments& arguments)
{
    const fs::path resumed = resumed_file(arguments), folder = output_folder(arguments);
    std::optional<Settings> settings;
    if (!arguments.resume) // reports a wrong use before anything is made
        settings = settings_of(arguments);
    if (arguments.pretraining_epochs > 0 && arguments.model.make(0, settings->choices).stages.empty())
        throw UsageError(fmt::format("--pretrain is for models with convolutions, {}; {} has none",
                                     pretrainable_models(), arguments.model.model));
    std::error_code ignored;
    const bool was_saved = fs::exists(folder / last_checkpoint, ignored);
    const TrainingFolder files(folder);
    std::optional<Checkpoint> earlier;
    if (arguments.resume) {
        earlier = load_for_resume(resumed, arguments.model.model, arguments.checksum);
        settings = settings_of(arguments, *earlier);
    }
    TrainingLog log(arguments.log, arguments.one_of_each);
    Dataset data;
    try {
        data =
            earlier && !arguments.data
                ? load_training_data(*earlier)
                : load_data(arguments.data ? *arguments.data : arguments.model.make(0, settings->choices).usual_data());
    } catch (const Error&) {
        if (interrupt() == 0)
            throw;
        tell(stderr, "stopped while the data were loaded; nothing has been trained\n");
        return stopped();
    }
    if (!earlier && arguments.early_stopping && !arguments.validation) {
        constexpr std::size_t part = 12; // 5,000 of MNIST's 60,000
        settings->training.validation = std::max<std::size_t>(data.train.size() / part, 1);
    }
    Training training(arguments.model.make(settings->training.seed, settings->choices), data, settings->training);
    if (earlier)
        training.resume(*earlier);
    if (earlier)
        log.expect_repeats(training.epoch(), training.options().epochs);
    else if (!was_saved) // a crash may have come between the first line and the first checkpoint
        log.expect_repeats(0, 1);

    std::optional<Progress> progress;
    const TrainingRun how{.folder = files,
                          .resumed_from = resumed,
                          .detect_nan = arguments.detect_nan,
                          .stop = [] { return interrupt() != 0; },
                          .on_begin =
                              [&] {
                                  tell_start(training, data, arguments, earlier);
                                  if (arguments.pretraining_epochs > 0)
                                      learn_kernels(training, arguments);
                                  progress.emplace(training);
                              },
                          .on_batch =
                              [&] {
                                  if (!arguments.quiet)
                                      progress->on_batch();
                              },
                          .before_saving = [&](const EpochReport& report) { log.write(report); },
                          .on_kept =
                              [&](const std::vector<fs::path>& now) {
                                  progress->clear();
                                  std::vector<std::string> names;
                                  for (const fs::path& path : now)
                                      names.push_back(path.filename().string());
                                  tell(stderr, "note: checkpoints of another training in {} are now called {}\n",
                                       folder.string(), fmt::join(names, " and "));
                              },
                          .on_epoch =
                              [&](const EpochReport& report) {
                                  if (!arguments.quiet)
                                      progress->on_epoch(report);
                              }};
    const bool finished = xgrad::run(training, how);
    progress->clear();
    if (finished)
        return {success, conclude(training, data, files.best())};
    tell_stop(training, folder, arguments);
    return stopped();
}

/** Trains a model for each value of an option, and prints a table of the results. */
int train_each(const TrainArguments& arguments, const ModelOption& option)
{
    if (arguments.resume)
        throw UsageError(
            fmt::format("--resume continues one training: name it, as --resume {}, or as --{} {}",
                        shell_word((output_folder(arguments) / option.values.front() / last_checkpoint).string()),
                        option.name, option.values.front()));
    (void)settings_of(arguments); // reports a wrong use before anything is printed
    const TrainingFolder all(output_folder(arguments));
    std::string table;
    for (const std::string& value : option.values) {
        fmt::print("{}{}:\n", table.empty() ? "" : "\n", value);
        TrainArguments one = arguments;
        one.model.given[option.name] = value;
        one.one_of_each = {{option.name, value}};
        one.output = (output_folder(arguments) / value).string();
        const Outcome outcome = train_one(one);
        if (outcome.code != success)
            return outcome.code;
        table += fmt::format("{:<20} {:>6.2f} %\n", value, 100 * outcome.test_error);
    }
    const bool has_validation = arguments.early_stopping || arguments.validation.value_or(0) > 0;
    fmt::print("\n{:<20} test error {}\n{}", option.name,
               has_validation ? "at the lowest validation error" : "after the last epoch", table);
    return success;
}

int run(const TrainArguments& arguments)
{
    if (arguments.resume && (arguments.recipe || arguments.pretraining_epochs > 0))
        throw UsageError("--resume continues as the training began: leave --recipe and --pretrain out");
    const auto train = [&]() -> int {
        const ModelOption* const option = arguments.model.open_choice();
        if (option != nullptr && arguments.resume_from.empty()) // a checkpoint is of one value
            return train_each(arguments, *option);
        return train_one(arguments).code;
    };
    if (arguments.profile.empty())
        return train();

    errno = 0;
    std::ofstream file(arguments.profile, std::ios::trunc);
    if (!file)
        throw DataError(fmt::format("[profile] {} cannot be written: {}", arguments.profile,
                                    std::generic_category().message(errno)));
    const Profile profile;
    const int code = train();
    profile.write_trace(file);
    if (!file.flush())
        throw DataError(fmt::format("[profile] {} could not be written: is the disk full?", arguments.profile));
    fmt::print("\n{}trace: {} (open it in https://ui.perfetto.dev)\n", to_string(profile), arguments.profile);
    return code;
}

} // namespace

Verb train(CLI::App& app)
{
    CLI::App* verb = app.add_subcommand("train", "trains a model; writes its best and its last checkpoint");
    verb->footer("Ctrl-C saves and stops. --resume continues to the same bits; other options need not be repeated,\n"
                 "and --epochs may be larger than before, --patience another.\n"
                 "The best epoch is the one with the lowest error on the validation images. Without --validation the\n"
                 "test images choose it, and its test error is too good.\n"
                 "Options that are not given have the model's defaults, which are printed at the start.\n"
                 "Examples:\n  xgrad train lenet5\n"
                 "  xgrad train lenet5 --data mnist-sample --epochs 5 --log log.jsonl\n"
                 "  xgrad train lenet5 --recipe lecun1998 --distort\n"
                 "  xgrad train lenet5 --validation 5000 --ema 0.999 --clip-norm 1\n"
                 "  xgrad train lenet5 --epochs 100 --early-stopping --patience 10\n"
                 "  xgrad train lenet5 --resume\n"
                 "  xgrad train character-transformer --data novel.txt");
    const auto arguments = std::make_shared<TrainArguments>();
    const CLI::Option* const resume = arguments->add_to(*verb);
    return {verb, [arguments, resume] {
                arguments->resume = resume->count() > 0;
                return run(*arguments);
            }};
}

} // namespace xgrad::command
