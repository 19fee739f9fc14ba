#include <xgrad/base/error.hpp>
#include <xgrad/base/random.hpp>
#include <xgrad/models/networks/lenet5.hpp>
#include <xgrad/ops/derivatives.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace xgrad;

namespace
{

Variable<double> random_variable(const Shape& shape, std::uint64_t seed)
{
    Random random(seed);
    return variable(random.normal<double>(shape, 0, 1));
}

/** The largest difference of two arrays, relative to the largest element of the second. */
double difference(const Array<double>& a, const Array<double>& b)
{
    REQUIRE(a.shape() == b.shape());
    double error = 0, scale = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        REQUIRE(std::isfinite(a.data()[i]));
        error = std::max(error, std::abs(a.data()[i] - b.data()[i]));
        scale = std::max(scale, std::abs(b.data()[i]));
    }
    return scale > 0 ? error / scale : error;
}

/** (f(x + εv) − f(x − εv)) / 2ε. */
template <class F>
Array<double> directional_difference(const F& f, const Array<double>& x, const Array<double>& v, double step)
{
    Array<double> above(x), below(x);
    for (std::size_t i = 0; i < x.size(); ++i) {
        above.data()[i] += step * v.data()[i];
        below.data()[i] -= step * v.data()[i];
    }
    Array<double> upper = f(above), lower = f(below);
    for (std::size_t i = 0; i < upper.size(); ++i)
        upper.data()[i] = (upper.data()[i] - lower.data()[i]) / (2 * step);
    return upper;
}

/** A function (3, 2) → (2, 2) that mixes all of its inputs. */
Variable<double> mixing(const Variable<double>& x)
{
    const auto w = constant<double>({{0.3, -0.7, 0.2}, {1.1, 0.4, -0.5}});
    return tanh(matmul(w, x)) * exp(0.1 * sum(x));
}

} // namespace

TEST_CASE("the Jacobian of a linear function is its matrix")
{
    const auto a = constant<double>({{1, 2, 3}, {4, 5, 6}});
    const auto x = variable(Array<double>(Shape{3, 1}, 7.0));
    const auto j = jacobian([&](const auto& v) { return matmul(a, v); }, x);
    CHECK(j.shape() == Shape{2, 1, 3, 1});
    CHECK(difference(reshape(constant(j), {2, 3}).value(), a.value()) == 0);
}

TEST_CASE("the Jacobian of an elementwise function is diagonal")
{
    const auto x = variable<double>({0.5, 1.5, 2.5});
    const auto j = jacobian([](const auto& v) { return square(v); }, x);
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t k = 0; k < 3; ++k)
            CHECK(j(i, k) == (i == k ? 2 * x.data()[i] : 0));
}

TEST_CASE("the Jacobian has the axes of the result first")
{
    const auto x = random_variable({3, 2}, 1);
    const auto j = jacobian(mixing, x);
    CHECK(j.shape() == Shape{2, 2, 3, 2});
    for (std::size_t k = 0; k < x.size(); ++k) {
        Array<double> unit(x.shape(), 0.0);
        unit.data()[k] = 1;
        const auto column = directional_difference([](const Array<double>& v) { return mixing(constant(v)).value(); },
                                                   x.value(), unit, 1e-5);
        for (std::size_t i = 0; i < 4; ++i)
            CHECK(j.data()[i * 6 + k] == doctest::Approx(column.data()[i]).epsilon(1e-8));
    }
}

TEST_CASE("Jacobians of a scalar, of the identity and of a constant")
{
    const auto x = variable<double>({2, 3});
    CHECK(jacobian([](const auto& v) { return sum(square(v)); }, x) == Array<double>{4, 6});
    CHECK(jacobian([](const auto& v) { return v; }, x) == Array<double>{{1, 0}, {0, 1}});
    CHECK(jacobian([](const auto&) { return constant<double>({1, 2, 3}); }, x) == Array<double>(Shape{3, 2}, 0.0));
}

