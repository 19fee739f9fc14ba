#include "command.hpp"
#include "interrupt.hpp"
#include "progress.hpp"
#include "ranks.hpp"
#include "text.hpp"
#include "train_arguments.hpp"
#include "training_log.hpp"
#include "training_texts.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/base/memory_use.hpp>
#include <xgrad/base/together.hpp>
#include <xgrad/inspect/profile.hpp>
#include <xgrad/models/data/shared_dataset.hpp>
#include <xgrad/models/training/evaluation.hpp>
#include <xgrad/models/training/onnx.hpp>
#include <xgrad/models/training/pretraining.hpp>
#include <xgrad/models/training/training.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

namespace xgrad::command
{

namespace
{

namespace fs = std::filesystem;

/** The model's name, or a name that tells of the file with the first weights. */
std::string name_of_run(const ModelArguments& model)
{
    const std::string stem = fs::path(model.file).stem().string();
    return model.file.empty() ? model.model : is_onnx(model.file) ? stem : model.model + "-from-" + stem;
}

fs::path output_folder(const TrainArguments& arguments)
{
    if (!arguments.output.empty())
        return arguments.output;
    const fs::path resumed_in = fs::path(arguments.resume_from).parent_path();
    if (arguments.resume_from.empty())
        return fs::path("xgrad-runs") / name_of_run(arguments.model);
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
    if (is_first_rank() && !fs::exists(path, ignored))
        throw DataError(fmt::format(
            "[resume] there is no {}: name the checkpoint, as --resume FILE, or leave --resume out", path.string()));
    return path;
}

Checkpoint load_for_resume(const fs::path& path, const std::string& model, Checksum checksum)
{
    Checkpoint checkpoint = load_checkpoint_once(path, checksum);
    const std::string found = load_classifier(checkpoint).name;
    if (found != model)
        throw DataError(fmt::format("[resume] {} is of the model {}, not {}: 'train {} --resume' continues it",
                                    path.string(), found, model, found == onnx_model ? "FILE.onnx" : found));
    return checkpoint;
}

/** Prints the result. The test images are read here for the first time if there are validation images.
 *  @return  the test error: of the best epoch on the validation images, or without these of the last epoch */
double conclude(const Training& training, const Dataset& data, const TrainingFolder& files)
{
    const std::string checkpoint = detail::from_first(training.ranks(), [&] { return files.best().string(); });
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
        const Evaluation test = xgrad::evaluate(load_classifier(load_checkpoint_once(checkpoint, Checksum::checked)),
                                                data.test, training.ranks());
        test_error = test.error();
        const EpochReport of_test{.error = test_error, .loss = test.loss, .judged_by_loss = best.judged_by_loss};
        fmt::print("test {} of the checkpoint {}\n", measure_name(of_test), measure_of(of_test));
    }
    fmt::print("checkpoint: {}\n", checkpoint);
    fmt::print("next: {} evaluate {}\n", shell_word(program()), shell_word(checkpoint));
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
    const auto reports =
        pretrain(classifier.stages, training.training_images(), classifier.preparation,
                 {.epochs = arguments.pretraining_epochs, .seed = training.options().seed, .ranks = training.ranks()});
    if (!arguments.quiet)
        for (const PretrainingReport& report : reports)
            tell(stdout, "{} learned without labels: the part of its input that it cannot rebuild {}\n", report.layer,
                 arguments.pretraining_epochs == 1
                     ? fmt::format("was {:.0f} % in the only epoch", 100 * report.last)
                     : fmt::format("went from {:.0f} % in the first epoch to {:.0f} % in the last", 100 * report.first,
                                   100 * report.last));
}

/** Gives a model that has options for them the size, the channels and the classes of its data, unless they are given.
 */
void fit_to_data(Choices& choices, const ModelArguments& model, const Dataset& data)
{
    const Shape& shape = data.train.pixels.shape();
    if (shape[2] == 1 || model.checkpoint) // a text, which an error names; or weights of one size
        return;
    const std::pair<const char*, std::size_t> of_data[] = {
        {"size", shape[2]}, {"channels", shape[1]}, {"classes", data.train.classes}};
    for (const ModelOption& option : architecture(model.model).options)
        for (const auto& [name, value] : of_data)
            if (option.name == name && !model.given.contains(name))
                choices[option.name] = fmt::to_string(value);
}

struct Outcome
{
    ExitCode code;
    double test_error;
};

/** The end after a signal, which another rank may have got. */
Outcome stopped() { return {static_cast<ExitCode>(signalled + (interrupt() != 0 ? interrupt() : SIGINT)), 0}; }

/** @param data  the data, if they are loaded already; else they are put there */
Outcome train_one(const TrainArguments& arguments, std::optional<Dataset>& data)
{
    const fs::path folder = output_folder(arguments);
    fs::path resumed;
    detail::together(ranks(), [&] { resumed = resumed_file(arguments); });
    std::optional<Settings> settings;
    if (!arguments.resume) // reports a wrong use before anything is made
        settings = settings_of(arguments);
    if (arguments.pretraining_epochs > 0 && arguments.model.make(0, settings->choices).stages.empty())
        throw UsageError(fmt::format("--pretrain is for models with convolutions, {}; {} has none",
                                     pretrainable_models(), arguments.model.model));
    bool was_saved = false;
    TrainingFolder files;
    detail::on_first(ranks(), [&] {
        std::error_code ignored;
        was_saved = fs::exists(folder / last_checkpoint, ignored);
        files = TrainingFolder(folder);
    });
    std::optional<Checkpoint> earlier;
    if (arguments.resume) {
        earlier = load_for_resume(resumed, arguments.model.model, arguments.checksum);
        settings = settings_of(arguments, *earlier);
    }
    std::optional<TrainingLog> log;
    detail::on_first(ranks(), [&] { log.emplace(arguments.log, arguments.one_of_each); });
    const auto load = [&] {
        return earlier && !arguments.data
                   ? load_training_data(*earlier)
                   : load_data_for(arguments.model, arguments.model.make(0, settings->choices), arguments.data);
    };
    try {
        if (!data)
            data = load_once(ranks(), load);
    } catch (const Error&) {
        if (interrupt() == 0)
            throw;
        tell(stderr, "stopped while the data were loaded; nothing has been trained\n");
        return stopped();
    }
    if (!earlier && arguments.early_stopping && !arguments.validation) {
        constexpr std::size_t part = 12; // 5,000 of MNIST's 60,000
        settings->training.validation = std::max<std::size_t>(data->train.size() / part, 1);
    }
    if (!earlier)
        fit_to_data(settings->choices, arguments.model, *data);
    set_rank_timeout(arguments.rank_timeout);
    Classifier classifier = arguments.model.make(settings->training.seed, settings->choices);
    if (arguments.model.checkpoint)
        check_finite(classifier, arguments.model.file);
    Training training(std::move(classifier), *data, settings->training, ranks());
    if (earlier)
        training.resume(*earlier);
    if (log && earlier)
        log->expect_repeats(training.epoch(), training.options().epochs);
    else if (log && !was_saved) // a crash may have come between the first line and the first checkpoint
        log->expect_repeats(0, 1);

    const auto has_all_steps = [&] {
        return arguments.steps > 0 && training.epoch() * training.batches() + training.batch() >= arguments.steps;
    };
    std::optional<Progress> progress;
    const TrainingRun how{.folder = files,
                          .resumed_from = resumed,
                          .detect_nan = arguments.detect_nan,
                          .stop = [&] { return interrupt() != 0 || has_all_steps(); },
                          .on_begin =
                              [&] {
                                  tell_start(training, *data, arguments, earlier ? &*earlier : nullptr);
                                  if (arguments.pretraining_epochs > 0)
                                      learn_kernels(training, arguments);
                                  progress.emplace(training);
                              },
                          .on_batch =
                              [&] {
                                  if (!arguments.quiet)
                                      progress->on_batch();
                              },
                          .before_saving = [&](const EpochReport& report) { log->write(report); },
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
    const std::optional<double> test_error = finished ? std::optional(conclude(training, *data, files)) : std::nullopt;
    if (!finished)
        tell_stop(training, folder, arguments);
    if (arguments.hash)
        fmt::print("weights: {}\n", hash_of_weights(training.classifier()));
    return finished || (has_all_steps() && interrupt() == 0) ? Outcome{success, test_error.value_or(0)} : stopped();
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
    TrainingFolder all;
    detail::on_first(ranks(), [&] { all = TrainingFolder(output_folder(arguments)); });
    std::string table;
    std::optional<Dataset> data; // of all trainings
    for (const std::string& value : option.values) {
        fmt::print("{}{}:\n", table.empty() ? "" : "\n", value);
        TrainArguments one = arguments;
        one.model.given[option.name] = value;
        one.one_of_each = {{option.name, value}};
        one.output = (output_folder(arguments) / value).string();
        const Outcome outcome = train_one(one, data);
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
    take_common_instructions(arguments.strict);
    const auto train = [&]() -> int {
        const ModelOption* const option = arguments.model.open_choice();
        if (option != nullptr && arguments.resume_from.empty()) // a checkpoint is of one value
            return train_each(arguments, *option);
        std::optional<Dataset> data;
        return train_one(arguments, data).code;
    };
    if (arguments.profile.empty())
        return train();

    std::ofstream file;
    detail::on_first(ranks(), [&] {
        errno = 0;
        file.open(arguments.profile, std::ios::trunc);
        if (!file)
            throw DataError(fmt::format("[profile] {} cannot be written: {}", arguments.profile,
                                        std::generic_category().message(errno)));
    });
    const Profile profile;
    const int code = train();
    if (!is_first_rank())
        return code;
    profile.write_trace(file);
    if (!file.flush())
        throw DataError(fmt::format("[profile] {} could not be written: is the disk full?", arguments.profile));
    fmt::print("\n{}memory: {} at most\ntrace: {} (open it in https://ui.perfetto.dev)\n", to_string(profile),
               bytes_in_words(memory_use().peak), arguments.profile);
    return code;
}

} // namespace

Verb train(const Options& app)
{
    const Options verb = app.add_verb(
        "train", "trains a model; writes its best and its last checkpoint",
        "Ctrl-C saves and stops. --resume continues to the same bits; other options need not be repeated,\n"
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
        "  xgrad train character-transformer --data novel.txt\n"
        "  xgrad train mnist.onnx --epochs 2         goes on with the weights of a network that anybody made\n"
        "  xgrad train xgrad-runs/lenet5/best.safetensors --data fashion-mnist");
    const auto arguments = std::make_shared<TrainArguments>();
    const Option resume = arguments->add_to(verb);
    return {verb, [arguments, resume] {
                arguments->resume = resume.given();
                arguments->model.read_file(arguments->checksum);
                return run(*arguments);
            }};
}

} // namespace xgrad::command
