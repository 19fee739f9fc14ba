#include "tape.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/base/xtensor.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/inspect/nonfinite.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/reduction.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace xgrad;
using test::rules_of;

namespace
{

Variable<double> doubled(const Variable<double>& x)
{
    return record("doubled", 2 * x.value(), wrt(x, [](const auto& g) { return g * 2.0; }));
}

/** An op whose second input has no rule. */
Variable<double> half_differentiable(const Variable<double>& a, const Variable<double>& b)
{
    return record("half_differentiable", a.value() * b.value(), wrt(a, [b](const auto& g) { return g * b; }), wrt(b));
}

/** An op whose rule gives a gradient of the wrong shape. */
Variable<double> misshapen(const Variable<double>& x)
{
    return record("misshapen", xt::exp(x.value()), wrt(x, [](const auto& g) { return sum(g); }));
}

/** An op whose rule throws an exception that is not xgrad's. */
Variable<double> defective(const Variable<double>& x)
{
    return record("defective", xt::exp(x.value()),
                  wrt(x, [](const auto&) -> Variable<double> { throw std::out_of_range("in the rule"); }));
}

struct Observed final : Observer
{
    std::string ops;
    std::vector<Shape> shapes;
    void op(OpCall& call) override
    {
        call.run();
        ops += std::string(ops.empty() ? "" : " ") + call.name();
        shapes.push_back(call.result().shape());
    }
    Observing observing{*this};
};

struct DetectNonfinite
{
    DetectNonfinite() { detect_nonfinite(true); }
    ~DetectNonfinite() { detect_nonfinite(false); }
};

} // namespace

TEST_CASE("an op of the user's own is one call of record")
{
    const auto x = variable<double>({1, 2});
    Tape tape;
    const auto y = doubled(x);
    CHECK(y.value() == Array<double>{2, 4});
    CHECK(tape.gradient(sum(y * y), x).value() == Array<double>{8, 16});
}

TEST_CASE("a recorded value is evaluated once")
{
    int evaluations = 0;
    const auto counted = [&](double v) {
        ++evaluations;
        return v;
    };
    const auto x = variable<double>({1, 2, 3});
    const auto y = record("counted", xt::make_lambda_xfunction(counted, x.value()));
    CHECK(evaluations == 3);
    CHECK(sum(y).item() == 6);
    CHECK(evaluations == 3);
}

TEST_CASE("a value that is moved into record is not copied")
{
    Array<double> values(Shape{10}, 1.0);
    const double* storage = values.data();
    CHECK(record("moved", std::move(values)).data() == storage);
}

TEST_CASE("a rule may read the op's own result; then, and only then, it is kept")
{
    const auto x = variable<double>({1, 2});
    Tape tape;
    auto reading = record("reading", xt::exp(x.value()), wrt(x, [](const auto& g, const auto& y) { return g * y; }));
    auto ignoring = record("ignoring", 2 * x.value(), wrt(x, [](const auto& g) { return g * 2.0; }));
    CHECK_FALSE(detail::Access::is_only_holder(reading));
    CHECK(detail::Access::is_only_holder(ignoring));
    const auto dx = tape.gradient(sum(reading), x);
    CHECK(dx.data()[1] == doctest::Approx(std::exp(2.0)).epsilon(1e-14));
    CHECK(detail::Access::is_only_holder(reading));
}

TEST_CASE("a rule that is not needed is destroyed at once, with what it captured")
{
    const auto big = std::make_shared<int>(0);
    const auto x = variable<double>(1);
    const auto c = constant<double>(1);
    Tape tape;
    const auto op = [&](const Variable<double>& input) {
        return record("captures", Array<double>(input.value()), wrt(input, [big](const auto& g) { return g; }));
    };
    const auto unneeded = op(c);
    CHECK(big.use_count() == 1);
    CHECK(tape.size() == 0);
    {
        const PauseRecording pause;
        const auto paused = op(x);
        CHECK(big.use_count() == 1);
    }
    const auto needed = op(x);
    CHECK(big.use_count() == 2);
    tape.gradient(needed, x);
    CHECK(big.use_count() == 1);
}

