#include "ops.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/loss.hpp>
#include <xgrad/ops/softmax.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

const std::vector<Shape>& shapes()
{
    static const std::vector<Shape> all = {{1}, {5}, {37}, {3, 4}, {4, 1}, {1, 10}, {6, 19}, {2, 3, 4}, {2, 3, 2, 5}};
    return all;
}

/** The flat positions of each run along an axis. */
std::vector<std::vector<std::size_t>> runs(const Shape& shape, std::size_t axis)
{
    std::size_t inner = 1;
    for (std::size_t i = axis + 1; i < shape.size(); ++i)
        inner *= shape[i];
    std::vector<std::vector<std::size_t>> result;
    for_each_index(shape, [&, position = std::size_t{0}](const Index& i) mutable {
        if (i[axis] == 0) {
            result.emplace_back();
            for (std::size_t k = 0; k < shape[axis]; ++k)
                result.back().push_back(position + k * inner);
        }
        ++position;
    });
    return result;
}

template <class T>
Array<double> softmax_of(const Array<T>& x, std::size_t axis)
{
    Array<double> y = empty_array<double>(x.shape());
    for (const auto& run : runs(x.shape(), axis)) {
        double total = 0;
        for (const std::size_t i : run)
            total += std::exp(static_cast<double>(x.data()[i]));
        for (const std::size_t i : run)
            y.data()[i] = std::exp(static_cast<double>(x.data()[i])) / total;
    }
    return y;
}

template <class T>
Array<T> rounded(const Array<double>& x)
{
    return Array<T>(xt::cast<T>(x));
}

template <class T>
Variable<T> fixed(const Array<T>& x)
{
    return constant(Array<T>(x));
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

/** Compares a loss and its gradients to both arguments with the mean over samples of the sum of terms.
 *  @param term, by_y, by_t  a term and its derivatives, as functions of (y, t) */
template <class T, class Loss, class Term, class ByY, class ByT>
void check_loss(Loss loss, double low, double high, Term term, ByY by_y, ByT by_t)
{
    for (const Shape& shape : shapes()) {
        CAPTURE(to_string(shape));
        const Array<T> y = numbers<T>(shape, low, high, 1), t = numbers<T>(shape, 0.1, 0.9, 2);
        const auto n = static_cast<double>(shape[0]);
        double expected = 0;
        for (std::size_t i = 0; i < y.size(); ++i)
            expected += term(y.data()[i], t.data()[i]) / n;
        check_close(loss(fixed(y), fixed(t)).value(), Array<T>(Shape{}, static_cast<T>(expected)));
        const T upstream = 3;
        const auto gradients =
            gradients_of<T>([&](const auto& x) { return loss(x[0], x[1]); }, {y, t}, Array<T>(Shape{}, upstream));
        const auto gradient = [&](auto by) {
            return generate<T>(shape, [&, i = std::size_t{0}](const Index&) mutable {
                const double value =
                    upstream * by(static_cast<double>(y.data()[i]), static_cast<double>(t.data()[i])) / n;
                ++i;
                return value;
            });
        };
        check_close(gradients[0], gradient(by_y));
        check_close(gradients[1], gradient(by_t));
    }
}

} // namespace

TEST_CASE_TEMPLATE("softmax along every axis, and its gradient", T, float, double)
{
    for (const Shape& shape : shapes())
        for (std::size_t axis = 0; axis < shape.size(); ++axis) {
            const Array<T> x = numbers<T>(shape, -3, 3), g = numbers<T>(shape, -2, 2, 2);
            const Array<double> y = softmax_of(x, axis);
            Array<double> gradient = empty_array<double>(shape);
            for (const auto& run : runs(shape, axis)) {
                for (const std::size_t i : run) { // Σ_k g_k ∂y_k/∂x_i with ∂y_k/∂x_i = y_k (δ_ik − y_i)
                    gradient.data()[i] = 0;
                    for (const std::size_t k : run)
                        gradient.data()[i] +=
                            static_cast<double>(g.data()[k]) * y.data()[k] * ((i == k ? 1 : 0) - y.data()[i]);
                }
            }
            for (const Axis place :
                 {static_cast<Axis>(axis), static_cast<Axis>(axis) - static_cast<Axis>(shape.size())}) {
                check_close(softmax(fixed(x), place).value(), rounded<T>(y));
                check_close(gradients_of<T>([&](const auto& v) { return softmax(v[0], place); }, {x}, g)[0],
                            rounded<T>(gradient));
            }
        }
}

