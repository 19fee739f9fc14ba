#include "kept_bytes.hpp"
#include "random_leaf.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace xgrad;
using test::random_leaf;
using X = Variable<double>;
using Xs = Variables<double>;

namespace
{

/** An Elman network without inputs or with them: s ← tanh(s·W + x). */
struct Network
{
    X w = random_leaf({3, 3}, 1);
    X operator()(const X& s) const { return tanh(matmul(s, w)); }
    X operator()(const X& s, const X& x) const { return tanh(matmul(s, w) + x); }
};

} // namespace

TEST_CASE("scan: the states of a loop, with and without inputs and checkpoints, bit by bit")
{
    const Network network;
    const X start = random_leaf({2, 3}, 2);
    for (const std::size_t steps : {1u, 2u, 7u, 16u}) {
        const X xs = random_leaf({steps, 2, 3}, 3 + steps), v = random_leaf({steps, 2, 3}, 99);
        for (const bool with_inputs : {false, true})
            for (const bool last_only : {false, true}) {
                CAPTURE(steps);
                CAPTURE(with_inputs);
                CAPTURE(last_only);
                Tape tape;
                const auto gradients_of = [&](const X& states) {
                    const X loss = last_only ? sum(states * slice(v, 0, 0, 1)) : sum(states * v);
                    return tape.gradient(loss, {start, network.w, xs}, {.keep_tape = true, .unused_is_zero = true});
                };
                Xs all = {start};
                const Xs inputs = unstack(xs);
                for (std::size_t i = 0; i < steps; ++i)
                    all.push_back(with_inputs ? network(all.back(), inputs[i]) : network(all.back()));
                const X expected = last_only ? all.back() : stack(Xs(all.begin() + 1, all.end()));
                const Xs gradients = gradients_of(expected);
                for (const bool checkpoint : {false, true}) {
                    CAPTURE(checkpoint);
                    const ScanOptions options{.last_only = last_only, .checkpoint = checkpoint};
                    const X states =
                        with_inputs ? scan(network, start, xs, options) : scan(network, start, steps, options);
                    CHECK(states.value() == expected.value());
                    const Xs found = gradients_of(states);
                    for (std::size_t i = 0; i < 3; ++i)
                        CHECK(found[i].value() == gradients[i].value());
                }
            }
    }
}

TEST_CASE("scan: a list of states")
{
    const X angle = variable<double>(0.1), x = variable<double>(1.0), y = variable<double>(0.0);
    const auto rotate = [&](const Xs& p) {
        return Xs{cos(angle) * p[0] - sin(angle) * p[1], sin(angle) * p[0] + cos(angle) * p[1]};
    };
    for (const bool checkpoint : {false, true}) {
        CAPTURE(checkpoint);
        Tape tape;
        const Xs path = scan(rotate, Xs{x, y}, 10, {.checkpoint = checkpoint});
        REQUIRE(path.size() == 2);
        CHECK(path[0].shape() == Shape{10});
        for (std::size_t t = 0; t < 10; ++t)
            CHECK(path[1].data()[t] == doctest::Approx(std::sin(0.1 * static_cast<double>(t + 1))).epsilon(1e-13));
        const Xs last = scan(rotate, Xs{x, y}, 10, {.last_only = true, .checkpoint = checkpoint});
        CHECK(tape.gradient(last[1], angle).item() == doctest::Approx(10 * std::cos(1.0)).epsilon(1e-13));
    }
}

TEST_CASE("scan: the second derivative of a closed form")
{
    const X a = variable<double>(1.1), s = variable<double>(2.0);
    for (const bool checkpoint : {false, true}) {
        CAPTURE(checkpoint);
        Tape tape;
        const X last = scan([&](const X& y) { return a * y; }, s, 9, {.last_only = true, .checkpoint = checkpoint});
        const X first = tape.gradient(last, a, {.record = true}); // 9·a⁸·s
        CHECK(first.item() == doctest::Approx(9 * std::pow(1.1, 8) * 2).epsilon(1e-13));
        CHECK(tape.gradient(first, a).item() == doctest::Approx(72 * std::pow(1.1, 7) * 2).epsilon(1e-13));
    }
}

TEST_CASE("scan: the memory is of order √T" * doctest::skip(!test::bytes_are_counted))
{
    const X start = random_leaf({64, 64}, 7);
    constexpr std::size_t state = 64 * 64 * sizeof(double);
    const auto states_kept = [&](std::size_t steps, bool checkpoint) {
        Tape tape;
        X last;
        return static_cast<double>(test::kept_bytes([&] {
                   last = scan([](const X& s) { return tanh(s); }, start, steps,
                               {.last_only = true, .checkpoint = checkpoint});
               })) /
               static_cast<double>(state);
    };
    CHECK(states_kept(400, false) > 399);
    CHECK(states_kept(400, true) < 23);
    CHECK(states_kept(100, true) < 12);
}

TEST_CASE("scan: empty states and inputs of no elements")
{
    const X none = variable(Array<double>(Shape{0, 2}, 0.0)), xs = variable(Array<double>(Shape{3, 0, 2}, 0.0));
    const auto add = [](const X& s, const X& x) { return s + x; };
    for (const bool checkpoint : {false, true}) {
        Tape tape;
        const X states = scan(add, none, xs, {.checkpoint = checkpoint});
        CHECK(states.shape() == Shape{3, 0, 2});
        CHECK(tape.gradient(sum(states), xs).shape() == xs.shape());
    }
}

TEST_CASE("scan: errors")
{
    const X s = variable<double>({1, 2});
    const auto keep = [](const X& y) { return y; };
    const auto add = [](const X& y, const X& x) { return y + x; };
    CHECK_THROWS_WITH_AS(scan(keep, s, 0), "[scan] there are no steps: 1 or more are needed", ShapeError);
    CHECK_THROWS_WITH_AS(scan(add, s, constant(Array<double>(Shape{0, 2}, 0.0))),
                         "[scan] inputs of shape (0,2) have no steps: 1 or more are needed", ShapeError);
    CHECK_THROWS_AS(scan(add, s, constant<double>(1)), ShapeError);
    CHECK_THROWS_AS(scan(keep, s, std::size_t{1} << 63), ShapeError);
    CHECK_THROWS_AS(scan(keep, s, std::size_t(-3), {.last_only = true, .checkpoint = true}), ShapeError);
    CHECK_THROWS_WITH_AS(scan([](const X& y) { return sum(y); }, s, 3),
                         "[scan] the step gave a state of shape (), it was given one of shape (2)", ShapeError);
    CHECK_THROWS_WITH_AS(scan(
                             [](const Xs& y) {
                                 return Xs{y[0], y[0]};
                             },
                             Xs{s}, 3),
                         "[scan] the step gave a state of 2 variables, it was given one of 1", ShapeError);
    Tape tape;
    const X w = s * s;
    CHECK_THROWS_AS(scan([&](const X& y) { return y * w; }, s, 3, {.checkpoint = true}), GraphError);
    CHECK(tape.gradient(sum(scan([&](const X& y) { return y * w; }, s, 1)), s).value() == Array<double>{3, 12});
}
