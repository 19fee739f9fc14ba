#include "reductions.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/nan.hpp>
#include <xgrad/ops/norm.hpp>
#include <xgrad/ops/statistics.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

using List = std::vector<double>;

double sum_of(const List& values, double (*f)(double))
{
    double sum = 0;
    for (const double value : values)
        sum += f(value);
    return sum;
}

double same(double x) { return x; }
double absolute(double x) { return std::abs(x); }
double squared(double x) { return x * x; }
double mean_of(const List& v) { return sum_of(v, same) / static_cast<double>(v.size()); }
double sign_of(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }

double deviations(const List& v)
{
    double sum = 0;
    for (const double x : v)
        sum += (x - mean_of(v)) * (x - mean_of(v));
    return sum;
}

double product_without(const List& v, std::size_t left_out)
{
    double product = 1;
    for (std::size_t i = 0; i < v.size(); ++i)
        product *= i == left_out ? 1 : v[i];
    return product;
}

std::size_t place_of(const List& v, double (*measure)(double))
{
    std::size_t best = 0;
    for (std::size_t i = 1; i < v.size(); ++i)
        if (measure(v[i]) > measure(v[best]))
            best = i;
    return best;
}

double minus(double x) { return -x; }

double p_norm(const List& v, double p)
{
    double sum = 0;
    for (const double x : v)
        sum += std::pow(std::abs(x), p);
    return std::pow(sum, 1 / p);
}

template <class T>
double number(const Variable<T>& x)
{
    return static_cast<double>(x.item());
}

} // namespace

#define XGRAD_OVER(call) [](const auto& x, const Axes& axes, bool keep) { return call; }

TEST_CASE_TEMPLATE("min and prod over every subset of the axes", T, float, double)
{
    check_reduction<T>(
        XGRAD_OVER(min(x, axes, keep)), [](const List& v) { return v[place_of(v, minus)]; },
        [](const List& v, std::size_t i) { return i == place_of(v, minus) ? 1. : 0.; });
    check_reduction<T>(
        XGRAD_OVER(prod(x, axes, keep)), [](const List& v) { return product_without(v, v.size()); }, product_without);
}

TEST_CASE_TEMPLATE("variance and stddev over every subset of the axes", T, float, double)
{
    const auto size = [](const List& v) { return static_cast<double>(v.size()); };
    check_reduction<T>(
        XGRAD_OVER(variance(x, axes, {.keepdims = keep})), [=](const List& v) { return deviations(v) / size(v); },
        [=](const List& v, std::size_t i) { return 2 * (v[i] - mean_of(v)) / size(v); });
    check_reduction<T>(
        XGRAD_OVER(stddev(x, axes, {.keepdims = keep})),
        [=](const List& v) { return std::sqrt(deviations(v) / size(v)); },
        [=](const List& v, std::size_t i) { // 0 where all are equal
            return v.size() == 1 ? 0 : (v[i] - mean_of(v)) / std::sqrt(deviations(v) * size(v));
        });
}

TEST_CASE_TEMPLATE("norms over every subset of the axes", T, float, double)
{
    check_reduction<T>(
        XGRAD_OVER(norm_l1(x, axes, keep)), [](const List& v) { return sum_of(v, absolute); },
        [](const List& v, std::size_t i) { return sign_of(v[i]); });
    check_reduction<T>(
        XGRAD_OVER(norm_sq(x, axes, keep)), [](const List& v) { return sum_of(v, squared); },
        [](const List& v, std::size_t i) { return 2 * v[i]; });
    check_reduction<T>(
        XGRAD_OVER(norm_l2(x, axes, keep)), [](const List& v) { return std::sqrt(sum_of(v, squared)); },
        [](const List& v, std::size_t i) { return v[i] / std::sqrt(sum_of(v, squared)); });
    check_reduction<T>(
        XGRAD_OVER(norm_linf(x, axes, keep)), [](const List& v) { return std::abs(v[place_of(v, absolute)]); },
        [](const List& v, std::size_t i) { return i == place_of(v, absolute) ? sign_of(v[i]) : 0; });
    check_reduction<T>(
        XGRAD_OVER(norm_lp(x, 3, axes, keep)), [](const List& v) { return p_norm(v, 3); },
        [](const List& v, std::size_t i) { return v[i] * std::abs(v[i]) / std::pow(p_norm(v, 3), 2); });
    check_reduction<T>(
        XGRAD_OVER(norm_lp_to_p(x, 3, axes, keep)), [](const List& v) { return std::pow(p_norm(v, 3), 3); },
        [](const List& v, std::size_t i) { return 3 * v[i] * std::abs(v[i]); });
}