TEST_CASE_TEMPLATE("log_softmax along every axis, and its gradient", T, float, double)
{
    for (const Shape& shape : shapes())
        for (std::size_t axis = 0; axis < shape.size(); ++axis) {
            const Array<T> x = numbers<T>(shape, -3, 3), g = numbers<T>(shape, -2, 2, 2);
            const Array<double> p = softmax_of(x, axis);
            Array<double> y = empty_array<double>(shape), gradient = empty_array<double>(shape);
            for (const auto& run : runs(shape, axis))
                for (const std::size_t i : run) {
                    y.data()[i] = std::log(p.data()[i]);
                    gradient.data()[i] = static_cast<double>(g.data()[i]);
                    for (const std::size_t k : run)
                        gradient.data()[i] -= static_cast<double>(g.data()[k]) * p.data()[i];
                }
            check_close(log_softmax(fixed(x), static_cast<Axis>(axis)).value(), rounded<T>(y));
            const auto f = [&](const auto& v) { return log_softmax(v[0], static_cast<Axis>(axis)); };
            check_close(gradients_of<T>(f, {x}, g)[0], rounded<T>(gradient));
        }
}

TEST_CASE_TEMPLATE("softmax along the last axis is the default", T, float, double)
{
    const auto x = fixed(numbers<T>({3, 4}));
    check_equal(softmax(x).value(), softmax(x, 1).value());
    check_equal(log_softmax(x).value(), log_softmax(x, 1).value());
}

TEST_CASE_TEMPLATE("softmax does not overflow and does not change when a constant is added", T, float, double)
{
    const auto x = fixed(list<T>({1000, 1001, 1002})), y = fixed(list<T>({-1000, -999, -998}));
    const Array<T> expected = rounded<T>(softmax_of(list<double>({0, 1, 2}), 0));
    check_close(softmax(x).value(), expected);
    check_close(softmax(y).value(), expected);
    check_close(softmax(fixed(list<T>({0, 1000}))).value(), list<T>({0, 1}));
    check_close(log_softmax(fixed(list<T>({0, 1000}))).value(), list<T>({-1000, 0}));
    check_close(softmax(fixed(list<T>({-infinity, 0, 0}))).value(), list<T>({0, 0.5, 0.5}));
}

TEST_CASE_TEMPLATE("a NaN spoils its own row of a softmax and no other", T, float, double)
{
    for (const std::size_t columns : Sizes{1, 3, 17, 40})
        for (std::size_t place = 0; place < columns; ++place) {
            Array<T> x = numbers<T>({3, columns});
            x.data()[columns + place] = T(not_a_number);
            const Array<T> y = softmax(fixed(x)).value(), z = log_softmax(fixed(x)).value();
            for (std::size_t i = 0; i < y.size(); ++i) {
                CHECK(std::isnan(y.data()[i]) == (i / columns == 1));
                CHECK(std::isnan(z.data()[i]) == (i / columns == 1));
            }
        }
}

TEST_CASE_TEMPLATE("softmax along an axis that is not there is refused by name", T, float, double)
{
    const auto x = leaf<T>({2, 3});
    check_shape_error([&] { softmax(x, 2); }, {"[softmax]", "2"});
    check_shape_error([&] { softmax(x, -3); }, {"[softmax]", "-3"});
    check_shape_error([&] { softmax(leaf<T>({})); }, {"[softmax]", "-1"});
    check_shape_error([&] { log_softmax(x, 2); }, {"[log_softmax]", "2"});
    check_shape_error([&] { log_softmax(leaf<T>({})); }, {"[log_softmax]", "-1"});
}

TEST_CASE_TEMPLATE("squared error and its gradients", T, float, double)
{
    check_loss<T>([](const auto& y, const auto& t) { return squared_error(y, t); }, -2, 2,
                  [](double y, double t) { return (y - t) * (y - t) / 2; }, [](double y, double t) { return y - t; },
                  [](double y, double t) { return t - y; });
}

TEST_CASE_TEMPLATE("binary cross-entropy and its gradients", T, float, double)
{
    check_loss<T>([](const auto& p, const auto& t) { return binary_cross_entropy(p, t); }, 0.1, 0.9,
                  [](double p, double t) { return -t * std::log(p) - (1 - t) * std::log(1 - p); },
                  [](double p, double t) { return (p - t) / (p * (1 - p)); },
                  [](double p, double) { return std::log(1 - p) - std::log(p); });
}

