// checkpoint and custom_gradient.
#include "kept_bytes.hpp"
#include "random_leaf.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/base/random.hpp>
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace xgrad;
using test::random_leaf;
using X = Variable<double>;
using Xs = Variables<double>;

namespace
{

/** A leaf w that all layers share, and functions of it with the same value: plain, or one checkpoint for each layer. */
struct Chain
{
    X w = random_leaf({8, 8}, 1);

    X layer(const X& x) const { return tanh(matmul(x, w) + 0.1 * square(sin(x))); }
    X plain(X x, std::size_t layers) const
    {
        for (std::size_t i = 0; i < layers; ++i)
            x = layer(x);
        return x;
    }
    X saved(X x, std::size_t layers) const
    {
        for (std::size_t i = 0; i < layers; ++i)
            x = checkpoint([this](const X& y) { return layer(y); }, x);
        return x;
    }
};

Array<double> of_order_two(const X& loss, const X& first, const X& second, Tape& tape)
{
    const X gradient = tape.gradient(loss, first, {.record = true});
    return tape.gradient(sum(square(gradient)), second).value();
}

} // namespace

TEST_CASE("checkpoint: values and gradients have the bits of the function itself")
{
    const Chain chain;
    const X x = random_leaf({5, 8}, 2), v = random_leaf({5, 8}, 3);
    Tape tape;
    const X plain = chain.plain(x * x, 5), saved = chain.saved(x * x, 5);
    CHECK(saved.value() == plain.value());
    const Xs expected = tape.gradient(sum(plain * v) + sum(square(chain.w)), {x, chain.w, v}, {.keep_tape = true});
    const Xs found = tape.gradient(sum(saved * v) + sum(square(chain.w)), {x, chain.w, v}, {.keep_tape = true});
    for (std::size_t i = 0; i < 3; ++i) {
        CAPTURE(i);
        CHECK(found[i].value() == expected[i].value());
        CHECK(found[i].value() ==
              tape.gradient(sum(saved * v) + sum(square(chain.w)), Xs{x, chain.w, v}[i], {.keep_tape = true}).value());
    }
}

TEST_CASE("checkpoint: second and third derivatives")
{
    const Chain chain;
    const X x = random_leaf({2, 8}, 4);
    for (const auto& [first, second] : {std::pair{x, x}, {x, chain.w}, {chain.w, x}, {chain.w, chain.w}}) {
        Tape plain;
        const auto expected = of_order_two(sum(chain.plain(x, 3)), first, second, plain);
        Tape saved;
        const auto found = of_order_two(sum(chain.saved(x, 3)), first, second, saved);
        for (std::size_t i = 0; i < found.size(); ++i)
            CHECK(found.data()[i] == doctest::Approx(expected.data()[i]).epsilon(1e-12));
    }
    const X y = variable<double>(0.7);
    Tape tape;
    const X once = tape.gradient(checkpoint([](const X& u) { return pow(u, 4); }, y), y, {.record = true});
    const X twice = tape.gradient(once, y, {.record = true});
    CHECK(tape.gradient(twice, y).item() == doctest::Approx(24 * 0.7).epsilon(1e-13));
}

TEST_CASE("checkpoint: several arguments, one of them twice, constants, and a list")
{
    const X x = variable<double>({1, 2}), c = constant<double>({3, 5});
    const auto f = [](const X& a, const X& b, const X& d) { return a * square(b) * d; };
    Tape tape;
    CHECK(tape.gradient(sum(checkpoint(f, x, x, c)), x).value() == Array<double>{9, 60});
    const X z = x * 2.0; // not a leaf
    CHECK(tape.gradient(sum(checkpoint(f, z, z, c)), z).value() == Array<double>{36, 240});

    const auto parts = [](const Xs& all) { return Xs{all[0] + all[1], all[0] * all[1]}; };
    const Xs results = checkpoint(parts, Xs{x, c});
    REQUIRE(results.size() == 2);
    CHECK(tape.gradient(sum(results[1]), x).value() == c.value());

    const X y = variable<double>({1, 2});
    const X once = tape.gradient(sum(checkpoint(f, y, y, c)), y, {.record = true});
    CHECK(tape.gradient(sum(once), y).value() == Array<double>{18, 60}); // 6·c·y
    CHECK(checkpoint(f, c, c, c).requires_gradient() == false);
}

