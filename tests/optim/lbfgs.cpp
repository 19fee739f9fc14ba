#include "files.hpp"
#include "models/training.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/ops/derivatives.hpp>
#include <xgrad/ops/ops.hpp>
#include <xgrad/optim/lbfgs.hpp>
#include <xgrad/optim/line_search.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

using namespace xgrad;
using namespace xgrad::optim;
using namespace xgrad::test;

namespace
{

/** The Rosenbrock function of n numbers, Σ 100(x_{i+1} − x_i²)² + (1 − x_i)², with its minimum at 1, …, 1. */
template <class T>
Variable<T> rosenbrock(const Variable<T>& x)
{
    const std::size_t n = x.size();
    const Variable<T> a = slice(x, 0, 0, n - 1), b = slice(x, 0, 1, n);
    return sum(T(100) * square(b - square(a)) + square(T(1) - a));
}

template <class T>
std::function<ValueAndGradient<T>()> loss_of(const Variable<T>& x, Variable<T> (*f)(const Variable<T>&))
{
    return [=] { return value_and_gradient(Parameters<T>{{"x", x}}, [&] { return f(x); }); };
}

/** A line whose loss and slope are given. */
std::function<LinePoint(double)> line(double (*value)(double), double (*slope)(double))
{
    return [=](double step) { return LinePoint{step, value(step), slope(step)}; };
}

void check_wolfe(const std::function<LinePoint(double)>& at, const LineSearchOptions& options)
{
    const LinePoint start = at(0);
    const LineSearchResult result = strong_wolfe(at, start, options);
    REQUIRE(result.found);
    CHECK(result.point.step > 0);
    CHECK(result.point.value <= start.value + options.decrease * result.point.step * start.slope + options.rounding);
    CHECK(std::abs(result.point.slope) <= options.curvature * std::abs(start.slope));
    CHECK(result.point.value == at(result.point.step).value);
    CHECK(result.evaluations <= options.largest_evaluations);
}

} // namespace

TEST_CASE("line search: the step satisfies the strong Wolfe conditions, wherever it begins")
{
    const std::function<LinePoint(double)> lines[] = {
        line([](double a) { return (a - 3) * (a - 3); }, [](double a) { return 2 * (a - 3); }),
        // Moré and Thuente 1994, functions 1, 2 and 3 (with β = 2, 0.004 and without the wiggles' amplitude).
        line([](double a) { return -a / (a * a + 2); }, [](double a) { return (a * a - 2) / std::pow(a * a + 2, 2); }),
        line([](double a) { return std::pow(a + 0.004, 5) - 2 * std::pow(a + 0.004, 4); },
             [](double a) { return 5 * std::pow(a + 0.004, 4) - 8 * std::pow(a + 0.004, 3); }),
        line([](double a) { return std::cos(3 * a) - a; }, [](double a) { return -3 * std::sin(3 * a) - 1; }),
        line([](double a) { return a < 2 ? -std::sqrt(a + 1e-2) + a / 4 : std::nan(""); },
             [](double a) { return a < 2 ? -0.5 / std::sqrt(a + 1e-2) + 0.25 : std::nan(""); }),
    };
    for (const auto& at : lines)
        for (const double first : {1e-3, 0.1, 1.0, 10.0, 1e3})
            for (const double curvature : {0.9, 0.1}) {
                CAPTURE(&at - lines);
                CAPTURE(first);
                CAPTURE(curvature);
                check_wolfe(at, {.first = first, .curvature = curvature, .rounding = 1e-14, .largest_evaluations = 40});
            }
}

TEST_CASE("line search: a line without a minimum, one that rises, and options that make no sense")
{
    const auto falling = line([](double a) { return -a; }, [](double) { return -1.0; });
    const LineSearchResult endless = strong_wolfe(falling, falling(0), {.largest = 100});
    CHECK_FALSE(endless.found);
    CHECK(endless.point.step == 100);

    // The slope lies: no step is lower.
    const auto rising = line([](double a) { return a; }, [](double) { return -1.0; });
    const LineSearchResult none = strong_wolfe(rising, rising(0));
    CHECK_FALSE(none.found);
    CHECK(none.point.step == 0);
    CHECK(none.evaluations == 25);

    const auto nowhere = line([](double) { return std::nan(""); }, [](double) { return std::nan(""); });
    const LineSearchResult nan = strong_wolfe(nowhere, {0, 1, -1});
    CHECK_FALSE(nan.found);
    CHECK(nan.point.step == 0);

    CHECK_THROWS_AS(strong_wolfe(falling, {0, 0, 1}), Error);
    CHECK_THROWS_AS(strong_wolfe(falling, {0, std::nan(""), -1}), Error);
    CHECK_THROWS_AS(strong_wolfe(falling, falling(0), {.decrease = 0.9, .curvature = 0.5}), Error);
    CHECK_THROWS_AS(strong_wolfe(falling, falling(0), {.curvature = 1}), Error);
    CHECK_THROWS_AS(strong_wolfe(falling, falling(0), {.first = 0}), Error);
}

