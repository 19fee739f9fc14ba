#include "protocol.hpp"

namespace xgrad::gradbench
{

namespace
{

/** y₀' = x₀ and yᵢ' = xᵢ·yᵢ₋₁ from y = 0 to the time 2, in so many steps of the classical Runge–Kutta method. */
Variable<double> solution(const Variable<double>& x, std::size_t steps)
{
    const auto derivative = [&](const Variable<double>& y) {
        return x * pad(slice(y, 0, 0, y.size() - 1), {{1, 0}}, 1);
    };
    const double h = 2. / static_cast<double>(steps);
    Variable<double> y = constant(Array<double>(xt::zeros<double>(x.shape())));
    for (std::size_t i = 0; i < steps; ++i) {
        const Variable<double> k1 = derivative(y), k2 = derivative(y + h / 2 * k1), k3 = derivative(y + h / 2 * k2),
                               k4 = derivative(y + h * k3);
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
    }
    return y;
}

} // namespace

Eval ode()
{
    const auto primal = [](const json& input) {
        return computation(
            [x = constant_of(input.at("x")), s = input.at("s").get<std::size_t>()] { return solution(x, s); });
    };
    const auto gradient = [](const json& input) {
        return computation([x = variable_of(input.at("x")), s = input.at("s").get<std::size_t>()] {
            Tape tape;
            return tape.gradient(slice(solution(x, s), 0, x.size() - 1, x.size()), x);
        });
    };
    return {"ode", {{"primal", primal}, {"gradient", gradient}}};
}

} // namespace xgrad::gradbench
