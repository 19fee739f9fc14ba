#include "command.hpp"
#include "interrupt.hpp"
#include "progress.hpp"
#include "text.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/base/file.hpp>
#include <xgrad/base/printable.hpp>
#include <xgrad/base/workers.hpp>
#include <xgrad/inspect/profile.hpp>
#include <xgrad/models/training/pretraining.hpp>
#include <xgrad/models/training/training.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

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

/** Opens a file for writing. @param option  the option that named the file */
std::ofstream open_to_write(const char* option, const fs::path& path, std::ios::openmode mode)
{
    errno = 0;
    std::ofstream file(path, mode);
    if (!file)
        throw DataError(fmt::format("[{}] {} cannot be written: {}", option, path.string(),
                                    std::generic_category().message(errno)));
    return file;
}

/** A file to which each epoch appends a line with a JSON object. */
class Log
{
  public:
    /** @param about  entries that tell the trainings in one file apart */
    Log(const fs::path& path, Choices about) : path_(path), about_(std::move(about))
    {
        if (!path.empty())
            file_ = open_to_write("log", path, std::ios::app);
    }

    void write(const EpochReport& report)
    {
        if (path_.empty())
            return;
        nlohmann::ordered_json line = {{"epoch", report.epoch},
                                       {"train_loss", report.train_loss},
                                       {"test_error", report.test_error},
                                       {"images_per_second", report.images_per_second},
                                       {"seconds", report.seconds}};
        for (const auto& [option, value] : about_)
            line[option] = value;
        file_ << line.dump() << '\n' << std::flush;
        if (!file_)
            throw DataError(fmt::format("[log] {} cannot be written any more: is the disk full?", path_.string()));
    }

  private:
    fs::path path_;
    Choices about_;
    std::ofstream file_;
};

fs::path output_folder(const Arguments& arguments)
{
    if (!arguments.output.empty())
        return arguments.output;
    const fs::path resumed_in = fs::path(arguments.resume_from).parent_path();
    return resumed_in.empty() ? fs::path("xgrad-runs") / arguments.model.model : resumed_in;
}

/** Makes the folder, and checks now, rather than after an epoch, that it can be written to. */
void prepare_folder(const fs::path& folder)
{
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        throw DataError(fmt::format("[output] the folder {} cannot be made: {}", folder.string(), error.message()));
    const fs::path probe = folder / ".writable";
    write_atomically(probe, "");
    fs::remove(probe, error);
}

/** Renames the checkpoints of an earlier training, so that a new one does not destroy them. */
void keep_earlier(const fs::path& folder)
{
    bool kept = false;
    for (const char* name : {last_checkpoint, best_checkpoint}) {
        const fs::path path = folder / name;
        if (fs::exists(path)) {
            fs::rename(path, folder / fmt::format("previous-{}", name));
            kept = true;
        }
    }
    if (kept)
        fmt::print(stderr, "note: the checkpoints of an earlier training in {} are now called previous-*\n",
                   folder.string());
}

Checkpoint load_for_resume(const fs::path& path, const std::string& model, Checksum checksum)
{
    std::error_code ignored;
    if (!fs::exists(path, ignored))
        throw DataError(fmt::format(
            "[resume] there is no {}: name the checkpoint, as --resume FILE, or leave --resume out", path.string()));
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
    fmt::print("{}: {} parameters; {}: {} training and {} test images of {} classes; {} thread{}\n",
               training.classifier().name, grouped(training.classifier().parameter_count()), printable(data.name),
               grouped(data.train.size()), grouped(data.test.size()), data.train.classes, threads(),
               threads() == 1 ? "" : "s");
    fmt::print("{}, learning rate {} ({}), weight decay {}, batches of {}, seed {}{}\n", options.optimizer,
               options.learning_rate, options.schedule, options.weight_decay, options.batch, options.seed,
               options.distort ? ", distorted images" : "");
    std::fflush(stdout);
}

std::string position(const Training& training)
{
    return fmt::format("in epoch {} of {}, after batch {} of {}", training.epoch() + 1, training.options().epochs,
                       training.batch(), training.batches());
}

