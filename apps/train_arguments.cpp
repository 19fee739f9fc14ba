#include "train_arguments.hpp"

#include <xgrad/base/error.hpp>
#include <xgrad/optim/optimizer.hpp>

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace xgrad::command
{

TrainingOptions TrainArguments::over(TrainingOptions base) const
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
    base.augmentation = {.flip = flip.value_or(base.augmentation.flip),
                         .shift = shift.value_or(base.augmentation.shift),
                         .erase = erase.value_or(base.augmentation.erase)};
    for (const auto& [name, factor] : rates)
        base.rates[name] = factor;
    base.validation = validation.value_or(base.validation);
    base.accumulate = accumulate.value_or(base.accumulate);
    base.clip_value = clip_value.value_or(base.clip_value);
    base.clip_norm = clip_norm.value_or(base.clip_norm);
    base.ema = ema.value_or(base.ema);
    base.drop_last |= drop_last;
    change_patience(base);
    change_schedule(base);
    return base;
}

void TrainArguments::change_patience(TrainingOptions& options) const
{
    constexpr std::size_t usual = 5;
    if (patience && !early_stopping && options.patience == 0)
        throw UsageError("--patience says when --early-stopping ends the training: give both");
    if (early_stopping && options.patience == 0)
        options.patience = usual;
    options.patience = patience.value_or(options.patience);
    if (early_stopping && validation == 0)
        throw UsageError("--early-stopping needs validation images: give --validation a number above 0, or leave it "
                         "out");
}

void TrainArguments::change_schedule(TrainingOptions& options) const
{
    optim::ScheduleOptions& of_schedule = options.schedule_options;
    of_schedule.warmup = warmup.value_or(of_schedule.warmup);
    const auto change = [](std::optional<double>& option, const std::optional<double>& given) {
        if (given)
            option = given;
    };
    change(of_schedule.factor, schedule_factor);
    change(of_schedule.power, schedule_power);
    change(of_schedule.floor, schedule_floor);
    if (schedule_patience && options.schedule != "plateau")
        throw UsageError(fmt::format("[schedule] '{}' has no patience: it is for plateau", options.schedule));
    options.plateau_patience = schedule_patience.value_or(options.plateau_patience);
    try {
        (void)optim::make_schedule(options.schedule, of_schedule);
    } catch (const Error& error) {
        throw UsageError(error.what());
    }
}

