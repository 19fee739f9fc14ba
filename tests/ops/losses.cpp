// Losses of several kinds, with weights, ignored labels and smoothing, and their reductions.

#include "ops.hpp"
#include <xgrad/ops/loss.hpp>

#include <functional>
#include <numeric>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

constexpr Reduction reductions[] = {Reduction::mean, Reduction::sum, Reduction::none};

/** The losses of samples as a reduction has them, in double. */
Array<double> reduced(const Array<double>& losses, Reduction reduction, double total)
{
    if (reduction == Reduction::none)
        return losses;
    const double sum = std::accumulate(losses.begin(), losses.end(), 0.0);
    return Array<double>(Shape{}, reduction == Reduction::mean ? sum / total : sum);
}

template <class T>
Array<T> rounded(const Array<double>& x)
{
    return Array<T>(xt::cast<T>(x));
}

/** Compares a loss with the sum over each sample of a term of (y, t), for every reduction. */
template <class T, class Loss, class Term>
void check_terms(Loss loss, Term term, double low = -2, double high = 2, double low_t = -2)
{
    for (const Shape& shape : {Shape{1}, Shape{5}, Shape{3, 4}, Shape{4, 1}, Shape{2, 3, 2, 5}})
        for (const Reduction reduction : reductions) {
            CAPTURE(to_string(shape));
            const Array<T> y = numbers<T>(shape, low, high, 1), t = numbers<T>(shape, low_t, high, 2);
            Array<double> losses(Shape{shape[0]}, 0.0);
            for (std::size_t i = 0; i < y.size(); ++i)
                losses.data()[i / (y.size() / shape[0])] +=
                    term(static_cast<double>(y.data()[i]), static_cast<double>(t.data()[i]));
            const Array<T> expected = rounded<T>(reduced(losses, reduction, static_cast<double>(shape[0])));
            check_close(loss(constant(Array<T>(y)), constant(Array<T>(t)), reduction).value(), expected,
                        3 * few_roundings<T>);
        }
}

} // namespace

TEST_CASE_TEMPLATE("losses of pairs have the values of plain loops", T, float, double)
{
    using V = Variable<T>;
    check_terms<T>([](const V& y, const V& t, Reduction r) { return squared_error(y, t, r); },
                   [](double y, double t) { return (y - t) * (y - t) / 2; });
    check_terms<T>([](const V& y, const V& t, Reduction r) { return absolute_error(y, t, r); },
                   [](double y, double t) { return std::abs(y - t); });
    for (const double delta : {0.5, 1.0, 3.0}) {
        const auto bent = [=](double y, double t) {
            const double e = std::abs(y - t);
            return e <= delta ? e * e / 2 : delta * (e - delta / 2);
        };
        check_terms<T>([=](const V& y, const V& t, Reduction r) { return huber(y, t, delta, r); }, bent);
        check_terms<T>([=](const V& y, const V& t, Reduction r) { return smooth_l1(y, t, delta, r); },
                       [=](double y, double t) { return bent(y, t) / delta; });
    }
    check_terms<T>([](const V& y, const V& t, Reduction r) { return hinge(y, t, r); },
                   [](double y, double t) { return std::max(0.0, 1 - t * y); });
    check_terms<T>([](const V& y, const V& t, Reduction r) { return kl_divergence(y, t, r); },
                   [](double y, double t) { return t * (std::log(t) - y); }, -2, 1, 0.1);
    check_terms<T>([](const V& y, const V& t, Reduction r) { return binary_cross_entropy_with_logits(y, t, r); },
                   [](double z, double t) { return std::log1p(std::exp(z)) - t * z; }, -2, 1, 0.1);
    check_terms<T>([](const V& y, const V& t, Reduction r) { return binary_cross_entropy(y, t, r); },
                   [](double p, double t) { return -(t * std::log(p) + (1 - t) * std::log(1 - p)); }, 0.1, 0.9, 0.1);
}

