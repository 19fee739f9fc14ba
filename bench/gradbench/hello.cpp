#include "protocol.hpp"

namespace xgrad::gradbench
{

Eval hello()
{
    const auto square_of = [](const json& input) {
        const double x = input.get<double>();
        return computation([=] { return square(constant<double>(x)).item(); });
    };
    const auto derivative_of_square = [](const json& input) {
        const double x = input.get<double>();
        return computation([=] {
            const Variable<double> at = variable<double>(x);
            Tape tape;
            return tape.gradient(square(at), at).item();
        });
    };
    return {"hello", {{"square", square_of}, {"double", derivative_of_square}}};
}

} // namespace xgrad::gradbench
