#include "reductions.hpp"
#include <xgrad/ops/reduction.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

double total(const std::vector<double>& values)
{
    double result = 0;
    for (const double value : values)
        result += value;
    return result;
}

std::size_t place_of_largest(const std::vector<double>& values)
{
    std::size_t best = 0;
    for (std::size_t i = 1; i < values.size(); ++i)
        if (values[i] > values[best])
            best = i;
    return best;
}

double log_of_sum(const std::vector<double>& values)
{
    double result = 0;
    for (const double value : values)
        result += std::exp(value);
    return std::log(result);
}

using List = std::vector<double>;

} // namespace

TEST_CASE_TEMPLATE("sum over every subset of the axes", T, float, double)
{
    check_reduction<T>([](const auto& x, const Axes& axes, bool keep) { return sum(x, axes, keep); }, total,
                       [](const List&, std::size_t) { return 1.0; });
}

TEST_CASE_TEMPLATE("mean over every subset of the axes", T, float, double)
{
    check_reduction<T>([](const auto& x, const Axes& axes, bool keep) { return mean(x, axes, keep); },
                       [](const List& v) { return total(v) / static_cast<double>(v.size()); },
                       [](const List& v, std::size_t) { return 1 / static_cast<double>(v.size()); });
}

TEST_CASE_TEMPLATE("max over every subset of the axes", T, float, double)
{
    check_reduction<T>([](const auto& x, const Axes& axes, bool keep) { return max(x, axes, keep); },
                       [](const List& v) { return v[place_of_largest(v)]; },
                       [](const List& v, std::size_t i) { return i == place_of_largest(v) ? 1.0 : 0.0; });
}

TEST_CASE_TEMPLATE("log_sum_exp over every subset of the axes", T, float, double)
{
    check_reduction<T>([](const auto& x, const Axes& axes, bool keep) { return log_sum_exp(x, axes, keep); },
                       log_of_sum, [](const List& v, std::size_t i) { return std::exp(v[i] - log_of_sum(v)); });
}

TEST_CASE_TEMPLATE("reductions of everything give a scalar", T, float, double)
{
    for (const Shape& shape : reduced_shapes()) {
        const Array<T> x = numbers<T>(shape);
        const List values(x.begin(), x.end());
        const auto v = constant(Array<T>(x));
        const auto scalar = [](double value) { return Array<T>(Shape{}, static_cast<T>(value)); };
        check_close(sum(v).value(), scalar(total(values)));
        check_close(mean(v).value(), scalar(total(values) / static_cast<double>(values.size())));
        check_close(max(v).value(), scalar(values[place_of_largest(values)]));
        check_close(log_sum_exp(v).value(), scalar(log_of_sum(values)));
    }
}

TEST_CASE_TEMPLATE("sums of nothing are 0, their logarithm minus infinity", T, float, double)
{
    const auto x = constant(empty_array<T>({0, 3}));
    check_equal(sum(x).value(), Array<T>(Shape{}, T(0)));
    check_equal(sum(x, 0).value(), list<T>({0, 0, 0}));
    check_equal(sum(x, 1).value(), empty_array<T>({0}));
    check_equal(log_sum_exp(x, 0).value(), list<T>({-infinity, -infinity, -infinity}));
}

TEST_CASE_TEMPLATE("the error of a long sum and mean is far below that of adding one by one", T, float, double)
{
    const std::size_t n = 1000003;
    const double each = static_cast<double>(T(0.1)), exact = each * static_cast<double>(n);
    const double tolerance = sizeof(T) == 4 ? 2e-6 : 2e-13; // one by one: 1e-2 and 2e-11
    const auto row = constant(Array<T>({n}, T(0.1))), column = constant(Array<T>({n, 1}, T(0.1)));
    CHECK(std::abs(sum(row).item() - exact) <= tolerance * exact);
    CHECK(std::abs(mean(row).item() - each) <= tolerance * each);
    CHECK(std::abs(sum(column, 0).value().data()[0] - exact) <= tolerance * exact);
}

TEST_CASE_TEMPLATE("the gradient of a tied maximum goes to the first one in row-major order", T, float, double)
{
    Array<T> x = list<T>({1, 3, 3, 3, 2, 3});
    check_equal(gradients_of<T>([](const auto& v) { return max(v[0]); }, {x}, Array<T>(Shape{}, T(5)))[0],
                list<T>({0, 5, 0, 0, 0, 0}));
    x.reshape({2, 3});
    Array<T> rows = list<T>({0, 5, 0, 7, 0, 0}), columns = list<T>({0, 5, 7, 3, 0, 0}),
             all = list<T>({0, 2, 0, 0, 0, 0});
    x = list<T>({1, 3, 3, 3, 3, 3});
    x.reshape({2, 3});
    for (Array<T>* expected : {&rows, &columns, &all})
        expected->reshape({2, 3});
    const auto over = [&](const Axes& axes, const Array<T>& g) {
        return gradients_of<T>([&](const auto& v) { return max(v[0], axes); }, {x}, g)[0];
    };
    check_equal(over(1, list<T>({5, 7})), rows);
    check_equal(over(0, list<T>({3, 5, 7})), columns);
    check_equal(over({1, 0}, Array<T>(Shape{}, T(2))), all);
}

