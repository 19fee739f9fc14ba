#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/base/sizes.hpp>
#include <xgrad/ops/functions.hpp>
#include <xgrad/ops/joining.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace xgrad::detail
{

namespace
{

/** Throws unless the next state has the number and shapes of the one before. */
template <class T>
void check_state(const Variables<T>& before, const Variables<T>& next)
{
    if (next.size() != before.size())
        throw ShapeError(fmt::format("[scan] the step gave a state of {} variables, it was given one of {}",
                                     next.size(), before.size()));
    for (std::size_t k = 0; k < next.size(); ++k)
        if (next[k].shape() != before[k].shape())
            throw ShapeError(fmt::format("[scan] the step gave a state of shape {}, it was given one of shape {}",
                                         to_string(next[k].shape()), to_string(before[k].shape())));
}

} // namespace

template <class T>
Variables<T> scan_list(const ScanStep<T>& step, const Variables<T>& state, const Variable<T>& xs, std::size_t steps,
                       const ScanOptions& options)
{
    if (xs.has_value() && xs.dimension() == 0)
        throw ShapeError("[scan] the inputs are a scalar: they need a first axis, which is that of the steps");
    if (xs.has_value())
        steps = xs.shape().front();
    if (steps == 0)
        throw ShapeError(xs.has_value() ? fmt::format("[scan] inputs of shape {} have no steps: 1 or more are needed",
                                                      to_string(xs.shape()))
                                        : "[scan] there are no steps: 1 or more are needed");
    for (const Variable<T>& part : state)
        product_of_sizes("scan", "number of elements of the states", part.size(), steps);
    const Variables<T> inputs = xs.has_value() ? unstack(xs) : Variables<T>();
    const std::size_t parts = state.size();

    // The stretches of steps, each a function of the state and of its inputs. They return all states or the last one.
    checked_size("scan", "number of steps", steps);
    const auto root = static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(steps))));
    const std::size_t length = options.checkpoint ? root : steps;
    Variables<T> last = state, all;
    for (std::size_t begin = 0; begin < steps; begin += length) {
        const std::size_t count = std::min(length, steps - begin);
        const auto stretch = [step, parts, count, last_only = options.last_only](const Variables<T>& given) {
            Variables<T> current(given.begin(), given.begin() + static_cast<std::ptrdiff_t>(parts)), states;
            for (std::size_t i = 0; i < count; ++i) {
                Variables<T> next = step(current, given.size() > parts ? given[parts + i] : Variable<T>());
                check_state(current, next);
                if (!last_only)
                    states.insert(states.end(), next.begin(), next.end());
                current = std::move(next);
            }
            return last_only ? current : states;
        };
        Variables<T> given = last;
        if (!inputs.empty())
            given.insert(given.end(), inputs.begin() + static_cast<std::ptrdiff_t>(begin),
                         inputs.begin() + static_cast<std::ptrdiff_t>(begin + count));
        const Variables<T> states = options.checkpoint ? checkpoint_list<T>(stretch, given) : stretch(given);
        last.assign(states.end() - static_cast<std::ptrdiff_t>(parts), states.end());
        if (!options.last_only)
            all.insert(all.end(), states.begin(), states.end());
    }
    if (options.last_only)
        return last;
    Variables<T> stacked;
    for (std::size_t k = 0; k < parts; ++k) {
        Variables<T> of_part;
        for (std::size_t i = k; i < all.size(); i += parts)
            of_part.push_back(all[i]);
        stacked.push_back(stack(of_part));
    }
    return stacked;
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variables<T> scan_list(const ScanStep<T>&, const Variables<T>&, const Variable<T>&, std::size_t,          \
                                    const ScanOptions&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad::detail
