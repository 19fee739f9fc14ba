// Ops with several results, rules for several inputs at once, rules that add to the gradient so far.
#include "tape.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/base/xtensor.hpp>
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/inspect/check.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

#include <array>
#include <memory>

using namespace xgrad;

namespace
{

using V = Variable<double>;
using Vs = Variables<double>;

/** (sin x, cos x) as one op. */
std::array<V, 2> sin_and_cos(const V& x)
{
    return record(
        "sin_and_cos",
        [&] {
            return std::array{constant(xt::sin(x.value())), constant(xt::cos(x.value()))};
        },
        wrt(x, [](const Vs& gs, const Vs& ys) { return gs[0] * ys[1] - gs[1] * ys[0]; }));
}

/** a·b, with one rule for both gradients. @param runs  counts how often it runs */
V product(const V& a, const V& b, const std::shared_ptr<int>& runs)
{
    return record(
        "product", [&] { return constant(a.value() * b.value()); },
        wrt_jointly(
            [a, b, runs](const V& g) {
                ++*runs;
                return Vs{g * b, g * a};
            },
            a, b));
}

} // namespace

TEST_CASE("an op with several results: each can be used, all of them, or none")
{
    const auto x = variable<double>({0.3, -1});
    Tape tape;
    const auto [s, c] = sin_and_cos(x);
    CHECK(tape.size() == 2);
    CHECK(xt::allclose(tape.gradient(sum(s), x, {.keep_tape = true}).value(), xt::cos(x.value())));
    CHECK(xt::allclose(tape.gradient(sum(c), x, {.keep_tape = true}).value(), -xt::sin(x.value())));
    CHECK(xt::allclose(tape.gradient(sum(s * s) + sum(c * c), x, {.keep_tape = true}).value(), 0.0, 0, 1e-15));
    CHECK_THROWS_AS(tape.gradient(sum(x * x), s, {.keep_tape = true}), GraphError);
    CHECK(tape.gradient(sum(2 * x), x).value() == Array<double>{2, 2});
}

TEST_CASE("a result of an op with several is a target like any other")
{
    const auto x = variable<double>({0.3, -1});
    Tape tape;
    const auto [s, c] = sin_and_cos(x);
    const auto gradients = tape.gradient(sum(s * c), {s, c, x});
    CHECK(xt::allclose(gradients[0].value(), c.value()));
    CHECK(xt::allclose(gradients[1].value(), s.value()));
    CHECK(xt::allclose(gradients[2].value(), xt::cos(2.0 * x.value())));
}

TEST_CASE("an op with several results can be differentiated again")
{
    const auto both = [](const Vs& xs) {
        const auto [s, c] = sin_and_cos(xs[0]);
        return s * square(c);
    };
    const auto second = [](const Vs& xs) { return sin_and_cos(xs[0])[1]; };
    const GradientReport report = check_gradient("both", both, {Array<double>{0.3, -1, 2}});
    CHECK_MESSAGE(report.passed(), report);
    CHECK(check_gradient("second", second, {Array<double>{0.3, -1, 2}}).passed());
}

TEST_CASE("a rule for several inputs runs once, for those that need it")
{
    const auto a = variable<double>({2, 3}), b = variable<double>({5, 7});
    const auto c = constant<double>({1, 1});
    const auto runs = std::make_shared<int>(0);
    Tape tape;
    const auto gradients = tape.gradient(sum(product(a, b, runs)), {a, b});
    CHECK(gradients[0].value() == b.value());
    CHECK(gradients[1].value() == a.value());
    CHECK(*runs == 1);
    CHECK(tape.gradient(sum(product(c, b, runs)), b).value() == c.value());
    CHECK(tape.gradient(sum(product(a, a, runs)), a).value() == Array<double>{4, 6});
    CHECK(runs.use_count() == 1);
    product(c, c, runs);
    CHECK(tape.size() == 0);
    const GradientReport report =
        check_gradient("product", [&](const Vs& xs) { return product(xs[0], xs[1], runs) * xs[0]; },
                       {Array<double>{2, 3}, Array<double>{5, 7}});
    CHECK_MESSAGE(report.passed(), report);
}