TEST_CASE_TEMPLATE("binary cross-entropy with logits and its gradients", T, float, double)
{
    check_loss<T>([](const auto& z, const auto& t) { return binary_cross_entropy_with_logits(z, t); }, -3, 3,
                  [](double z, double t) { return -t * std::log(logistic(z)) - (1 - t) * std::log(logistic(-z)); },
                  [](double z, double t) { return logistic(z) - t; }, [](double z, double) { return -z; });
}

TEST_CASE_TEMPLATE("binary cross-entropy with logits does not overflow", T, float, double)
{
    const auto z = fixed(list<T>({1000, -1000, 1000, -1000})), t = fixed(list<T>({1, 0, 0, 1}));
    CHECK(binary_cross_entropy_with_logits(z, t).item() == doctest::Approx(500));
    const auto f = [&](const auto& x) { return binary_cross_entropy_with_logits(x[0], t); };
    check_close(gradients_of<T>(f, {z.value()}, Array<T>(Shape{}, T(4)))[0], list<T>({0, 0, 1, -1}));
}

TEST_CASE_TEMPLATE("softmax cross-entropy of labels: (softmax - one-hot) / N", T, float, double)
{
    for (const std::size_t n : Sizes{1, 2, 7})
        for (const std::size_t classes : Sizes{1, 2, 10, 19}) {
            const Array<T> z = numbers<T>({n, classes}, -3, 3);
            const Labels labels = generate<std::int32_t>({n}, [&](const Index& i) { return (3 * i[0] + 1) % classes; });
            const Array<double> p = softmax_of(z, 1);
            double loss = 0;
            Array<double> gradient = p, hot({n, classes}, 0.0);
            for (std::size_t i = 0; i < n; ++i) {
                const std::size_t place = i * classes + static_cast<std::size_t>(labels.data()[i]);
                loss -= std::log(p.data()[place]) / static_cast<double>(n);
                gradient.data()[place] -= 1;
                hot.data()[place] = 1;
            }
            for (double& value : gradient)
                value *= 3 / static_cast<double>(n);
            const Array<T> upstream(Shape{}, T(3)), expected(Shape{}, static_cast<T>(loss));
            const auto of_labels = [&](const auto& x) { return softmax_cross_entropy(x[0], labels); };
            const auto of_targets = [&](const auto& x) { return softmax_cross_entropy(x[0], fixed(rounded<T>(hot))); };
            check_close(of_labels(Variables<T>{fixed(z)}).value(), expected);
            check_close(of_targets(Variables<T>{fixed(z)}).value(), expected);
            check_close(gradients_of<T>(of_labels, {z}, upstream)[0], rounded<T>(gradient));
            check_close(gradients_of<T>(of_targets, {z}, upstream)[0], rounded<T>(gradient));
            check_close(one_hot<T>(labels, classes).value(), rounded<T>(hot));
        }
}

TEST_CASE_TEMPLATE("softmax cross-entropy of soft targets that do not add up to 1", T, float, double)
{
    const std::size_t n = 3, classes = 4;
    const Array<T> z = numbers<T>({n, classes}, -3, 3), t = numbers<T>({n, classes}, 0, 1, 2);
    const Array<double> p = softmax_of(z, 1);
    double loss = 0;
    Array<double> by_z = empty_array<double>({n, classes}), by_t = empty_array<double>({n, classes});
    for (std::size_t i = 0; i < n; ++i) {
        double total = 0;
        for (std::size_t k = 0; k < classes; ++k)
            total += at(t, {i, k});
        for (std::size_t k = 0; k < classes; ++k) {
            loss -= at(t, {i, k}) * std::log(at(p, {i, k})) / n;
            at(by_z, {i, k}) = (at(p, {i, k}) * total - at(t, {i, k})) / n;
            at(by_t, {i, k}) = -std::log(at(p, {i, k})) / n;
        }
    }
    const auto f = [](const auto& x) { return softmax_cross_entropy(x[0], x[1]); };
    check_close(f(Variables<T>{fixed(z), fixed(t)}).value(), Array<T>(Shape{}, static_cast<T>(loss)));
    const auto gradients = gradients_of<T>(f, {z, t}, Array<T>(Shape{}, T(1)));
    check_close(gradients[0], rounded<T>(by_z));
    check_close(gradients[1], rounded<T>(by_t));
}

