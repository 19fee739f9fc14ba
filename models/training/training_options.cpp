#include <xgrad/base/error.hpp>
#include <xgrad/models/training/metadata.hpp>
#include <xgrad/models/training/training_options.hpp>

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <utility>

namespace xgrad
{

namespace
{

constexpr std::string_view rate_key = "training.rate.";

/** Calls use(key, option) for each option that is left out of the metadata if it has its default. */
template <class Options, class Use>
void for_each_extra(Options& options, Use use)
{
    use("training.validation", options.validation);
    use("training.patience", options.patience);
    use("training.accumulate", options.accumulate);
    use("training.clip_value", options.clip_value);
    use("training.clip_norm", options.clip_norm);
    use("training.ema", options.ema);
    use("training.schedule.warmup", options.schedule_options.warmup);
    use("training.schedule.factor", options.schedule_options.factor);
    use("training.schedule.power", options.schedule_options.power);
    use("training.schedule.floor", options.schedule_options.floor);
    use("training.schedule.patience", options.plateau_patience);
    use("training.drop_last", options.drop_last);
    use("training.flip", options.augmentation.flip);
    use("training.shift", options.augmentation.shift);
    use("training.erase", options.augmentation.erase);
}

std::string text_of(const std::optional<double>& number) { return number ? fmt::to_string(*number) : std::string(); }
std::string text_of(bool is) { return is ? "yes" : "no"; }
template <class Number>
std::string text_of(Number number)
{
    return fmt::to_string(number);
}

void read(const Checkpoint& checkpoint, const char* key, std::optional<double>& number)
{
    number = detail::metadata_number<double>(checkpoint, key);
}
void read(const Checkpoint& checkpoint, const char* key, bool& is) { is = detail::metadata(checkpoint, key) == "yes"; }
template <class Number>
void read(const Checkpoint& checkpoint, const char* key, Number& number)
{
    number = detail::metadata_number<Number>(checkpoint, key);
}

} // namespace

std::map<std::string, std::string> describe(const TrainingOptions& options)
{
    std::map<std::string, std::string> entries = {{"training.epochs", fmt::to_string(options.epochs)},
                                                  {"training.batch", fmt::to_string(options.batch)},
                                                  {"training.chunk", fmt::to_string(options.chunk)},
                                                  {"training.learning_rate", fmt::to_string(options.learning_rate)},
                                                  {"training.weight_decay", fmt::to_string(options.weight_decay)},
                                                  {"training.damping", fmt::to_string(options.damping)},
                                                  {"training.optimizer", options.optimizer},
                                                  {"training.schedule", options.schedule},
                                                  {"training.distort", options.distort ? "yes" : "no"},
                                                  {"training.frozen_epochs", fmt::to_string(options.frozen_epochs)},
                                                  {"training.seed", fmt::to_string(options.seed)}};
    for (const auto& [name, factor] : options.rates)
        entries.emplace(std::string(rate_key) + name, fmt::to_string(factor));
    std::map<std::string, std::string> usual;
    const TrainingOptions defaults;
    for_each_extra(defaults, [&](const char* key, const auto& value) { usual[key] = text_of(value); });
    for_each_extra(options, [&](const char* key, const auto& value) {
        if (std::string text = text_of(value); text != usual[key])
            entries.emplace(key, std::move(text));
    });
    return entries;
}

TrainingOptions training_options(const Checkpoint& checkpoint)
{
    using detail::metadata, detail::metadata_number;
    TrainingOptions options{.epochs = metadata_number<std::size_t>(checkpoint, "training.epochs"),
                            .batch = metadata_number<std::size_t>(checkpoint, "training.batch"),
                            .chunk = metadata_number<std::size_t>(checkpoint, "training.chunk"),
                            .learning_rate = metadata_number<double>(checkpoint, "training.learning_rate"),
                            .weight_decay = metadata_number<double>(checkpoint, "training.weight_decay"),
                            .damping = metadata_number<double>(checkpoint, "training.damping"),
                            .optimizer = metadata(checkpoint, "training.optimizer"),
                            .schedule = metadata(checkpoint, "training.schedule"),
                            .distort = metadata(checkpoint, "training.distort") == "yes",
                            .frozen_epochs = metadata_number<std::size_t>(checkpoint, "training.frozen_epochs"),
                            .seed = metadata_number<std::uint64_t>(checkpoint, "training.seed")};
    for_each_extra(options, [&](const char* key, auto& value) {
        if (checkpoint.metadata.contains(key))
            read(checkpoint, key, value);
    });
    for (const auto& [key, value] : checkpoint.metadata)
        if (key.starts_with(rate_key))
            options.rates[key.substr(rate_key.size())] = metadata_number<double>(checkpoint, key);
    return options;
}

void check(const TrainingOptions& options, std::size_t images)
{
    const auto require = [](bool good, const std::string& what) {
        if (!good)
            throw Error("[training] " + what);
    };
    require(options.epochs > 0, "0 epochs were asked for: give 1 or more");
    require(options.batch > 0 && options.chunk > 0,
            fmt::format("batches of {} images in chunks of {}: both must be 1 or more", options.batch, options.chunk));
    require(options.validation < images,
            fmt::format("{} images are held out of {}, so none are left to learn from: hold out fewer",
                        options.validation, images));
    require(options.batch <= images - options.validation,
            fmt::format("a batch of {} images is more than the training set has{}: give {} or less", options.batch,
                        options.validation > 0 ? " besides those that are held out" : "", images - options.validation));
    require(options.accumulate > 0, "a step over 0 batches was asked for: accumulate 1 or more");
    require(options.patience == 0 || options.validation > 0,
            "no images are held out for validation, so nothing tells when to stop: hold out some");
    require(std::isfinite(options.learning_rate) && options.learning_rate > 0,
            fmt::format("the learning rate is {}: it must be greater than 0", options.learning_rate));
    require(std::isfinite(options.weight_decay) && options.weight_decay >= 0,
            fmt::format("the weight decay is {}: it must not be negative", options.weight_decay));
    require(std::isfinite(options.damping) && options.damping > 0,
            fmt::format("the damping is {}: it must be greater than 0", options.damping));
    for (const auto& [name, bound] : {std::pair{"values", options.clip_value}, {"the norm", options.clip_norm}})
        require(std::isfinite(bound) && bound >= 0,
                fmt::format("the bound of {} of the gradients is {}: it must not be negative", name, bound));
    require(options.ema >= 0 && options.ema < 1,
            fmt::format("the decay of the average of the weights is {}: it must be at least 0 and less than 1",
                        options.ema));
}

} // namespace xgrad
