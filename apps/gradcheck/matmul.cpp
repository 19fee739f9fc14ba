#include "families.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/matmul.hpp>
#include <xgrad/ops/shape.hpp>

namespace xgrad::test
{

namespace
{

struct Pair
{
    Shape a, b;
};

Shape turned(Shape shape, bool transposed)
{
    if (transposed && shape.size() > 1)
        std::swap(shape[shape.size() - 1], shape[shape.size() - 2]);
    return shape;
}

} // namespace

Cases matmul_cases()
{
    Cases cases;
    for (const Pair& pair : std::vector<Pair>{{{2, 3}, {3, 4}},
                                              {{1, 3}, {3, 1}},
                                              {{3, 1}, {1, 2}},
                                              {{1, 1}, {1, 1}},
                                              {{5, 9}, {9, 7}},
                                              {{3}, {3}},
                                              {{3}, {3, 4}},
                                              {{2, 3}, {3}},
                                              {{1}, {1, 1}},
                                              {{2, 2, 3}, {2, 3, 4}},
                                              {{2, 2, 3}, {3, 4}},
                                              {{2, 3}, {2, 3, 4}},
                                              {{2, 1, 2, 3}, {3, 3, 2}},
                                              {{1, 2, 3}, {4, 3, 1}},
                                              {{2, 1, 2, 2}, {1, 3, 2, 2}},
                                              {{3}, {2, 3, 4}},
                                              {{2, 2, 3}, {3}},
                                              {{0, 3}, {3, 2}},
                                              {{0, 2, 3}, {3, 2}}})
        for (const Transposed t :
             {Transposed{false, false}, Transposed{true, false}, Transposed{false, true}, Transposed{true, true}})
        {
            const Shape a = turned(pair.a, t.a), b = turned(pair.b, t.b);
            cases.push_back({"matmul",
                             to_string(a) + (t.a ? "ᵀ " : " ") + to_string(b) + (t.b ? "ᵀ" : ""),
                             {point(a, 1), point(b, 2)},
                             [t](Xs x) { return matmul(x[0], x[1], t); }});
        }
    const auto c = constant(point({3, 3}, 5));
    const std::vector<GradientCase> others = {
        {"matmul", "x x", {point({3, 3})}, [](Xs x) { return matmul(x[0], x[0]); }},
        {"matmul", "xᵀ x", {point({2, 3})}, [](Xs x) { return matmul(x[0], x[0], {.a = true}); }},
        {"matmul", "x xᵀ", {point({2, 3})}, [](Xs x) { return matmul(x[0], x[0], {.b = true}); }},
        {"matmul", "x·x of a vector", {point({4})}, [](Xs x) { return matmul(x[0], x[0]); }},
        {"matmul", "constant first", {point({3, 2})}, [c](Xs x) { return matmul(c, x[0]); }},
        {"matmul", "constant second", {point({2, 3})}, [c](Xs x) { return matmul(x[0], c); }},
        {"matmul",
         "constant first, transposed",
         {point({2, 3})},
         [c](Xs x) {
             return matmul(c, x[0], {true, true});
         }},
        {"matmul", "a quadratic form", {point({3})}, [c](Xs x) { return matmul(x[0], matmul(c, x[0])); }},
        {"matmul",
         "three matrices",
         {point({2, 3}), point({3, 2}, 2), point({2, 2}, 3)},
         [](Xs x) { return matmul(matmul(x[0], x[1]), x[2]); }},
        {"outer", "(3) and (4)", {point({3}), point({4}, 2)}, [](Xs x) { return outer(x[0], x[1]); }},
        {"outer", "(1) and (3)", {point({1}), point({3}, 2)}, [](Xs x) { return outer(x[0], x[1]); }},
        {"outer", "x and x", {point({3})}, [](Xs x) { return outer(x[0], x[0]); }},
        {"kron", "(2,3) and (3,2)", {point({2, 3}), point({3, 2}, 2)}, [](Xs x) { return kron(x[0], x[1]); }},
        {"kron",
         "upsampling",
         {point({2, 2, 3})},
         [](Xs x) {
             return kron(x[0], constant(Array<double>({2, 2}, 1.0)));
         }},
        {"kron", "of a constant", {point({2, 2})}, [c](Xs x) { return kron(c, x[0]); }},
        {"kron",
         "(2,1,2,2) and (3,1,2)",
         {point({2, 1, 2, 2}), point({3, 1, 2}, 2)},
         [](Xs x) { return kron(x[0], x[1]); }},
        {"kron", "(1,1) and (2,3)", {point({1, 1}), point({2, 3}, 2)}, [](Xs x) { return kron(x[0], x[1]); }},
        {"kron", "x and x", {point({2, 2})}, [](Xs x) { return kron(x[0], x[0]); }},
    };
    cases.insert(cases.end(), others.begin(), others.end());
    return cases;
}

} // namespace xgrad::test
