#include "families.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/sorting.hpp>

namespace xgrad::test
{

Cases sorting_cases()
{
    Cases cases;
    const auto add = [&](const char* op, const char* variant, const Shape& shape, auto f) {
        cases.push_back({op, variant, {distinct(shape)}, [f](Xs x) { return square(f(x[0])); }});
    };
    add("sort", "vector", {5}, [](const auto& x) { return sort(x); });
    add("sort", "axis 1 of (2,3,2)", {2, 3, 2}, [](const auto& x) { return sort(x, 1); });
    add("sort", "times its own order", {4}, [](const auto& x) { return x * sort(x); });
    add("topk", "2 of 5", {5}, [](const auto& x) { return topk(x, 2).first; });
    add("topk", "2 of each column", {3, 2}, [](const auto& x) { return topk(x, 2, 0).first; });
    add("median", "5 elements", {5}, [](const auto& x) { return median(x); });
    add("median", "rows of 4", {3, 4}, [](const auto& x) { return median(x, -1); });
    add("median", "axes 0 and 2, kept", {2, 3, 2}, [](const auto& x) { return median(x, {2, 0}, true); });
    add("quantile", "all elements", {2, 3}, [](const auto& x) { return quantile(x, 0.3); });
    add("quantile", "columns", {4, 2}, [](const auto& x) { return quantile(x, 0.9, 0); });
    add("quantile", "the smallest, kept", {4, 2}, [](const auto& x) { return quantile(x, 0, -1, true); });
    add("quantile", "several", {2, 5}, [](const auto& x) { return quantile(x, {0.0, 0.4, 1.0}, 1); });
    return cases;
}

} // namespace xgrad::test
