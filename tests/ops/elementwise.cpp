#include "functions.hpp"
#include "ops.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

/** The op of a row. */
template <class T>
Variable<T> apply(const FunctionRow& row, Variable<T> x)
{
    using kernels::Unary;
    switch (row.function) {
#define XGRAD_ROW(name, ...)                                                                                           \
    case Unary::name:                                                                                                  \
        return name(std::move(x));
        XGRAD_FUNCTIONS(XGRAD_ROW)
        XGRAD_STEPS(XGRAD_ROW)
#undef XGRAD_ROW
    case Unary::leaky_relu:
        return leaky_relu(std::move(x), row.a);
    case Unary::elu:
        return elu(std::move(x), row.a);
    case Unary::scaled_tanh:
        return scaled_tanh(std::move(x), row.a, row.b);
    case Unary::clip:
        return clip(std::move(x), row.a, row.b);
    case Unary::pow:
        return pow(std::move(x), row.a);
    case Unary::polygamma:
        return polygamma(std::move(x), row.a);
    case Unary::step:
        return step(std::move(x), row.a);
    case Unary::inside:
        return inside(std::move(x), row.a, row.b);
    }
    return {};
}

} // namespace

TEST_CASE_TEMPLATE("elementwise functions have the values of the C library", T, float, double)
{
    for (const FunctionRow& op : function_rows())
        for (const Shape& shape :
             {Shape{}, Shape{1}, Shape{6}, Shape{3, 5}, Shape{2, 1, 4}, Shape{67}, Shape{0}, Shape{2, 0}}) {
            CAPTURE(op.name);
            const Array<T> a = numbers<T>(shape, op.low, op.high);
            const Array<T> expected = generate<T>(shape, [&](const Index& i) { return T(op.value(at(a, i))); });
            check_close(apply<T>(op, constant(Array<T>(a))).value(), expected);
            const auto shared = constant(Array<T>(a));
            check_close(apply<T>(op, shared).value(), expected);
            check_equal(shared.value(), a);
        }
}

TEST_CASE_TEMPLATE("elementwise functions have the gradients of the calculus book", T, float, double)
{
    for (const FunctionRow& op : function_rows()) {
        CAPTURE(op.name);
        const Array<T> a = numbers<T>({41}, op.low, op.high, 2), g = numbers<T>({41}, -2, 2, 3);
        const Array<T> expected = generate<T>({41}, [&](const Index& i) { return at(g, i) * T(op.slope(at(a, i))); });
        check_close(gradients_of<T>([&](const auto& x) { return apply<T>(op, x[0]); }, {a}, g)[0], expected);
        // Of a temporary, whose storage the function may take.
        const auto of_temporary = [&](const auto& x) { return apply<T>(op, x[0] + 0); };
        check_close(gradients_of<T>(of_temporary, {a}, g)[0], expected);
    }
}

TEST_CASE_TEMPLATE("relu is 0 and has gradient 0 at 0", T, float, double)
{
    check_equal(relu(constant(list<T>({-0.5, 0, -0.0, 0.5}))).value(), list<T>({0, 0, 0, 0.5}));
    check_equal(slopes<T>(relu<T>, {-1e-30, 0, -0.0, 1e-30}), list<T>({0, 0, 0, 1}));
}

TEST_CASE_TEMPLATE("leaky_relu has the gradient of its lower side at 0", T, float, double)
{
    check_equal(slopes<T>([](const auto& x) { return leaky_relu(x, T(0.25)); }, {-1e-30, 0, 1e-30}),
                list<T>({0.25, 0.25, 1}));
}

TEST_CASE_TEMPLATE("abs has gradient 0 at 0", T, float, double)
{
    check_equal(slopes<T>([](const auto& x) { return abs(x); }, {-1e-30, 0, -0.0, 1e-30}), list<T>({-1, 0, 0, 1}));
}