TEST_CASE("the Jacobian by columns is that by rows")
{
    const auto x = random_variable({3}, 11);
    const auto wide = [](const Variable<double>& v) { return outer(sin(v), exp(v)) * sum(cube(v)); };
    const auto j = jacobian(wide, x); // 9 elements of 3
    CHECK(j.shape() == Shape{3, 3, 3});
    Tape tape;
    const auto y = wide(x);
    for (std::size_t i = 0; i < 9; ++i) {
        Array<double> unit(y.shape(), 0.0);
        unit.data()[i] = 1;
        const auto row = tape.vector_jacobian_product(y, constant(unit), x, {.keep_tape = true});
        for (std::size_t k = 0; k < 3; ++k)
            CHECK(j.data()[i * 3 + k] == doctest::Approx(row.data()[k]).epsilon(1e-13));
    }
    const auto floats = variable<float>({1, 2});
    const auto of_floats = jacobian([](const auto& v) { return concatenate({v, 3 * v, v * v}); }, floats);
    CHECK(of_floats == Array<float>{{1, 0}, {0, 1}, {3, 0}, {0, 3}, {2, 0}, {0, 4}});
    CHECK(jacobian([](const auto& v) { return broadcast_to(v, {0, 2}); }, floats).shape() == Shape{0, 2, 2});
    CHECK(jacobian([](const auto& v) { return sum(v); }, variable(Array<double>(Shape{0, 2}, 0.0))).shape() ==
          Shape{0, 2});
}

TEST_CASE("the Jacobian of an op whose rule is not made of ops")
{
    const auto doubled = [](const Variable<double>& v) {
        return record("doubled", 2.0 * v.value(), wrt(v, [](const auto& g) { return constant(2.0 * g.value()); }));
    };
    const auto x = variable<double>(3);
    const auto j = jacobian([&](const auto& v) { return broadcast_to(doubled(v), {5}) + broadcast_to(v, {5}); }, x);
    CHECK(j == Array<double>{3, 3, 3, 3, 3});
}

TEST_CASE("Jacobians with respect to several variables")
{
    const Variables<double> xs{random_variable({2, 3}, 12), random_variable({3}, 13), variable<double>(2)};
    const auto f = [](const Variables<double>& v) { return sum(v[0] * v[1], {1}) * v[2]; };
    const auto parts = jacobian(f, xs);
    REQUIRE(parts.size() == 3);
    for (std::size_t k = 0; k < 3; ++k) {
        const auto one = [&](const Variable<double>& v) {
            Variables<double> all = xs;
            all[k] = v;
            return f(all);
        };
        CHECK(parts[k] == jacobian(one, xs[k]));
    }
}

TEST_CASE("the Hessian is symmetric, and the difference of gradients")
{
    const auto x = random_variable({3, 2}, 14);
    const auto loss = [](const Variable<double>& v) { return sum(square(mixing(v))) + sum(cube(v)); };
    const auto h = hessian(loss, x);
    CHECK(h.shape() == Shape{3, 2, 3, 2});
    const auto gradient = [&](const Array<double>& point) {
        const auto v = variable(Array<double>(point));
        Tape tape;
        return tape.gradient(loss(v), v).value();
    };
    for (std::size_t k = 0; k < 6; ++k) {
        Array<double> unit(x.shape(), 0.0);
        unit.data()[k] = 1;
        const auto column = directional_difference(gradient, x.value(), unit, 1e-5);
        for (std::size_t i = 0; i < 6; ++i) {
            CHECK(h.data()[i * 6 + k] == doctest::Approx(column.data()[i]).epsilon(1e-7));
            CHECK(h.data()[i * 6 + k] == doctest::Approx(h.data()[k * 6 + i]).epsilon(1e-13));
        }
    }
    CHECK(hessian([](const auto& v) { return sum(v); }, x) == Array<double>(Shape{3, 2, 3, 2}, 0.0));
    CHECK(hessian([](const auto& v) { return cube(v); }, variable<double>(2)).shape() == Shape{});
    CHECK_THROWS_AS(hessian([](const auto& v) { return v; }, x), GraphError);
}

