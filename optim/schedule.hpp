#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
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

/** A schedule that is multiplied by `factor` after every `every` epochs. @throws Error if `every` is not positive or
 *  `factor` is negative */
Schedule step_schedule(double every, double factor);

/** A schedule that falls by `factor` in each epoch: factorᵗ at epoch t. @throws Error if `factor` is not positive */
Schedule exponential_schedule(double factor);

/** A straight line from 1 down to `floor` at the end. @throws Error if `floor` is not from 0 to 1 */
Schedule linear_schedule(double floor = 0);

/** A power of a straight line: f + (1 − f)·(1 − t/T)^p at epoch t out of T, where f is `floor` and p is `power`.
 *  @throws Error if `power` is not positive or `floor` not from 0 to 1 */
Schedule polynomial_schedule(double power, double floor = 0);

/** A schedule of half a cosine from 1 down to `floor` at the end, after a linear rise over the first `warmup`
 *  epochs (Loshchilov and Hutter 2017). */
Schedule cosine_schedule(double warmup = 0, double floor = 0);

/** The one-cycle schedule of Smith 2018: from `start` up to 1 at the fraction `peak` of the training, then down to
 *  `end`. Smith goes along straight lines; these are half cosines, which change nothing but the corners. */
Schedule one_cycle_schedule(double peak = 0.3, double start = 0.04, double end = 1e-4);

/** The schedule of LeNet-5's training from 5e-4 (LeCun et al. 1998, section III.B), whatever the number of epochs. It
 *  is 1 in the first two passes, then 0.4, 0.2 and 0.1 from passes 3, 6 and 9 on, and 0.02 from pass 13 on. */
Schedule lecun1998_schedule();

/** A schedule after a warm-up: a linear rise from 0 to the beginning of `schedule` over the first `warmup` epochs
 *  (Goyal et al. 2017), and then `schedule` over the other ones. @throws Error if `warmup` is negative or not finite */
Schedule with_warmup(Schedule schedule, double warmup);

/** Lowers the learning rate when an error no longer falls: after more than `patience` epochs without an error that is
 *  smaller than the smallest one, the rate is multiplied by `factor`, down to `floor`, and the epochs are counted anew.
 */
class ReduceOnPlateau
{
  public:
    struct Options
    {
        double factor = 0.1;
        std::size_t patience = 2; ///< the number of epochs without improvement that are borne
        double floor = 0;         ///< the smallest fraction
        double improvement = 0;   ///< the part of the smallest error by which another one must be smaller to count
    };

    /** All that it knows, for a checkpoint. */
    struct State
    {
        double fraction = 1; ///< the present fraction of the learning rate
        double smallest = std::numeric_limits<double>::infinity();
        std::size_t waited = 0; ///< the number of epochs without improvement
    };

    ReduceOnPlateau() : ReduceOnPlateau(Options()) {}
    /** @throws Error if the factor is not from 0 to below 1, the floor not from 0 to 1, or the improvement not from 0
     *  to below 1 */
    explicit ReduceOnPlateau(const Options& options);

    /** Takes the error of an epoch. A NaN counts as no improvement. @return  the fraction of the learning rate from now
     *  on */
    double update(double error);

    double fraction() const { return state_.fraction; }
    const State& state() const { return state_; }
    void restore(const State& state) { state_ = state; }

  private:
    Options options_;
    State state_;
};

/** Options of the schedules that have names. An option that is not given has the schedule's own value. */
struct ScheduleOptions
{
    double warmup = 0;                 ///< the number of epochs of a linear rise before the schedule
    std::optional<double> factor = {}; ///< the factor of step (0.1), exponential (0.9 an epoch) and plateau (0.1)
    std::optional<double> power = {};  ///< the power of polynomial (2)
    std::optional<double> floor = {};  ///< the floor of linear, polynomial, cosine, warm-cosine and plateau (0)
};

/** The names that `make_schedule` takes. */
std::vector<std::string> schedule_names();

/** The schedule of a name: "constant", "step" (`factor` after each third of the training), "exponential", "linear",
 *  "polynomial", "cosine", "warm-cosine" (after a rise over the first epoch), "one-cycle", "lecun1998", or "plateau",
 *  which is 1 here, as the errors decide: see `ReduceOnPlateau`.
 *  @throws Error if there is none of that name, or it does not have an option that is given */
Schedule make_schedule(std::string_view name, const ScheduleOptions& options = {});

} // namespace xgrad::optim