TEST_CASE("checkpoint: an argument that is also captured, one that is returned, and leaves of the function's own")
{
    const X x = variable<double>({2, 3});
    Tape tape;
    CHECK(tape.gradient(sum(checkpoint([&](const X& a) { return a * x * x; }, x)), x, {.keep_tape = true}).value() ==
          Array<double>{12, 27});
    const X first = tape.gradient(sum(checkpoint([&](const X& a) { return a * x * x; }, x)), x, {.record = true});
    CHECK(tape.gradient(sum(first), x, {.keep_tape = true}).value() == Array<double>{12, 18});
    CHECK(tape.gradient(sum(checkpoint([](const X& a) { return a; }, x)), x, {.keep_tape = true}).value() ==
          Array<double>{1, 1});
    CHECK(tape.gradient(sum(checkpoint([&](const X&) { return x; }, 2.0 * x)), x).value() == Array<double>{1, 1});
    const auto slope = [](const X& a) { // a function with a tape in it
        Tape inner;
        return inner.gradient(sum(a * a * a), a) * variable<double>({1, 10});
    };
    CHECK(checkpoint(slope, x).value() == Array<double>{12, 270});
    CHECK(tape.gradient(sum(checkpoint(slope, x)), x).value() == Array<double>{12, 180});
}

TEST_CASE("checkpoint: one inside another, and inside a chunk")
{
    const Chain chain;
    const X x = random_leaf({4, 8}, 5);
    const auto nested = [&](const X& a) { return checkpoint([&](const X& b) { return chain.saved(b, 2); }, a); };
    Tape tape;
    const X plain = tape.gradient(sum(chain.plain(x, 2)), chain.w), inner = tape.gradient(sum(nested(x)), chain.w);
    CHECK(inner.value() == plain.value());

    const Parameters<double> parameters{{"w", chain.w}};
    const auto expected =
        value_and_gradient(parameters, x, [&](const X& part) { return mean(chain.plain(part, 3)); }, {.chunk = 1});
    const auto found =
        value_and_gradient(parameters, x, [&](const X& part) { return mean(chain.saved(part, 3)); }, {.chunk = 1});
    CHECK(found.value == expected.value);
    CHECK(found.gradients[0].value() == expected.gradients[0].value());
}

TEST_CASE("checkpoint: empty arrays, scalars and no results")
{
    const X none = variable(Array<double>(Shape{0, 3}, 0.0));
    Tape tape;
    CHECK(tape.gradient(sum(checkpoint([](const X& a) { return square(a); }, none)), none).shape() == Shape{0, 3});
    CHECK(checkpoint([](const Xs&) { return Xs{}; }, Xs{none}).empty());
    CHECK(checkpoint([&](const Xs&) { return sum(square(none)); }, Xs{}).item() == 0);
}

TEST_CASE("checkpoint: a captured result is an error, not a lost gradient")
{
    const X x = variable<double>({1, 2});
    Tape tape;
    const X y = 2.0 * x;
    const char* const message =
        "[checkpoint] the function reads a result of shape (2) that was recorded outside of it: "
        "pass that as an argument, or take stop_gradient of it";
    CHECK_THROWS_WITH_AS(checkpoint([&](const X& a) { return a * y; }, x), message, GraphError);
    CHECK_THROWS_WITH_AS(checkpoint([&](const X&) { return y; }, x), message, GraphError);
    CHECK(checkpoint([&](const X& a) { return a * stop_gradient(y); }, x).value() == Array<double>{2, 8});
    {
        const PauseRecording off;
        CHECK(checkpoint([&](const X& a) { return a * y; }, x).value() == Array<double>{2, 8});
    }
    const X kept = [&] {
        const PauseRecording off;
        const Tape inner;
        return x * x;
    }();
    CHECK_THROWS_AS(checkpoint([&](const X& a) { return a * kept; }, x), GraphError);
    CHECK(tape.gradient(sum(y), x).value() == Array<double>{2, 2}); // the tape is in order
}

TEST_CASE("checkpoint: a function that gives another result the second time")
{
    const char* const message =
        "[checkpoint] in the backward pass the function gave another result than before: does it "
        "draw random numbers, or has a parameter been changed?";
    X x = variable<double>({1, 2});
    Random random(1);
    Tape tape;
    const auto noisy = [&](const X& a) { return a * constant(random.normal<double>({2}, 0, 1)); };
    CHECK_THROWS_WITH_AS(tape.gradient(sum(checkpoint(noisy, x)), x), message, GraphError);
    const auto seeded = [](const X& a) { return a * constant(Random(1).normal<double>({2}, 0, 1)); };
    CHECK(tape.gradient(sum(checkpoint(seeded, x)), x).value() == Random(1).normal<double>({2}, 0, 1));
    const X y = checkpoint([&](const X&) { return square(x); }, constant<double>(1));
    x.mutable_data()[0] = 3;
    CHECK_THROWS_WITH_AS(tape.gradient(sum(y), x), message, GraphError);
}

