#include <xgrad/base/error.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/reduction.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <functional>

using namespace xgrad;

namespace
{

using Function = std::function<Variable<double>(const Variable<double>&)>;

/** The n-th derivative of a scalar function, each one on a tape inside of the next one's. */
Variable<double> derivative(const Function& f, const Variable<double>& x, int n)
{
    if (n == 0)
        return f(x);
    Tape tape;
    return tape.gradient(derivative(f, x, n - 1), x, {.unused_is_zero = true});
}

/** The same on one tape. */
double derivative_on_one_tape(const Function& f, const Variable<double>& x, int n)
{
    Tape tape;
    Variable<double> y = f(x);
    for (int i = 0; i < n; ++i)
        y = tape.gradient(y, x, {.record = i + 1 < n});
    return y.item();
}

} // namespace

TEST_CASE("derivatives of x^6 to order 4")
{
    const auto x = variable<double>(1.5);
    const Function f = [](const auto& v) { return square(v) * square(v * v); };
    double expected = std::pow(1.5, 6);
    for (int n = 0; n <= 4; ++n) {
        CAPTURE(n);
        CHECK(derivative(f, x, n).item() == doctest::Approx(expected).epsilon(1e-12));
        CHECK(derivative_on_one_tape(f, x, n) == doctest::Approx(expected).epsilon(1e-12));
        expected *= (6 - n) / 1.5;
    }
}

TEST_CASE("derivatives of tanh to order 4")
{
    const double t = std::tanh(0.4), s = 1 - t * t; // s is tanh'
    const double expected[] = {t, s, -2 * t * s, (6 * t * t - 2) * s, (16 - 24 * t * t) * t * s};
    const auto x = variable<double>(0.4);
    for (int n = 0; n <= 4; ++n) {
        CAPTURE(n);
        CHECK(derivative([](const auto& v) { return tanh(v); }, x, n).item() ==
              doctest::Approx(expected[n]).epsilon(1e-12));
        CHECK(derivative_on_one_tape([](const auto& v) { return tanh(v); }, x, n) ==
              doctest::Approx(expected[n]).epsilon(1e-12));
    }
}

TEST_CASE("derivatives of a squared derivative: what flows back to a rule depends on x, too")
{
    const double t = std::tanh(0.4), tt = t * t, s = 1 - tt;
    const double first = 2 * t * s, second = (2 - 6 * tt) * s, third = (24 * tt - 16) * t * s; // of tanh²
    const auto x = variable<double>(0.4);
    const Function squared_slope = [](const auto& v) {
        return square(derivative([](const auto& u) { return square(tanh(u)); }, v, 1));
    };
    CHECK(derivative(squared_slope, x, 1).item() == doctest::Approx(2 * first * second).epsilon(1e-12));
    CHECK(derivative(squared_slope, x, 2).item() ==
          doctest::Approx(2 * (second * second + first * third)).epsilon(1e-12));
}

TEST_CASE("derivatives of exp(x)·sin(x) to order 4")
{
    const double x0 = 0.7, e = std::exp(x0), s = std::sin(x0), c = std::cos(x0);
    const double expected[] = {e * s, e * (s + c), 2 * e * c, 2 * e * (c - s), -4 * e * s};
    const auto x = variable<double>(x0);
    for (int n = 0; n <= 4; ++n)
        CHECK(derivative([](const auto& v) { return exp(v) * sin(v); }, x, n).item() ==
              doctest::Approx(expected[n]).epsilon(1e-12));
}

TEST_CASE("derivatives of a polynomial vanish beyond its degree")
{
    const auto x = variable<double>(3);
    const Function f = [](const auto& v) { return v * v; };
    CHECK(derivative(f, x, 2).item() == 2);
    CHECK(derivative(f, x, 3).item() == 0);
    CHECK(derivative(f, x, 4).item() == 0);
}

TEST_CASE("a derivative of a derivative with respect to another variable")
{
    const auto x = variable<double>(2), y = variable<double>(3);
    Tape outer;
    Variable<double> dx;
    {
        Tape inner;
        dx = inner.gradient(x * x * y * y, x); // 2xy²
    }
    CHECK(dx.item() == 36);
    CHECK(dx.requires_gradient());
    CHECK(outer.gradient(dx, y).item() == 24); // 4xy
}

TEST_CASE("a gradient penalty: the loss has the norm of its own gradient in it")
{
    const auto w = variable<double>({1, 2});
    const auto x = constant<double>({3, 4});
    Tape tape;
    const auto loss = sum(square(w) * x);
    const auto g = tape.gradient(loss, w, {.record = true}); // 2wx
    const auto dw = tape.gradient(loss + sum(square(g)), w); // 2wx + 8wx²
    CHECK(dw.value() == Array<double>{6 + 72, 16 + 256});
}

TEST_CASE("the inner tape has its own size and its gradient ends where it began")
{
    const auto x = variable<double>(2);
    Tape outer;
    const auto y = x * x;
    Tape inner;
    CHECK(inner.size() == 0);
    const auto z = y * x; // to the inner tape y is a number of its own
    CHECK(inner.size() == 1);
    CHECK(outer.size() == 2);
    CHECK(inner.gradient(z, x).item() == 4);
    CHECK(inner.gradient(z, y).item() == 2);
    CHECK(outer.gradient(z, x).item() == 12);
}