TEST_CASE_TEMPLATE("norms of large, small, zero and infinite numbers", T, float, double)
{
    const double large = static_cast<double>(std::numeric_limits<T>::max()) / 4;
    const auto of = [](std::initializer_list<double> values) { return constant(list<T>(values)); };
    CHECK(number(norm_l2(of({3 * large / 4, large}))) == doctest::Approx(1.25 * large));
    CHECK(number(norm_lp(of({large, large}), 2)) == doctest::Approx(std::sqrt(2.) * large));
    const double small = static_cast<double>(std::numeric_limits<T>::min());
    CHECK(number(norm_l2(of({3 * small, 4 * small}))) == doctest::Approx(5 * small));
    for (const double p : {1., 1.5, 2., 7., infinity}) {
        CHECK(number(norm_lp(of({0, 0, 0}), p)) == 0);
        check_equal(gradients_of<T>([&](const auto& x) { return norm_lp(x[0], p); }, {list<T>({0, 0})},
                                    Array<T>(Shape{}, T(1)))[0],
                    list<T>({0, 0}));
        CHECK(number(norm_lp(of({1, -infinity}), p)) == infinity);
        CHECK(std::isnan(number(norm_lp(of({1, not_a_number}), p))));
    }
    CHECK(std::isnan(number(norm_l2(of({1, not_a_number})))));
    CHECK(number(norm_l2(of({}))) == 0);
    CHECK(number(norm_linf(of({}))) == 0);
}

TEST_CASE_TEMPLATE("induced norms are the largest sums of columns and rows", T, float, double)
{
    Array<T> x = list<T>({1, -2, 3, -4, 0.5, 0.25});
    x.reshape({2, 3});
    CHECK(number(norm_induced_l1(constant(Array<T>(x)))) == 5);
    CHECK(number(norm_induced_linf(constant(std::move(x)))) == 6);
}

TEST_CASE_TEMPLATE("sums without NaN, counts and truth", T, float, double)
{
    const T nan = T(not_a_number);
    Array<T> values = empty_array<T>({2, 3});
    std::copy_n(std::initializer_list<T>{1, nan, 0, nan, nan, nan}.begin(), 6, values.begin());
    const auto x = constant(Array<T>(values));
    check_equal(nansum(x, 1).value(), list<T>({1, 0}));
    check_equal(nanmean(x, 1).value(), list<T>({0.5, not_a_number}));
    check_equal(nanmean(x).value(), Array<T>(Shape{}, T(0.5)));
    check_equal(count_nonzero(x, 1).value(), list<T>({2, 3}));
    check_equal(norm_l0(x, 0).value(), list<T>({2, 2, 1}));
    check_equal(all(x, 1).value(), list<T>({0, 1}));
    check_equal(any(x, 0).value(), list<T>({1, 1, 1}));
    const auto nothing = constant(empty_array<T>({0, 2}));
    check_equal(any(nothing, 0).value(), list<T>({0, 0}));
    check_equal(all(nothing, 0).value(), list<T>({1, 1}));
    check_equal(prod(nothing, 0).value(), list<T>({1, 1}));
    check_equal(any(constant(list<T>({0, -0.0}))).value(), Array<T>(Shape{}, T(0)));
    check_equal(gradients_of<T>([](const auto& v) { return nansum(v[0], 1); }, {values}, list<T>({2, 3}))[0],
                generate<T>({2, 3}, [](const Index& i) { return i[0] == 0 && i[1] != 1 ? 2 : 0; }));
}

TEST_CASE_TEMPLATE("what is NaN is left out", T, float, double)
{
    const T nan = T(not_a_number);
    Array<T> values = empty_array<T>({2, 4});
    std::copy_n(std::initializer_list<T>{1, nan, 4, 7, nan, nan, nan, nan}.begin(), 8, values.begin());
    const auto x = constant(std::move(values));
    check_equal(nanprod(x, 1).value(), list<T>({28, 1}));
    check_equal(nanmax(x, 1).value(), list<T>({7, not_a_number}));
    check_equal(nanmin(x, 0).value(), list<T>({1, not_a_number, 4, 7}));
    check_equal(nanmax(-x, 1).value(), list<T>({-1, not_a_number})); // all that counts is below 0
    check_close(nanvar(x, 1).value(), list<T>({6, not_a_number}));
    check_close(nanvar(x, 1, {.ddof = 1}).value(), list<T>({9, not_a_number}));
    check_close(nanstd(x, 1, {.ddof = 1}).value(), list<T>({3, not_a_number}));
    check_equal(nancumsum(x).value(), list<T>({1, 1, 5, 12, 12, 12, 12, 12}));
    check_equal(slice(nancumprod(x, 1), 0, 0, 1).value(), Array<T>{{1, 1, 4, 28}});
    const T largest = std::numeric_limits<T>::max();
    check_equal(nan_to_num(constant(list<T>({infinity, -infinity, not_a_number, 3}))).value(),
                list<T>({largest, -largest, 0, 3}));
    check_equal(nan_to_num(constant(list<T>({infinity, -infinity, not_a_number, 3})), 5, 6, 7).value(),
                list<T>({6, 7, 5, 3}));
    check_equal(gradients_of<T>([](const auto& v) { return nan_to_num(v[0]); }, {list<T>({infinity, not_a_number, 3})},
                                list<T>({1, 1, 1}))[0],
                list<T>({0, 0, 1}));
}

