#include "command.hpp"
#include "interrupt.hpp"
#include "progress.hpp"
#include "text.hpp"
#include "training_log.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/base/workers.hpp>
#include <xgrad/inspect/profile.hpp>
#include <xgrad/models/training/pretraining.hpp>
#include <xgrad/models/training/training.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>

namespace xgrad::command
{

namespace
{

namespace fs = std::filesystem;

struct Arguments
{
    ModelArguments model;
    std::optional<std::string> data, optimizer, schedule;
    std::optional<std::size_t> epochs, batch, chunk;
    std::optional<double> learning_rate, weight_decay, damping;
    std::optional<std::uint64_t> seed;
    std::optional<std::size_t> frozen_epochs;
    std::map<std::string, double> rates;
    std::optional<std::string> recipe;
    std::size_t pretraining_epochs = 0;
    std::string output, log, profile, resume_from;
    Choices one_of_each; // the value, if all values of an option are trained
    Checksum checksum = Checksum::checked;
    bool distort = false, resume = false, detect_nan = false, quiet = false;

    TrainingOptions over(TrainingOptions base) const
    {
        base.epochs = epochs.value_or(base.epochs);
        base.batch = batch.value_or(base.batch);
        base.chunk = chunk.value_or(base.chunk);
        base.learning_rate = learning_rate.value_or(base.learning_rate);
        const double of_rule = optim::usual_weight_decay(optimizer.value_or(""));
        base.weight_decay = weight_decay.value_or(of_rule > 0 ? of_rule : base.weight_decay);
        base.damping = damping.value_or(base.damping);
        base.optimizer = optimizer.value_or(base.optimizer);
        base.schedule = schedule.value_or(base.schedule);
        base.seed = seed.value_or(base.seed);
        base.frozen_epochs = frozen_epochs.value_or(base.frozen_epochs);
        base.distort |= distort;
        for (const auto& [name, factor] : rates)
            base.rates[name] = factor;
        return base;
    }
};

fs::path output_folder(const Arguments& arguments)
{
    if (!arguments.output.empty())
        return arguments.output;
    const fs::path resumed_in = fs::path(arguments.resume_from).parent_path();
    if (arguments.resume_from.empty())
        return fs::path("xgrad-runs") / arguments.model.model;
    return resumed_in.empty() ? fs::path(".") : resumed_in;
}

/** The checkpoint to continue; an empty path for a new training. @throws DataError if it is not there */
fs::path resumed_file(const Arguments& arguments)
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

void announce(const Training& training, const Dataset& data)
{
    const TrainingOptions& options = training.options();
    tell(stdout, "{}: {} parameters; {}: {} training and {} test images of {} classes; {} thread{}\n",
         training.classifier().name, grouped(training.classifier().parameter_count()), printable(data.name),
         grouped(data.train.size()), grouped(data.test.size()), data.train.classes, threads(),
         threads() == 1 ? "" : "s");
    tell(stdout, "{}, learning rate {} ({}), weight decay {}, batches of {}, seed {}{}\n", options.optimizer,
         options.learning_rate, options.schedule, options.weight_decay, options.batch, options.seed,
         options.distort ? ", distorted images" : "");
}

std::string position(const Training& training)
{
    return fmt::format("in epoch {} of {}, after batch {} of {}", training.epoch() + 1, training.options().epochs,
                       training.batch(), training.batches());
}

void conclude(const Training& training, const fs::path& checkpoint)
{
    const EpochReport best = training.best().value(), last = training.last().value();
    fmt::print("best test error {:.2f} % (epoch {}), last {:.2f} % (epoch {})\n", 100 * best.test_error, best.epoch,
               100 * last.test_error, last.epoch);
    fmt::print("checkpoint: {}\n", checkpoint.string());
    fmt::print("next: {} evaluate {}\n", shell_word(program()), shell_word(checkpoint.string()));
    if (std::fflush(stdout) != 0)
        throw std::system_error(errno, std::generic_category());
}

struct Settings
{
    Choices choices;
    TrainingOptions training;
};

/** The settings of a new training: the recipe's or the model's defaults, changed by the given options. */
Settings settings_of(const Arguments& arguments)
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
Settings settings_of(const Arguments& arguments, const Checkpoint& earlier)
{
    return {arguments.model.over(load_classifier(earlier).choices), arguments.over(training_options(earlier))};
}

void learn_kernels(const Training& training, const Dataset& data, const Arguments& arguments)
{
    const Classifier& classifier = training.classifier();
    const auto reports = pretrain(classifier.stages, data.train, classifier.preparation,
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
void tell_start(const Training& training, const Dataset& data, const Arguments& arguments,
                const std::optional<Checkpoint>& earlier)
{
    if (!arguments.quiet)
        announce(training, data);
    if (!earlier)
        return;
    if (training.finished())
        tell(stderr, "note: this training is finished already; --epochs with a larger number continues it\n");
    else
        tell(stderr, "note: continues {}\n", position(training));
    const std::size_t before = training_options(*earlier).epochs, now = training.options().epochs;
    if (before != now)
        tell(stderr, "note: {} epochs, no longer {}: the learning rate follows its schedule for {}\n", now, before,
             now);
}

/** Tells how to go on after a signal. Not on stdout: its reader may have been interrupted by the same key. */
void tell_stop(const Training& training, const fs::path& folder, const Arguments& arguments)
{
    tell(stderr, "stopped {}; to continue: {} train {} --resume {}{}\n", position(training), shell_word(program()),
         arguments.model.model, shell_word((folder / last_checkpoint).string()),
         arguments.log.empty() ? "" : " --log " + shell_word(arguments.log));
}

Outcome train_one(const Arguments& arguments)
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
        data = earlier && !arguments.data ? load_training_data(*earlier) : load_data(arguments.data.value_or("mnist"));
    } catch (const Error&) {
        if (interrupt() == 0)
            throw;
        tell(stderr, "stopped while the data were loaded; nothing has been trained\n");
        return stopped();
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
                                      learn_kernels(training, data, arguments);
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
    if (finished) {
        conclude(training, files.best());
        return {success, training.last()->test_error};
    }
    tell_stop(training, folder, arguments);
    return stopped();
}

/** Trains a model for each value of an option, and prints a table of the results. */
int train_each(const Arguments& arguments, const ModelOption& option)
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
        Arguments one = arguments;
        one.model.given[option.name] = value;
        one.one_of_each = {{option.name, value}};
        one.output = (output_folder(arguments) / value).string();
        const Outcome outcome = train_one(one);
        if (outcome.code != success)
            return outcome.code;
        table += fmt::format("{:<20} {:>6.2f} %\n", value, 100 * outcome.test_error);
    }
    fmt::print("\n{:<20} test error after the last epoch\n{}", option.name, table);
    return success;
}

int run(const Arguments& arguments)
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
                 "and --epochs may be larger than before.\n"
                 "Options that are not given have the model's defaults, which are printed at the start.\n"
                 "Examples:\n  xgrad train lenet5\n"
                 "  xgrad train lenet5 --data mnist-sample --epochs 5 --log log.jsonl\n"
                 "  xgrad train lenet5 --recipe lecun1998 --distort\n"
                 "  xgrad train lenet5 --resume");
    const auto arguments = std::make_shared<Arguments>();
    Arguments& given = *arguments;
    given.model.add_to(*verb);
    verb->add_option("--data", given.data, "mnist, fashion-mnist, mnist-sample or a folder of IDX files [mnist]");
    verb->add_option("--epochs", given.epochs, "number of passes over the training images")->check(positive());
    verb->add_option("--batch", given.batch, "number of images in a step")->check(positive());
    verb->add_option("--chunk", given.chunk, "number of images on one tape")->check(positive());
    verb->add_option("--learning-rate,--lr", given.learning_rate, "largest learning rate of the schedule")
        ->check(positive());
    verb->add_option("--weight-decay", given.weight_decay, "factor λ by which the optimizer decays weights")
        ->check(not_negative());
    verb->add_option("--damping", given.damping, "μ of the optimizer sdlm")->check(positive());
    verb->add_option("--optimizer", given.optimizer, "update rule")->check(one_of(optim::optimizer_names()));
    verb->add_option("--schedule", given.schedule, "course of the learning rate")
        ->check(one_of(optim::schedule_names()));
    verb->add_option("--seed", given.seed, "seed of all random numbers: the same seed gives the same bits")
        ->check(not_negative());
    verb->add_option("--recipe", given.recipe, "a known way to train the model: " + all_recipes());
    verb->add_flag("--distort", given.distort, "distorts each image a little, anew in each epoch");
    const auto scale_rates = [&given](const std::vector<std::pair<std::string, double>>& factors) {
        for (const auto& [layer, factor] : factors)
            if (!given.rates.emplace(layer, factor).second)
                throw CLI::ValidationError("--rate", fmt::format("'{}' has two factors: give one", layer));
    };
    verb->add_option_function<std::vector<std::pair<std::string, double>>>(
            "--rate", scale_rates, "factor on the learning rate of a layer or a parameter: --rate c1 0.5")
        ->type_name("LAYER FACTOR")
        ->check(not_negative().application_index(1));
    verb->add_option("--frozen-epochs", given.frozen_epochs,
                     "number of first epochs in which only the last layer learns")
        ->check(not_negative());
    verb->add_option("--pretrain", given.pretraining_epochs,
                     "number of epochs in which each convolution first learns its kernels without labels")
        ->check(not_negative());
    add_threads(*verb);
    verb->add_option("--output", given.output, "folder of the checkpoints [xgrad-runs/MODEL]");
    verb->add_option("--log", given.log, "file to which each epoch appends a line of JSON");
    verb->add_option("--profile", given.profile,
                     "file for a trace of every op, in Chrome's format; the ten costliest ops are printed");
    const auto* resume = verb->add_option("--resume", given.resume_from,
                                          "continues from a checkpoint [last.safetensors in the output folder]")
                             ->expected(0, 1)
                             ->type_name("[CHECKPOINT]");
    add_unchecked(*verb, given.checksum);
    verb->add_flag("--detect-nan", given.detect_nan,
                   "if the loss becomes NaN or infinite, names the first op with such a result");
    verb->add_flag("--quiet", given.quiet, "prints only the result");
    return {verb, [arguments, resume] {
                arguments->resume = resume->count() > 0;
                return run(*arguments);
            }};
}

} // namespace xgrad::command
