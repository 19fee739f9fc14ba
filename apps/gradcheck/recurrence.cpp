#include "families.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/recurrence.hpp>
#include <xgrad/ops/reduction.hpp>

namespace xgrad::test
{

Cases recurrence_cases()
{
    struct Sizes
    {
        std::size_t steps, samples, width;
    };
    Cases cases;
    for (const auto& [t, n, h] : std::vector<Sizes>{{1, 2, 2}, {3, 2, 3}, {4, 1, 1}, {2, 3, 2}}) {
        const std::string variant = to_string(Shape{t, n, h});
        const auto inputs = [t = t, n = n, h = h](std::size_t parts, const std::vector<Shape>& others) {
            std::vector<Array<double>> all{point({t, n, parts * h}), point({parts * h, h}, 2)};
            for (std::size_t i = 0; i < others.size(); ++i)
                all.push_back(point(others[i], 3 + i));
            return all;
        };
        const Shape state{n, h};
        cases.push_back({"elman", variant, inputs(1, {state}), [](Xs x) { return elman(x[0], x[1], x[2]); }});
        cases.push_back(
            {"elman", variant + ", rectified", inputs(1, {state}), [](Xs x) { return elman(x[0], x[1], x[2], true); }});
        cases.push_back({"lstm", variant + ", outputs", inputs(4, {state, state}),
                         [](Xs x) { return lstm(x[0], x[1], x[2], x[3])[0]; }});
        cases.push_back({"lstm", variant + ", last cells", inputs(4, {state, state}),
                         [](Xs x) { return lstm(x[0], x[1], x[2], x[3])[1]; }});
        cases.push_back({"lstm", variant + ", both", inputs(4, {state, state}), [](Xs x) {
                             const auto [outputs, cells] = lstm(x[0], x[1], x[2], x[3]);
                             return sum(outputs, 0) * cells;
                         }});
        cases.push_back(
            {"gru", variant, inputs(3, {{3 * h}, state}), [](Xs x) { return gru(x[0], x[1], x[2], x[3]); }});
    }
    cases.push_back({"lstm", "constant weights", {point({2, 2, 8})}, [w = constant(point({8, 2}, 2))](Xs x) {
                         const auto zero = constant(Array<double>(Shape{2, 2}, 0.0));
                         return lstm(x[0], w, zero, zero)[0];
                     }});
    return cases;
}

} // namespace xgrad::test
