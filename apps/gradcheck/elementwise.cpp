#include "families.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>

namespace xgrad::test
{

namespace
{

using Function = std::function<Variable<double>(Variable<double>)>;
using Make = std::function<Array<double>(const Shape&, std::uint64_t)>;

/** One function over shapes, of a temporary whose storage it may reuse, and of its own result. */
void sweep(Cases& cases, const char* op, const std::string& variant, const Make& make, const Function& f)
{
    for (const Shape& shape : {Shape{6}, Shape{}, Shape{1}, Shape{2, 3}, Shape{2, 1, 4}, Shape{33}})
        cases.push_back({op, variant + to_string(shape), {make(shape, 1)}, [f](Xs x) { return f(x[0]); }});
    cases.push_back({op, variant + "of a temporary", {make({2, 3}, 2)}, [f](Xs x) { return f(1 * x[0]); }});
    cases.push_back({op, variant + "times its argument", {make({7}, 3)}, [f](Xs x) { return x[0] * f(x[0]); }});
}

Make around(std::vector<double> kinks)
{
    return [kinks](const Shape& shape, std::uint64_t seed) { return away_from(kinks, shape, seed); };
}

Array<double> above_minus_one(const Shape& shape, std::uint64_t seed)
{
    return Array<double>(positive(shape, seed) - 1.2);
}
Array<double> large(const Shape& shape, std::uint64_t seed) { return Array<double>(point(shape, seed) * 10.0); }

} // namespace

Cases elementwise_cases()
{
    Cases cases;
    const Make around_zero = around({0});
    sweep(cases, "exp", "", point, exp<double>);
    sweep(cases, "log", "", positive, log<double>);
    sweep(cases, "log1p", "", above_minus_one, log1p<double>);
    sweep(cases, "sqrt", "", positive, sqrt<double>);
    sweep(cases, "abs", "", around_zero, abs<double>);
    sweep(cases, "sign", "x sign x ", around_zero, [](const Variable<double>& x) { return x * sign(x); });
    sweep(cases, "square", "", point, square<double>);
    sweep(cases, "sin", "", point, sin<double>);
    sweep(cases, "cos", "", point, cos<double>);
    sweep(cases, "clip", "to -1 … 0.5 ", around({-1, 0.5}), [](const Variable<double>& x) { return clip(x, -1, 0.5); });
    sweep(cases, "clip", "temporary ", around({-0.5, 0.25}),
          [](const Variable<double>& x) { return clip(2 * x, -1, 0.5); });
    sweep(cases, "inside", "x inside ", around({-1, 0.5}),
          [](const Variable<double>& x) { return x * inside(x, -1, 0.5); });
    sweep(cases, "step", "x step x ", around_zero, [](const Variable<double>& x) { return x * step(x); });
    sweep(cases, "step", "x step(x, 0.5) ", around({0.5}), [](const Variable<double>& x) { return x * step(x, 0.5); });
    sweep(cases, "sigmoid", "", point, sigmoid<double>);
    sweep(cases, "sigmoid", "large ", large, sigmoid<double>);
    sweep(cases, "tanh", "", point, tanh<double>);
    sweep(cases, "scaled_tanh", "LeCun's ", point, [](const Variable<double>& x) { return scaled_tanh(x); });
    sweep(cases, "scaled_tanh", "-2 tanh(0.7 x) ", point,
          [](const Variable<double>& x) { return scaled_tanh(x, -2, 0.7); });
    sweep(cases, "relu", "", around_zero, relu<double>);
    sweep(cases, "leaky_relu", "", around_zero, [](const Variable<double>& x) { return leaky_relu(x); });
    sweep(cases, "leaky_relu", "slope 0.3 ", around_zero, [](const Variable<double>& x) { return leaky_relu(x, 0.3); });
    sweep(cases, "leaky_relu", "slope -1 ", around_zero, [](const Variable<double>& x) { return leaky_relu(x, -1); });
    sweep(cases, "softplus", "", point, softplus<double>);
    sweep(cases, "softplus", "large ", large, softplus<double>);

    cases.push_back({"tanh", "a chain in one buffer", {point({2, 3})}, [](Xs x) {
                         return tanh(sigmoid(exp(0.5 * x[0]) - 1) + softplus(-x[0]));
                     }});
    return cases;
}

} // namespace xgrad::test
