// implicit and fixed_point.
#include <xgrad/base/error.hpp>
#include <xgrad/base/random.hpp>
#include <xgrad/inspect/check.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace xgrad;

namespace
{

template <class T>
using Functions = std::function<Variable<T>(const Variable<T>&)>;

/** √a by Newton's method outside of the tape. */
template <class T>
Variable<T> root(const Variable<T>& a)
{
    const auto solver = [](const Variable<T>& s) {
        Array<T> y = s.value();
        for (int i = 0; i < 30; ++i)
            y = (y + s.value() / y) / T(2);
        return y;
    };
    return implicit(
        solver, [](const auto& y, const auto& s) { return square(y) - s; }, a);
}

/** The solution of A·y = b by Gauss-Seidel steps, for diagonally dominant A. */
Array<double> gauss_seidel(const Variable<double>& a, const Variable<double>& b)
{
    const std::size_t n = b.size();
    Array<double> y(b.shape(), 0.0);
    for (int sweep = 0; sweep < 200; ++sweep)
        for (std::size_t i = 0; i < n; ++i) {
            double rest = b.data()[i];
            for (std::size_t k = 0; k < n; ++k)
                rest -= k == i ? 0 : a.data()[i * n + k] * y.data()[k];
            y.data()[i] = rest / a.data()[i * n + i];
        }
    return y;
}

Variable<double> linear_residual(const Variable<double>& y, const Variable<double>& a, const Variable<double>& b)
{
    return matmul(a, y) - b;
}

Array<double> dominant(std::size_t n)
{
    Random random(1);
    Array<double> a = random.normal<double>({n, n}, 0, 1);
    for (std::size_t i = 0; i < n; ++i)
        a(i, i) += 3.0 * static_cast<double>(n);
    return a;
}

} // namespace

TEST_CASE_TEMPLATE("implicit: the derivatives of a square root", T, float, double)
{
    const auto a = variable<T>(Array<T>{0.25, 1, 4});
    Tape tape;
    const auto y = root(a);
    const auto first = tape.gradient(sum(y), a, {.record = true});
    const auto second = tape.gradient(sum(first), a, {.record = true});
    const auto third = tape.gradient(sum(second), a);
    const double epsilon = std::is_same_v<T, float> ? 1e-4 : 1e-9;
    for (std::size_t i = 0; i < 3; ++i) {
        const double x = a.data()[i];
        CHECK(y.data()[i] == doctest::Approx(std::sqrt(x)).epsilon(epsilon));
        CHECK(first.data()[i] == doctest::Approx(0.5 / std::sqrt(x)).epsilon(epsilon));
        CHECK(second.data()[i] == doctest::Approx(-0.25 * std::pow(x, -1.5)).epsilon(epsilon));
        CHECK(third.data()[i] == doctest::Approx(0.375 * std::pow(x, -2.5)).epsilon(epsilon));
    }
}

TEST_CASE("implicit: a linear system, with GMRES in one stretch and in many")
{
    constexpr std::size_t n = 12;
    Random random(2);
    const auto a = variable(dominant(n)), b = variable(random.normal<double>({n, 1}, 0, 1)),
               c = constant(random.normal<double>({n, 1}, 0, 1));
    for (const std::size_t restart : {std::size_t{3}, std::size_t{50}}) {
        CAPTURE(restart);
        Tape tape;
        const auto y = implicit([](const auto& xs) { return gauss_seidel(xs[0], xs[1]); },
                                [](const auto& u, const auto& xs) { return linear_residual(u, xs[0], xs[1]); },
                                Variables<double>{a, b}, {.restart = restart});
        const auto gradients = tape.gradient(sum(y * c), {a, b});
        // u = A⁻ᵀ·c is the gradient of b, −u·yᵀ that of A.
        const auto& u = gradients[1];
        CHECK(xt::amax(xt::abs(matmul(a, u, {.a = true}).value() - c.value()))() < 1e-9);
        CHECK(xt::amax(xt::abs(gradients[0].value() + matmul(u, stop_gradient(y), {.b = true}).value()))() < 1e-12);
    }
}

TEST_CASE("implicit: gradients for leaves that the residual reads, and none through the solver")
{
    const auto a = variable<double>(2.0), b = variable<double>(3.0);
    Tape tape;
    const auto solver = [&](const auto& p) { return constant(Array<double>(Shape{}, b.item() / p.item())); };
    const auto y = implicit(
        solver, [&](const auto& u, const auto& p) { return p * u - b; }, a);
    CHECK(y.item() == 1.5);
    const auto gradients = tape.gradient(y, {a, b});
    CHECK(gradients[0].item() == doctest::Approx(-0.75).epsilon(1e-12));
    CHECK(gradients[1].item() == doctest::Approx(0.5).epsilon(1e-12));

    const auto captured = implicit([&](const auto&) { return constant<double>(1.5); },
                                   [&](const auto& u, const auto&) { return a * u - b; }, Variables<double>{});
    const auto first = tape.gradient(captured, b, {.record = true}); // 1/a
    CHECK(tape.gradient(first, a).item() == doctest::Approx(-0.25).epsilon(1e-12));
}

