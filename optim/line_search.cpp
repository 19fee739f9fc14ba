#include <xgrad/base/error.hpp>
#include <xgrad/optim/line_search.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace xgrad::optim
{

namespace
{

bool is_finite(const LinePoint& point) { return std::isfinite(point.value) && std::isfinite(point.slope); }

/** The minimiser of the cubic through two points with these values and slopes (equation 3.59); NaN if it has none. */
double cubic_minimiser(const LinePoint& a, const LinePoint& b)
{
    const double d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.step - b.step);
    const double d2 = std::copysign(std::sqrt(d1 * d1 - a.slope * b.slope), b.step - a.step);
    return b.step - (b.step - a.step) * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
}

class Search
{
  public:
    Search(const std::function<LinePoint(double)>& at, const LinePoint& start, const LineSearchOptions& options)
        : at_(at), start_(start), options_(options)
    {}

    /** Algorithm 3.5: steps grow until there is an interval with a Wolfe point. */
    LineSearchResult bracket()
    {
        LinePoint before = start_;
        for (double step = std::min(options_.first, options_.largest); may_go_on();) {
            const LinePoint now = evaluate(step);
            if (is_too_high(now) || (before.step > 0 && is_above(now, before)))
                return zoom(before, now);
            if (is_flat(now))
                return {now, true, evaluations_};
            if (now.slope >= 0)
                return zoom(now, before);
            if (step >= options_.largest)
                return {now, false, evaluations_};
            constexpr double least = 2, most = 10; // times the step before
            const double minimiser = cubic_minimiser(before, now);
            step = std::min(options_.largest,
                            std::isfinite(minimiser) ? std::clamp(minimiser, least * step, most * step) : most * step);
            before = now;
        }
        return {before, false, evaluations_};
    }

  private:
    /** Algorithm 3.6: the interval shrinks to a Wolfe point. `low` has the lowest value so far. */
    LineSearchResult zoom(LinePoint low, LinePoint high)
    {
        while (may_go_on()) {
            const auto [left, right] = std::minmax(low.step, high.step);
            const double width = right - left, margin = 0.1 * width;
            const double minimiser = cubic_minimiser(low, high);
            const bool is_inside = minimiser >= left + margin && minimiser <= right - margin; // false for NaN
            const double step = is_inside ? minimiser : left + width / 2;
            if (step <= left || step >= right) // no number lies between them
                break;
            const LinePoint now = evaluate(step);
            if (is_too_high(now) || is_above(now, low)) {
                high = now;
                continue;
            }
            if (is_flat(now))
                return {now, true, evaluations_};
            if (now.slope * (high.step - low.step) >= 0)
                high = low;
            low = now;
        }
        return {low, false, evaluations_};
    }

    bool may_go_on() const { return evaluations_ < options_.largest_evaluations; }

    LinePoint evaluate(double step)
    {
        ++evaluations_;
        return at_(step);
    }

    bool is_too_high(const LinePoint& point) const
    {
        return !is_finite(point) ||
               point.value > start_.value + options_.decrease * point.step * start_.slope + options_.rounding;
    }
    bool is_above(const LinePoint& point, const LinePoint& other) const
    {
        return point.value > other.value + options_.rounding || (options_.rounding == 0 && point.value == other.value);
    }
    bool is_flat(const LinePoint& point) const
    {
        return std::abs(point.slope) <= options_.curvature * std::abs(start_.slope);
    }

    const std::function<LinePoint(double)>& at_;
    LinePoint start_;
    LineSearchOptions options_;
    std::size_t evaluations_ = 0;
};

} // namespace

LineSearchResult strong_wolfe(const std::function<LinePoint(double)>& at, const LinePoint& start,
                              const LineSearchOptions& options)
{
    if (!(options.decrease > 0 && options.decrease < options.curvature && options.curvature < 1))
        throw Error(fmt::format("[line_search] c1 is {} and c2 is {}: 0 < c1 < c2 < 1 must hold", options.decrease,
                                options.curvature));
    if (!(options.first > 0 && options.largest > 0))
        throw Error(fmt::format("[line_search] the first step is {} and the largest {}: both must be greater than 0",
                                options.first, options.largest));
    if (!is_finite(start) || start.slope >= 0)
        throw Error(fmt::format("[line_search] the loss is {} and its slope {} at the start: both must be finite, and "
                                "the slope negative",
                                start.value, start.slope));
    return Search(at, start, options).bracket();
}

} // namespace xgrad::optim