TEST_CASE("the Hessian of several parameters has their mixed derivatives")
{
    const auto a = variable<double>({1, 2}), b = variable<double>(3);
    const Parameters<double> parameters{{"a", a}, {"b", b}};
    const auto h = hessian([&] { return sum(square(a)) * b * b; }, parameters);
    CHECK(h == Array<double>{{18, 0, 12}, {0, 18, 24}, {12, 24, 10}});
}

TEST_CASE("a Jacobian-vector product is the directional derivative")
{
    const auto x = random_variable({3, 2}, 2), v = random_variable({3, 2}, 3);
    const auto product = jacobian_vector_product(mixing, x, v);
    const auto f = [](const Array<double>& point) { return mixing(constant(point)).value(); };
    CHECK(difference(product.value(), directional_difference(f, x.value(), v.value(), 1e-5)) < 1e-8);
}

TEST_CASE("a Jacobian-vector product agrees with the Jacobian and with the vector-Jacobian product")
{
    const auto x = random_variable({3, 2}, 4), v = random_variable({3, 2}, 5), u = random_variable({2, 2}, 6);
    const auto j = jacobian(mixing, x);
    const auto jv = jacobian_vector_product(mixing, x, v);
    for (std::size_t i = 0; i < 4; ++i) {
        double expected = 0;
        for (std::size_t k = 0; k < 6; ++k)
            expected += j.data()[i * 6 + k] * v.data()[k];
        CHECK(jv.data()[i] == doctest::Approx(expected).epsilon(1e-12));
    }
    Tape tape;
    const auto uj = tape.vector_jacobian_product(mixing(x), u, x);
    CHECK(sum(u * jv).item() == doctest::Approx(sum(uj * v).item()).epsilon(1e-12));
}

TEST_CASE("Jacobian-vector products of the identity, a sum and a constant")
{
    const auto x = variable<double>({2, 3}), v = variable<double>({5, 7});
    CHECK(jacobian_vector_product([](const auto& y) { return y; }, x, v).value() == v.value());
    CHECK(jacobian_vector_product([](const auto& y) { return sum(y); }, x, v).item() == 12);
    CHECK(jacobian_vector_product([](const auto&) { return constant<double>(1); }, x, v).item() == 0);
}

TEST_CASE("the Hessian-vector product of a quadratic form is its matrix times the vector")
{
    const auto a = constant<double>({{2, 1, 0}, {1, 3, -1}, {0, -1, 4}});
    const auto x = reshape(variable<double>({1, 2, 3}), {3, 1}), v = reshape(constant<double>({5, 6, 7}), {3, 1});
    const auto loss = [&](const auto& y) { return 0.5 * sum(y * matmul(a, y)); };
    CHECK(difference(hessian_vector_product(loss, x, v).value(), matmul(a, v).value()) < 1e-14);
}

TEST_CASE("the Hessian-vector product of Rosenbrock's function")
{
    const auto loss = [](const auto& y) {
        const auto a = slice(y, 0, 0, 1), b = slice(y, 0, 1, 2);
        return sum(square(1 - a) + 100.0 * square(b - square(a)));
    };
    const double a = -1.2, b = 1.0;
    const auto x = variable<double>({a, b}), v = constant<double>({0.3, -0.4});
    const auto hv = hessian_vector_product(loss, x, v);
    CHECK(hv.data()[0] == doctest::Approx((2 - 400 * (b - 3 * a * a)) * 0.3 - 400 * a * -0.4).epsilon(1e-12));
    CHECK(hv.data()[1] == doctest::Approx(-400 * a * 0.3 + 200 * -0.4).epsilon(1e-12));
}

TEST_CASE("the Hessian-vector product of a linear loss is zero")
{
    const auto x = variable<double>({1, 2}), v = constant<double>({3, 4});
    CHECK(hessian_vector_product([](const auto& y) { return sum(y); }, x, v).value() == Array<double>{0, 0});
}

