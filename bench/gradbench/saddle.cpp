#include "descent.hpp"

namespace xgrad::gradbench
{

namespace
{

/** f(x, y) = |x|² − |y|². */
Variable<double> function(const Variable<double>& x, const Variable<double>& y)
{
    return sum(square(x)) - sum(square(y));
}

/** The y that maximizes f(x, y). */
Variable<double> argmax(Mode mode, const Variable<double>& x, const Variable<double>& start)
{
    const auto negative = [&](const Variable<double>& y) { return -function(x, y); };
    return argmin(
        negative, [&](const Variable<double>& y) { return gradient(mode, negative, y); }, start);
}

/** The x that minimizes the maximum, and the y of that maximum. */
Variable<double> saddle_point(Mode outer, Mode inner, const Variable<double>& start)
{
    const auto maximum = [&](const Variable<double>& x) { return function(x, argmax(inner, x, start)); };
    const Variable<double> x = argmin(
        maximum, [&](const Variable<double>& at) { return gradient(outer, maximum, at); }, start);
    return concatenate({x, argmax(inner, x, start)});
}

Computation prepare(Mode outer, Mode inner, const json& input)
{
    return computation([=, start = constant_of(input.at("start"))] { return saddle_point(outer, inner, start); });
}

} // namespace

Eval saddle() { return in_both_modes<prepare>("saddle"); }

} // namespace xgrad::gradbench
