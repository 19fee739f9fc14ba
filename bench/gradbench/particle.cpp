#include "descent.hpp"

namespace xgrad::gradbench
{

namespace
{

/** The square of the place where a particle meets the axis, as a function of w. Two charges at (10, 10 − w) and (10, 0)
 *  repel it; its path goes by Euler's steps along the gradient of their potential. */
Variable<double> square_of_place(Mode mode, const Variable<double>& w)
{
    constexpr double step = 0.1;
    const Variable<double> charges = constant<double>({{10, 10}, {10, 0}}) - w * constant<double>({{0, 1}, {0, 0}});
    const auto potential = [&](const Variable<double>& x) { return sum(1 / sqrt(sum(square(charges - x), {1}))); };
    Variable<double> x = constant<double>({0, 8}), velocity = constant<double>({0.75, 0});
    for (;;) {
        const Variable<double> slope = gradient(mode, potential, x);
        x = x + step * velocity;
        if (x.value()(1) <= 0)
            break;
        velocity = velocity - step * slope;
    }
    const Variable<double> rest = -view(x, 1) / view(velocity, 1);
    return square(view(x, 0) + rest * view(velocity, 0));
}

Computation prepare(Mode outer, Mode inner, const json& input)
{
    return computation([=, start = constant<double>(input.at("w").get<double>())] {
        const auto value = [&](const Variable<double>& w) { return square_of_place(inner, w); };
        return argmin(
                   value, [&](const Variable<double>& w) { return gradient(outer, value, w); }, start)
            .item();
    });
}

} // namespace

Eval particle() { return in_both_modes<prepare>("particle"); }

} // namespace xgrad::gradbench