TEST_CASE("Hessian-vector products of several parameters know their mixed derivatives")
{
    const auto a = variable<double>(2), b = variable<double>(3), idle = variable<double>(1);
    const Parameters<double> parameters{{"a", a}, {"b", b}, {"idle", idle}};
    const Variables<double> v{constant<double>(1), constant<double>(10), constant<double>(100)};
    const auto hv = hessian_vector_product([&] { return a * a * b * b; }, parameters, v);
    CHECK(hv[0].item() == 2 * 9 * 1 + 4 * 6 * 10);
    CHECK(hv[1].item() == 4 * 6 * 1 + 2 * 4 * 10);
    CHECK(hv[2].item() == 0);
}

TEST_CASE("the third derivative of a scalar function")
{
    const double x0 = 0.8;
    const auto x = variable<double>(x0);
    Tape tape;
    const auto y = log(x) * square(x);
    const auto first = tape.gradient(y, x, {.record = true});
    const auto second = tape.gradient(first, x, {.record = true});
    CHECK(first.item() == doctest::Approx(2 * x0 * std::log(x0) + x0).epsilon(1e-13));
    CHECK(second.item() == doctest::Approx(2 * std::log(x0) + 3).epsilon(1e-13));
    CHECK(tape.gradient(second, x).item() == doctest::Approx(2 / x0).epsilon(1e-13));
}

TEST_CASE("derivatives are independent of a tape around them")
{
    const auto x = variable<double>({1, 2}), v = constant<double>({1, 1});
    Tape tape;
    const auto y = x * x;
    const auto hv = hessian_vector_product([](const auto& z) { return sum(z * z * z); }, y, v);
    CHECK(hv.value() == Array<double>{6, 24});
    CHECK_FALSE(hv.requires_gradient());
    CHECK(tape.size() == 1);
}

TEST_CASE("a vector of another shape")
{
    const auto x = variable<double>({1, 2}), v = constant<double>({1, 2, 3});
    const auto f = [](const auto& y) { return sum(square(y)); };
    CHECK_THROWS_AS(jacobian_vector_product(f, x, v), ShapeError);
    CHECK_THROWS_AS(hessian_vector_product(f, x, v), ShapeError);
    CHECK_THROWS_AS(hessian_vector_product([](const auto& y) { return y; }, x, x), GraphError);
}

TEST_CASE("the Hessian-vector product of LeNet-5's loss is the difference of its gradients")
{
    // Smooth everywhere: with maxima and kinks the two sides of a difference may belong to different functions.
    const LeNet5<double> net(7, {.mean_pooling = true, .activation = Activation::tanh});
    const auto parameters = net.parameters();
    Random random(8);
    const auto images = constant(random.normal<double>({3, 1, 32, 32}, 0, 1));
    Labels labels(Shape{3}, 0);
    labels.data()[1] = 4;
    labels.data()[2] = 9;
    const auto loss = [&] { return softmax_cross_entropy(net(images), labels); };

    Variables<double> v;
    for (const auto& parameter : parameters)
        v.push_back(constant(random.normal<double>(parameter.shape(), 0, 1)));
    const auto product = hessian_vector_product(loss, parameters, v);

    const double step = 1e-5;
    const auto shift = [&](double amount) {
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            Variable<double> parameter = parameters[i];
            xt::noalias(parameter.mutable_value()) += amount * v[i].value();
        }
    };
    const auto gradients = [&] {
        Tape tape;
        return tape.gradient(loss(), parameters);
    };
    shift(step);
    const auto upper = gradients();
    shift(-2 * step);
    const auto lower = gradients();
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        CAPTURE(parameters.name(i));
        const Array<double> expected = (upper[i].value() - lower[i].value()) / (2 * step);
        CHECK(difference(product[i].value(), expected) < 1e-6);
    }
}