TEST_CASE_TEMPLATE("clip passes the gradient at its bounds", T, float, double)
{
    const T below = std::nextafter(T(-1), T(-2)), above = std::nextafter(T(0.5), T(1));
    const auto f = [](const auto& x) { return clip(x, -1, T(0.5)); };
    check_equal(slopes<T>(f, {static_cast<double>(below), -1, 0, 0.5, static_cast<double>(above)}),
                list<T>({0, 1, 1, 1, 0}));
    check_equal(clip(constant(list<T>({-1, 0.5, 7, -7})), -1, T(0.5)).value(), list<T>({-1, 0.5, 0.5, -1}));
}

TEST_CASE_TEMPLATE("clip of equal bounds is that bound", T, float, double)
{
    const auto f = [](const auto& x) { return clip(x, 2, 2); };
    check_equal(f(constant(list<T>({1, 2, 3}))).value(), list<T>({2, 2, 2}));
    check_equal(slopes<T>(f, {1, 2, 3}), list<T>({0, 1, 0}));
}

TEST_CASE_TEMPLATE("sign, step and inside at their jumps; they are constants", T, float, double)
{
    const auto x = variable(list<T>({-1, -0.0, 0, 1, 2}));
    Tape tape;
    check_equal(sign(x).value(), list<T>({-1, 0, 0, 1, 1}));
    check_equal(step(x).value(), list<T>({0, 0, 0, 1, 1}));
    check_equal(step(x, 1).value(), list<T>({0, 0, 0, 0, 1}));
    check_equal(inside(x, 0, 1).value(), list<T>({0, 1, 1, 1, 0}));
    CHECK_FALSE(sign(x).requires_gradient());
    CHECK_FALSE(step(x).requires_gradient());
    CHECK_FALSE(inside(x, 0, 1).requires_gradient());
    CHECK(tape.size() == 0);
}

TEST_CASE_TEMPLATE("the gradient of sqrt at 0 is infinite", T, float, double)
{
    check_equal(slopes<T>(sqrt<T>, {0, 4}), list<T>({infinity, 0.25}));
}

TEST_CASE_TEMPLATE("elementwise functions at the ends of the number line", T, float, double)
{
    const auto ends = constant(list<T>({-infinity, -0.0, 0, infinity, not_a_number}));
    const auto check = [&](Variable<T> (*f)(Variable<T>), std::initializer_list<double> expected) {
        check_close(f(ends).value(), list<T>(expected));
    };
    const double nan = not_a_number, inf = infinity;
    check(exp<T>, {0, 1, 1, inf, nan});
    check(log<T>, {nan, -inf, -inf, inf, nan});
    check(log1p<T>, {nan, 0, 0, inf, nan});
    check(sqrt<T>, {nan, 0, 0, inf, nan});
    check(abs<T>, {inf, 0, 0, inf, nan});
    check(sign<T>, {-1, 0, 0, 1, nan});
    check(square<T>, {inf, 0, 0, inf, nan});
    check(sin<T>, {nan, 0, 0, nan, nan});
    check(cos<T>, {nan, 1, 1, nan, nan});
    check(exp2<T>, {0, 1, 1, inf, nan});
    check(expm1<T>, {-1, 0, 0, inf, nan});
    check(log2<T>, {nan, -inf, -inf, inf, nan});
    check(log10<T>, {nan, -inf, -inf, inf, nan});
    check(cbrt<T>, {-inf, 0, 0, inf, nan});
    check(cube<T>, {-inf, 0, 0, inf, nan});
    check(tan<T>, {nan, 0, 0, nan, nan});
    check(asin<T>, {nan, 0, 0, nan, nan});
    check(acos<T>, {nan, std::acos(0.0), std::acos(0.0), nan, nan});
    check(atan<T>, {-std::acos(0.0), 0, 0, std::acos(0.0), nan});
    check(sinh<T>, {-inf, 0, 0, inf, nan});
    check(cosh<T>, {inf, 1, 1, inf, nan});
    check(asinh<T>, {-inf, 0, 0, inf, nan});
    check(acosh<T>, {nan, nan, nan, inf, nan});
    check(atanh<T>, {nan, 0, 0, nan, nan});
    check(erf<T>, {-1, 0, 0, 1, nan});
    check(erfc<T>, {2, 1, 1, 0, nan});
    check(floor<T>, {-inf, 0, 0, inf, nan});
    check(isnan<T>, {0, 0, 0, 0, 1});
    check(isinf<T>, {1, 0, 0, 1, 0});
    check(isfinite<T>, {0, 1, 1, 0, 0});
    check(sigmoid<T>, {0, 0.5, 0.5, 1, nan});
    check(tanh<T>, {-1, 0, 0, 1, nan});
    check(relu<T>, {0, 0, 0, inf, nan});
    check(softplus<T>, {0, std::log(2.0), std::log(2.0), inf, nan});
    check([](Variable<T> x) { return leaky_relu(x); }, {-inf, 0, 0, inf, nan});
    check([](Variable<T> x) { return scaled_tanh(x, 2, 3); }, {-2, 0, 0, 2, nan});
    check([](Variable<T> x) { return clip(x, -1, 2); }, {-1, 0, 0, 2, nan});
}

