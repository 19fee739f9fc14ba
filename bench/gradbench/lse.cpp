#include "protocol.hpp"

namespace xgrad::gradbench
{

namespace
{

/** ln Σ eˣ, of its parts, as the eval asks: `log_sum_exp` is one op. */
Variable<double> log_of_sum(const Variable<double>& x)
{
    const Variable<double> largest = max(x);
    return log(sum(exp(x - largest))) + largest;
}

} // namespace

Eval lse()
{
    const auto primal = [](const json& input) {
        return computation([x = constant_of(input.at("x"))] { return log_of_sum(x).item(); });
    };
    const auto gradient = [](const json& input) {
        return computation([x = variable_of(input.at("x"))] {
            Tape tape;
            return tape.gradient(log_of_sum(x), x);
        });
    };
    return {"lse", {{"primal", primal}, {"gradient", gradient}}};
}

} // namespace xgrad::gradbench