Option TrainArguments::add_to(const Options& verb)
{
    model.add_to(verb);
    verb.add("--data", data,
             "mnist, fashion-mnist, mnist-sample, or a folder or a file of images [mnist]; alice or a file of text, "
             "for models of characters [alice]");
    verb.add("--epochs", epochs, "number of passes over the training images").check(positive());
    verb.add("--batch", batch, "number of images in a step").check(positive());
    verb.add("--chunk", chunk, "number of images on one tape").check(positive());
    verb.add("--learning-rate,--lr", learning_rate, "largest learning rate of the schedule").check(positive());
    verb.add("--weight-decay", weight_decay, "factor λ by which the optimizer decays weights").check(not_negative());
    verb.add("--damping", damping, "μ of the optimizer sdlm").check(positive());
    verb.add("--optimizer", optimizer, "update rule").check(one_of(optim::optimizer_names()));
    verb.add("--schedule", schedule, "course of the learning rate").check(one_of(optim::schedule_names()));
    verb.add("--warmup", warmup, "number of first epochs in which the learning rate rises from 0, then the schedule")
        .check(not_negative());
    verb.add("--schedule-factor", schedule_factor,
             "factor of the schedules step [0.1], exponential (each epoch) [0.9] and plateau [0.1]")
        .check(positive());
    verb.add("--schedule-power", schedule_power, "power of the schedule polynomial [2]").check(positive());
    verb.add("--schedule-floor", schedule_floor,
             "smallest fraction of the rate: linear, polynomial, cosine, warm-cosine, plateau [0]")
        .check(below_one());
    verb.add("--schedule-patience", schedule_patience,
             "number of epochs without a smaller error that the schedule plateau bears [2]")
        .check(not_negative());
    verb.add("--clip-value", clip_value, "largest number in a gradient; larger ones are cut").check(positive());
    verb.add("--clip-norm", clip_norm, "largest norm of all gradients together; larger ones are scaled")
        .check(positive());
    verb.add("--accumulate", accumulate, "number of batches whose mean gradient makes a step [1]").check(positive());
    verb.add("--ema", ema, "decay of an average of the weights, such as 0.999, which is evaluated and saved")
        .check(below_one());
    verb.add("--validation", validation,
             "number of training images, or windows of a text, held out to choose the best epoch; the test images "
             "are then read once, at the end [with --early-stopping 1 of 12, so 5000 of MNIST; else 0]")
        .check(not_negative());
    verb.add_flag("--early-stopping", early_stopping, "ends when the validation error no longer falls");
    verb.add("--patience", patience, "number of epochs without a smaller error that end it [5]").check(positive());
    verb.add_flag("--drop-last", drop_last, "leaves out the last batch of an epoch if it is smaller");
    verb.add("--seed", seed, "seed of all random numbers: the same seed gives the same bits").check(not_negative());
    verb.add("--recipe", recipe, "a known way to train the model: " + all_recipes());
    verb.add_flag("--distort", distort, "distorts each image a little, anew in each epoch");
    const auto mirror = [this](bool on) { return [this, on] { flip = on; }; };
    const Option mirrors =
        verb.add_flag("--flip", mirror(true), "mirrors half of the images, left for right, anew in each epoch");
    verb.add_flag("--no-flip", mirror(false), "mirrors none, if the model does by default").excludes(mirrors);
    verb.add("--shift", shift, "largest number of whole pixels by which each image is shifted along each axis")
        .check(not_negative());
    verb.add("--erase", erase, "side in pixels of a square at a random place of each image that is erased")
        .check(not_negative());
    const auto scale_rates = [this](const Target::Factors& factors) {
        for (const auto& [layer, factor] : factors)
            if (!rates.emplace(layer, factor).second)
                throw UsageError(fmt::format("--rate: '{}' has two factors: give one", layer));
    };
    verb.add("--rate", scale_rates, "factor on the learning rate of a layer or a parameter: --rate c1 0.5")
        .type("LAYER FACTOR")
        .check(not_negative(), 1);
    verb.add("--frozen-epochs", frozen_epochs, "number of first epochs in which only the last layer learns")
        .check(not_negative());
    verb.add("--pretrain", pretraining_epochs,
             "number of epochs in which each convolution first learns its kernels without labels")
        .check(not_negative());
    add_threads(verb);
    verb.add("--rank-timeout", rank_timeout,
             "with several processes (mpirun), the seconds after which one that sends nothing is given up [30]")
        .check(positive());
    verb.add_flag("--strict", strict, "with several processes, an error if machines have different instruction sets");
    verb.add("--output", output, "folder of the checkpoints [xgrad-runs/MODEL]");
    verb.add("--log", log, "file to which each epoch appends a line of JSON");
    verb.add("--profile", profile,
             "file for a trace of every op, in Chrome's format; the ten costliest ops are printed");
    const Option resume_option =
        verb.add("--resume", resume_from, "continues from a checkpoint [last.safetensors in the output folder]")
            .or_alone()
            .type("[CHECKPOINT]");
    add_unchecked(verb, checksum);
    verb.add_flag("--detect-nan", detect_nan,
                  "if the loss becomes NaN or infinite, names the first op with such a result");
    verb.add("--stop-after", steps, "number of batches after which it stops, as Ctrl-C does [all]").check(positive());
    verb.add_flag("--hash", hash, "prints a hash of the weights at the end: the same bits have the same one");
    verb.add_flag("--quiet", quiet, "prints only the result");
    return resume_option;
}

} // namespace xgrad::command
