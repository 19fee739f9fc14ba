#include "families.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/loss.hpp>
#include <xgrad/ops/softmax.hpp>

namespace xgrad::test
{

namespace
{

using Loss = Variable<double> (*)(const Variable<double>&, const Variable<double>&);
using Make = Array<double> (*)(const Shape&, std::uint64_t);

/** Adds cases of a loss over shapes: of predictions and targets, with the targets constant, of the targets alone. */
void sweep(Cases& cases, const char* op, Loss f, Make predictions, const std::vector<Shape>& shapes)
{
    for (const Shape& shape : shapes) {
        const Array<double> y = predictions(shape, 1), t = probabilities(shape, 2);
        const std::string variant = to_string(shape);
        cases.push_back({op, variant, {y, t}, [f](Xs x) { return f(x[0], x[1]); }});
        cases.push_back({op, variant + ", constant targets", {y}, [f, c = constant(t)](Xs x) { return f(x[0], c); }});
        cases.push_back(
            {op, variant + ", constant predictions", {t}, [f, c = constant(y)](Xs x) { return f(c, x[0]); }});
    }
}

} // namespace

Cases loss_cases()
{
    Cases cases;
    const std::vector<Shape> shapes = {{1}, {4}, {1, 3}, {3, 2}, {3, 1}, {2, 1, 2, 3}};
    sweep(cases, "squared_error", squared_error<double>, point, shapes);
    sweep(cases, "binary_cross_entropy", binary_cross_entropy<double>, probabilities, shapes);
    sweep(cases, "binary_cross_entropy_with_logits", binary_cross_entropy_with_logits<double>, point, shapes);
    sweep(cases, "softmax_cross_entropy", softmax_cross_entropy<double>, point, {{1, 3}, {3, 2}, {4, 1}, {2, 11}});

    const std::vector<GradientCase> others = {
        {"softmax_cross_entropy",
         "labels",
         {point({4, 3})},
         [](Xs x) {
             return softmax_cross_entropy(x[0], labels({2, 0, 0, 1}));
         }},
        {"softmax_cross_entropy",
         "one label",
         {point({1, 5})},
         [](Xs x) { return softmax_cross_entropy(x[0], labels({4})); }},
        {"softmax_cross_entropy",
         "one class",
         {point({3, 1})},
         [](Xs x) {
             return softmax_cross_entropy(x[0], labels({0, 0, 0}));
         }},
        {"softmax_cross_entropy",
         "one-hot targets",
         {point({3, 4})},
         [](Xs x) {
             return softmax_cross_entropy(x[0], one_hot<double>(labels({3, 1, 1}), 4));
         }},
        {"softmax_cross_entropy",
         "soft targets",
         {point({3, 4})},
         [t = softmax(constant(point({3, 4}, 2)))](Xs x) { return softmax_cross_entropy(x[0], t); }},
        {"softmax_cross_entropy",
         "its own targets",
         {point({3, 4})},
         [](Xs x) { return softmax_cross_entropy(x[0], softmax(x[0])); }},
        {"squared_error", "of x and x²", {point({3, 2})}, [](Xs x) { return squared_error(x[0], x[0] * x[0]); }},
        {"one_hot",
         "as targets",
         {point({3, 2})},
         [](Xs x) {
             return squared_error(x[0], one_hot(labels({1, 0, 1}), 2, -1.0, 1.0));
         }},
    };
    cases.insert(cases.end(), others.begin(), others.end());
    return cases;
}

} // namespace xgrad::test
