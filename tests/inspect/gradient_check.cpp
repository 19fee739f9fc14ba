#include <xgrad/base/error.hpp>
#include <xgrad/base/random.hpp>
#include <xgrad/inspect/check.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <sstream>

using namespace xgrad;

namespace
{

using V = Variable<double>;
using Xs = const Variables<double>&;

Array<double> random(const Shape& shape, std::uint64_t seed = 1) { return Random(seed).uniform<double>(shape, 0.5, 2); }

/** Returns whether the check finds the rule for an input wrong at an order. */
bool has_mismatch(const GradientReport& report, int order, std::size_t input)
{
    return std::any_of(report.mismatches.begin(), report.mismatches.end(),
                       [&](const GradientMismatch& m) { return m.order == order && m.input == input; });
}

/** A function of one input that claims to be x³ and takes its rule from the test. */
template <class Rule>
GradientReport check_cube_with(Rule rule)
{
    return check_gradient("cube",
                          [rule](Xs x) {
                              return record("cube", Array<double>(x[0].value() * x[0].value() * x[0].value()),
                                            wrt(x[0], [rule, x = x[0]](const auto& g) { return rule(g, x); }));
                          },
                          {random({2, 3})});
}

/** A matrix product whose rules come from the test. */
template <class RuleA, class RuleB>
GradientReport check_product_with(const Shape& a, const Shape& b, RuleA rule_a, RuleB rule_b)
{
    return check_gradient("product",
                          [=](Xs x) {
                              const V value = matmul(stop_gradient(x[0]), stop_gradient(x[1]));
                              return record("product", Array<double>(value.value()),
                                            wrt(x[0], [rule_a, b = x[1]](const auto& g) { return rule_a(g, b); }),
                                            wrt(x[1], [rule_b, a = x[0]](const auto& g) { return rule_b(g, a); }));
                          },
                          {random(a, 1), random(b, 2)});
}

V right_a(const V& g, const V& b) { return matmul(g, transpose(b)); }
V right_b(const V& g, const V& a) { return matmul(transpose(a), g); }

/** A valid convolution (of matrices) whose rules come from the test. */
template <class RuleX, class RuleW>
GradientReport check_convolution_with(RuleX rule_x, RuleW rule_w)
{
    return check_gradient("convolution",
                          [=](Xs x) {
                              const V value = conv2d(stop_gradient(x[0]), stop_gradient(x[1]));
                              return record("convolution", Array<double>(value.value()),
                                            wrt(x[0], [rule_x, w = x[1]](const auto& g) { return rule_x(g, w); }),
                                            wrt(x[1], [rule_w, x = x[0]](const auto& g) { return rule_w(g, x); }));
                          },
                          {random({4, 5}, 1), random({2, 3}, 2)});
}

// Bouvrie's forms: δ * rot180(k), full, and rot180(x * rot180(δ)), valid.
V right_x(const V& g, const V& w) { return conv2d(g, rot180(w), {.padding = Padding::full}); }
V right_w(const V& g, const V& x) { return rot180(conv2d(x, rot180(g))); }

} // namespace

TEST_CASE("the gradient check passes a right rule at both orders and counts what it compared")
{
    const GradientReport report = check_cube_with([](const V& g, const V& x) { return g * 3 * x * x; });
    CHECK_MESSAGE(report.passed(), report);
    CHECK(report.compared == 6 + 6 + 6); // x; then x and the upstream gradient
    CHECK(report.largest_error < 1e-8);
    CHECK(report.mismatches.empty());
}

TEST_CASE("the gradient check passes right rules of a product and of a convolution")
{
    const GradientReport product = check_product_with({3, 3}, {3, 3}, right_a, right_b);
    CHECK_MESSAGE(product.passed(), product);
    const GradientReport convolution = check_convolution_with(right_x, right_w);
    CHECK_MESSAGE(convolution.passed(), convolution);
}

TEST_CASE("the gradient check finds a wrong factor")
{
    const GradientReport report = check_cube_with([](const V& g, const V& x) { return g * 2 * x * x; });
    CHECK_FALSE(report.passed());
    CHECK(has_mismatch(report, 1, 0));
}

TEST_CASE("the gradient check finds a factor that is wrong by one part in ten thousand")
{
    CHECK_FALSE(check_cube_with([](const V& g, const V& x) { return g * (3 * 1.0001) * x * x; }).passed());
}

