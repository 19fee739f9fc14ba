#include "families.hpp"
#include <xgrad/ops/activation.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/formula.hpp>
#include <xgrad/ops/reduction.hpp>

#include <array>

namespace xgrad::test
{

namespace
{

using Function = std::function<Variable<double>(Variable<double>)>;
using Make = std::function<Array<double>(const Shape&, std::uint64_t)>;

/** Adds cases of one function: over shapes, of a temporary whose storage it may reuse, and of its own result. */
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

Array<double> within_one(const Shape& shape, std::uint64_t seed) { return Array<double>(point(shape, seed) * 0.4); }
Array<double> above_one(const Shape& shape, std::uint64_t seed) { return Array<double>(positive(shape, seed) + 0.7); }
Array<double> large(const Shape& shape, std::uint64_t seed) { return Array<double>(point(shape, seed) * 10.0); }

/** The points of a function, away from 0: from the first of some ranges on which it and its gradient are finite. */
Make domain_of(Variable<double> (*f)(Variable<double>))
{
    const auto is_finite = [](const Variable<double>& x) { return xt::all(xt::isfinite(x.value())); };
    for (const Make& make : {around({0}), Make(within_one), Make(positive), Make(above_one)}) {
        const Variable<double> x = variable(make({33}, 1));
        Tape tape;
        if (const Variable<double> y = f(x); is_finite(y) && is_finite(tape.gradient(sum(y), x)))
            return make;
    }
    return point;
}

} // namespace

Cases elementwise_cases()
{
    Cases cases;
#define XGRAD_ROW(name, ...) sweep(cases, #name, "", domain_of(name<double>), name<double>);
    XGRAD_FUNCTIONS(XGRAD_ROW)
#undef XGRAD_ROW
    using V = Variable<double>;
    const Make around_zero = around({0});
#define XGRAD_ROW(name, ...)                                                                                           \
    sweep(cases, #name, "x " #name " x ", around(jumps), [](const V& x) { return x * name(x); });
    const std::vector<double> jumps = {-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2}; // of some of them
    XGRAD_STEPS(XGRAD_ROW)
#undef XGRAD_ROW
    sweep(cases, "polygamma", "of order 0 ", positive, [](const V& x) { return polygamma(x, 0); });
    sweep(cases, "polygamma", "of order 2 ", positive, [](const V& x) { return polygamma(x, 2); });
    sweep(cases, "polygamma", "of negative numbers ", around({-2, -1, 0}), [](const V& x) { return polygamma(x, 1); });
    sweep(cases, "clip", "to -1 … 0.5 ", around({-1, 0.5}), [](const V& x) { return clip(x, -1, 0.5); });
    sweep(cases, "clip", "temporary ", around({-0.5, 0.25}), [](const V& x) { return clip(2 * x, -1, 0.5); });
    sweep(cases, "inside", "x inside ", around({-1, 0.5}), [](const V& x) { return x * inside(x, -1, 0.5); });
    sweep(cases, "step", "x step x ", around_zero, [](const V& x) { return x * step(x); });
    sweep(cases, "step", "x step(x, 0.5) ", around({0.5}), [](const V& x) { return x * step(x, 0.5); });
    sweep(cases, "sigmoid", "large ", large, sigmoid<double>);
    sweep(cases, "softplus", "large ", large, softplus<double>);
    sweep(cases, "scaled_tanh", "LeCun's ", point, [](const V& x) { return scaled_tanh(x); });
    sweep(cases, "scaled_tanh", "-2 tanh(0.7 x) ", point, [](const V& x) { return scaled_tanh(x, -2, 0.7); });
    sweep(cases, "leaky_relu", "", around_zero, [](const V& x) { return leaky_relu(x); });
    sweep(cases, "leaky_relu", "slope 0.3 ", around_zero, [](const V& x) { return leaky_relu(x, 0.3); });
    sweep(cases, "leaky_relu", "slope -1 ", around_zero, [](const V& x) { return leaky_relu(x, -1); });

    sweep(cases, "activate", "gelu ", point, [](const V& x) { return activate(Activation::gelu, x); });
    sweep(cases, "activate", "leaky_relu ", around_zero,
          [](const V& x) { return activate(Activation::leaky_relu, x); });
    sweep(cases, "elu", "", around_zero, [](const V& x) { return elu(x); });
    sweep(cases, "elu", "a 0.3 ", around_zero, [](const V& x) { return elu(x, 0.3); });
    sweep(cases, "hard_sigmoid", "beyond 3 ", around({-3, 3}), hard_sigmoid<double>);
    sweep(cases, "hard_swish", "beyond 3 ", around({-3, 3}), hard_swish<double>);

    cases.push_back({"tanh", "a chain in one buffer", {point({2, 3})}, [](Xs x) {
                         return tanh(sigmoid(exp(0.5 * x[0]) - 1) + softplus(-x[0]));
                     }});

    sweep(cases, "elementwise", "wavelet ", point, [](const V& x) {
        return elementwise(
            "wavelet", [](auto u) { return u * exp(-u * u); }, x);
    });
    const auto three = [](Xs x) {
        const auto gate = [](auto u, auto v, auto w) { return tanh(u * w + 0.5) * v / (2 + w * w) + maximum(u, v); };
        return elementwise("gate", gate, x[0], x[1], x[2]);
    };
    for (const auto& [a, b, c] : std::vector<std::array<Shape, 3>>{
             {{{5}, {5}, {5}}}, {{{2, 3}, {3}, {}}}, {{{3, 1}, {2, 1, 4}, {1}}}, {{{19}, {1}, {19}}}, {{{0}, {1}, {}}}})
        cases.push_back({"elementwise",
                         "gate " + to_string(a) + " " + to_string(b) + " " + to_string(c),
                         {distinct(a, 1), distinct(b, 2, 0.1), point(c, 3)},
                         three});
    cases.push_back({"elementwise", "one variable twice", {point({2, 3}), point({2, 3}, 2)}, [](Xs x) {
                         return elementwise(
                             "gate", [](auto u, auto v, auto w) { return tanh(u * w) * v; }, x[0], x[0], x[1]);
                     }});
    return cases;
}

} // namespace xgrad::test
