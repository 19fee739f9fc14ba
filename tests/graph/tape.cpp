#include "tape.hpp"

#include <xgrad/base/error.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/reduction.hpp>
#include <xgrad/ops/shape.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <memory>
#include <string>
#include <thread>

using namespace xgrad;
using test::rules_of;

namespace
{

/** The message that f throws as an E. */
template <class E, class F>
std::string message_of(F&& f)
{
    try {
        f();
    } catch (const E& error) {
        return error.what();
    }
    return "nothing was thrown";
}

} // namespace

TEST_CASE("the gradient of a scalar function")
{
    const auto x = variable<double>({{1, 2}, {3, 4}});
    Tape tape;
    const auto dx = tape.gradient(sum(tanh(x) * x), x);
    for (std::size_t i = 0; i < 4; ++i) {
        const double v = x.data()[i], t = std::tanh(v);
        CHECK(dx.data()[i] == doctest::Approx(t + v * (1 - t * t)).epsilon(1e-12));
    }
    CHECK(dx.shape() == x.shape());
    CHECK_FALSE(dx.requires_gradient());
}

TEST_CASE("one sweep serves many targets, in their order, repeated ones too")
{
    const auto a = variable<double>(2), b = variable<double>(3), c = variable<double>(5);
    Tape tape;
    const auto gradients = tape.gradient(a * b + b * c, {c, a, b, a});
    REQUIRE(gradients.size() == 4);
    CHECK(gradients[0].item() == 3);
    CHECK(gradients[1].item() == 3);
    CHECK(gradients[2].item() == 7);
    CHECK(gradients[3].item() == 3);
}

TEST_CASE("gradients of parameters come in the order of the parameters")
{
    const auto w = variable<double>({1, 2}), b = variable<double>(3);
    const Parameters<double> parameters{{"w", w}, {"b", b}};
    Tape tape;
    const auto gradients = tape.gradient(sum(w * w) * b, parameters);
    CHECK(gradients[0].value() == Array<double>{6, 12});
    CHECK(gradients[1].item() == 5);
}

TEST_CASE("intermediate results are targets too")
{
    const auto x = variable<double>(3);
    Tape tape;
    const auto y = x * x;
    const auto z = y * y + x;
    const auto gradients = tape.gradient(z, {y, x, z});
    CHECK(gradients[0].item() == 18);
    CHECK(gradients[1].item() == 2 * 9 * 6 + 1);
    CHECK(gradients[2].item() == 1);
}

TEST_CASE("a loss that is itself a leaf")
{
    const auto x = variable<double>(3);
    Tape tape;
    CHECK(tape.gradient(x, x).item() == 1);
}

TEST_CASE("a variable that is used many times collects all its gradients")
{
    const auto x = variable<double>({1, 2});
    Tape tape;
    auto total = x;
    for (int i = 1; i < 10; ++i)
        total = total + x;
    CHECK(tape.gradient(sum(total), x).value() == Array<double>{10, 10});
}

TEST_CASE("adding gradients up leaves alone what others hold")
{
    // The rule of each sum passes g on: x and y share it until x gets a second part.
    const auto x = variable<double>({1, 2}), y = variable<double>({3, 4});
    Tape tape;
    const auto gradients = tape.gradient(sum((x + y) + x * 5.0), {x, y});
    CHECK(gradients[0].value() == Array<double>{6, 6});
    CHECK(gradients[1].value() == Array<double>{1, 1});
}

TEST_CASE("the upstream gradient that the user gives is not changed")
{
    const auto x = variable<double>({1, 2});
    auto v = constant<double>({10, 20});
    Tape tape;
    const auto y = x + x;
    const auto dx = tape.vector_jacobian_product(y, v, x);
    CHECK(dx.value() == Array<double>{20, 40});
    CHECK(v.value() == Array<double>{10, 20});
}

TEST_CASE("several results are carried back in one sweep")
{
    const auto x = variable<double>({1, 2});
    Tape tape;
    const Variables<double> ys{x * x, sum(x), x},
        vs{constant<double>({1, 10}), constant<double>(100), constant<double>({1000, 2000})};
    const auto dx = tape.vector_jacobian_product(ys, vs, {x}).front();
    CHECK(dx.value() == Array<double>{2 + 100 + 1000, 40 + 100 + 2000});
}

TEST_CASE("a result that is named twice is carried back with the sum of its upstream gradients")
{
    const auto x = variable<double>({1, 2});
    Tape tape;
    const Variable<double> y = x * x;
    const Variables<double> vs{constant<double>({1, 10}), constant<double>({100, 1000})};
    CHECK(tape.vector_jacobian_product({y, y}, vs, {x}).front().value() == Array<double>{2 * 101, 4 * 1010});
}

TEST_CASE("float and double live on one tape")
{
    const auto x = variable<float>({1, 2});
    Tape tape;
    const auto y = sum(square(cast<double>(x)));
    const auto middle = cast<float>(y);
    CHECK(tape.gradient(middle, x).value() == Array<float>{2, 4});
}