TEST_CASE("the gradient check finds a wrong sign")
{
    CHECK(has_mismatch(check_cube_with([](const V& g, const V& x) { return -(g * 3 * x * x); }), 1, 0));
}

TEST_CASE("the gradient check finds a zero gradient")
{
    CHECK(has_mismatch(check_cube_with([](const V& g, const V&) { return 0 * g; }), 1, 0));
}

TEST_CASE("the gradient check finds a gradient that ignores the upstream gradient")
{
    CHECK(has_mismatch(check_cube_with([](const V&, const V& x) { return 3 * x * x; }), 1, 0));
}

TEST_CASE("the gradient check finds a gradient that is wrong in one element")
{
    const GradientReport report = check_cube_with([](const V& g, const V& x) {
        Array<double> factor(x.shape(), 3.0);
        factor.data()[4] = 3.1;
        return g * constant(std::move(factor)) * x * x;
    });
    REQUIRE(has_mismatch(report, 1, 0));
    CHECK(report.mismatches.front().index == 4);
}

TEST_CASE("the gradient check finds NaN and infinity")
{
    for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
        const GradientReport report = check_cube_with([bad](const V& g, const V& x) {
            Array<double> factor(x.shape(), 3.0);
            factor.data()[2] = bad;
            return g * constant(std::move(factor)) * x * x;
        });
        REQUIRE(has_mismatch(report, 1, 0));
        CHECK(report.mismatches.front().index == 2);
    }
}

TEST_CASE("the gradient check finds a NaN in the function itself")
{
    const GradientReport report =
        check_gradient("log", [](Xs x) { return log(x[0]); }, {Array<double>(-1.0 * random({3}))});
    CHECK_FALSE(report.passed());
}

TEST_CASE("the gradient check finds a rule that is right once and wrong when differentiated")
{
    const GradientReport report = check_cube_with([](const V& g, const V& x) { return g * 3 * x * stop_gradient(x); });
    CHECK_FALSE(has_mismatch(report, 1, 0));
    CHECK(has_mismatch(report, 2, 0));
    CHECK_FALSE(report.passed());
}

TEST_CASE("the gradient check finds a rule that is not differentiable in its upstream gradient")
{
    const GradientReport report = check_cube_with([](const V& g, const V& x) { return stop_gradient(g) * 3 * x * x; });
    CHECK_FALSE(has_mismatch(report, 1, 0));
    CHECK(has_mismatch(report, 2, 1));
}

TEST_CASE("the gradient check of order 1 does not look at order 2")
{
    const GradientReport report =
        check_gradient("cube",
                       [](Xs x) {
                           return record("cube", Array<double>(x[0].value() * x[0].value() * x[0].value()),
                                         wrt(x[0], [x = stop_gradient(x[0])](const auto& g) { return g * 3 * x * x; }));
                       },
                       {random({3})}, {.order = 1});
    CHECK(report.passed());
    CHECK(report.compared == 3);
}

TEST_CASE("the gradient check finds a missing transpose")
{
    CHECK(has_mismatch(check_product_with(
                           {3, 3}, {3, 3}, [](const V& g, const V& b) { return matmul(g, b); }, right_b),
                       1, 0));
    CHECK(has_mismatch(check_product_with({3, 3}, {3, 3}, right_a, [](const V& g, const V& a) { return matmul(a, g); }),
                       1, 1));
}

TEST_CASE("the gradient check finds swapped operands")
{
    const GradientReport report = check_product_with(
        {3, 3}, {3, 3}, [](const V& g, const V& b) { return matmul(transpose(b), g); }, right_b);
    CHECK(has_mismatch(report, 1, 0));
    CHECK_FALSE(has_mismatch(report, 1, 1));
}

TEST_CASE("the gradient check finds the rules of two inputs exchanged")
{
    const GradientReport report =
        check_gradient("product",
                       [](Xs x) {
                           return record("product", Array<double>(x[0].value() * x[1].value()),
                                         wrt(x[0], [a = x[0]](const auto& g) { return g * a; }),
                                         wrt(x[1], [b = x[1]](const auto& g) { return g * b; }));
                       },
                       {random({4}, 1), random({4}, 2)});
    CHECK(has_mismatch(report, 1, 0));
    CHECK(has_mismatch(report, 1, 1));
}