TEST_CASE_TEMPLATE("NaN stays wherever it stands", T, float, double)
{
    for (const FunctionRow& op : function_rows()) {
        using kernels::Unary;
        const auto tells = {Unary::inside, Unary::step, Unary::isnan, Unary::isinf, Unary::isfinite};
        if (std::find(tells.begin(), tells.end(), op.function) != tells.end() || op.name == "pow 0")
            continue; // a comparison with NaN is false, and NaN⁰ is 1
        for (std::size_t place = 0; place < 21; ++place) {
            Array<T> a({21}, T(1));
            a.data()[place] = T(not_a_number);
            const Array<T> y = apply<T>(op, constant(std::move(a))).value();
            for (std::size_t i = 0; i < y.size(); ++i)
                CHECK_MESSAGE(std::isnan(y.data()[i]) == (i == place), op.name, " at ", i);
        }
    }
}

TEST_CASE_TEMPLATE("sigmoid, softplus and their gradients do not overflow", T, float, double)
{
    check_close(sigmoid(constant(list<T>({-1000, 1000}))).value(), list<T>({0, 1}));
    check_close(softplus(constant(list<T>({-1000, 1000}))).value(), list<T>({0, 1000}));
    check_close(slopes<T>(sigmoid<T>, {-1000, 1000}), list<T>({0, 0}));
    check_close(slopes<T>(softplus<T>, {-1000, 1000}), list<T>({0, 1}));
    check_close(slopes<T>(tanh<T>, {-1000, 1000}), list<T>({0, 0}));
}

TEST_CASE_TEMPLATE("softplus and sigmoid keep their relative accuracy far below 0", T, float, double)
{
    for (const double x : {-5.0, -20.0, -50.0}) {
        const auto v = constant(list<T>({x}));
        CHECK(softplus(v).value().data()[0] == doctest::Approx(std::log1p(std::exp(x))).epsilon(few_roundings<T> * 2));
        CHECK(sigmoid(v).value().data()[0] == doctest::Approx(logistic(x)).epsilon(few_roundings<T> * 2));
    }
}

TEST_CASE_TEMPLATE("log1p is accurate near 0", T, float, double)
{
    const T tiny = sizeof(T) == 4 ? T(1e-10) : T(1e-20);
    CHECK(log1p(constant<T>(tiny)).item() == tiny);
}

TEST_CASE_TEMPLATE("clip refuses bounds in the wrong order and NaN, scaled_tanh refuses a = 0", T, float, double)
{
    const auto x = leaf<T>({3});
    check_shape_error([&] { clip(x, 1, -1); }, {"[clip]", "1", "-1"});
    check_shape_error([&] { clip(x, T(not_a_number), 1); }, {"[clip]", "nan"});
    check_shape_error([&] { scaled_tanh(x, 0, 1); }, {"[scaled_tanh]", "0"});
}
