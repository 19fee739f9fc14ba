#include <xgrad/base/error.hpp>
#include <xgrad/base/nearest.hpp>
#include <xgrad/optim/schedule.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace xgrad::optim
{

namespace
{

/** A value on half a cosine from a at x = 0 to b at x = 1. */
double cosine_between(double a, double b, double x)
{
    return b + (a - b) * 0.5 * (1 + std::cos(std::numbers::pi * std::clamp(x, 0.0, 1.0)));
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
    return [=](double epoch, double) { return std::pow(factor, std::floor(epoch / every)); };
}

Schedule cosine_schedule(double warmup, double floor)
{
    return [=](double epoch, double epochs) {
        if (epoch < warmup)
            return epoch / warmup;
        return cosine_between(1, floor, (epoch - warmup) / std::max(epochs - warmup, 1e-9));
    };
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

std::vector<std::string> schedule_names()
{
    return {"constant", "step", "cosine", "warm-cosine", "one-cycle", "lecun1998"};
}

Schedule make_schedule(std::string_view name)
{
    if (name == "constant")
        return constant_schedule();
    if (name == "step")
        return [](double epoch, double epochs) { return step_schedule(epochs / 3, 0.1)(epoch, epochs); };
    if (name == "cosine")
        return cosine_schedule();
    if (name == "warm-cosine")
        return cosine_schedule(1);
    if (name == "one-cycle")
        return one_cycle_schedule();
    if (name == "lecun1998")
        return lecun1998_schedule();
    throw Error("[schedule] " + detail::no_such("", name, schedule_names()));
}

} // namespace xgrad::optim
