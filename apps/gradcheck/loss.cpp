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

/** Adds cases of losses of labels: with and without each option. */
void label_cases(Cases& cases)
{
    const Array<double> z = point({4, 3}), pixels = point({2, 3, 2, 2});
    const Labels some = labels({2, 0, -1, 1});
    Labels of_pixels = labels({0, 2, 1, 1, 0, -1, 2, 1});
    of_pixels.reshape(Shape{2, 2, 2});
    for (const Reduction reduction : {Reduction::mean, Reduction::sum, Reduction::none})
        for (const double smoothing : {0.0, 0.3})
            for (const bool weighted : {false, true})
                for (const bool images : {false, true}) {
                    const std::string variant = std::to_string(static_cast<int>(reduction)) +
                                                (smoothing > 0 ? ", smoothed" : "") + (weighted ? ", weighted" : "") +
                                                (images ? ", pixels" : "");
                    std::vector<Array<double>> inputs{images ? pixels : z};
                    if (weighted)
                        inputs.push_back(positive({3}));
                    const auto with = [=](auto loss) {
                        return [=](Xs x) {
                            const LabelOptions<double> how{weighted ? x[1] : Variable<double>(), -1, smoothing,
                                                           reduction};
                            return loss(x[0], images ? of_pixels : some, how);
                        };
                    };
                    cases.push_back({"softmax_cross_entropy", "labels, " + variant, inputs,
                                     with([](auto... all) { return softmax_cross_entropy<double>(all...); })});
                    if (reduction == Reduction::mean)
                        cases.push_back({"negative_log_likelihood", variant, inputs,
                                         with([](auto... all) { return negative_log_likelihood<double>(all...); })});
                }
}

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

    using V = Variable<double>;
    for (const Reduction reduction : {Reduction::mean, Reduction::sum, Reduction::none}) {
        const auto add = [&](const char* op, const char* variant, Make predictions, auto loss) {
            const std::string number = std::to_string(static_cast<int>(reduction)) + variant;
            for (const Shape& shape : {Shape{4}, Shape{1, 3}, Shape{2, 1, 3}})
                cases.push_back(
                    {op, number + " " + to_string(shape), {predictions(shape, 1), probabilities(shape, 2)}, [=](Xs x) {
                         return loss(x[0], x[1]);
                     }});
        };
        add("squared_error", "", point, [=](const V& y, const V& t) { return squared_error(y, t, reduction); });
        add("absolute_error", "", point, [=](const V& y, const V& t) { return absolute_error(y, t, reduction); });
        add("huber", "", point, [=](const V& y, const V& t) { return huber(y, t, 1, reduction); });
        add("huber", ", delta 0.4", point, [=](const V& y, const V& t) { return huber(y, t, 0.4, reduction); });
        add("smooth_l1", "", point, [=](const V& y, const V& t) { return smooth_l1(y, t, 0.4, reduction); });
        add("hinge", "", point, [=](const V& y, const V& t) { return hinge(y, 2 * t - 1, reduction); });
        add("kl_divergence", "", point, [=](const V& y, const V& t) { return kl_divergence(y, t, reduction); });
        add("binary_cross_entropy", "", probabilities,
            [=](const V& y, const V& t) { return binary_cross_entropy(y, t, reduction); });
        add("binary_cross_entropy_with_logits", "", point,
            [=](const V& y, const V& t) { return binary_cross_entropy_with_logits(y, t, reduction); });
        const auto right = labels({2, 0, 0, 1});
        cases.push_back(
            {"multiclass_hinge", std::to_string(static_cast<int>(reduction)), {distinct({4, 3})}, [=](Xs x) {
                 return multiclass_hinge(x[0], right, 1.1, reduction);
             }});
        cases.push_back({"softmax_cross_entropy",
                         "soft targets " + std::to_string(static_cast<int>(reduction)),
                         {point({2, 3, 2}), probabilities({2, 3, 2}, 2)},
                         [=](Xs x) { return softmax_cross_entropy(x[0], x[1], reduction); }});
    }
    label_cases(cases);

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