TEST_CASE("implicit: the minimum of an energy, whose residual is a gradient")
{
    // E(y) = ½·y² + a·y, so y = −a.
    const auto a = variable<double>({1, -2});
    const auto slope = [](const Variable<double>& y, const Variable<double>& p) {
        Tape tape;
        return tape.gradient(sum(0.5 * square(y) + p * y), y);
    };
    Tape tape;
    const auto y = implicit([](const auto& p) { return -p; }, slope, a);
    const auto first = tape.gradient(sum(cube(y)), a, {.record = true}); // −3·a²
    CHECK(first.value()(0) == doctest::Approx(-3));
    CHECK(first.value()(1) == doctest::Approx(-12));
    const auto second = tape.gradient(sum(first), a);
    CHECK(second.value()(0) == doctest::Approx(-6));
    CHECK(second.value()(1) == doctest::Approx(12));
}

TEST_CASE("implicit: what is no solution, and systems that cannot be solved")
{
    const auto a = variable<double>({1, 4});
    const auto residual = [](const auto& y, const auto& p) { return square(y) - p; };
    const auto wrong = [](const auto&) { return constant<double>({1, 2.1}); };
    CHECK_THROWS_WITH_AS(
        implicit(wrong, residual, a),
        "[implicit] the residual of the solution is 0.41, and 3.1e-08 or less is needed: make the solver "
        "more accurate, or set the option `residual`",
        NumericalError);
    const auto of_list = [&](const auto& y, const auto& ps) { return square(y) - ps[0]; };
    const auto solver_of_list = [&](const auto&) { return constant<double>({1, 2.1}); };
    CHECK(implicit(solver_of_list, of_list, Variables<double>{a}, {.residual = 0.5}).value() == Array<double>{1, 2.1});
    const auto nan = [](const auto&) { return constant<double>({1, std::numeric_limits<double>::quiet_NaN()}); };
    CHECK_THROWS_AS(implicit(nan, residual, a), NumericalError);
    CHECK_THROWS_WITH_AS(
        implicit([](const auto& p) { return p; }, [](const auto& y, const auto&) { return sum(y); }, a),
        "[implicit] the residual has shape (), y has shape (2): they must be the same", ShapeError);

    Tape tape;
    const auto zero = variable<double>({0, 0}); // the derivative of y² there is 0
    const auto y = implicit([](const auto& p) { return p; }, residual, zero);
    CHECK_THROWS_AS(tape.gradient(sum(y), zero), NumericalError);

    constexpr std::size_t n = 12;
    const auto matrix = variable(dominant(n)), b = variable(Array<double>(Shape{n, 1}, 1.0));
    const auto few = implicit([](const auto& xs) { return gauss_seidel(xs[0], xs[1]); },
                              [](const auto& u, const auto& xs) { return linear_residual(u, xs[0], xs[1]); },
                              Variables<double>{matrix, b}, {.iterations = 2});
    CHECK_THROWS_AS(tape.gradient(sum(few * few), b), NumericalError);
    const auto z = a * a;
    CHECK_THROWS_AS(
        implicit([](const auto& p) { return p; }, [&](const auto& u, const auto& p) { return (u - p) * z; }, a),
        GraphError);
}

TEST_CASE("implicit: empty arrays")
{
    const auto none = variable(Array<double>(Shape{0, 2}, 0.0));
    Tape tape;
    CHECK(tape.gradient(sum(root(none)), none).shape() == none.shape());
}

TEST_CASE("fixed_point: Kepler's equation")
{
    // E = M + e·sin E; ∂E/∂M = 1/(1 − e·cos E), ∂E/∂e = sin E/(1 − e·cos E)
    const auto anomaly = variable<double>({0.5, 2.0}), e = variable<double>(0.3);
    const auto f = [](const auto& y, const auto& m, const auto& p) { return m + p * sin(y); };
    Tape tape;
    const auto y = fixed_point(f, anomaly, anomaly, e);
    const auto gradients = tape.gradient(sum(y), {anomaly, e});
    double of_e = 0;
    for (std::size_t i = 0; i < 2; ++i) {
        const double value = y.data()[i], rate = 1 / (1 - 0.3 * std::cos(value));
        CHECK(value == doctest::Approx(anomaly.data()[i] + 0.3 * std::sin(value)).epsilon(1e-14));
        CHECK(gradients[0].data()[i] == doctest::Approx(rate).epsilon(1e-10));
        of_e += std::sin(value) * rate;
    }
    CHECK(gradients[1].item() == doctest::Approx(of_e).epsilon(1e-10));
}

TEST_CASE("fixed_point: no convergence")
{
    const auto a = variable<double>(2.0);
    CHECK_THROWS_AS(fixed_point([](const auto& y, const auto& p) { return p * y + 1; }, constant<double>(1), a),
                    NumericalError);
    const auto slow = [](const auto& y, const auto& ps) { return 0.5 * y + ps[0]; };
    CHECK_THROWS_WITH_AS(
        fixed_point(slow, constant<double>(0), Variables<double>{a}, {.iterations = 3}),
        "[fixed_point] the last of 3 steps was still 0.5 long: does the function lead to a fixed point? "
        "If it does so slowly, allow more iterations",
        NumericalError);
    CHECK(fixed_point(slow, constant<double>(0), Variables<double>{a}).item() == doctest::Approx(4).epsilon(1e-14));
    CHECK_THROWS_AS(fixed_point([](const auto& y, const auto& p) { return y + p; }, constant<double>({1, 2}),
                                variable<double>({{1, 2}, {3, 4}})),
                    ShapeError);
}