TEST_CASE_TEMPLATE("the hinge loss of several classes", T, float, double)
{
    const Labels right = indices({2, 0, 1, 2, 2});
    const Array<T> y = numbers<T>({5, 3});
    for (const double margin : {0.5, 1.0})
        for (const Reduction reduction : reductions) {
            Array<double> losses(Shape{5}, 0.0);
            for (std::size_t n = 0; n < 5; ++n)
                for (std::size_t k = 0; k < 3; ++k) {
                    const auto label = static_cast<std::size_t>(right(n));
                    if (k != label)
                        losses(n) +=
                            std::max(0.0, margin + static_cast<double>(y(n, k)) - static_cast<double>(y(n, label)));
                }
            check_close(multiclass_hinge(constant(Array<T>(y)), right, margin, reduction).value(),
                        rounded<T>(reduced(losses, reduction, 5)));
        }
    CHECK(multiclass_hinge(constant(Array<T>(Shape{1, 1}, T(3))), indices({0})).item() == 0);
}

TEST_CASE_TEMPLATE("losses of labels with weights, an ignored label and smoothing", T, float, double)
{
    struct Geometry
    {
        Shape shape;
        Labels right;
    };
    const Geometry geometries[] = {{{5, 3}, indices({2, -7, 0, 1, 2})},
                                   {{2, 4, 3}, indices({0, -7, 3, 1, 1, 2}, {2, 3})},
                                   {{1, 2, 2, 2}, indices({0, 1, 1, -7}, {1, 2, 2})},
                                   {{2, 1}, indices({0, 0})}};
    for (const Geometry& one : geometries)
        for (const double smoothing : {0.0, 0.2, 1.0})
            for (const bool weighted : {false, true})
                for (const Reduction reduction : reductions) {
                    CAPTURE(to_string(one.shape));
                    CAPTURE(smoothing);
                    const std::size_t classes = one.shape[1], places = one.right.size() / one.shape[0];
                    const Array<T> z = numbers<T>(one.shape), w = numbers<T>({classes}, 0.5, 2, 5);
                    Array<double> losses(one.right.shape(), 0.0), logarithms(one.shape, 0.0);
                    double total = 0;
                    for (std::size_t n = 0; n < one.right.size(); ++n) {
                        const auto at_class = [&](std::size_t k) {
                            return (n / places * classes + k) * places + n % places;
                        };
                        double sum = 0;
                        for (std::size_t k = 0; k < classes; ++k)
                            sum += std::exp(static_cast<double>(z.data()[at_class(k)]));
                        for (std::size_t k = 0; k < classes; ++k)
                            logarithms.data()[at_class(k)] = static_cast<double>(z.data()[at_class(k)]) - std::log(sum);
                        if (one.right.data()[n] == -7)
                            continue;
                        const auto label = static_cast<std::size_t>(one.right.data()[n]);
                        for (std::size_t k = 0; k < classes; ++k) {
                            const double weight = weighted ? static_cast<double>(w(k)) : 1;
                            const double target =
                                (k == label ? 1 - smoothing : 0) + smoothing / static_cast<double>(classes);
                            losses.data()[n] -= weight * target * logarithms.data()[at_class(k)];
                            total += k == label ? weight : 0;
                        }
                    }
                    const LabelOptions<T> options{.weights = weighted ? constant(Array<T>(w)) : Variable<T>(),
                                                  .ignored = -7,
                                                  .smoothing = smoothing,
                                                  .reduction = reduction};
                    const Array<T> expected = rounded<T>(reduced(losses, reduction, total));
                    check_close(softmax_cross_entropy(constant(Array<T>(z)), one.right, options).value(), expected,
                                3 * few_roundings<T>);
                    check_close(negative_log_likelihood(constant(rounded<T>(logarithms)), one.right, options).value(),
                                expected, 3 * few_roundings<T>);
                }
}

TEST_CASE("cross-entropy with options that say nothing is the plain one")
{
    const auto z = constant(numbers<double>({4, 3}));
    const Labels right = indices({2, 0, 1, 1});
    const auto t = one_hot<double>(right, 3);
    const double plain = softmax_cross_entropy(z, right).item();
    CHECK(softmax_cross_entropy(z, right, {}).item() == doctest::Approx(plain).epsilon(1e-14));
    CHECK(softmax_cross_entropy(z, t, Reduction::sum).item() == doctest::Approx(4 * plain).epsilon(1e-14));
    const auto each = softmax_cross_entropy(z, t, Reduction::none);
    check_close(each.value(), softmax_cross_entropy(z, right, {.reduction = Reduction::none}).value(), 1e-14);
    CHECK(softmax_cross_entropy(constant(numbers<double>({2, 3, 4, 5})), constant(numbers<double>({2, 3, 4, 5})),
                                Reduction::none)
              .shape() == Shape{2, 4, 5});
}