TEST_CASE("a rule runs only if a target lies behind its input")
{
    int runs = 0;
    const auto x = variable<double>(2), y = variable<double>(3);
    const auto counting = [&](const Variable<double>& input) {
        return record("counting", Array<double>(input.value()), wrt(input, [&runs](const auto& g) {
                          ++runs;
                          return g;
                      }));
    };
    Tape tape;
    const auto z = counting(x) * counting(y);
    tape.gradient(z, x, {.keep_tape = true});
    CHECK(runs == 1);
    tape.gradient(z, {x, y});
    CHECK(runs == 3);
}

TEST_CASE("an op over a list of inputs")
{
    const auto total = [](const std::vector<Variable<double>>& xs) {
        Array<double> sum(xs[0].shape(), 0.0);
        for (std::size_t i = 0; i < xs.size(); ++i)
            xt::noalias(sum) += static_cast<double>(i + 1) * xs[i].value();
        return record("total", std::move(sum), wrt_each(xs, [](std::size_t i) {
                          return [i](const Variable<double>& g) { return g * static_cast<double>(i + 1); };
                      }));
    };
    const auto a = variable<double>({1, 2}), b = variable<double>({3, 4});
    const auto c = constant<double>({5, 6});
    Tape tape;
    const auto y = total({a, c, b, a});
    CHECK(rules_of(tape, 0) == 3);
    const auto gradients = tape.gradient(sum(y), {a, b});
    CHECK(gradients[0].value() == Array<double>{5, 5});
    CHECK(gradients[1].value() == Array<double>{3, 3});
}

TEST_CASE("an op from one scalar type to another")
{
    const auto x = variable<float>({1, 2});
    const auto to_double = [](const Variable<float>& v) {
        return record("to_double", xt::cast<double>(v.value()),
                      wrt(v, [](const Variable<double>& g) { return constant(xt::cast<float>(g.value())); }));
    };
    Tape tape;
    const auto y = to_double(x);
    static_assert(std::is_same_v<decltype(y), const Variable<double>>);
    CHECK(tape.vector_jacobian_product(cast<float>(y * y), constant<float>({1, 1}), x).value() == Array<float>{2, 4});
}

// Errors

TEST_CASE("a missing rule is an error that names op and input, when it is asked for")
{
    const auto a = variable<double>(2), b = variable<double>(3);
    Tape tape;
    const auto y = half_differentiable(a, b);
    CHECK(tape.gradient(y, a, {.keep_tape = true}).item() == 3);
    CHECK_THROWS_WITH_AS(
        tape.gradient(y, b),
        "[half_differentiable] there is no gradient rule for input 1: give one with wrt(x, rule), or pass "
        "the input through stop_gradient",
        GraphError);
    CHECK(tape.gradient(half_differentiable(a, stop_gradient(b)), a).item() == 3);
}

TEST_CASE("a rule that gives the wrong shape is an error that names op, input and both shapes")
{
    const auto x = variable<double>({1, 2});
    Tape tape;
    CHECK_THROWS_WITH_AS(tape.gradient(sum(misshapen(x)), x),
                         "[misshapen] the rule for input 0 gave a gradient of shape (), the input has shape (2)",
                         ShapeError);
    CHECK_THROWS_AS(tape.gradient(sum(misshapen(x * 2.0)), x), ShapeError); // for an intermediate as for a leaf
}

TEST_CASE("a rule that gives nothing")
{
    const auto x = variable<double>({1, 2});
    Tape tape;
    const auto y = record("silent", xt::exp(x.value()), wrt(x, [](const auto&) { return Variable<double>(); }));
    CHECK_THROWS_WITH_AS(tape.gradient(sum(y), x),
                         "[silent] the rule for input 0 gave a gradient of shape nothing, the input has shape (2)",
                         ShapeError);
}

TEST_CASE("a rule that throws leaves the tape consumed and the thread usable")
{
    const auto x = variable<double>(2);
    const auto captured = std::make_shared<int>(0);
    Tape tape;
    const auto kept = record("holds", Array<double>(x.value()), wrt(x, [captured](const auto& g) { return g; }));
    const auto y = defective(kept) * x;
    CHECK_THROWS_WITH_AS(tape.gradient(y, x), "in the rule", std::out_of_range);
    CHECK(tape.size() == 0);
    CHECK(captured.use_count() == 1);
    CHECK(is_recording());
    CHECK_THROWS_AS(tape.gradient(y, x), GraphError);
    CHECK(tape.gradient(x * x, x).item() == 4);
}

