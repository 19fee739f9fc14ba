#pragma once

#include "command.hpp"
#include <xgrad/models/training/training_options.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace xgrad::command
{

/** The words after `xgrad train`. */
struct TrainArguments
{
    ModelArguments model;
    std::optional<std::string> data, optimizer, schedule;
    std::optional<std::size_t> epochs, batch, chunk;
    std::optional<double> learning_rate, weight_decay, damping;
    std::optional<std::uint64_t> seed;
    std::optional<std::size_t> frozen_epochs;
    std::optional<std::size_t> validation, patience, accumulate;
    std::optional<double> clip_value, clip_norm, ema;
    std::optional<double> warmup, schedule_factor, schedule_power, schedule_floor;
    std::optional<std::size_t> schedule_patience;
    std::optional<std::size_t> shift, erase;
    std::optional<bool> flip;
    std::map<std::string, double> rates;
    std::optional<std::string> recipe;
    std::size_t pretraining_epochs = 0, steps = 0; // 0: all steps of the epochs
    std::string output, log, profile, resume_from;
    Choices one_of_each; // the value, if all values of an option are trained
    Checksum checksum = Checksum::checked;
    double rank_timeout = 30;
    bool strict = false;
    bool distort = false, early_stopping = false, drop_last = false, resume = false, detect_nan = false, quiet = false;
    bool hash = false;

    /** Binds the options of the verb to this object, which must not move. @return  the option --resume */
    Option add_to(const Options& verb);

    /** The options `base` of a training, changed by those that are given. @throws UsageError if they make no sense
     *  together */
    TrainingOptions over(TrainingOptions base) const;

  private:
    void change_patience(TrainingOptions& options) const;
    void change_schedule(TrainingOptions& options) const;
};

} // namespace xgrad::command