TEST_CASE("checkpoint: the tape keeps one array for each call" * doctest::skip(!test::bytes_are_counted))
{
    const Chain chain;
    const X x = random_leaf({512, 8}, 6);
    constexpr std::size_t layers = 20, array = 512 * 8 * sizeof(double);
    const auto kept = [&](const auto& f) {
        Tape tape;
        X y;
        return test::kept_bytes([&] { y = f(); });
    };
    const auto saved_by = [&](std::size_t calls) {
        return kept([&] {
            X y = x;
            for (std::size_t i = 0; i < calls; ++i)
                y = checkpoint([&, calls](const X& u) { return chain.plain(u, layers / calls); }, y);
            return y;
        });
    };
    const std::size_t plain = kept([&] { return chain.plain(x, layers); });
    CHECK(plain >= 2 * layers * array);
    for (const std::size_t calls : {4u, 20u}) {
        CAPTURE(calls);
        const std::size_t saved = saved_by(calls);
        CHECK(saved >= calls * array);
        CHECK(saved < (calls + 1) * array);
    }
}

TEST_CASE("custom_gradient: the rule's gradient, of one and of several arguments")
{
    const X x = variable<double>({1, -2}), y = variable<double>({3, 4});
    Tape tape;
    // A straight-through estimator.
    const auto quantized = [](const X& a) {
        return custom_gradient([](const X& u) { return round(u); }, //
                               [](const X& g, const X&) { return g; }, a);
    };
    CHECK(quantized(0.3 * x).value() == Array<double>{0, -1});
    CHECK(tape.gradient(sum(quantized(0.3 * x) * y), x).value()(1) == doctest::Approx(0.3 * 4));

    const auto product = [](const X& a, const X& b) {
        return custom_gradient([](const X& u, const X& v) { return constant(u.value() * v.value()); },
                               [](const X& g, const X& u, const X& v) {
                                   return Xs{g * v, 2.0 * g * u};
                               },
                               a, b);
    };
    const Xs two = tape.gradient(sum(product(x, y)), {x, y});
    CHECK(two[0].value() == y.value());
    CHECK(two[1].value() == Array<double>{2, -4});

    const auto rule = [](const X& g, const Xs& all) { return Xs{g * all[1], g * all[0]}; };
    const X of_list = custom_gradient([](const Xs& all) { return all[0] * all[1]; }, rule, Xs{x, y});
    CHECK(tape.gradient(sum(of_list), y).value() == x.value());
}

TEST_CASE("custom_gradient: a rule that reads the result, and second derivatives")
{
    const X x = variable<double>({0.5, 1.5});
    const auto exponential = [](const X& a) {
        return custom_gradient([](const X& u) { return exp(u); },
                               [](const X& g, const X& y, const X&) { return 3.0 * g * y; }, a);
    };
    Tape tape;
    const X first = tape.gradient(sum(exponential(x)), x, {.record = true});
    const X second = tape.gradient(sum(first), x);
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(first.data()[i] == doctest::Approx(3 * std::exp(x.data()[i])).epsilon(1e-14));
        CHECK(second.data()[i] == doctest::Approx(9 * std::exp(x.data()[i])).epsilon(1e-14));
    }
}

TEST_CASE("custom_gradient: errors")
{
    const X x = variable<double>({1, 2}), w = variable<double>({3, 4});
    Tape tape;
    const auto pass = [](const X& g, const X&) { return g; };
    CHECK_THROWS_WITH_AS(
        custom_gradient([&](const X& a) { return a * w; }, pass, x),
        "[custom_gradient] the function reads a leaf of shape (2), to which its rule gives no gradient: "
        "pass it as an argument, or take stop_gradient of it",
        GraphError);
    const X z = w * w;
    CHECK_THROWS_AS(custom_gradient([&](const X& a) { return a * z; }, pass, x), GraphError);
    const auto both = [](const X& g, const X& a) { return Xs{g, a}; };
    const X y = custom_gradient([](const X& a) { return square(a); }, both, x);
    CHECK_THROWS_WITH_AS(tape.gradient(sum(y), x),
                         "[custom_gradient] the rule gave 2 gradients, the function has 1 arguments", ShapeError);
    const X u = custom_gradient([](const X& a) { return square(a); }, [](const X& g, const X&) { return sum(g); }, x);
    CHECK_THROWS_AS(tape.gradient(sum(u), x), ShapeError);
}
