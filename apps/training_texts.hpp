#pragma once
// What `xgrad train` tells about a training before its first step, and when it stops.

#include "train_arguments.hpp"
#include <xgrad/models/training/training.hpp>

#include <filesystem>

namespace xgrad::command
{

/** Tells what begins, once it is known that checkpoints can be written.
 *  @param earlier  the checkpoint that it continues; null: none */
void tell_start(const Training& training, const Dataset& data, const TrainArguments& arguments,
                const Checkpoint* earlier);

/** Tells how to go on after a signal. Not on stdout: its reader may have been interrupted by the same key. */
void tell_stop(const Training& training, const std::filesystem::path& folder, const TrainArguments& arguments);

} // namespace xgrad::command
