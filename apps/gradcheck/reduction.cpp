#include "families.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/names.hpp>
#include <xgrad/ops/nan.hpp>
#include <xgrad/ops/norm.hpp>
#include <xgrad/ops/reduction.hpp>
#include <xgrad/ops/statistics.hpp>

#include <cmath>

namespace xgrad::test
{

namespace
{

using Reduction = Variable<double> (*)(const Variable<double>&, const Axes&, bool);
using Total = Variable<double> (*)(const Variable<double>&);

/** Different numbers, none of which is 0 or the negative of another. */
Array<double> made(const Shape& shape) { return distinct(shape, 1, 0.05); }

/** NaN in place of the second element. */
Variable<double> with_nan(const Variable<double>& x)
{
    return where(constant(Array<double>{0., 1., 0., 0., 0.}), std::nan(""), x);
}

/** Adds cases of a reduction: over every subset of the axes of every shape, with and without keepdims; over all
 *  elements at once. */
void sweep(Cases& cases, const char* op, Reduction f, Total total,
           const std::vector<Shape>& shapes = {{2, 3, 4}, {3, 1}, {1, 4}, {5}, {}, {2, 1, 2, 3}})
{
    for (const Shape& shape : shapes) {
        cases.push_back({op, to_string(shape) + " in all", {made(shape)}, [total](Xs x) { return total(x[0]); }});
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
                    {op, variant + (keepdims ? ", keepdims" : ""), {made(shape)}, [f, axes, keepdims](Xs x) {
                         return f(x[0], axes, keepdims);
                     }});
            }
    }
    cases.push_back({op, "axes in any order, from the end", {made({2, 3, 4})}, [f](Xs x) {
                         return f(x[0], {-1, 0}, false);
                     }});
    cases.push_back({op, "rows of 37", {made({2, 37})}, [f](Xs x) { return f(x[0], 1, false); }});
    cases.push_back({op, "columns of 37", {made({37, 2})}, [f](Xs x) { return f(x[0], 0, false); }});
    cases.push_back({op, "of a square", {made({3, 4})}, [f](Xs x) { return f(x[0] * x[0], 0, true) * x[0]; }});
}

