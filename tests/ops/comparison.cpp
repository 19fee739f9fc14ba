#include "ops.hpp"
#include <xgrad/ops/comparison.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/two_arguments.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

template <class T>
using Function = Variable<T> (*)(Variable<T>, Variable<T>);

} // namespace

TEST_CASE_TEMPLATE("comparisons of every pair, infinities and NaN among them", T, float, double)
{
    const std::initializer_list<double> values = {-infinity, -1, -0.0, 0, 1, 2, infinity, not_a_number};
    Array<T> column = list<T>(values);
    column.reshape({values.size(), 1});
    const auto a = constant(Array<T>(column)), b = constant(list<T>(values));
    const auto expect = [&](const Variable<T>& y, bool (*holds)(double, double)) {
        check_equal(y.value(), generate<T>({values.size(), values.size()}, [&](const Index& i) {
                        return holds(values.begin()[i[0]], values.begin()[i[1]]);
                    }));
    };
    const auto both = [](double x, double y) { return x != 0 && y != 0; };
    const auto either = [](double x, double y) { return x != 0 || y != 0; };
    const auto close = [](double x, double y) {
        return x == y || (std::isfinite(y) && std::abs(x - y) <= 0.25 + 0.375 * std::abs(y));
    };
    expect(a == b, [](double x, double y) { return x == y; });
    expect(equal(a, b), [](double x, double y) { return x == y; });
    expect(a != b, [](double x, double y) { return x != y; });
    expect(less(a, b), [](double x, double y) { return x < y; });
    expect(less_equal(a, b), [](double x, double y) { return x <= y; });
    expect(a && b, both);
    expect(logical_and(a, b), both);
    expect(a || b, either);
    expect(logical_or(a, b), either);
    expect(isclose(a, b, 0.375, 0.25), close);
    const auto is_one = list<T>({0, 0, 0, 0, 1, 0, 0, 0});
    check_equal((b == 1).value(), is_one);
    check_equal(equal(1, b).value(), is_one);
    check_equal((!(b != 1)).value(), is_one);
    check_equal(logical_not(not_equal(1, b)).value(), is_one);
    check_equal(less(b, 0).value(), list<T>({1, 1, 0, 0, 0, 0, 0, 0}));
    check_equal(less_equal(0, b).value(), list<T>({0, 0, 1, 1, 1, 1, 1, 0}));
    check_equal(where(b > 0 && b < 2, b, 7).value(), list<T>({7, 7, 7, 7, 1, 7, 7, 7}));
    check_equal((b == b && !(b == constant(empty_array<T>({0, 1})))).value(), empty_array<T>({0, 8}));
}

TEST_CASE_TEMPLATE("no gradient flows through a comparison", T, float, double)
{
    const auto f = [](const auto& x) { return x[0] * (x[0] == x[1]) + (x[0] != x[1]) * x[1]; };
    const auto gradients = gradients_of<T>(f, {list<T>({1, 2}), list<T>({1, 3})}, list<T>({5, 7}));
    check_equal(gradients[0], list<T>({5, 0}));
    check_equal(gradients[1], list<T>({0, 7}));
}

TEST_CASE_TEMPLATE("hypot and atan2 at the origin and far from it", T, float, double)
{
    const double huge = static_cast<double>(std::numeric_limits<T>::max()) / 2;
    const auto at = [](Function<T> f, double a, double b) {
        return gradients_of<T>([&](const auto& x) { return f(x[0], x[1]); }, {list<T>({a}), list<T>({b})},
                               list<T>({1}));
    };
    for (const auto& gradient : {at(hypot<T>, 0, 0), at(atan2<T>, 0, 0)}) {
        check_equal(gradient[0], list<T>({0}));
        check_equal(gradient[1], list<T>({0}));
    }
    check_close(hypot(constant(list<T>({huge})), constant(list<T>({huge}))).value(), list<T>({huge * std::sqrt(2.)}));
    check_close(at(hypot<T>, huge, huge)[0], list<T>({std::sqrt(0.5)}));
    check_close(at(atan2<T>, 0, huge)[0], list<T>({1 / huge}));
    const double tiny = static_cast<double>(std::numeric_limits<T>::min());
    CHECK(static_cast<double>(at(atan2<T>, 0, tiny)[0].data()[0]) == doctest::Approx(1 / tiny));
}