TEST_CASE("L-BFGS finds the minimum of Rosenbrock's function")
{
    for (const std::size_t n : {std::size_t{2}, std::size_t{20}}) {
        Array<double> start = empty_array<double>({n});
        for (std::size_t i = 0; i < n; ++i)
            start.data()[i] = i % 2 == 0 ? -1.2 : 1;
        for (const std::size_t history : {std::size_t{1}, std::size_t{3}, std::size_t{10}}) {
            CAPTURE(n);
            CAPTURE(history);
            const auto x = variable(Array<double>(start));
            LBFGS<double> optimizer(Parameters<double>{{"x", x}}, {.history = history, .max_iterations = 400});
            const Minimum minimum = optimizer.minimize(loss_of(x, rosenbrock<double>));
            CAPTURE(to_string(minimum));
            CHECK(minimum.converged());
            CHECK(minimum.gradient <= 1e-8);
            CHECK(minimum.value < 1e-15); // g²/2λ, with the smallest curvature λ above 0.1
            if (history == 10)
                CHECK(minimum.iterations < (n == 2 ? 60 : 200));
            CHECK(minimum.evaluations >= minimum.iterations);
            for (const double element : x.value())
                CHECK(element == doctest::Approx(1).epsilon(1e-7));
        }
    }
}

TEST_CASE("L-BFGS: logistic regression with a penalty, whose gradient is 0 by plain loops")
{
    constexpr std::size_t samples = 60, features = 5;
    const Array<double> x = Random(1).normal<double>({samples, features}, 0, 2);
    Array<double> target = empty_array<double>({samples});
    Random random(2);
    for (double& t : target)
        t = random.uniform() < 0.4 ? 1 : 0;
    const auto w = variable(Array<double>(Shape{features}, 0.0)), b = variable(Array<double>(Shape{}, 0.0));
    const Parameters<double> parameters{{"w", w}, {"b", b}};
    LBFGS<double> optimizer(parameters);
    const Minimum minimum = optimizer.minimize([&] {
        return value_and_gradient(parameters, [&] {
            const Variable<double> u = sum(constant(x) * w, {1}) + b;
            return mean(softplus(u) - constant(target) * u) + 0.01 * sum(square(w)); // −log p(target)
        });
    });
    CAPTURE(to_string(minimum));
    CHECK(minimum.converged());
    CHECK(minimum.iterations < 40);
    double slope[features + 1] = {};
    for (std::size_t n = 0; n < samples; ++n) {
        double u = b.item();
        for (std::size_t i = 0; i < features; ++i)
            u += w.data()[i] * x(n, i);
        const double error = (1 / (1 + std::exp(-u)) - target(n)) / samples;
        for (std::size_t i = 0; i < features; ++i)
            slope[i] += error * x(n, i);
        slope[features] += error;
    }
    for (std::size_t i = 0; i < features; ++i)
        CHECK(std::abs(slope[i] + 0.02 * w.data()[i]) < 1.1e-8);
    CHECK(std::abs(slope[features]) < 1.1e-8);
}

TEST_CASE("L-BFGS: of a quadratic function it takes about as many steps as there are numbers")
{
    const auto x = variable<double>({5, -3, 2, 1});
    const auto f = [](const Variable<double>& y) -> Variable<double> {
        return sum(constant<double>({1, 10, 100, 1000}) * square(y - 1.0));
    };
    const Minimum minimum = LBFGS<double>(Parameters<double>{{"x", x}}).minimize(loss_of<double>(x, f));
    CHECK(minimum.converged());
    CHECK(minimum.iterations < 30);
    for (const double element : x.value())
        CHECK(element == doctest::Approx(1).epsilon(1e-9));
}

TEST_CASE("L-BFGS: in floats it converges as far as floats do")
{
    const auto x = variable<float>({-1.2f, 1});
    const Minimum minimum = LBFGS<float>(Parameters<float>{{"x", x}}).minimize(loss_of(x, rosenbrock<float>));
    CAPTURE(to_string(minimum));
    CHECK(minimum.converged());
    CHECK(x.data()[0] == doctest::Approx(1).epsilon(1e-3));
}