TEST_CASE("the gradient check finds a missing flip in the gradient of a convolution to its input")
{
    const auto without_flip = [](const V& g, const V& w) { return conv2d(g, w, {.padding = Padding::full}); };
    CHECK(has_mismatch(check_convolution_with(without_flip, right_w), 1, 0));
}

TEST_CASE("the gradient check finds each missing flip in the gradient of a convolution to its kernel")
{
    const auto outer_missing = [](const V& g, const V& x) { return conv2d(x, rot180(g)); };
    const auto inner_missing = [](const V& g, const V& x) { return rot180(conv2d(x, g)); };
    const auto both_missing = [](const V& g, const V& x) { return conv2d(x, g); };
    CHECK(has_mismatch(check_convolution_with(right_x, outer_missing), 1, 1));
    CHECK(has_mismatch(check_convolution_with(right_x, inner_missing), 1, 1));
    CHECK(has_mismatch(check_convolution_with(right_x, both_missing), 1, 1));
}

TEST_CASE("the gradient check finds a transposed kernel gradient of a square kernel")
{
    const GradientReport report = check_gradient(
        "convolution",
        [](Xs x) {
            return record("convolution", Array<double>(conv2d(constant(random({4, 5})), stop_gradient(x[0])).value()),
                          wrt(x[0], [](const auto& g) {
                              return transpose(right_w(g, constant(random({4, 5}))));
                          }));
        },
        {random({2, 2})});
    CHECK(has_mismatch(report, 1, 0));
}

TEST_CASE("a missing sum over broadcast axes is a ShapeError that names op, input and both shapes")
{
    const auto f = [](Xs x) {
        return record("shift", Array<double>(x[0].value() + x[1].value()), wrt(x[0], [](const auto& g) { return g; }),
                      wrt(x[1], [](const auto& g) { return g; }));
    };
    try {
        check_gradient("shift", f, {random({2, 3}), random({3})});
        FAIL("no error");
    } catch (const ShapeError& error) {
        const std::string message = error.what();
        for (const char* part : {"[shift]", "input 1", "(2,3)", "(3)"})
            CHECK_MESSAGE(message.find(part) != std::string::npos, message);
    }
}

TEST_CASE("the gradient check finds a mean where the broadcast sum should be")
{
    const auto f = [](Xs x) {
        return record("shift", Array<double>(x[0].value() + x[1].value()), wrt(x[0], [](const auto& g) { return g; }),
                      wrt(x[1], [](const auto& g) { return mean(g, 0); }));
    };
    const GradientReport report = check_gradient("shift", f, {random({2, 3}), random({3})});
    CHECK_FALSE(has_mismatch(report, 1, 0));
    CHECK(has_mismatch(report, 1, 1));
}

TEST_CASE("the gradient check finds a softmax rule without its sum, which a plain sum of the result would hide")
{
    const auto f = [](Xs x) {
        return record("softmax", Array<double>(softmax(stop_gradient(x[0])).value()),
                      wrt(x[0], [](const auto& g, const auto& y) { return y * g * (1 - y); }));
    };
    CHECK(has_mismatch(check_gradient("softmax", f, {random({2, 3})}), 1, 0));
}

TEST_CASE("the gradient check finds a captured value that is stale")
{
    // The rule keeps the values of the first call, as a cache would that nobody refreshes.
    const auto first = std::make_shared<V>();
    const auto f = [first](Xs x) {
        if (!first->has_value())
            *first = constant(Array<double>(x[0].value() + 1.0));
        return record("square", Array<double>(x[0].value() * x[0].value()),
                      wrt(x[0], [cached = *first](const auto& g) { return g * (2 * cached); }));
    };
    CHECK(has_mismatch(check_gradient("square", f, {random({3})}), 1, 0));
}

TEST_CASE("the gradient check finds a mask that goes to every tie")
{
    // Both elements are the largest of (x, x): the derivative of the maximum is 1, not 2.
    const auto f = [](Xs x) {
        const V pair = concatenate(std::vector<V>{x[0], x[0]});
        const V largest = max(stop_gradient(pair));
        return record("largest", Array<double>(largest.value()),
                      wrt(pair, [pair](const auto& g, const auto& y) { return g * greater_equal(pair, y); }));
    };
    CHECK(has_mismatch(check_gradient("largest", f, {random({1})}), 1, 0));
    CHECK(check_gradient("max",
                         [](Xs x) {
                             return max(concatenate(std::vector<V>{x[0], x[0]}));
                         },
                         {random({1})})
              .passed());
}