TEST_CASE("losses at their limits")
{
    const double inf = infinity;
    // An ignored sample is left out, whatever its logits are.
    const auto z = variable(Array<double>{{0, 1}, {-inf, 0}});
    Tape tape;
    const auto loss = softmax_cross_entropy(z, indices({1, -1}), {.ignored = -1});
    CHECK(loss.item() == doctest::Approx(std::log1p(std::exp(-1.0))));
    const auto gradient = tape.gradient(loss, z);
    CHECK(gradient.data()[2] == 0);
    CHECK(gradient.data()[3] == 0);
    // 0 ln 0 = 0, and 0 times an infinite logarithm too.
    CHECK(kl_divergence(constant<double>({-inf, 0.0}), constant<double>({0.0, 1.0})).item() == 0);
    CHECK(kl_divergence(constant<double>({-inf, 0.0}), constant<double>({0.5, 0.5})).item() == inf);
    // The hinge has no gradient on the right side of its margin, nor on the margin.
    check_equal(slopes<double>(
                    [](const auto& y) {
                        return hinge(y, constant<double>({1.0, 1.0, 1.0}), Reduction::none);
                    },
                    {0.5, 1, 2}),
                list<double>({-1, 0, 0}));
}

TEST_CASE("losses that cannot be")
{
    const auto y = [](const Shape& shape) { return leaf<double>(shape); };
    using Pair = std::function<Variable<double>(const Variable<double>&, const Variable<double>&)>;
    const std::pair<const char*, Pair> pairs[] = {
        {"absolute_error", [](const auto& a, const auto& b) { return absolute_error(a, b); }},
        {"huber", [](const auto& a, const auto& b) { return huber(a, b); }},
        {"smooth_l1", [](const auto& a, const auto& b) { return smooth_l1(a, b); }},
        {"hinge", [](const auto& a, const auto& b) { return hinge(a, b); }},
        {"kl_divergence", [](const auto& a, const auto& b) { return kl_divergence(a, b); }}};
    for (const auto& entry : pairs) {
        const std::string op = std::string("[") + entry.first + "]";
        check_shape_error([&] { entry.second(y({2, 3}), y({3, 2})); }, {op, "(2,3)", "(3,2)"});
        check_shape_error([&] { entry.second(y({}), y({})); }, {op});
        check_shape_error([&] { entry.second(y({0, 2}), y({0, 2})); }, {op});
    }
    check_shape_error([&] { huber(y({2}), y({2}), 0); }, {"[huber]", "positive"});
    check_shape_error([&] { smooth_l1(y({2}), y({2}), -1); }, {"[smooth_l1]", "positive"});
    check_shape_error([&] { multiclass_hinge(y({2, 3, 1}), indices({0, 1})); }, {"[multiclass_hinge]", "(2,3,1)"});
    check_shape_error([&] { multiclass_hinge(y({2, 3}), indices({0, 3})); }, {"[multiclass_hinge]", "label 3"});
    const Labels right = indices({0, 1});
    const std::string op = "[softmax_cross_entropy]";
    check_shape_error([&] { softmax_cross_entropy(y({2, 3}), right, {.smoothing = 1.5}); }, {op, "1.5"});
    check_shape_error(
        [&] {
            softmax_cross_entropy(y({2, 3}), right, {.weights = constant<double>({1.0, 2.0})});
        },
        {op, "(2)", "(3)"});
    check_shape_error([&] { softmax_cross_entropy(y({2, 3}), indices({0, -1}), {.ignored = -2}); }, {op, "label -1"});
    check_shape_error([&] { negative_log_likelihood(y({2, 3}), indices({0})); }, {"[negative_log_likelihood]", "(1)"});
    const auto zeros = constant(numbers<double>({2, 3}));
    CHECK_THROWS_AS(softmax_cross_entropy(zeros, indices({5, 5}), {.ignored = 5}), ShapeError);
    CHECK(softmax_cross_entropy(zeros, indices({5, 5}), {.ignored = 5, .reduction = Reduction::sum}).item() == 0);
}
