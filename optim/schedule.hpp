#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace xgrad::optim
{

/** A function that gives the learning rate at an epoch out of `epochs`, as a fraction of the rate that was asked for.
 *  The epoch may be fractional. */
using Schedule = std::function<double(double epoch, double epochs)>;

/** A schedule that is always 1. */
Schedule constant_schedule();

/** A schedule that is multiplied by `factor` after every `every` epochs. @throws Error if `every` is not positive */
Schedule step_schedule(double every, double factor);

/** A schedule of half a cosine from 1 down to `floor` at the end, after a linear rise over the first `warmup`
 *  epochs. */
Schedule cosine_schedule(double warmup = 0, double floor = 0);

/** Smith's one-cycle schedule: along half cosines from `start` up to 1 at the fraction `peak` of the training, then
 *  down to `end`. */
Schedule one_cycle_schedule(double peak = 0.3, double start = 0.04, double end = 1e-4);

/** The schedule of LeNet-5's training from 5e-4 (LeCun et al. 1998, section III.B), whatever the number of epochs. It
 *  is 1 in the first two passes, then 0.4, 0.2 and 0.1 from passes 3, 6 and 9 on, and 0.02 from pass 13 on. */
Schedule lecun1998_schedule();

/** The names that `make_schedule` takes. */
std::vector<std::string> schedule_names();

/** The schedule of a name: "constant", "step" (a tenth after each third of the training), "cosine", "warm-cosine"
 *  (after a rise over the first epoch), "one-cycle" or "lecun1998".
 *  @throws Error if there is none of that name */
Schedule make_schedule(std::string_view name);

} // namespace xgrad::optim
