#include "families.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/reduction.hpp>

namespace xgrad::test
{

namespace
{

using Reduction = Variable<double> (*)(const Variable<double>&, const Axes&, bool);
using Total = Variable<double> (*)(const Variable<double>&);

/** Adds cases of a reduction: over every subset of the axes of every shape, with and without keepdims; over all
 *  elements at once. */
void sweep(Cases& cases, const char* op, Reduction f, Total total)
{
    for (const Shape& shape : {Shape{2, 3, 4}, Shape{3, 1}, Shape{1, 4}, Shape{5}, Shape{}, Shape{2, 1, 2, 3}}) {
        cases.push_back({op, to_string(shape) + " in all", {distinct(shape)}, [total](Xs x) { return total(x[0]); }});
        for (std::size_t subset = 0; subset < std::size_t{1} << shape.size(); ++subset)
            for (const bool keepdims : {false, true}) {
                Axes axes{};
                std::string variant = to_string(shape) + " over";
                for (std::size_t axis = 0; axis < shape.size(); ++axis)
                    if ((subset >> axis & 1) != 0) {
                        axes.push_back(static_cast<Axis>(axis));
                        variant += " " + std::to_string(axis);
                    }
                cases.push_back(
                    {op, variant + (keepdims ? ", keepdims" : ""), {distinct(shape)}, [f, axes, keepdims](Xs x) {
                         return f(x[0], axes, keepdims);
                     }});
            }
    }
    cases.push_back({op, "axes in any order, from the end", {distinct({2, 3, 4})}, [f](Xs x) {
                         return f(x[0], {-1, 0}, false);
                     }});
    cases.push_back({op, "rows of 37", {distinct({2, 37})}, [f](Xs x) { return f(x[0], 1, false); }});
    cases.push_back({op, "columns of 37", {distinct({37, 2})}, [f](Xs x) { return f(x[0], 0, false); }});
    cases.push_back(
        {op, "of a square", {distinct({3, 4}, 1, 0.05)}, [f](Xs x) { return f(x[0] * x[0], 0, true) * x[0]; }});
}

} // namespace

Cases reduction_cases()
{
    Cases cases;
    sweep(cases, "sum", sum<double>, sum<double>);
    sweep(cases, "mean", mean<double>, mean<double>);
    sweep(cases, "max", max<double>, max<double>);
    sweep(cases, "log_sum_exp", log_sum_exp<double>, log_sum_exp<double>);

    struct Pair
    {
        Shape small, large;
    };
    for (const Pair& pair : std::vector<Pair>{{{}, {2, 3}},
                                              {{3}, {2, 3}},
                                              {{2, 1}, {2, 3}},
                                              {{1, 3}, {2, 3}},
                                              {{1}, {4}},
                                              {{2, 3}, {2, 3}},
                                              {{3, 1}, {2, 3, 4}},
                                              {{2, 1, 4}, {2, 3, 4}},
                                              {{1, 1, 1}, {2, 1, 3}},
                                              {{1, 3, 1}, {2, 2, 3, 5}},
                                              {{}, {1, 1}}})
    {
        const std::string variant = to_string(pair.small) + " and " + to_string(pair.large);
        cases.push_back(
            {"broadcast_to", variant, {point(pair.small)}, [to = pair.large](Xs x) { return broadcast_to(x[0], to); }});
        cases.push_back({"sum_to", variant, {point(pair.large)}, [to = pair.small](Xs x) { return sum_to(x[0], to); }});
    }
    cases.push_back({"broadcast_to", "to no samples, with its own", {point({3})}, [](Xs x) {
                         return sum(broadcast_to(x[0], {0, 3}), 0) + x[0];
                     }});
    return cases;
}

} // namespace xgrad::test
