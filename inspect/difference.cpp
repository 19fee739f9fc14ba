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

double central_difference(const std::function<double()>& f, Variable<double> leaf, std::size_t index, double step)
{
    const PutBack moved{leaf.mutable_value().data()[index]};
    const double length = step * std::max(1.0, std::abs(moved.before));
    const volatile double above = moved.before + length, below = moved.before - length;
    moved.x = above;
    const double upper = f();
    moved.x = below;
    const double lower = f();
    return (upper - lower) / (above - below);
}

} // namespace xgrad::detail
