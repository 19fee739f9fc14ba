#include "families.hpp"
#include <xgrad/ops/diagonals.hpp>
#include <xgrad/ops/elementwise.hpp>

#include <string>

namespace xgrad::test
{

Cases diagonals_cases()
{
    Cases cases;
    const auto add = [&](const char* op, const std::string& variant, const Shape& shape, auto f) {
        cases.push_back({op, variant, {point(shape)}, [f](Xs x) { return square(f(x[0])); }});
    };
    for (const std::ptrdiff_t k : {-1, 0, 2}) {
        const std::string variant = "k = " + std::to_string(k);
        add("diag", variant + ", of a vector", {3}, [k](const auto& x) { return diag(x, k); });
        add("diag", variant + ", of a matrix", {3, 4}, [k](const auto& x) { return diag(x, k); });
        add("tril", variant, {2, 3, 4}, [k](const auto& x) { return tril(x, k); });
        add("triu", variant, {2, 3, 4}, [k](const auto& x) { return triu(x, k); });
    }
    add("diagonal", "(2,3,4)", {2, 3, 4}, [](const auto& x) { return diagonal(x); });
    add("diagonal", "(2,3,4), axes 2 and 0", {2, 3, 4}, [](const auto& x) { return diagonal(x, 1, -1, 0); });
    return cases;
}

} // namespace xgrad::test