TEST_CASE_TEMPLATE("cov is the matrix of covariances", T, float, double)
{
    const Array<T> x = numbers<T>({3, 7});
    const auto covariance = [&](std::size_t i, std::size_t j, double divisor) {
        double of_i = 0, of_j = 0, sum = 0;
        for (std::size_t k = 0; k < 7; ++k) {
            of_i += static_cast<double>(at(x, {i, k})) / 7;
            of_j += static_cast<double>(at(x, {j, k})) / 7;
        }
        for (std::size_t k = 0; k < 7; ++k)
            sum += (static_cast<double>(at(x, {i, k})) - of_i) * (static_cast<double>(at(x, {j, k})) - of_j);
        return sum / divisor;
    };
    const auto v = constant(Array<T>(x));
    check_close(cov(v).value(), generate<T>({3, 3}, [&](const Index& i) { return covariance(i[0], i[1], 6); }));
    check_close(cov(v, 0).value(), generate<T>({3, 3}, [&](const Index& i) { return covariance(i[0], i[1], 7); }));
    check_shape_error([] { cov(leaf<T>({3})); }, {"[cov]", "(3)"});
    check_shape_error([] { cov(leaf<T>({3, 1})); }, {"[cov]", "(3,1)", "ddof 1"});
}

TEST_CASE_TEMPLATE("argmin is the first of the smallest, or the first NaN", T, float, double)
{
    CHECK(argmin(constant(list<T>({3, 1, 2, 1}))).data()[0] == 1);
    CHECK(argmin(constant(list<T>({3, not_a_number, 2, 1}))).data()[0] == 1);
    Array<T> x = list<T>({5, 2, 3, 4, 1, 3});
    x.reshape({2, 3});
    check_equal(argmin(constant(Array<T>(x)), 0), indices({1, 1, 0}));
    check_equal(argmin(constant(Array<T>(x))), indices({1, 1}));
    CHECK(std::isnan(number(min(constant(list<T>({1, not_a_number}))))));
}

TEST_CASE_TEMPLATE("average weighs, and ddof takes from the divisor", T, float, double)
{
    Array<T> x = list<T>({1, 2, 3, 4, 5, 6});
    x.reshape({2, 3});
    const auto v = constant(Array<T>(x)), w = constant(list<T>({1, 0, 3}));
    check_close(average(v, w, 1).value(), list<T>({2.5, 5.5}));
    check_close(average(v, v, 0).value(), list<T>({17. / 5, 29. / 7, 45. / 9}));
    check_close(average(v, v).value(), Array<T>(Shape{}, T(91. / 21)));
    check_close(variance(v, 1, {.ddof = 1}).value(), list<T>({1, 1}));
    check_close(stddev(v, 0, {.ddof = 1}).value(), list<T>({std::sqrt(4.5), std::sqrt(4.5), std::sqrt(4.5)}));
}

TEST_CASE_TEMPLATE("statistics that do not fit are refused by name, and nothing is recorded", T, float, double)
{
    const auto x = leaf<T>({2, 3}), none = leaf<T>({0, 3});
    check_shape_error([&] { min(x, 2); }, {"[min]", "2"});
    check_shape_error([&] { min(none, 0); }, {"[min]", "(0,3)"});
    check_shape_error([&] { argmin(none, 0); }, {"[argmin]", "(0,3)"});
    check_shape_error([&] { argmin(x, 5); }, {"[argmin]", "5"});
    check_shape_error([&] { prod(x, {0, 0}); }, {"[prod]", "0"});
    check_shape_error([&] { variance(x, 1, {.ddof = 3}); }, {"[variance]", "3", "(2,3)"});
    check_shape_error([&] { stddev(none); }, {"[stddev]", "(0,3)"});
    check_shape_error([&] { average(x, leaf<T>({2}), 1); }, {"[average]", "(2)", "(2,3)"});
    check_shape_error([&] { average(x, leaf<T>({3})); }, {"[average]", "(3)", "(2,3)"});
    check_shape_error([&] { norm_lp(x, -1); }, {"[norm_lp]", "-1"});
    check_shape_error([&] { norm_lp(x, not_a_number); }, {"[norm_lp]", "nan"});
    check_shape_error([&] { norm_l2(x, 2); }, {"[norm_l2]", "2"});
    check_shape_error([&] { norm_induced_l1(leaf<T>({3})); }, {"[norm_induced_l1]", "(3)"});
}
