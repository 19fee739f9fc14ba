#include "protocol.hpp"

namespace xgrad::gradbench
{

namespace
{

/** Half the sum of squared errors of the polynomial Σ xⱼ·tʲ against the sign of t, at n places from −1 to 1. */
Variable<double> error_of_polynomial(const Variable<double>& x, std::size_t n)
{
    const Variable<double> t = constant(Array<double>(xt::linspace<double>(-1, 1, n)));
    Variables<double> powers{constant(Array<double>(xt::ones<double>({n})))};
    while (powers.size() < x.size())
        powers.push_back(powers.back() * t);
    return 0.5 * sum(square(sign(t) - matmul(x, stack(powers))));
}

} // namespace

Eval llsq()
{
    const auto primal = [](const json& input) {
        return computation([x = constant_of(input.at("x")), n = input.at("n").get<std::size_t>()] {
            return error_of_polynomial(x, n).item();
        });
    };
    const auto gradient = [](const json& input) {
        return computation([x = variable_of(input.at("x")), n = input.at("n").get<std::size_t>()] {
            Tape tape;
            return tape.gradient(error_of_polynomial(x, n), x);
        });
    };
    return {"llsq", {{"primal", primal}, {"gradient", gradient}}};
}

} // namespace xgrad::gradbench