TEST_CASE_TEMPLATE("the gradient of a maximum on both sides of a tie", T, float, double)
{
    const auto gradient_at = [](double a, double b) {
        return gradients_of<T>([](const auto& v) { return max(v[0]); }, {list<T>({a, b})}, Array<T>(Shape{}, T(1)))[0];
    };
    check_equal(gradient_at(1.001, 1), list<T>({1, 0}));
    check_equal(gradient_at(1, 1), list<T>({1, 0}));
    check_equal(gradient_at(1, 1.001), list<T>({0, 1}));
}

TEST_CASE_TEMPLATE("a reduction is NaN if any element is, wherever it stands", T, float, double)
{
    for (const std::size_t n : Sizes{1, 2, 5, 16, 37})
        for (std::size_t place = 0; place < n; ++place) {
            Array<T> x = numbers<T>({n});
            x.data()[place] = T(not_a_number);
            Array<T> column = x;
            column.reshape({n, 1});
            for (const auto& v : {constant(Array<T>(x)), constant(std::move(column))}) {
                CHECK(std::isnan(sum(v).item()));
                CHECK(std::isnan(mean(v).item()));
                CHECK(std::isnan(max(v).item()));
                CHECK(std::isnan(log_sum_exp(v).item()));
                CHECK(std::isnan(max(v, 0).item()));
                CHECK(std::isnan(log_sum_exp(v, 0).item()));
            }
        }
}

TEST_CASE_TEMPLATE("log_sum_exp of large, small and infinite numbers", T, float, double)
{
    const auto of = [](std::initializer_list<double> values) {
        return static_cast<double>(log_sum_exp(constant(list<T>(values))).item());
    };
    CHECK(of({1000, 1000}) == doctest::Approx(1000 + std::log(2.0)).epsilon(few_roundings<T>));
    CHECK(of({-1000, -1000}) == doctest::Approx(-1000 + std::log(2.0)).epsilon(few_roundings<T>));
    CHECK(of({-infinity, 3}) == doctest::Approx(3).epsilon(few_roundings<T>));
    CHECK(of({-infinity, -infinity}) == -infinity);
    CHECK(of({infinity, 3}) == infinity);
}

TEST_CASE_TEMPLATE("max of infinities", T, float, double)
{
    CHECK(max(constant(list<T>({-infinity, -infinity}))).item() == T(-infinity));
    CHECK(max(constant(list<T>({-infinity, 1, infinity}))).item() == T(infinity));
}

TEST_CASE_TEMPLATE("argmax along every axis, the first one of equals", T, float, double)
{
    for (const Shape& shape : reduced_shapes())
        for (std::size_t axis = 0; axis < shape.size(); ++axis) {
            std::mt19937 engine(3);
            const Array<T> x = generate<T>(shape, [&](const Index&) { return engine() % 4; });
            Shape result;
            for (std::size_t i = 0; i < shape.size(); ++i)
                if (i != axis)
                    result.push_back(shape[i]);
            const Labels expected = generate<std::int32_t>(result, [&](Index i) {
                i.insert(i.begin() + static_cast<std::ptrdiff_t>(axis), 0);
                std::vector<double> values;
                for (std::size_t k = 0; k < shape[axis]; ++k) {
                    i[axis] = k;
                    values.push_back(at(x, i));
                }
                return place_of_largest(values);
            });
            const auto v = constant(Array<T>(x));
            check_equal(argmax(v, static_cast<Axis>(axis)), expected);
            check_equal(argmax(v, static_cast<Axis>(axis) - static_cast<Axis>(shape.size())), expected);
            if (axis + 1 == shape.size())
                check_equal(argmax(v), expected);
        }
}

TEST_CASE_TEMPLATE("argmax finds the first NaN", T, float, double)
{
    CHECK(argmax(constant(list<T>({1, not_a_number, 5, not_a_number}))).data()[0] == 1);
    Array<T> column = list<T>({1, 7, not_a_number, 9});
    column.reshape({4, 1});
    CHECK(argmax(constant(std::move(column)), 0).data()[0] == 2);
}