TEST_CASE("a rule for several inputs that gives too few gradients, or one of another shape, is an error")
{
    const auto a = variable<double>({2, 3}), b = variable<double>({5, 7});
    Tape tape;
    const auto few = record("few", Array<double>{1, 2}, wrt_jointly([](const V& g) { return Vs{g}; }, a, b));
    CHECK_THROWS_WITH_AS(tape.gradient(sum(few), {a, b}),
                         "[few] the rule for input 1 gave a gradient of shape nothing, the input has shape (2)",
                         ShapeError);
    const auto other = record("other", Array<double>{1, 2},
                              wrt_jointly(
                                  [](const V& g) {
                                      return Vs{g, sum(g)};
                                  },
                                  a, b));
    CHECK_THROWS_AS(tape.gradient(sum(other), {a, b}), ShapeError);
}

TEST_CASE("taking an array apart costs an op a part backwards, whatever takes it")
{
    const auto x = variable(Array<double>(xt::arange<double>(0, 12).reshape({4, 3})));
    const auto ops_of = [&](auto&& parts_of) {
        Tape tape;
        Variables<double> parts = parts_of();
        V total = sum(parts[0]);
        for (std::size_t i = 1; i < parts.size(); ++i)
            total = total + sum(parts[i] * static_cast<double>(i + 1));
        const std::size_t forward = tape.size();
        const auto dx = tape.gradient(total, x, {.record = true});
        CHECK(dx.value()(0, 0) == 1);
        CHECK(dx.value()(3, 2) == 4);
        return tape.size() - forward;
    };
    const auto slices = ops_of([&] {
        return Vs{slice(x, 0, 0, 1), slice(x, 0, 1, 2), slice(x, 0, 2, 3), slice(x, 0, 3, 4)};
    });
    const auto rows = ops_of([&] {
        Vs all;
        for (const std::int32_t i : {0, 1, 2, 3})
            all.push_back(gather(x, Labels{i}));
        return all;
    });
    const auto together = ops_of([&] { return unstack(x); });
    CHECK(slices == rows);
    CHECK(together <= slices + 5); // joined once, each part with a new axis
}

TEST_CASE("an op that gives an empty list records nothing")
{
    const auto x = variable(Array<double>(Shape{0, 3}, 0.0));
    const auto captured = std::make_shared<int>(0);
    {
        Tape tape;
        const Vs nothing = record(
            "nothing", [] { return Vs(); }, wrt(x, [x, captured](const Vs&) { return x; }));
        CHECK(nothing.empty());
        CHECK(unstack(x).empty());
        CHECK(tape.size() == 0);
        CHECK(unstack(x, 1).size() == 3);
    }
    CHECK(captured.use_count() == 1);
}

TEST_CASE("the gradient so far is not written over while somebody else holds it")
{
    const auto x = variable<double>({1, 2, 3});
    Tape tape;
    const auto part = slice(x, 0, 0, 1);
    const auto y = x * 1.0; // its upstream gradient is the first that x gets
    const auto loss = sum(y) + sum(part);
    const auto gradients = tape.gradient(loss, {x, y});
    CHECK(gradients[0].value() == Array<double>{2, 1, 1});
    CHECK(gradients[1].value() == Array<double>{1, 1, 1});
}

TEST_CASE("what was recorded outside cannot be used in a chunked loss, however many chunks and threads there are")
{
    const std::size_t before = threads();
    const Parameters<double> w{{"w", variable<double>({1})}};
    const Array<double> batch(Shape{64, 1}, 1.0);
    Tape outer;
    const auto recorded = w[0] * 2.0;
    const auto loss = [&](const V& x) { return mean(x * recorded * w[0]); };
    for (const std::size_t count : {1u, 2u})
        for (const std::size_t chunk : {16u, 64u}) {
            set_threads(count);
            CHECK_THROWS_WITH_AS(value_and_gradient(w, batch, loss, {.chunk = chunk}),
                                 "[multiply] input 1 was recorded outside of the loss function: a chunk's loss may use "
                                 "leaves and what it "
                                 "records itself; pass the value in as an array, or continue with stop_gradient(x)",
                                 GraphError);
        }
    CHECK_THROWS_AS(value_and_gradient(w, [&] { return sum(recorded * w[0]); }), GraphError);
    set_threads(before);
    CHECK(outer.gradient(sum(recorded), w[0]).item() == 2); // it is as it was
    const auto cut_off = [&](const V& x) { return mean(x * stop_gradient(recorded) * w[0]); };
    CHECK(value_and_gradient(w, batch, cut_off).gradients[0].item() == 2);
}

TEST_CASE("a recorded op on a small array is small")
{
    CHECK(sizeof(detail::StoredArray<double>) <= 128);
    CHECK(sizeof(detail::Node) == 24);
    CHECK(sizeof(detail::StoredRule) + sizeof(detail::Source) == 32);
}
