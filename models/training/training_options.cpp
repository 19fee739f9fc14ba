#include <xgrad/base/error.hpp>
#include <xgrad/models/training/metadata.hpp>
#include <xgrad/models/training/training_options.hpp>

#include <fmt/format.h>

#include <cmath>

namespace xgrad
{

namespace
{

constexpr std::string_view rate_key = "training.rate.";

}

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
    require(
        options.batch <= images,
        fmt::format("a batch of {} images is more than the training set has: give {} or less", options.batch, images));
    require(std::isfinite(options.learning_rate) && options.learning_rate > 0,
            fmt::format("the learning rate is {}: it must be greater than 0", options.learning_rate));
    require(std::isfinite(options.weight_decay) && options.weight_decay >= 0,
            fmt::format("the weight decay is {}: it must not be negative", options.weight_decay));
    require(std::isfinite(options.damping) && options.damping > 0,
            fmt::format("the damping is {}: it must be greater than 0", options.damping));
}

} // namespace xgrad