TEST_CASE("gradient consumes the tape, which then records afresh")
{
    const auto x = variable<double>(3);
    Tape tape;
    for (int i = 0; i < 3; ++i) {
        CHECK(tape.size() == 0);
        const auto y = x * x;
        CHECK(tape.size() == 1);
        CHECK(tape.gradient(y, x).item() == 6);
    }
    CHECK(tape.size() == 0);
}

TEST_CASE("a kept tape gives gradients again")
{
    const auto x = variable<double>(3), y = variable<double>(4);
    Tape tape;
    const auto z = x * y;
    const std::size_t size = tape.size();
    CHECK(tape.gradient(z, x, {.keep_tape = true}).item() == 4);
    CHECK(tape.gradient(z, x, {.keep_tape = true}).item() == 4);
    CHECK(tape.size() == size);
    CHECK(tape.gradient(z, y).item() == 3);
    CHECK(tape.size() == 0);
}

TEST_CASE("what the rules captured is freed as the tape is consumed")
{
    auto x = variable<double>({1, 2});
    auto w = constant<double>({3, 4});
    Tape tape;
    const auto y = sum(x * w);
    CHECK_FALSE(detail::Access::is_only_holder(w));
    tape.gradient(y, x);
    CHECK(detail::Access::is_only_holder(w));
    CHECK(detail::Access::is_only_holder(x));
}

TEST_CASE("the end of a tape frees what its rules captured")
{
    auto w = constant<double>({3, 4});
    {
        Tape tape;
        const auto y = variable<double>({1, 2}) * w;
        CHECK_FALSE(detail::Access::is_only_holder(w));
    }
    CHECK(detail::Access::is_only_holder(w));
}

TEST_CASE("a rule is stored only for inputs that need a gradient")
{
    const auto x = variable<double>({1, 2});
    auto c = constant<double>({3, 4});
    Tape tape;
    const auto y = x * c;
    REQUIRE(tape.size() == 1);
    CHECK(rules_of(tape, 0) == 1);
    const auto z = x * x;
    CHECK(rules_of(tape, 1) == 2);
}

TEST_CASE("a gradient is a constant, even if it is a variable that a rule passed on as it was")
{
    const auto x = variable<double>(2), v = variable<double>(7);
    Tape tape;
    CHECK_FALSE(tape.vector_jacobian_product(x + 1.0, v, x).requires_gradient());
    const auto recorded = v * v; // stale once the tape is consumed, but the gradient is not
    const auto dx = tape.vector_jacobian_product(x + 1.0, recorded, x);
    CHECK_FALSE(dx.requires_gradient());
    CHECK((dx * x).item() == 98);
}

TEST_CASE("tapes of one thread follow each other and know their own variables only")
{
    const auto x = variable<double>(3);
    Variable<double> stale;
    {
        Tape tape;
        stale = x * x;
    }
    Tape tape;
    CHECK(stale.item() == 9);
    CHECK_THROWS_AS(stale * x, GraphError);
    CHECK_THROWS_AS(tape.gradient(stale, x), GraphError);
    CHECK((stop_gradient(stale) * x).item() == 27);
}

// Errors

TEST_CASE("a loss that is no scalar")
{
    const auto x = variable<double>({1, 2});
    Tape tape;
    CHECK_THROWS_WITH_AS(tape.gradient(x * x, x),
                         "[gradient] the loss has shape (2), a scalar is needed: take its sum or mean, or use "
                         "vector_jacobian_product",
                         GraphError);
    CHECK_THROWS_AS(tape.gradient(x * x, Parameters<double>{{"x", x}}), GraphError);
    CHECK(tape.gradient(sum(reshape(x, {1, 2}), 1, true), x).value() == Array<double>{1, 1}); // (1,1) will do
}

TEST_CASE("a variable of a tape that is gone, outside of any tape and inside of another one")
{
    const auto x = variable<double>(2);
    Variable<double> y;
    {
        Tape tape;
        y = x * x;
    }
    const std::string expected =
        "[multiply] input 0 was recorded on a tape that is gone or belongs to another thread: continue "
        "with stop_gradient(x), or keep the tape in scope";
    CHECK(message_of<GraphError>([&] { y* x; }) == expected);
    Tape next;
    CHECK(message_of<GraphError>([&] { y* x; }) == expected);
    CHECK(next.size() == 0);
}

TEST_CASE("a tape that was consumed")
{
    const auto x = variable<double>(2);
    Tape tape;
    const auto y = x * x;
    tape.gradient(y, x);
    CHECK_THROWS_WITH_AS(
        tape.gradient(y, x),
        "[gradient] input 0 was recorded before gradient() consumed the tape: set keep_tape, or continue "
        "with stop_gradient(x)",
        GraphError);
    CHECK(message_of<GraphError>([&] { x* y; }).find("[multiply] input 1 was recorded before gradient()") == 0);
    CHECK(tape.size() == 0);
    tape.gradient(x * x, x); // two tapes' lives ago is still an error
    CHECK_THROWS_AS(tape.gradient(y, x), GraphError);
}

