#include <xgrad/inspect/difference.hpp>

#include <algorithm>
#include <cmath>

namespace xgrad::detail
{

namespace
{

struct PutBack
{
    double& x;
    const double before = x;
    ~PutBack() { x = before; }
};

} // namespace

double on_both_sides(Variable<double> leaf, std::size_t index, double length, const std::function<void()>& at_upper,
                     const std::function<void()>& at_lower)
{
    const PutBack moved{leaf.mutable_value().data()[index]};
    const volatile double above = moved.before + length, below = moved.before - length;
    moved.x = above;
    at_upper();
    moved.x = below;
    at_lower();
    return above - below;
}

double central_difference(const std::function<double()>& f, const Variable<double>& leaf, std::size_t index,
                          double step)
{
    double upper = 0, lower = 0;
    const double length = step * std::max(1.0, std::abs(leaf.data()[index]));
    const double distance = on_both_sides(
        leaf, index, length, [&] { upper = f(); }, [&] { lower = f(); });
    return (upper - lower) / distance;
}

Slopes one_sided_slopes(const std::function<double()>& f, Variable<double> leaf, std::size_t index, double step)
{
    const double middle = f();
    const PutBack moved{leaf.mutable_value().data()[index]};
    const double length = step * std::max(1.0, std::abs(moved.before));
    const volatile double above = moved.before + length, below = moved.before - length;
    moved.x = above;
    const double upper = f();
    moved.x = below;
    const double lower = f();
    return {(upper - middle) / (above - moved.before), (middle - lower) / (moved.before - below),
            (upper - lower) / (above - below), 1e-13 * (std::abs(middle) + 1e-300) / length};
}

} // namespace xgrad::detail