TEST_CASE_TEMPLATE("broadcast_to repeats and sum_to adds up: each is the other's gradient", T, float, double)
{
    const struct
    {
        Shape small, large;
    } pairs[] = {{{}, {2, 3}},           {{3}, {2, 3}},    {{2, 1}, {2, 3}},    {{1, 1}, {2, 3}},
                 {{2, 3}, {2, 3}},       {{1}, {5}},       {{3, 1}, {2, 3, 4}}, {{2, 1, 4}, {2, 3, 4}},
                 {{1, 3, 1}, {2, 3, 4}}, {{4}, {2, 3, 4}}, {{}, {1, 1}},        {{1, 5, 1, 1}, {2, 5, 3, 3}},
                 {{3}, {0, 3}},          {{1}, {0}}};
    for (const auto& pair : pairs) {
        CAPTURE(to_string(pair.small) + " and " + to_string(pair.large));
        const Array<T> small = numbers<T>(pair.small), large = numbers<T>(pair.large, -2, 2, 2);
        const Array<T> repeated = generate<T>(pair.large, [&](const Index& i) { return at(small, i); });
        Array<T> added(pair.small, T(0));
        for_each_index(pair.large, [&](const Index& i) { at(added, i) += at(large, i); });
        check_equal(broadcast_to(constant(Array<T>(small)), pair.large).value(), repeated);
        check_close(sum_to(constant(Array<T>(large)), pair.small).value(), added);
        check_close(gradients_of<T>([&](const auto& x) { return broadcast_to(x[0], pair.large); }, {small}, large)[0],
                    added);
        check_equal(gradients_of<T>([&](const auto& x) { return sum_to(x[0], pair.small); }, {large}, small)[0],
                    repeated);
    }
}

TEST_CASE_TEMPLATE("reductions over axes that do not fit are refused by name, and nothing is recorded", T, float,
                   double)
{
    const auto x = leaf<T>({2, 3}), none = leaf<T>({0, 3});
    const auto check_axes = [&](const std::string& name, auto f) {
        check_shape_error([&] { f(x, Axes{2}); }, {"[" + name + "]", "2"});
        check_shape_error([&] { f(x, Axes{-3}); }, {"[" + name + "]", "-3"});
        check_shape_error([&] { f(x, Axes{1, 1}); }, {"[" + name + "]", "1"});
        check_shape_error([&] { f(x, Axes{0, -2}); }, {"[" + name + "]", "-2"});
    };
    check_axes("sum", [](const auto& v, const Axes& axes) { sum(v, axes); });
    check_axes("mean", [](const auto& v, const Axes& axes) { mean(v, axes); });
    check_axes("max", [](const auto& v, const Axes& axes) { max(v, axes); });
    check_axes("log_sum_exp", [](const auto& v, const Axes& axes) { log_sum_exp(v, axes); });
    check_shape_error([&] { argmax(x, 2); }, {"[argmax]", "2"});
    check_shape_error([&] { argmax(leaf<T>({})); }, {"[argmax]", "-1"});
    check_shape_error([&] { mean(none); }, {"[mean]", "(0,3)"});
    check_shape_error([&] { mean(none, 0); }, {"[mean]", "(0,3)"});
    check_shape_error([&] { max(none); }, {"[max]", "(0,3)"});
    check_shape_error([&] { max(none, 0); }, {"[max]", "(0,3)"});
    check_shape_error([&] { argmax(none, 0); }, {"[argmax]", "(0,3)"});
    check_shape_error([&] { broadcast_to(x, {2, 4}); }, {"[broadcast_to]", "(2,3)", "(2,4)"});
    check_shape_error([&] { broadcast_to(x, {3}); }, {"[broadcast_to]", "(2,3)", "(3)"});
    check_shape_error([&] { broadcast_to(leaf<T>({2, 3}), {1, 3}); }, {"[broadcast_to]", "(2,3)", "(1,3)"});
    check_shape_error([&] { sum_to(x, {2, 4}); }, {"[sum_to]", "(2,3)", "(2,4)"});
    check_shape_error([&] { sum_to(x, {1, 2, 3}); }, {"[sum_to]", "(2,3)", "(1,2,3)"});
    check_shape_error([&] { sum_to(leaf<T>({1, 3}), {2, 3}); }, {"[sum_to]", "(1,3)", "(2,3)"});
}

TEST_CASE_TEMPLATE("reductions of an array without rows are empty", T, float, double)
{
    check_equal(max(constant(empty_array<T>({0, 3})), 1).value(), empty_array<T>({0}));
    CHECK(argmax(constant(empty_array<T>({0, 3}))).shape() == Shape{0});
    check_equal(mean(constant(empty_array<T>({0, 3})), 1).value(), empty_array<T>({0}));
}