void conclude(const Training& training, const fs::path& folder)
{
    const EpochReport best = training.best().value(), last = training.last().value();
    fmt::print("best test error {:.2f} % (epoch {}), last {:.2f} % (epoch {})\n", 100 * best.test_error, best.epoch,
               100 * last.test_error, last.epoch);
    const fs::path path = folder / (fs::exists(folder / best_checkpoint) ? best_checkpoint : last_checkpoint);
    fmt::print("checkpoint: {}\n", path.string());
    fmt::print("next: {} evaluate {}\n", shell_word(program()), shell_word(path.string()));
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
            fmt::print("{} learned without labels: the part of its input that it cannot rebuild {}\n", report.layer,
                       arguments.pretraining_epochs == 1
                           ? fmt::format("was {:.0f} % in the only epoch", 100 * report.last)
                           : fmt::format("went from {:.0f} % in the first epoch to {:.0f} % in the last",
                                         100 * report.first, 100 * report.last));
}

struct Outcome
{
    ExitCode code;
    double test_error;
};

Outcome train_one(const Arguments& arguments)
{
    const fs::path folder = output_folder(arguments);
    std::optional<Checkpoint> earlier;
    if (arguments.resume)
        earlier =
            load_for_resume(arguments.resume_from.empty() ? folder / last_checkpoint : fs::path(arguments.resume_from),
                            arguments.model.model, arguments.checksum);

    const auto [choices, options] = earlier ? settings_of(arguments, *earlier) : settings_of(arguments);
    const std::string data_name = arguments.data.value_or(earlier ? training_data(*earlier) : "mnist");
    const Classifier classifier = arguments.model.make(options.seed, choices);
    if (arguments.pretraining_epochs > 0 && classifier.stages.empty())
        throw UsageError(fmt::format("--pretrain is for models with convolutions, {}; {} has none",
                                     pretrainable_models(), classifier.name));

    prepare_folder(folder);
    Log log(arguments.log, arguments.one_of_each);
    const Dataset data = load_data(data_name);
    Training training(classifier, data, options);
    if (earlier)
        training.resume(*earlier);
    else
        keep_earlier(folder);
    if (!arguments.quiet)
        announce(training, data);
    if (!earlier && arguments.pretraining_epochs > 0)
        learn_kernels(training, data, arguments);
    if (training.finished())
        fmt::print(stderr, "note: this training is finished already; there is nothing left to do\n");
    else if (earlier)
        fmt::print(stderr, "note: continues {}\n", position(training));

    Progress progress(training);
    const InterruptGuard interrupt;
    const TrainingRun how{.folder = folder,
                          .detect_nan = arguments.detect_nan,
                          .stop = [&] { return interrupt.signal() != 0; },
                          .on_batch =
                              [&] {
                                  if (!arguments.quiet)
                                      progress.on_batch();
                              },
                          .on_epoch =
                              [&](const EpochReport& report) {
                                  log.write(report);
                                  if (!arguments.quiet)
                                      progress.on_epoch(report);
                              }};
    const bool finished = xgrad::run(training, how);
    progress.clear();
    if (finished) {
        conclude(training, folder);
        return {success, training.last()->test_error};
    }
    // Not to stdout: its reader may have been interrupted by the same key.
    fmt::print(stderr, "stopped {}; to continue: {} train {} --resume {}\n", position(training), shell_word(program()),
               arguments.model.model, shell_word((folder / last_checkpoint).string()));
    return {static_cast<ExitCode>(signalled + interrupt.signal()), 0};
}

/** Trains a model for each value of an option, and prints a table of the results. */
int train_each(const Arguments& arguments, const ModelOption& option)
{
    if (arguments.resume)
        throw UsageError(
            fmt::format("--resume continues one training: name it, as --{} {}", option.name, option.values.front()));
    (void)settings_of(arguments); // reports a wrong use before anything is printed
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
        if (const ModelOption* const option = arguments.model.open_choice())
            return train_each(arguments, *option);
        return train_one(arguments).code;
    };
    if (arguments.profile.empty())
        return train();

    std::ofstream file = open_to_write("profile", arguments.profile, std::ios::trunc);
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
    verb->footer("Ctrl-C saves and stops. --resume continues to the same bits; other options need not be repeated.\n"
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