TEST_CASE("a rule that throws leaves a kept tape as it was")
{
    const auto x = variable<double>(2), other = variable<double>(5);
    Tape tape;
    const auto y = defective(x) * other;
    CHECK_THROWS_AS(tape.gradient(y, x, {.keep_tape = true}), std::out_of_range);
    CHECK(is_recording());
    CHECK(tape.size() == 2);
    CHECK(tape.gradient(y, other).item() == doctest::Approx(std::exp(2.0)));
}

TEST_CASE("an op that throws leaves nothing recorded")
{
    const auto x = variable<double>({1, 2}), y = variable<double>({1, 2, 3});
    Tape tape;
    CHECK_THROWS_AS(x + y, ShapeError);
    CHECK(tape.size() == 0);
    const auto bad_value = [&] {
        return record("bad_value", (throw std::runtime_error("no value"), Array<double>()),
                      wrt(x, [](const auto& g) { return g; }));
    };
    CHECK_THROWS_AS(bad_value(), std::runtime_error);
    CHECK(tape.size() == 0);
}

TEST_CASE("an op whose rule cannot be made leaves nothing recorded")
{
    const std::vector<Variable<double>> xs{variable<double>(1), variable<double>(2)};
    Tape tape;
    const auto op = [&] {
        return record("unmade", Array<double>(Shape{}, 0.0), wrt_each(xs, [](std::size_t i) {
                          if (i == 1)
                              throw std::runtime_error("no rule");
                          return [](const Variable<double>& g) { return g; };
                      }));
    };
    CHECK_THROWS_AS(op(), std::runtime_error);
    CHECK(tape.size() == 0);
    CHECK(tape.gradient(xs[0] * xs[1], xs[0]).item() == 2);
}

// Watching

TEST_CASE("observers see every op of their thread")
{
    const auto x = variable<double>({1, 2});
    Observed outer;
    exp(x);
    {
        Observed inner;
        const auto y = sum(x * x);
        CHECK(inner.ops == "multiply sum");
        CHECK(inner.shapes == std::vector<Shape>{{2}, {}});
    }
    std::thread([&] { tanh(x); }).join();
    CHECK(outer.ops == "exp multiply sum");
}

TEST_CASE("observers see the backward pass")
{
    const auto x = variable<double>(2);
    Tape tape;
    const auto y = exp(x);
    Observed observed;
    tape.gradient(y, x);
    CHECK(observed.ops == "exp_gradient");
}

TEST_CASE("with detect_nonfinite an op that gives NaN or infinity is named")
{
    const auto x = variable<double>({1, -1});
    Tape tape;
    CHECK(std::isnan(log(x).data()[1]));
    const std::size_t size = tape.size();
    const DetectNonfinite detecting;
    CHECK_THROWS_WITH_AS(log(x), "[log] the result of shape (2) has NaN at flat index 1", NumericalError);
    CHECK(tape.size() == size);
    CHECK_THROWS_WITH_AS(exp(x * 1000.0), "[exp] the result of shape (2) has infinity at flat index 0", NumericalError);
    CHECK_NOTHROW(exp(x));
}

TEST_CASE("detect_nonfinite names the op of a rule, too")
{
    const auto x = variable<double>({0, 1});
    Tape tape;
    const DetectNonfinite detecting;
    const auto y = sum(sqrt(x)); // finite, its derivative at 0 is not
    CHECK_THROWS_WITH_AS(tape.gradient(y, x), "[sqrt_gradient] the result of shape (2) has infinity at flat index 0",
                         NumericalError);
}

TEST_CASE("detect_nonfinite holds on every thread")
{
    const auto x = constant<float>({-1});
    const DetectNonfinite detecting;
    bool thrown = false;
    std::thread([&] {
        try {
            log(x);
        } catch (const NumericalError&) {
            thrown = true;
        }
    }).join();
    CHECK(thrown);
}