TEST_CASE("the gradient check finds an input that is cut off")
{
    const GradientReport report =
        check_gradient("product", [](Xs x) { return x[0] * stop_gradient(x[1]); }, {random({3}, 1), random({3}, 2)});
    CHECK_FALSE(has_mismatch(report, 1, 0));
    CHECK(has_mismatch(report, 1, 1));
}

TEST_CASE("an input that the function does not use has gradient 0 and passes")
{
    CHECK(check_gradient("first", [](Xs x) { return x[0] * x[0]; }, {random({3}, 1), random({2}, 2)}).passed());
}

TEST_CASE("a comparison of nothing does not pass")
{
    const GradientReport report = check_gradient("nothing", [](Xs x) { return 2 * x[0]; }, {random({0})});
    CHECK(report.compared == 0);
    CHECK(report.mismatches.empty());
    CHECK_FALSE(report.passed());
    CHECK(to_string(report).find("nothing was compared") != std::string::npos);
    CHECK_FALSE(GradientReport{}.passed());
}

TEST_CASE("the report names op, input, index, analytic and numeric value")
{
    const auto f = [](Xs x) {
        return record("twice", Array<double>(x[0].value() + 2.0 * x[1].value()),
                      wrt(x[0], [](const auto& g) { return g; }), wrt(x[1], [](const auto& g) {
                          Array<double> factor(g.shape(), 2.0);
                          factor.data()[2] = 4;
                          return g * constant(std::move(factor));
                      }));
    };
    const GradientReport report = check_gradient("twice", f, {random({3}, 1), random({3}, 2)}, {.order = 1});
    REQUIRE(report.mismatches.size() == 1);
    const GradientMismatch& mismatch = report.mismatches.front();
    CHECK(mismatch.op == "twice");
    CHECK(mismatch.order == 1);
    CHECK(mismatch.input == 1);
    CHECK(mismatch.index == 2);
    CHECK(mismatch.analytic == doctest::Approx(2 * mismatch.numeric).epsilon(1e-8));
    CHECK(std::abs(mismatch.numeric) > 0.5);
    const std::string text = to_string(report);
    for (const std::string& part :
         {std::string("twice"), std::string("input 1"), std::string("index 2"), std::string("analytic"),
          std::string("numeric"), std::to_string(mismatch.numeric).substr(0, 6)})
        CHECK_MESSAGE(text.find(part) != std::string::npos, text);
    std::ostringstream stream;
    stream << report;
    CHECK(stream.str() == text);
}

TEST_CASE("the report says when a gradient of the gradient is wrong")
{
    const GradientReport report = check_cube_with([](const V& g, const V& x) { return g * 3 * x * stop_gradient(x); });
    CHECK(to_string(report).find("gradient of the gradient for input 0") != std::string::npos);
}

TEST_CASE("an input without a rule is an error that names op and input")
{
    const auto f = [](Xs x) {
        return record("half", Array<double>(x[0].value() + x[1].value()), wrt(x[0], [](const auto& g) { return g; }),
                      wrt(x[1]));
    };
    try {
        check_gradient("half", f, {random({3}), random({3})});
        FAIL("no error");
    } catch (const GraphError& error) {
        const std::string message = error.what();
        CHECK(message.find("[half]") != std::string::npos);
        CHECK(message.find("input 1") != std::string::npos);
    }
}

TEST_CASE("the gradient check works inside the scope of a tape and leaves nothing on it")
{
    Tape tape;
    const GradientReport report = check_gradient("square", [](Xs x) { return square(x[0]); }, {random({3})});
    CHECK(report.passed());
    CHECK(tape.size() == 0);
}

TEST_CASE("the gradient check does the same at every call, and other upstream gradients come from another seed")
{
    const auto f = [](Xs x) { return exp(x[0]); };
    const auto error_of = [&](std::uint64_t seed) {
        return check_gradient("exp", f, {random({5})}, {.seed = seed}).largest_error;
    };
    CHECK(error_of(1) == error_of(1));
    CHECK(error_of(1) != error_of(2));
}