TEST_CASE("what was recorded before the inner tape is not a result of it")
{
    const auto x = variable<double>(2);
    Tape outer;
    const auto y = x * x;
    Tape inner;
    CHECK_THROWS_AS(inner.gradient(y, x), GraphError);
    CHECK(outer.gradient(y, x).item() == 4);
}

TEST_CASE("the inner tape keeps what it recorded for the outer one")
{
    const auto x = variable<double>(2);
    Tape outer;
    Variable<double> z;
    {
        Tape inner;
        z = x * x * x;
        CHECK(inner.gradient(z, x).item() == 12);
        CHECK(inner.gradient(z, x).item() == 12);
    }
    CHECK(outer.gradient(z, x).item() == 12);
    CHECK(outer.size() == 0);
}

TEST_CASE("the outer tape's gradient makes the inner one start afresh")
{
    const auto x = variable<double>(2);
    Tape outer;
    const auto y = x * x;
    Tape inner;
    const auto z = x * x;
    outer.gradient(y, x);
    CHECK(inner.size() == 0);
    CHECK_THROWS_AS(inner.gradient(z, x), GraphError);
    CHECK(inner.gradient(x * x, x).item() == 4);
}

TEST_CASE("recording is paused for a scope")
{
    const auto x = variable<double>(2);
    Tape tape;
    CHECK(is_recording());
    const auto y = x * x;
    {
        const PauseRecording pause;
        CHECK_FALSE(is_recording());
        const auto constant_of_y = y * x; // the value of what is recorded may be used
        CHECK(constant_of_y.item() == 8);
        CHECK_FALSE(constant_of_y.requires_gradient());
        {
            const PauseRecording again;
        }
        CHECK_FALSE(is_recording());
    }
    CHECK(is_recording());
    CHECK(tape.size() == 1);
    CHECK(tape.gradient(y, x).item() == 4);
}

TEST_CASE("a gradient is taken while recording is paused")
{
    const auto x = variable<double>(2);
    Tape tape;
    const auto y = x * x * x;
    const PauseRecording pause;
    const auto dx = tape.gradient(y, x, {.keep_tape = true});
    CHECK(dx.item() == 12);
    CHECK_FALSE(dx.requires_gradient());
    const auto recorded = tape.gradient(y, x, {.record = true});
    CHECK(recorded.requires_gradient());
    CHECK_FALSE(is_recording());
    CHECK(tape.gradient(recorded, x).item() == 12);
}

TEST_CASE("under PauseRecording a tape is independent of those outside")
{
    const auto x = variable<double>(2);
    Tape outer;
    const auto y = x * x;
    {
        const PauseRecording pause;
        Tape independent;
        const auto z = y * x; // y is a constant here
        CHECK(independent.size() == 1);
        CHECK(outer.size() == 1);
        CHECK_THROWS_AS(independent.gradient(z, y, {.keep_tape = true}), GraphError);
        const auto dx = independent.gradient(z, x);
        CHECK(dx.item() == 4);
        CHECK_FALSE(dx.requires_gradient());
        CHECK(is_recording());
    }
    CHECK(is_recording());
    CHECK(outer.size() == 1);
    CHECK(outer.gradient(y, x).item() == 4);
}

TEST_CASE("an outer tape's gradient inside of an independent tape")
{
    const auto x = variable<double>(2);
    Tape outer;
    const auto y = x * x;
    const PauseRecording pause;
    Tape independent;
    const auto z = x * x * x;
    CHECK(outer.gradient(y, x).item() == 4);
    CHECK(independent.size() == 2);
    CHECK(independent.gradient(z, x).item() == 12);
}

TEST_CASE("a paused inner tape takes gradients that the outer one does not see")
{
    const auto x = variable<double>(2);
    Tape outer;
    const auto y = x * x;
    Tape inner;
    const auto z = y * x * x;
    const std::size_t size = outer.size();
    {
        const PauseRecording pause;
        CHECK_FALSE(inner.gradient(z, x).requires_gradient());
    }
    CHECK(outer.size() == size);
    CHECK(inner.gradient(z, x).requires_gradient());
    CHECK(outer.size() > size);
}

TEST_CASE("a rule may take a gradient itself")
{
    // y = x², with a rule that differentiates it on a tape of its own
    const auto op = [](const Variable<double>& v) {
        return record("autodiff", Array<double>(v.value() * v.value()), wrt(v, [v](const auto& g) {
                          Tape tape;
                          const auto point = is_recording() && v.requires_gradient() ? v : as_leaf(v);
                          return g * tape.gradient(point * point, point);
                      }));
    };
    const auto x = variable<double>(3);
    Tape tape;
    CHECK(tape.gradient(op(x) * x, x).item() == 27);
    const auto first = tape.gradient(op(x), x, {.record = true});
    CHECK(first.item() == 6);
    CHECK(tape.gradient(first, x).item() == 2);
}

TEST_CASE("an exception ends inner scopes and leaves the outer tape in order")
{
    const auto x = variable<double>(2);
    Tape outer;
    const auto y = x * x;
    try {
        Tape inner;
        const auto z = y * x;
        const PauseRecording pause;
        Tape independent;
        inner.gradient(z, constant<double>(1));
    } catch (const GraphError&) {
    }
    CHECK(is_recording());
    CHECK(outer.size() == 2);
    CHECK(outer.gradient(y * x, x).item() == 12);
}

TEST_CASE("nothing is recorded after the last tape")
{
    {
        const Tape tape;
        CHECK(is_recording());
        {
            const Tape inner;
        }
        CHECK(is_recording());
    }
    CHECK_FALSE(is_recording());
}
