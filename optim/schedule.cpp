#include <xgrad/base/error.hpp>
#include <xgrad/base/nearest.hpp>
#include <xgrad/optim/schedule.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace xgrad::optim
{

namespace
{

/** A value on half a cosine from a at x = 0 to b at x = 1. */
double cosine_between(double a, double b, double x)
{
    return b + (a - b) * 0.5 * (1 + std::cos(std::numbers::pi * std::clamp(x, 0.0, 1.0)));
}

/** @throws Error unless a number is from 0 to 1 */
void check_fraction(const char* schedule, const char* what, double x)
{
    if (!(x >= 0 && x <= 1))
        throw Error(fmt::format("[{}] the {} is {}: it must be from 0 to 1", schedule, what, x));
}

/** @throws Error unless a number is finite and greater than 0 */
void check_positive(const char* schedule, const char* what, double x)
{
    if (!std::isfinite(x) || x <= 0)
        throw Error(fmt::format("[{}] the {} is {}: it must be greater than 0", schedule, what, x));
}

} // namespace

Schedule constant_schedule()
{
    return [](double, double) { return 1.0; };
}

Schedule step_schedule(double every, double factor)
{
    if (!(every > 0))
        throw Error(fmt::format("[step_schedule] the number of epochs between steps must be positive, not {}", every));
    check_positive("step_schedule", "factor", factor);
    return [=](double epoch, double) { return std::pow(factor, std::floor(epoch / every)); };
}

Schedule exponential_schedule(double factor)
{
    check_positive("exponential_schedule", "factor", factor);
    return [=](double epoch, double) { return std::pow(factor, epoch); };
}

Schedule polynomial_schedule(double power, double floor)
{
    check_positive("polynomial_schedule", "power", power);
    check_fraction("polynomial_schedule", "floor", floor);
    return [=](double epoch, double epochs) {
        return floor + (1 - floor) * std::pow(std::clamp(1 - epoch / epochs, 0.0, 1.0), power);
    };
}

Schedule linear_schedule(double floor)
{
    check_fraction("linear_schedule", "floor", floor);
    return polynomial_schedule(1, floor);
}

Schedule cosine_schedule(double warmup, double floor)
{
    check_fraction("cosine_schedule", "floor", floor);
    return with_warmup([=](double epoch, double epochs) { return cosine_between(1, floor, epoch / epochs); }, warmup);
}

Schedule one_cycle_schedule(double peak, double start, double end)
{
    return [=](double epoch, double epochs) {
        const double progress = epoch / epochs;
        return progress < peak ? cosine_between(start, 1, progress / peak)
                               : cosine_between(1, end, (progress - peak) / std::max(1 - peak, 1e-9));
    };
}

Schedule lecun1998_schedule()
{
    return [](double epoch, double) {
        return epoch < 2 ? 1 : epoch < 5 ? 0.4 : epoch < 8 ? 0.2 : epoch < 12 ? 0.1 : 0.02;
    };
}

Schedule with_warmup(Schedule schedule, double warmup)
{
    if (!std::isfinite(warmup) || warmup < 0)
        throw Error(fmt::format("[warmup] {} epochs were asked for: it must be 0 or more", warmup));
    if (warmup == 0)
        return schedule;
    return [schedule = std::move(schedule), warmup](double epoch, double epochs) {
        const double rest = std::max(epochs - warmup, 1e-9);
        return epoch < warmup ? epoch / warmup * schedule(0, rest) : schedule(epoch - warmup, rest);
    };
}

ReduceOnPlateau::ReduceOnPlateau(const Options& options) : options_(options)
{
    const auto check = [](const char* what, double x) {
        if (!(x >= 0 && x < 1))
            throw Error(fmt::format("[plateau] the {} is {}: it must be at least 0 and less than 1", what, x));
    };
    check("factor", options.factor);
    check("improvement", options.improvement);
    check_fraction("plateau", "floor", options.floor);
}

double ReduceOnPlateau::update(double error)
{
    // The first error is smaller than infinity, of which no part can be taken.
    const double bound = std::isinf(state_.smallest) ? state_.smallest : state_.smallest * (1 - options_.improvement);
    if (error < bound) {
        state_.smallest = error;
        state_.waited = 0;
    } else if (++state_.waited > options_.patience) {
        state_.fraction = std::max(options_.floor, state_.fraction * options_.factor);
        state_.waited = 0;
    }
    return state_.fraction;
}

namespace
{

/** A schedule with a name. */
struct Named
{
    const char* name;
    bool has_factor, has_power, has_floor;
    Schedule (*make)(const ScheduleOptions& options);
};

const std::vector<Named>& all_schedules()
{
    using Options = const ScheduleOptions&;
    static const std::vector<Named> all = {
        {"constant", false, false, false, [](Options) { return constant_schedule(); }},
        {"step", true, false, false,
         [](Options o) -> Schedule {
             const double factor = o.factor.value_or(0.1);
             check_positive("step_schedule", "factor", factor);
             return [factor](double epoch, double epochs) { return step_schedule(epochs / 3, factor)(epoch, epochs); };
         }},
        {"exponential", true, false, false, [](Options o) { return exponential_schedule(o.factor.value_or(0.9)); }},
        {"linear", false, false, true, [](Options o) { return linear_schedule(o.floor.value_or(0)); }},
        {"polynomial", false, true, true,
         [](Options o) { return polynomial_schedule(o.power.value_or(2), o.floor.value_or(0)); }},
        {"cosine", false, false, true, [](Options o) { return cosine_schedule(0, o.floor.value_or(0)); }},
        {"warm-cosine", false, false, true, [](Options o) { return cosine_schedule(1, o.floor.value_or(0)); }},
        {"one-cycle", false, false, false, [](Options) { return one_cycle_schedule(); }},
        {"lecun1998", false, false, false, [](Options) { return lecun1998_schedule(); }},
        {"plateau", true, false, true, [](Options) { return constant_schedule(); }},
    };
    return all;
}

/** @throws Error if an option is given that a schedule does not have */
void check_option(std::string_view name, const char* option, bool is_given, bool Named::*has)
{
    std::vector<std::string> those_with;
    for (const Named& each : all_schedules()) {
        if (each.name == name && each.*has)
            return;
        if (each.*has)
            those_with.emplace_back(each.name);
    }
    if (is_given)
        throw Error(fmt::format("[schedule] '{}' has no {}: it is for {}", name, option, fmt::join(those_with, ", ")));
}

} // namespace

std::vector<std::string> schedule_names()
{
    std::vector<std::string> names;
    for (const Named& each : all_schedules())
        names.emplace_back(each.name);
    return names;
}

Schedule make_schedule(std::string_view name, const ScheduleOptions& options)
{
    for (const Named& each : all_schedules())
        if (each.name == name) {
            check_option(name, "factor", options.factor.has_value(), &Named::has_factor);
            check_option(name, "power", options.power.has_value(), &Named::has_power);
            check_option(name, "floor", options.floor.has_value(), &Named::has_floor);
            return with_warmup(each.make(options), options.warmup);
        }
    throw Error("[schedule] " + detail::no_such("", name, schedule_names()));
}

} // namespace xgrad::optim