TEST_CASE_TEMPLATE("softmax cross-entropy of huge logits is exact", T, float, double)
{
    Array<T> z = list<T>({1000, 0, 0, 1000});
    z.reshape({2, 2});
    CHECK(softmax_cross_entropy(fixed(z), indices({0, 1})).item() == T(0));
    CHECK(softmax_cross_entropy(fixed(z), indices({1, 0})).item() == T(1000));
}

TEST_CASE_TEMPLATE("a NaN in the predictions makes a loss NaN", T, float, double)
{
    Array<T> y = numbers<T>({2, 3}, 0.1, 0.9);
    y.data()[4] = T(not_a_number);
    const auto t = fixed(numbers<T>({2, 3}, 0.1, 0.9, 2));
    CHECK(std::isnan(squared_error(fixed(y), t).item()));
    CHECK(std::isnan(binary_cross_entropy(fixed(y), t).item()));
    CHECK(std::isnan(binary_cross_entropy_with_logits(fixed(y), t).item()));
    CHECK(std::isnan(softmax_cross_entropy(fixed(y), t).item()));
    CHECK(std::isnan(softmax_cross_entropy(fixed(y), indices({0, 0})).item()));
}

TEST_CASE_TEMPLATE("one_hot has `on` at the label and `off` elsewhere, and is a constant", T, float, double)
{
    Array<T> expected = list<T>({-1, 1, -1, 1, -1, -1});
    expected.reshape({2, 3});
    const auto rows = one_hot<T>(indices({1, 0}), 3, -1, 1);
    check_equal(rows.value(), expected);
    CHECK_FALSE(rows.requires_gradient());
    CHECK(one_hot<T>(indices({}, {0}), 3).shape() == Shape{0, 3});
}

TEST_CASE_TEMPLATE("losses of shapes that do not fit are refused by name, and nothing is recorded", T, float, double)
{
    const auto y = leaf<T>({2, 3}), t = leaf<T>({3, 2}), s = leaf<T>({}), none = leaf<T>({0, 3});
    const auto check_pairs = [&](const std::string& name, auto f) {
        check_shape_error([&] { f(y, t); }, {"[" + name + "]", "(2,3)", "(3,2)"});
        check_shape_error([&] { f(y, leaf<T>({3})); }, {"[" + name + "]", "(2,3)", "(3)"});
        check_shape_error([&] { f(s, s); }, {"[" + name + "]", "()"});
        check_shape_error([&] { f(none, none); }, {"[" + name + "]", "(0,3)"});
    };
    check_pairs("squared_error", [](const auto& a, const auto& b) { squared_error(a, b); });
    check_pairs("binary_cross_entropy", [](const auto& a, const auto& b) { binary_cross_entropy(a, b); });
    check_pairs("binary_cross_entropy_with_logits",
                [](const auto& a, const auto& b) { binary_cross_entropy_with_logits(a, b); });
    check_pairs("softmax_cross_entropy", [](const auto& a, const auto& b) { softmax_cross_entropy(a, b); });
    const auto line = leaf<T>({3});
    check_shape_error([&] { softmax_cross_entropy(line, line); }, {"[softmax_cross_entropy]", "(3)"});
    check_shape_error(
        [&] {
            softmax_cross_entropy(y, indices({0, 1, 2}));
        },
        {"[softmax_cross_entropy]", "(2,3)", "(3)"});
    check_shape_error(
        [&] {
            softmax_cross_entropy(y, indices({0, 1}, {2, 1}));
        },
        {"[softmax_cross_entropy]", "(2,3)", "(2,1)"});
    check_shape_error(
        [&] {
            softmax_cross_entropy(y, indices({0, 3}));
        },
        {"[softmax_cross_entropy]", "label 3", "3 classes"});
    check_shape_error([&] { softmax_cross_entropy(y, indices({-1, 0})); }, {"[softmax_cross_entropy]", "label -1"});
    check_shape_error([&] { softmax_cross_entropy(none, indices({}, {0})); }, {"[softmax_cross_entropy]", "(0,3)"});
    check_shape_error([&] { one_hot<T>(indices({0, 3}), 3); }, {"[one_hot]", "3"});
    check_shape_error([&] { one_hot<T>(indices({-1}), 3); }, {"[one_hot]", "-1"});
    check_shape_error([&] { one_hot<T>(indices({0, 1}, {1, 2}), 3); }, {"[one_hot]", "(1,2)"});
}
