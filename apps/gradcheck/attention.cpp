#include "families.hpp"
#include <xgrad/ops/attention.hpp>

#include <limits>

namespace xgrad::test
{

Cases attention_cases()
{
    struct Geometry
    {
        std::string name;
        Shape q, k, v;
        AttentionOptions<double> options = {};
        double dropout = 0;
    };
    const double hidden = -std::numeric_limits<double>::infinity();
    const auto mask = constant<double>({{0.0, hidden, 0.5}, {-1.0, 0.0, hidden}});
    Cases cases;
    for (const Geometry& one : std::vector<Geometry>{
             {"one query", {1, 2}, {3, 2}, {3, 1}},
             {"heads", {2, 2, 2, 3}, {2, 2, 3, 3}, {2, 2, 3, 2}},
             {"shared keys", {2, 2, 3}, {3, 3}, {3, 2}},
             {"causal", {3, 2}, {3, 2}, {3, 2}, {.causal = true}},
             {"causal, fewer queries", {2, 2, 2}, {2, 3, 2}, {2, 3, 1}, {.causal = true}},
             {"mask", {2, 2, 2}, {2, 3, 2}, {2, 3, 2}, {.mask = mask}},
             {"dropout", {3, 2, 2}, {3, 3, 2}, {3, 3, 2}, {}, 0.4},
         })
    {
        const auto with_numbers = [one](auto attend) {
            return [=](Xs x) {
                Random random(2);
                AttentionOptions<double> options = one.options;
                options.dropout = one.dropout;
                options.random = random;
                return attend(x, options);
            };
        };
        cases.push_back(
            {"attention_weights", one.name, {point(one.q), point(one.k, 2)}, with_numbers([](Xs x, const auto& how) {
                 return attention_weights(x[0], x[1], how);
             })});
        cases.push_back(
            {"scaled_dot_product_attention",
             one.name,
             {point(one.q), point(one.k, 2), point(one.v, 3)},
             with_numbers([](Xs x, const auto& how) { return scaled_dot_product_attention(x[0], x[1], x[2], how); })});
    }
    cases.push_back({"scaled_dot_product_attention", "of x to itself", {point({2, 3, 4})}, [](Xs x) {
                         return scaled_dot_product_attention(x[0], x[0], x[0]);
                     }});
    return cases;
}

} // namespace xgrad::test
