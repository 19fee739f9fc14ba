#include "ops.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/comparison.hpp>
#include <xgrad/ops/reduction.hpp>
#include <xgrad/ops/shape.hpp>
#include <xgrad/ops/two_arguments.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

struct Broadcast
{
    Shape a, b, y;
};

const std::vector<Broadcast>& broadcasts()
{
    static const std::vector<Broadcast> all = {
        {{7}, {7}, {7}},
        {{40}, {40}, {40}},
        {{2, 3}, {2, 3}, {2, 3}},
        {{2, 3}, {3}, {2, 3}},
        {{3}, {2, 3}, {2, 3}},
        {{2, 3}, {1}, {2, 3}},
        {{2, 3}, {}, {2, 3}},
        {{}, {2, 3}, {2, 3}},
        {{}, {}, {}},
        {{2, 1}, {2, 3}, {2, 3}},
        {{2, 3}, {1, 3}, {2, 3}},
        {{2, 1}, {1, 3}, {2, 3}},
        {{1, 3}, {2, 1}, {2, 3}},
        {{4, 1, 2}, {3, 1}, {4, 3, 2}},
        {{2, 3, 4}, {3, 1}, {2, 3, 4}},
        {{2, 1, 4}, {2, 3, 1}, {2, 3, 4}},
        {{1, 3, 1}, {2, 1, 4}, {2, 3, 4}},
        {{2, 5, 3, 3}, {1, 5, 1, 1}, {2, 5, 3, 3}},
        {{2, 1, 3, 1}, {5, 1, 2}, {2, 5, 3, 2}},
        {{1, 1}, {1}, {1, 1}},
        {{3, 19}, {19}, {3, 19}},
        {{3, 1}, {3, 19}, {3, 19}},
        {{0}, {0}, {0}},
        {{0, 3}, {3}, {0, 3}},
        {{1}, {0}, {0}},
        {{2, 1, 0}, {3, 1}, {2, 3, 0}},
    };
    return all;
}

template <class T>
struct Named
{
    const char* name;
    Variable<T> (*f)(Variable<T>, Variable<T>);
    double (*value)(double, double);
    bool positive = false;
};

template <class T>
std::vector<Named<T>> binary_ops()
{
    return {
        {"add", add<T>, [](double a, double b) { return a + b; }},
        {"subtract", subtract<T>, [](double a, double b) { return a - b; }},
        {"multiply", multiply<T>, [](double a, double b) { return a * b; }},
        {"divide", divide<T>, [](double a, double b) { return a / b; }, true},
        {"pow", pow<T>, [](double a, double b) { return std::pow(a, b); }, true},
        {"maximum", maximum<T>, [](double a, double b) { return a > b ? a : b; }},
        {"minimum", minimum<T>, [](double a, double b) { return a < b ? a : b; }},
        {"greater", greater<T>, [](double a, double b) { return a > b ? 1.0 : 0.0; }},
        {"greater_equal", greater_equal<T>, [](double a, double b) { return a >= b ? 1.0 : 0.0; }},
        {"less", [](Variable<T> a, Variable<T> b) { return less(a, b); },
         [](double a, double b) { return a < b ? 1.0 : 0.0; }},
        {"less_equal", [](Variable<T> a, Variable<T> b) { return less_equal(a, b); },
         [](double a, double b) { return a <= b ? 1.0 : 0.0; }},
        {"hypot", hypot<T>, [](double a, double b) { return std::hypot(a, b); }},
        {"atan2", atan2<T>, [](double a, double b) { return std::atan2(a, b); }},
        {"fmod", fmod<T>, [](double a, double b) { return std::fmod(a, b); }, true},
        {"remainder", remainder<T>, [](double a, double b) { return std::remainder(a, b); }, true},
        {"fdim", fdim<T>, [](double a, double b) { return std::fdim(a, b); }},
        {"fmax", fmax<T>, [](double a, double b) { return std::fmax(a, b); }},
        {"fmin", fmin<T>, [](double a, double b) { return std::fmin(a, b); }},
    };
}

} // namespace

TEST_CASE_TEMPLATE("arithmetic has the values of a plain loop under every broadcast", T, float, double)
{
    for (const Named<T>& op : binary_ops<T>())
        for (const Broadcast& shapes : broadcasts()) {
            CAPTURE(op.name);
            CAPTURE(to_string(shapes.a) + " and " + to_string(shapes.b));
            const Array<T> a = numbers<T>(shapes.a, op.positive ? 0.5 : -2, 2, 1),
                           b = numbers<T>(shapes.b, op.positive ? 0.5 : -2, 2, 2);
            const Array<T> expected =
                generate<T>(shapes.y, [&](const Index& i) { return op.value(at(a, i), at(b, i)); });
            check_close(op.f(constant(Array<T>(a)), constant(Array<T>(b))).value(), expected);
            // Held by another variable, the operands must not be written over.
            const auto x = constant(Array<T>(a)), y = constant(Array<T>(b));
            check_close(op.f(x, y).value(), expected);
            check_equal(x.value(), a);
            check_equal(y.value(), b);
        }
}