TEST_CASE_TEMPLATE("functions of two arguments follow the C library at zeros, infinities and NaN", T, float, double)
{
    using L = long double;
    const std::pair<Function<T>, L (*)(L, L)> functions[] = {{hypot<T>, std::hypot},
                                                             {atan2<T>, std::atan2},
                                                             {fmod<T>, std::fmod},
                                                             {remainder<T>, std::remainder},
                                                             {fdim<T>, std::fdim}};
    const std::initializer_list<double> values = {-infinity, -3, -1,  -0.0, 0,        1e-30,
                                                  0.5,       1,  7.5, 3e38, infinity, not_a_number};
    for (const auto& [function, expected] : functions)
        for (const double a : values)
            for (const double b : values) {
                CAPTURE(a);
                CAPTURE(b);
                const T y = function(constant(list<T>({a})), constant(list<T>({b}))).value().data()[0];
                const T exact = static_cast<T>(expected(static_cast<T>(a), static_cast<T>(b)));
                CHECK((std::isnan(y) ? std::isnan(exact) : y == doctest::Approx(exact) || y == exact));
                CHECK((std::isnan(y) || std::signbit(y) == std::signbit(exact)));
            }
}

TEST_CASE_TEMPLATE("fmax and fmin prefer a number to NaN, and send the gradient there", T, float, double)
{
    const Array<T> a = list<T>({not_a_number, 1, 2, not_a_number}), b = list<T>({3, not_a_number, 2, not_a_number});
    for (const Function<T> f : {Function<T>(fmax<T>), Function<T>(fmin<T>)}) {
        check_equal(f(constant(Array<T>(a)), constant(Array<T>(b))).value(), list<T>({3, 1, 2, not_a_number}));
        const auto g = gradients_of<T>([&](const auto& x) { return f(x[0], x[1]); }, {a, b}, list<T>({1, 1, 1, 1}));
        check_equal(g[0], list<T>({0, 1, 1, 1}));
        check_equal(g[1], list<T>({1, 0, 0, 0}));
    }
}

TEST_CASE_TEMPLATE("fma, remainders and powers of numbers", T, float, double)
{
    const auto x = constant(list<T>({1, 2, -3})), y = constant(list<T>({0.5, 4, 2}));
    check_equal(fma(x, y, x).value(), list<T>({1.5, 10, -9}));
    check_equal(pow(2, x).value(), list<T>({2, 4, 0.125}));
    check_equal(fmod(constant(list<T>({-5, 5.5, 7})), 3).value(), list<T>({-2, 2.5, 1}));
    check_equal(remainder(constant(list<T>({-5, 5.5, 4.5})), 3).value(), list<T>({1, -0.5, -1.5}));
    check_equal(hypot(3, constant(list<T>({4}))).value(), list<T>({5}));
    const auto slope = [](Function<T> f) {
        return gradients_of<T>([&](const auto& v) { return f(constant(list<T>({7})), v[0]); }, {list<T>({3})},
                               list<T>({1}))[0];
    };
    check_equal(slope(fmod<T>), list<T>({-2}));
    check_equal(slope(remainder<T>), list<T>({-2}));
    check_shape_error([] { hypot(leaf<T>({2}), leaf<T>({3})); }, {"[hypot]", "(2)", "(3)"});
    check_shape_error([] { fma(leaf<T>({2}), leaf<T>({2}), leaf<T>({3})); }, {"[fma]", "(2)", "(3)"});
    check_shape_error([] { equal(leaf<T>({2}), leaf<T>({3})); }, {"[equal]", "(2)", "(3)"});
    check_shape_error([] { polygamma(leaf<T>({2}), 0.5); }, {"[polygamma]", "0.5"});
}
