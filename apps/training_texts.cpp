#include "training_texts.hpp"

#include "text.hpp"
#include <xgrad/base/escape.hpp>
#include <xgrad/base/ordered_sum.hpp>
#include <xgrad/base/workers.hpp>
#include <xgrad/models/data/text.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

namespace xgrad::command
{

namespace
{

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

/** "2 threads", "4 ranks of 1 thread" */
std::string workers_of(Ranks* ranks)
{
    const std::string each = fmt::format("{} thread{}", threads(), threads() == 1 ? "" : "s");
    return ranks == nullptr ? each : fmt::format("{} ranks of {}", ranks->size(), each);
}

/** Tells if ranks have nothing to do. */
void warn_of_idle_ranks(const Training& training)
{
    const TrainingOptions& options = training.options();
    const std::size_t chunks = (options.batch - 1) / options.chunk + 1;
    const Task task = training.classifier().task;
    if (task == Task::pixel_classes || training.ranks() == nullptr) // whose batches are of scenes
        return;
    if (const std::size_t busy = detail::leaves_of(chunks), all = training.ranks()->size(); busy < all)
        tell(stderr,
             "note: a batch of {} {} has {} chunk{}, which {} of the {} ranks compute; a larger --batch or a "
             "smaller --chunk gives all something to do\n",
             options.batch, samples_of(task), chunks, chunks == 1 ? "" : "s", busy, all);
}

void announce(const Training& training, const Dataset& data)
{
    const TrainingOptions& options = training.options();
    const std::size_t held_out = training.validation_images();
    const Task task = training.classifier().task;
    tell(stdout, "{}: {} parameters; {}: {} training{} and {} test {} of {}; {}\n", training.classifier().name,
         grouped(training.classifier().parameter_count()), printable(data.name),
         grouped(training.training_images().size()),
         held_out > 0 ? fmt::format(", {} validation", grouped(held_out)) : std::string(), grouped(data.test.size()),
         samples_of(task),
         task == Task::next_characters ? fmt::format("{} characters", text_context)
                                       : fmt::format("{} classes", data.train.classes),
         workers_of(training.ranks()));
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

} // namespace

void tell_start(const Training& training, const Dataset& data, const TrainArguments& arguments,
                const Checkpoint* earlier)
{
    if (!arguments.quiet)
        announce(training, data);
    warn_of_idle_ranks(training);
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

void tell_stop(const Training& training, const std::filesystem::path& folder, const TrainArguments& arguments)
{
    tell(stderr, "stopped {}; to continue: {} train {} --resume {}{}\n", position(training), shell_word(program()),
         shell_word(arguments.model.shown()), shell_word((folder / last_checkpoint).string()),
         arguments.log.empty() ? "" : " --log " + shell_word(arguments.log));
}

} // namespace xgrad::command
