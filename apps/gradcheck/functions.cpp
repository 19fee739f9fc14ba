#include "families.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/derivatives.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/functions.hpp>
#include <xgrad/ops/matmul.hpp>
#include <xgrad/ops/reduction.hpp>

namespace xgrad::test
{

namespace
{

using X = Variable<double>;

X mix(const X& a, const X& b) { return tanh(a) * square(b) + a; }

/** An array of positive numbers, and its root by Newton's method. */
X root(const X& a)
{
    const auto newton = [](const X& s) {
        X y = s + 1;
        for (int i = 0; i < 12; ++i)
            y = 0.5 * (y + s / y);
        return y;
    };
    return implicit(
        newton, [](const X& y, const X& s) { return square(y) - s; }, a);
}

/** y = A·tanh(y) + b, with a small A. */
X layer_at_rest(Xs x)
{
    const auto f = [](const X& y, const X& a, const X& b) { return 0.1 * matmul(a, tanh(y)) + b; };
    return fixed_point(f, x[1], x[0], x[1]);
}

X elman(const X& s, const X& x) { return sin(s) * x + s; }

} // namespace

Cases functions_cases()
{
    const Array<double> x = point({2, 3}), y = point({2, 3}, 2), plus = positive({2, 3}), steps = point({5, 2, 3}, 3);
    Cases cases = {
        {"checkpoint", "two inputs", {x, y}, [](Xs v) { return checkpoint(mix, v[0], v[1]); }},
        {"checkpoint", "one input twice", {x}, [](Xs v) { return checkpoint(mix, v[0], v[0]); }},
        {"checkpoint", "intermediate results", {x, y}, [](Xs v) { return checkpoint(mix, exp(v[0]), v[0] * v[1]); }},
        {"checkpoint",
         "a captured leaf",
         {x, y},
         [](Xs v) { return checkpoint([w = v[1]](const X& a) { return mix(a, w); }, v[0]); }},
        {"checkpoint",
         "a list, two of three results",
         {x, y},
         [](Xs v) {
             const auto parts = [](Xs u) { return Variables<double>{mix(u[0], u[1]), exp(u[0]), sin(u[1])}; };
             const Variables<double> all = checkpoint(parts, v);
             return all[0] * all[2];
         }},
        {"checkpoint",
         "one in another",
         {x, y},
         [](Xs v) {
             const auto outer = [](const X& a, const X& b) { return checkpoint(mix, sin(a), b) * b; };
             return checkpoint(outer, v[0], v[1]);
         }},
        {"custom_gradient",
         "a product",
         {x, y},
         [](Xs v) {
             const auto rule = [](const X& g, const X& a, const X& b) { return Variables<double>{g * b, g * a}; };
             return custom_gradient([](const X& a, const X& b) { return a * b; }, rule, v[0], v[1]);
         }},
        {"custom_gradient",
         "a rule that reads the result",
         {x},
         [](Xs v) {
             const auto rule = [](const X& g, const X& e, const X&) { return g * e; };
             return custom_gradient([](const X& a) { return exp(a); }, rule, v[0]);
         }},
        {"custom_gradient",
         "a list",
         {x, y},
         [](Xs v) {
             const auto rule = [](const X& g, Xs u) { return Variables<double>{g * cos(u[0]), g}; };
             return custom_gradient([](Xs u) { return sin(u[0]) + u[1]; }, rule, v);
         }},
        {"implicit", "a root", {plus}, [](Xs v) { return root(v[0]); }},
        {"implicit", "a scalar", {positive({})}, [](Xs v) { return root(v[0]); }},
        {"implicit", "of an intermediate result", {plus}, [](Xs v) { return root(v[0] * v[0] + 1); }},
        {"fixed_point", "a layer at rest", {point({3, 3}), point({3, 1}, 2)}, layer_at_rest},
        {"scan", "all states", {x, steps}, [](Xs v) { return scan(elman, v[0], v[1]); }},
        {"scan", "the last state", {x, steps}, [](Xs v) { return scan(elman, v[0], v[1], {.last_only = true}); }},
        {"scan", "with checkpoints", {x, steps}, [](Xs v) { return scan(elman, v[0], v[1], {.checkpoint = true}); }},
        {"scan",
         "without inputs",
         {x},
         [](Xs v) {
             return scan([](const X& s) { return sin(s) + s; }, v[0], 5, {.last_only = true, .checkpoint = true});
         }},
    };
    // Derivatives are constants.
    cases.push_back({"jacobian_vector_product", "as a factor", {x}, [](Xs v) {
                         return v[0] * jacobian_vector_product([](const X& u) { return sin(u); }, X(point({2, 3})),
                                                               X(point({2, 3}, 4)));
                     }});
    cases.push_back({"hessian_vector_product", "as a factor", {x}, [](Xs v) {
                         return v[0] * hessian_vector_product([](const X& u) { return sum(sin(u)); }, X(point({2, 3})),
                                                              X(point({2, 3}, 4)));
                     }});
    return cases;
}

} // namespace xgrad::test