void sweep_statistics(Cases& cases)
{
    using V = Variable<double>;
    const std::vector<Shape> shapes = {{2, 3, 2}, {4}, {}};
#define XGRAD_SWEEP(op, call)                                                                                          \
    sweep(                                                                                                             \
        cases, #op, [](const V& x, const Axes& axes, bool keepdims) -> V { return call; },                             \
        [](const V& x) -> V { return op(x) * mean(x); }, shapes);
    XGRAD_SWEEP(min, min(x, axes, keepdims))
    XGRAD_SWEEP(prod, prod(x, axes, keepdims))
    XGRAD_SWEEP(variance, variance(x, axes, {.keepdims = keepdims}))
    XGRAD_SWEEP(stddev, stddev(x, axes, {.keepdims = keepdims}))
    XGRAD_SWEEP(nansum, nansum(x, axes, keepdims))
    XGRAD_SWEEP(nanmean, nanmean(x, axes, keepdims))
    XGRAD_SWEEP(nanprod, nanprod(x, axes, keepdims))
    XGRAD_SWEEP(nanvar, nanvar(x, axes, {.keepdims = keepdims}))
    XGRAD_SWEEP(nanstd, nanstd(x, axes, {.keepdims = keepdims}))
    XGRAD_SWEEP(nanmax, nanmax(x, axes, keepdims))
    XGRAD_SWEEP(nanmin, nanmin(x, axes, keepdims))
    XGRAD_SWEEP(count_nonzero, count_nonzero(x, axes, keepdims) * sum(x))
    XGRAD_SWEEP(any, any(x, axes, keepdims) * sum(x))
    XGRAD_SWEEP(all, all(x, axes, keepdims) * sum(x))
    XGRAD_SWEEP(norm_l0, norm_l0(x, axes, keepdims) * sum(x))
    XGRAD_SWEEP(norm_l1, norm_l1(x, axes, keepdims))
    XGRAD_SWEEP(norm_sq, norm_sq(x, axes, keepdims))
    XGRAD_SWEEP(norm_l2, norm_l2(x, axes, keepdims))
    XGRAD_SWEEP(norm_linf, norm_linf(x, axes, keepdims))
#undef XGRAD_SWEEP
    const std::vector<GradientCase> others = {
        {"variance", "ddof 1", {made({3, 4})}, [](Xs x) { return variance(x[0], 1, {.ddof = 1}); }},
        {"stddev", "ddof 2", {made({3, 4})}, [](Xs x) { return stddev(x[0], -1, {.ddof = 2, .keepdims = true}); }},
        {"prod", "a zero", {Array<double>{2., 0., -1.5, 3., 0.5}}, [](Xs x) { return prod(x[0]); }},
        {"prod", "two zeros", {Array<double>{2., 0., -1.5, 0.}}, [](Xs x) { return prod(x[0]); }},
        {"nansum", "with NaN", {made({5})}, [](Xs x) { return nansum(with_nan(x[0])); }},
        {"nanmean", "with NaN", {made({5})}, [](Xs x) { return nanmean(with_nan(x[0]), 0, true); }},
        {"nanprod", "with NaN", {made({5})}, [](Xs x) { return nanprod(with_nan(x[0])); }},
        {"nanvar", "with NaN", {made({5})}, [](Xs x) { return nanvar(with_nan(x[0]), 0, {.ddof = 1}); }},
        {"nanstd", "with NaN", {made({5})}, [](Xs x) { return nanstd(with_nan(x[0])); }},
        {"nanmax", "with NaN", {made({5})}, [](Xs x) { return nanmax(with_nan(x[0])); }},
        {"nanmin", "with NaN", {made({5})}, [](Xs x) { return nanmin(with_nan(x[0])); }},
        {"nancumsum", "with NaN", {made({5})}, [](Xs x) { return nancumsum(with_nan(x[0])); }},
        {"nancumprod", "with NaN", {made({5})}, [](Xs x) { return nancumprod(with_nan(x[0]), 0); }},
        {"nan_to_num", "with NaN", {made({5})}, [](Xs x) { return nan_to_num(with_nan(x[0])) * x[0]; }},
        {"cov", "(2,4)", {made({2, 4})}, [](Xs x) { return cov(x[0]); }},
        {"cov", "(3,2), ddof 0", {made({3, 2})}, [](Xs x) { return cov(x[0], 0); }},
        {"amax", "along 1", {made({2, 3})}, [](Xs x) { return amax(x[0], 1); }},
        {"amin", "all", {made({2, 3})}, [](Xs x) { return amin(x[0]); }},
        {"fabs", "(2,3)", {made({2, 3})}, [](Xs x) { return fabs(x[0]); }},
        {"degrees", "(2,3)", {made({2, 3})}, [](Xs x) { return degrees(x[0]); }},
        {"radians", "(2,3)", {made({2, 3})}, [](Xs x) { return radians(x[0]); }},
        {"nearbyint", "x nearbyint x", {made({2, 3})}, [](Xs x) { return x[0] * nearbyint(x[0]); }},
        {"average", "all", {made({2, 3}), positive({2, 3}, 2)}, [](Xs x) { return average(x[0], x[1]); }},
        {"average", "along 0", {made({2, 3}), positive({2, 3}, 2)}, [](Xs x) { return average(x[0], x[1], 0); }},
        {"average", "a vector", {made({2, 3}), positive({3}, 2)}, [](Xs x) { return average(x[0], x[1], -1, true); }},
        {"norm_lp", "p = 3", {made({2, 3})}, [](Xs x) { return norm_lp(x[0], 3, 1); }},
        {"norm_lp", "p = 1.5", {made({2, 3})}, [](Xs x) { return norm_lp(x[0], 1.5); }},
        {"norm_lp", "p = 0.5", {made({2, 3})}, [](Xs x) { return norm_lp(x[0], 0.5, 0, true); }},
        {"norm_lp",
         "p = ∞",
         {made({2, 3})},
         [](Xs x) {
             return norm_lp(x[0], HUGE_VAL, {0, 1});
         }},
        {"norm_lp_to_p", "p = 3", {made({2, 3})}, [](Xs x) { return norm_lp_to_p(x[0], 3, 1, true); }},
        {"norm_lp_to_p", "p = 0.5", {made({2, 3})}, [](Xs x) { return norm_lp_to_p(x[0], 0.5); }},
        {"norm_induced_l1", "a stack", {made({2, 3, 2})}, [](Xs x) { return norm_induced_l1(x[0]); }},
        {"norm_induced_linf", "a stack", {made({2, 3, 2})}, [](Xs x) { return norm_induced_linf(x[0]); }}};
    cases.insert(cases.end(), others.begin(), others.end());
}

} // namespace

Cases reduction_cases()
{
    Cases cases;
    sweep(cases, "sum", sum<double>, sum<double>);
    sweep(cases, "mean", mean<double>, mean<double>);
    sweep(cases, "max", max<double>, max<double>);
    sweep(cases, "log_sum_exp", log_sum_exp<double>, log_sum_exp<double>);

    sweep_statistics(cases);
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
