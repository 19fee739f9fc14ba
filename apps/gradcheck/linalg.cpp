#include "families.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/linalg.hpp>
#include <xgrad/ops/matmul.hpp>
#include <xgrad/ops/shape.hpp>

namespace xgrad::test
{

namespace
{

/** Matrices far from singular ones, whose symmetric parts are positive definite: 5 or so on the diagonal. */
Array<double> sound(const Shape& shape, std::uint64_t seed = 1)
{
    Array<double> values = point(shape, seed);
    const std::size_t n = shape.back();
    for (std::size_t i = 0; i < values.size(); ++i)
        if (i % n == i / n % n)
            values.data()[i] += 5;
    return values;
}

struct System
{
    Shape a, b;
};

} // namespace

Cases linalg_cases()
{
    Cases cases;
    for (const System& s : std::vector<System>{{{3, 3}, {3, 2}},
                                               {{3, 3}, {3}},
                                               {{1, 1}, {1, 1}},
                                               {{2, 3, 3}, {2, 3, 1}},
                                               {{2, 2, 2}, {2}},
                                               {{2, 2}, {3, 2, 2}},
                                               {{2, 1, 2, 2}, {3, 2, 1}}})
    {
        const std::string shapes = to_string(s.a) + " and " + to_string(s.b);
        const std::vector<Array<double>> inputs{sound(s.a), point(s.b, 2)};
        cases.push_back({"solve", shapes, inputs, [](Xs x) { return solve(x[0], x[1]); }});
        cases.push_back({"triangular_solve", shapes, inputs, [](Xs x) { return triangular_solve(x[0], x[1]); }});
    }
    const auto c = constant(sound({3, 3}, 5));
    for (const bool lower : {false, true})
        for (const bool transposed : {false, true})
            for (const bool unit : {false, true})
                cases.push_back({"triangular_solve",
                                 std::string(lower ? "lower" : "upper") + (transposed ? ", transposed" : "") +
                                     (unit ? ", unit diagonal" : ""),
                                 {sound({3, 3}), point({3, 2}, 2)},
                                 [=](Xs x) {
                                     return triangular_solve(x[0], x[1], {lower, transposed, unit});
                                 }});
    for (const Shape& shape : {Shape{1, 1}, Shape{2, 2}, Shape{3, 3}, Shape{2, 1, 2, 2}}) {
        const std::string name = to_string(shape);
        cases.push_back({"inv", name, {sound(shape)}, [](Xs x) { return inv(x[0]); }});
        cases.push_back({"cholesky", name, {sound(shape)}, [](Xs x) { return cholesky(x[0]); }});
        cases.push_back({"det", name, {sound(shape)}, [](Xs x) { return det(x[0]); }});
        cases.push_back({"slogdet", name, {sound(shape)}, [](Xs x) { return slogdet(x[0]).logabsdet; }});
        for (const std::ptrdiff_t power : {-2, 1, 3})
            cases.push_back(
                {"matrix_power", name + " to the power " + std::to_string(power), {sound(shape)}, [power](Xs x) {
                     return matrix_power(x[0], power);
                 }});
    }
    for (const Shape& shape : {Shape{3, 3}, Shape{2, 4}, Shape{4, 2}, Shape{2, 2, 3}, Shape{1, 1}})
        cases.push_back({"trace", to_string(shape), {point(shape)}, [](Xs x) { return trace(square(x[0])); }});
    const std::vector<GradientCase> others = {
        {"solve", "constant matrices", {point({3, 2})}, [c](Xs x) { return solve(c, x[0]); }},
        {"solve", "constant right side", {sound({3, 3})}, [c](Xs x) { return solve(x[0], c); }},
        {"solve", "x and x", {sound({2, 2})}, [](Xs x) { return solve(x[0], transpose(x[0])); }},
        {"triangular_solve", "constant right side", {sound({3, 3})}, [c](Xs x) { return triangular_solve(x[0], c); }},
        {"inv", "a negative determinant", {point({3, 3}, 4)}, [](Xs x) { return inv(x[0]); }},
        {"det", "a negative determinant", {point({3, 3}, 4)}, [](Xs x) { return det(x[0]); }},
        {"slogdet", "a negative determinant", {point({3, 3}, 4)}, [](Xs x) { return slogdet(x[0]).logabsdet; }},
        {"cholesky", "a product", {point({2, 3})}, [](Xs x) { return cholesky(matmul(x[0], x[0], {.b = true})); }},
    };
    cases.insert(cases.end(), others.begin(), others.end());
    return cases;
}

} // namespace xgrad::test