TEST_CASE_TEMPLATE("the gradient of a broadcast operand is the sum over what was repeated", T, float, double)
{
    for (const Broadcast& shapes : broadcasts()) {
        CAPTURE(to_string(shapes.a) + " and " + to_string(shapes.b));
        const Array<T> a = numbers<T>(shapes.a, -2, 2, 1), b = numbers<T>(shapes.b, -2, 2, 2),
                       g = numbers<T>(shapes.y, -2, 2, 3);
        Array<T> plain_a(shapes.a, T(0)), plain_b(shapes.b, T(0)), times_a(shapes.a, T(0)), times_b(shapes.b, T(0));
        for_each_index(shapes.y, [&](const Index& i) {
            at(plain_a, i) += at(g, i);
            at(plain_b, i) += at(g, i);
            at(times_a, i) += at(g, i) * at(b, i);
            at(times_b, i) += at(g, i) * at(a, i);
        });
        const auto sums = gradients_of<T>([](const auto& x) { return x[0] + x[1]; }, {a, b}, g);
        check_close(sums[0], plain_a);
        check_close(sums[1], plain_b);
        const auto products = gradients_of<T>([](const auto& x) { return x[0] * x[1]; }, {a, b}, g);
        check_close(products[0], times_a);
        check_close(products[1], times_b);
    }
}

TEST_CASE_TEMPLATE("arithmetic with numbers", T, float, double)
{
    for (const Shape& shape : {Shape{}, Shape{5}, Shape{3, 7}, Shape{0, 2}}) {
        const Array<T> a = numbers<T>(shape, 0.5, 2);
        const auto x = constant(Array<T>(a));
        const auto expect = [&](const Variable<T>& y, double (*value)(double)) {
            check_close(y.value(), generate<T>(shape, [&](const Index& i) { return value(at(a, i)); }));
        };
        expect(x + 3, [](double v) { return v + 3; });
        expect(3 + x, [](double v) { return 3 + v; });
        expect(x - 3, [](double v) { return v - 3; });
        expect(3 - x, [](double v) { return 3 - v; });
        expect(x * 3, [](double v) { return v * 3; });
        expect(3 * x, [](double v) { return 3 * v; });
        expect(x / 4, [](double v) { return v / 4; });
        expect(4 / x, [](double v) { return 4 / v; });
        expect(4 / (x + 0), [](double v) { return 4 / v; });
        expect(-x, [](double v) { return -v; });
        expect(pow(x, 3), [](double v) { return v * v * v; });
        expect(pow(x, -1), [](double v) { return 1 / v; });
        expect(pow(x, 0), [](double) { return 1.0; });
        expect(pow(x, T(0.5)), [](double v) { return std::sqrt(v); });
        expect(x + x, [](double v) { return 2 * v; });
        check_equal(x.value(), a);
    }
}

TEST_CASE_TEMPLATE("maximum and minimum send the gradient of a tie to the first operand", T, float, double)
{
    const Array<T> a = list<T>({1, 2, 3}), b = list<T>({3, 2, 1}), g = list<T>({5, 7, 11});
    const auto largest = gradients_of<T>([](const auto& x) { return maximum(x[0], x[1]); }, {a, b}, g);
    check_equal(largest[0], list<T>({0, 7, 11}));
    check_equal(largest[1], list<T>({5, 0, 0}));
    const auto smallest = gradients_of<T>([](const auto& x) { return minimum(x[0], x[1]); }, {a, b}, g);
    check_equal(smallest[0], list<T>({5, 7, 0}));
    check_equal(smallest[1], list<T>({0, 0, 11}));
}

TEST_CASE_TEMPLATE("maximum and minimum send the gradient of broadcast ties to the first operand", T, float, double)
{
    const auto g = gradients_of<T>([](const auto& x) { return maximum(x[0], x[1]); },
                                   {list<T>({1, 2, 3}), list<T>({2})}, list<T>({5, 7, 11}));
    check_equal(g[0], list<T>({0, 7, 11}));
    check_equal(g[1], list<T>({5}));
}

TEST_CASE_TEMPLATE("maximum and minimum are NaN if either operand is", T, float, double)
{
    const auto a = constant(list<T>({not_a_number, 1, not_a_number, 1})),
               b = constant(list<T>({1, not_a_number, not_a_number, 2}));
    check_equal(maximum(a, b).value(), list<T>({not_a_number, not_a_number, not_a_number, 2}));
    check_equal(minimum(a, b).value(), list<T>({not_a_number, not_a_number, not_a_number, 1}));
}

TEST_CASE_TEMPLATE("maximum and minimum of infinities", T, float, double)
{
    const auto a = constant(list<T>({infinity, -infinity})), b = constant(list<T>({1, 1}));
    check_equal(maximum(a, b).value(), list<T>({infinity, 1}));
    check_equal(minimum(a, b).value(), list<T>({1, -infinity}));
}