TEST_CASE("L-BFGS: the end is told, and the parameters are at the lowest point")
{
    const auto x = variable<double>({-1.2, 1});
    const Parameters<double> parameters{{"x", x}};
    const auto loss = loss_of(x, rosenbrock<double>);
    const double before = loss().value;
    const Minimum few = LBFGS<double>(parameters, {.max_iterations = 3}).minimize(loss);
    CHECK(few.convergence == Convergence::iterations_used_up);
    CHECK(few.iterations == 3);
    CHECK(few.value < before);
    CHECK(loss().value == few.value);
    CHECK(contains(to_string(few), "not converged after 3 iterations"));
    CHECK(LBFGS<double>(parameters, {.max_iterations = 0}).minimize(loss).iterations == 0);

    // A gradient with the wrong sign: every step goes up.
    const Array<double> start = x.value();
    const Minimum wrong = LBFGS<double>(parameters).minimize([&] {
        ValueAndGradient<double> found = loss();
        found.gradients[0] = constant(Array<double>(-found.gradients[0].value()));
        return found;
    });
    CHECK(wrong.convergence == Convergence::line_search_failed);
    CHECK(wrong.iterations == 0);
    CHECK(x.value() == start);
    CHECK(contains(to_string(wrong), "no lower point found"));
}

TEST_CASE("L-BFGS: where the loss is NaN is too far; at the start it is an error")
{
    // −log(1 − x²) − x has no value outside of (−1, 1); the first steps from there would leave it.
    const auto f = [](const Variable<double>& y) -> Variable<double> {
        return -sum(log(1.0 - square(y))) - 40.0 * sum(y);
    };
    const auto x = variable<double>({0.0});
    const Minimum minimum = LBFGS<double>(Parameters<double>{{"x", x}}).minimize(loss_of<double>(x, f));
    CHECK(minimum.converged());
    CHECK(2 * x.item() / (1 - x.item() * x.item()) == doctest::Approx(40).epsilon(1e-8));

    const auto outside = variable<double>({2.0});
    CHECK(contains(message_of<NumericalError>([&] {
                       LBFGS<double>(Parameters<double>{{"x", outside}}).minimize(loss_of<double>(outside, f));
                   }),
                   "[lbfgs] the loss is NaN at the start"));
    CHECK(outside.item() == 2);
}

TEST_CASE("L-BFGS: an exception leaves the parameters at the last accepted point; what does not fit is an error")
{
    const auto x = variable<double>({-1.2, 1});
    const Parameters<double> parameters{{"x", x}};
    std::size_t calls = 0;
    Array<double> trial;
    const auto failing = [&] {
        if (++calls == 2) {
            trial = x.value();
            throw DataError("no more data");
        }
        return loss_of(x, rosenbrock<double>)();
    };
    CHECK_THROWS_AS(LBFGS<double>(parameters).minimize(failing), DataError);
    CHECK(trial != x.value());
    CHECK(x.value() == Array<double>{-1.2, 1});

    CHECK_THROWS_WITH_AS(LBFGS<double>(parameters).minimize([] {
        return ValueAndGradient<double>{1, {}};
    }),
                         "[lbfgs] the loss returned 0 gradients for 1 parameters", ShapeError);
    CHECK_THROWS_WITH_AS(LBFGS<double>(parameters).minimize([] {
        return ValueAndGradient<double>{1, {constant<double>({1, 2, 3})}};
    }),
                         "[lbfgs] the gradient of 'x' has shape (3), the parameter has (2)", ShapeError);
    CHECK_THROWS_AS(LBFGS<double>(parameters, {.history = 0}), Error);
    CHECK_THROWS_AS(LBFGS<double>(parameters, {.tolerance = 0}), Error);
    CHECK_THROWS_AS(LBFGS<double>(parameters, {.max_evaluations = 0}), Error);
}

TEST_CASE("L-BFGS: no parameters, and a weight under two names")
{
    const Minimum nothing = LBFGS<double>({}).minimize([] { return ValueAndGradient<double>{4, {}}; });
    CHECK(nothing.converged());
    CHECK(nothing.value == 4);
    const auto w = variable<double>({3.0});
    const Parameters<double> tied{{"encoder", w}, {"decoder", w}};
    CHECK(LBFGS<double>(tied)
              .minimize([&] { return value_and_gradient(tied, [&] { return sum(square(w * w - 4.0)); }); })
              .converged());
    CHECK(w.item() == doctest::Approx(2).epsilon(1e-8));
}