TEST_CASE("a gradient with respect to a constant")
{
    const auto x = variable<double>(2);
    const auto c = constant<double>({1, 2});
    Tape tape;
    CHECK_THROWS_WITH_AS(tape.gradient(sum(x * c), {x, c}),
                         "[gradient] target 1 of shape (2) is a constant: make it with variable()", GraphError);
}

TEST_CASE("a gradient with respect to something that the loss does not depend on")
{
    const auto x = variable<double>(2), y = variable<double>({1, 2});
    Tape tape;
    CHECK(message_of<GraphError>([&] {
              tape.gradient(x * x, y);
          }).find("[gradient] the result does not depend on target 0 of shape (2)") == 0);
    const Parameters<double> parameters{{"used", x}, {"idle", y}};
    CHECK(message_of<GraphError>([&] { tape.gradient(x * x, parameters); }).find("parameter 'idle' of shape (2)") !=
          std::string::npos);
    CHECK_THROWS_AS(tape.gradient(constant<double>(1), x), GraphError);
    const auto later = x * x;
    CHECK_THROWS_AS(tape.gradient(later, sum(y)), GraphError); // recorded after the loss

    const auto gradients = tape.gradient(x * x, {x, y}, {.unused_is_zero = true});
    CHECK(gradients[0].item() == 4);
    CHECK(gradients[1].value() == Array<double>{0, 0});
}

TEST_CASE("a result of before the tape began is not a part of it")
{
    const auto x = variable<double>(2);
    const auto y = x * x; // not recorded
    Tape tape;
    CHECK_THROWS_AS(tape.gradient(y, x), GraphError);
}

TEST_CASE("an upstream gradient of another shape or number")
{
    const auto x = variable<double>({1, 2});
    Tape tape;
    const auto y = x * x;
    CHECK_THROWS_WITH_AS(tape.vector_jacobian_product(y, constant<double>({1, 2, 3}), x),
                         "[vector_jacobian_product] v has shape (3), y has shape (2): they must be the same",
                         ShapeError);
    CHECK_THROWS_AS(tape.vector_jacobian_product(Variables<double>{y, y}, {y}, {x}), ShapeError);
    CHECK(tape.vector_jacobian_product(y, constant<double>({1, 1}), x).value() == Array<double>{2, 4});
}

TEST_CASE("a tape is used on another thread")
{
    const auto x = variable<double>(2);
    Tape tape;
    const auto y = x * x;
    std::string of_gradient, of_op;
    std::thread([&] {
        of_gradient = message_of<GraphError>([&] { tape.gradient(y, x); });
        of_op = message_of<GraphError>([&] { y* x; });
    }).join();
    CHECK(of_gradient == "[gradient] the tape belongs to another thread: take gradients where it was made");
    CHECK(of_op.find("[multiply] input 0 was recorded on a tape that is gone or belongs to another thread") == 0);
    CHECK(tape.gradient(y, x).item() == 4);
}

TEST_CASE("an unsuccessful question leaves the tape as it was")
{
    const auto x = variable<double>(2);
    Tape tape;
    const auto y = x * x;
    CHECK_THROWS_AS(tape.gradient(y, constant<double>(1)), GraphError);
    CHECK_THROWS_AS(tape.gradient(y, Variable<double>()), GraphError);
    CHECK(tape.size() == 1);
    CHECK(tape.gradient(y, x).item() == 4);
}

TEST_CASE("a rule that takes its upstream gradient by value gets it to itself only if nobody else needs it")
{
    // Each rule writes over the gradient that it gets, if it may.
    const auto mapped = [](const Variable<double>& x) {
        return record("mapped", 3.0 * x.value(), wrt(x, [](auto g) { return multiply(std::move(g), 3.0); }));
    };
    const auto x = variable<double>({1, 2});
    {
        Tape tape;
        const auto y = mapped(x);
        const auto z = mapped(y);
        const auto gradients = tape.gradient(sum(mapped(z)), {x, y, z}, {.keep_tape = true}); // y's and z's are kept
        CHECK(gradients[0].value()(0) == 27);
        CHECK(gradients[1].value()(0) == 9);
        CHECK(gradients[2].value()(0) == 3);
        CHECK(tape.gradient(sum(z), x).value()(1) == 9);
    }
    {
        Tape tape;
        const auto v = constant<double>({1, 1});
        const auto y = mapped(x) + mapped(x); // both rules get the same upstream gradient
        CHECK(tape.vector_jacobian_product(y, v, x).value()(0) == 6);
        CHECK(v.value()(0) == 1);
    }
    {
        Tape tape;
        const auto y = mapped(x);
        const auto dy = tape.gradient(sum(square(mapped(y))), x, {.record = true});
        CHECK(dy.value()(1) == 2 * 81 * 2);
        CHECK(tape.gradient(sum(dy), x).value()(0) == 2 * 81);
    }
}