TEST_CASE_TEMPLATE("comparisons are 0 or 1, false with NaN, and constants", T, float, double)
{
    const auto a = variable(list<T>({1, 2, 3, not_a_number, 1})), b = variable(list<T>({2, 2, 2, 1, not_a_number}));
    Tape tape;
    check_equal(greater(a, b).value(), list<T>({0, 0, 1, 0, 0}));
    check_equal(greater_equal(a, b).value(), list<T>({0, 1, 1, 0, 0}));
    CHECK_FALSE(greater(a, b).requires_gradient());
    CHECK_FALSE(greater_equal(a, b).requires_gradient());
    CHECK(tape.size() == 0);
}

TEST_CASE_TEMPLATE("NaN and infinity go through arithmetic as IEEE 754 says", T, float, double)
{
    const auto a = constant(list<T>({infinity, infinity, -infinity, not_a_number, 1, 0, -1}));
    const auto b = constant(list<T>({infinity, 1, 1, 1, 0, 0, 0}));
    check_equal(add(a, b).value(), list<T>({infinity, infinity, -infinity, not_a_number, 1, 0, -1}));
    check_equal(subtract(a, b).value(), list<T>({not_a_number, infinity, -infinity, not_a_number, 1, 0, -1}));
    check_equal(multiply(a, b).value(), list<T>({infinity, infinity, -infinity, not_a_number, 0, 0, 0}));
    check_equal(divide(a, b).value(),
                list<T>({not_a_number, infinity, -infinity, not_a_number, infinity, not_a_number, -infinity}));
    check_equal(negative(a).value(), list<T>({-infinity, -infinity, infinity, not_a_number, -1, 0, 1}));
}

TEST_CASE_TEMPLATE("pow at its edges has the values of the C library", T, float, double)
{
    const auto a = constant(list<T>({0, 0, -2, -2, -2, 1, not_a_number, 4}));
    const auto b = constant(list<T>({0, 2, 2, 3, 0.5, not_a_number, 0, -0.5}));
    check_close(pow(a, b).value(), list<T>({1, 0, 4, -8, not_a_number, 1, 1, 0.5}));
}

TEST_CASE_TEMPLATE("the gradient of pow at base 0", T, float, double)
{
    const auto g = gradients_of<T>([](const auto& x) { return pow(x[0], x[1]); },
                                   {list<T>({0, 0, 0}), list<T>({1, 2, 3})}, list<T>({5, 7, 11}));
    check_equal(g[0], list<T>({5, 0, 0}));
    check_equal(g[1], list<T>({0, 0, 0}));
    check_equal(slopes<T>([](const auto& x) { return pow(x, 1); }, {0, 2}), list<T>({1, 1}));
    check_equal(slopes<T>([](const auto& x) { return pow(x, 2); }, {0, 2}), list<T>({0, 4}));
    check_equal(slopes<T>([](const auto& x) { return pow(x, 0); }, {0, 2}), list<T>({0, 0}));
}

TEST_CASE_TEMPLATE("shapes that cannot be broadcast are refused by name, and nothing is recorded", T, float, double)
{
    const Broadcast wrong[] = {
        {{2, 3}, {2}, {}}, {{3}, {4}, {}}, {{2, 3}, {3, 2}, {}}, {{4, 1, 2}, {3, 3}, {}}, {{0}, {2}, {}}};
    for (const Named<T>& op : binary_ops<T>())
        for (const Broadcast& shapes : wrong) {
            const auto a = leaf<T>(shapes.a), b = leaf<T>(shapes.b);
            check_shape_error([&] { op.f(a, b); },
                              {std::string("[") + op.name + "]", to_string(shapes.a), to_string(shapes.b)});
        }
}

TEST_CASE_TEMPLATE("storage is reused only if no rule and nobody else reads it", T, float, double)
{
    const Array<T> a = numbers<T>({2, 3}, 0.5, 2, 1), b = numbers<T>({2, 3}, 0.5, 2, 2);
    const auto x = variable(Array<T>(a)), y = variable(Array<T>(b));
    Tape tape;
    const auto u = x * 2, v = y * 2;
    const auto before_u = Array<T>(u.value()), before_v = Array<T>(v.value());
    const auto z = pow(u, v) / (u * v) + maximum(u, v) - minimum(v, u);
    check_equal(u.value(), before_u);
    check_equal(v.value(), before_v);
    CHECK(z.shape() == u.shape());
}

TEST_CASE("x += y makes x the sum, and leaves what x was")
{
    const auto w = variable<double>({1, 2});
    Tape tape;
    auto x = w;
    x += 3;
    x *= w;
    x -= constant<double>(1);
    x /= 2;
    CHECK(w.is_leaf());
    CHECK(w.value() == Array<double>{1, 2});
    CHECK(x.value() == Array<double>{1.5, 4.5}); // ((w + 3)·w − 1)/2
    CHECK(tape.gradient(sum(x), w).value() == Array<double>{2.5, 3.5});
    auto twice = w;
    twice += twice;
    CHECK(twice.value() == Array<double>{2, 4});
    twice *= twice;
    CHECK(twice.value() == Array<double>{4, 16});
}
