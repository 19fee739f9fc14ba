// The gradient check at points far from 1, and beside gradients of another size.

#include <xgrad/inspect/check.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

using namespace xgrad;

namespace
{

using V = Variable<double>;
using Xs = const Variables<double>&;

} // namespace

TEST_CASE("the gradient check has a step and a tolerance for each element")
{
    // A wrong rule beside a much larger one.
    const auto scaled = [](const Array<double>& right, const Array<double>& rule) {
        return check_gradient("scaled",
                              [=](Xs x) {
                                  return record(
                                      "scaled", Array<double>(x[0].value() * right),
                                      wrt(x[0], [=](const auto& g) { return g * constant(Array<double>(rule)); }));
                              },
                              {Array<double>{1, 1}}, {.order = 1});
    };
    const GradientReport wrong = scaled({1e7, 1}, {1e7, 3});
    REQUIRE(wrong.mismatches.size() == 1);
    CHECK(wrong.mismatches[0].index == 1);
    CHECK(scaled({1e7, 1}, {1e7, 1}).passed());
    CHECK_FALSE(scaled({1e7, 1e-3}, {1e7, 1.001e-3}).passed());

    // Right rules at points far from 1, and where a function bends fast.
    const auto check = [](const char* name, const std::function<V(const V&)>& f, const Array<double>& x) {
        const GradientReport report = check_gradient(name, [&](Xs xs) { return f(xs[0]); }, {x}, {.order = 1});
        CHECK_MESSAGE(report.passed(), report);
    };
    check("square", [](const V& x) { return square(x); }, {1e6, 1});
    check("sum of squares", [](const V& x) { return sum(square(x)); }, {1e6, 1});
    check("log", [](const V& x) { return log(x); }, {1e-3, 1, 1e5});
    check("1/x", [](const V& x) { return 1 / x; }, {1e-4, 1, 1e4});
    check("sqrt", [](const V& x) { return sqrt(x); }, {1e-6, 1e6});
    check("exp", [](const V& x) { return exp(x); }, {-20, 0, 20});
    check("sin", [](const V& x) { return sin(1000 * x); }, {0.1, 3});

    // Nothing is excused where a difference can tell: wrong by a tenth of a percent.
    const auto with_factor = [](double factor, double x) {
        return check_gradient("1/x",
                              [=](Xs xs) {
                                  return record(
                                      "1/x", Array<double>(1 / xs[0].value()),
                                      wrt(xs[0], [=, x0 = xs[0]](const auto& g) { return -factor * g / square(x0); }));
                              },
                              {Array<double>{x}}, {.order = 1})
            .passed();
    };
    for (const double x : {1e-4, 1e-2, 1.0, 100.0}) {
        CHECK(with_factor(1, x));
        CHECK_FALSE(with_factor(1.001, x));
    }
}
