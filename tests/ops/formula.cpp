#include "ops.hpp"
#include <xgrad/graph/observer.hpp>
#include <xgrad/inspect/check.hpp>
#include <xgrad/inspect/derivation/derivation.hpp>
#include <xgrad/inspect/graph.hpp>
#include <xgrad/ops/ops.hpp>

#include <string>
#include <vector>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

constexpr auto wavelet = [](auto x) { return x * exp(-x * x); };
constexpr auto gate = [](auto u, auto v, auto w) { return tanh(u * w + 0.5) * v / (2 + w * w) + softplus(-u); };

double gate_of_numbers(double u, double v, double w)
{
    return std::tanh(u * w + 0.5) * v / (2 + w * w) + std::log1p(std::exp(-u));
}

/** The names of the ops that run. */
struct Names final : Observer
{
    std::vector<std::string> names;
    void op(OpCall& call) override
    {
        names.push_back(call.name());
        call.run();
    }
};

} // namespace

TEST_CASE_TEMPLATE("a formula has the value of a plain loop, whatever the length", T, float, double)
{
    for (std::size_t n = 0; n <= 70; ++n) {
        const Array<T> u = numbers<T>({n}, -2, 2, 1), v = numbers<T>({n}, -2, 2, 2), w = numbers<T>({n}, -2, 2, 3);
        const Array<T> expected =
            generate<T>({n}, [&](const Index& i) { return T(gate_of_numbers(at(u, i), at(v, i), at(w, i))); });
        check_close(
            elementwise("gate", gate, constant(Array<T>(u)), constant(Array<T>(v)), constant(Array<T>(w))).value(),
            expected);
    }
}

TEST_CASE_TEMPLATE("a formula broadcasts as the ops that it stands for", T, float, double)
{
    const std::vector<std::array<Shape, 3>> all = {{{{}, {}, {}}},
                                                   {{{1}, {}, {5}}},
                                                   {{{2, 3}, {3}, {2, 1}}},
                                                   {{{3}, {2, 3}, {1, 1, 1}}},
                                                   {{{2, 1, 4}, {5, 1}, {}}},
                                                   {{{17, 1}, {1, 33}, {33}}},
                                                   {{{0}, {1}, {}}},
                                                   {{{2, 0}, {2, 1}, {1}}},
                                                   {{{40, 37}, {37}, {40, 1}}}};
    for (const auto& [a, b, c] : all) {
        const std::vector<Array<T>> points = {numbers<T>(a, -2, 2, 1), numbers<T>(b, -2, 2, 2),
                                              numbers<T>(c, -2, 2, 3)};
        const auto fused = [](const auto& x) { return elementwise("gate", gate, x[0], x[1], x[2]); };
        const auto apart = [](const auto& x) { return gate(x[0], x[1], x[2]); };
        Variables<T> xs;
        for (const Array<T>& point : points)
            xs.push_back(constant(Array<T>(point)));
        const Array<T> y = apart(xs).value(), g = numbers<T>(y.shape(), -2, 2, 4);
        check_close(fused(xs).value(), y);
        const auto expected = gradients_of<T>(apart, points, g), found = gradients_of<T>(fused, points, g);
        for (std::size_t i = 0; i < 3; ++i)
            check_close(found[i], expected[i], 20 * few_roundings<T>);
    }
}

TEST_CASE("the gradients of a formula, to the third order")
{
    const std::vector<Array<double>> xs = {numbers<double>({2, 3}, -2, 2, 1), numbers<double>({3}, -2, 2, 2),
                                           numbers<double>({2, 1}, -2, 2, 3)};
    const auto f = [](const Variables<double>& x) { return elementwise("gate", gate, x[0], x[1], x[2]); };
    const GradientReport report = check_gradient("gate", f, xs, {.order = 3});
    CHECK_MESSAGE(report.passed(), report);
}

TEST_CASE_TEMPLATE("each subset of the inputs gets its gradients", T, float, double)
{
    const auto f = [](auto a, auto b, auto c, auto d) { return a * b + sin(c) * d; };
    const std::vector<Array<T>> points = {numbers<T>({5}, -2, 2, 1), numbers<T>({5}, -2, 2, 2),
                                          numbers<T>({5}, -2, 2, 3), numbers<T>({5}, -2, 2, 4)};
    for (unsigned needed = 1; needed < 16; ++needed) {
        CAPTURE(needed);
        Variables<T> xs, leaves;
        for (std::size_t i = 0; i < 4; ++i) {
            const bool is_leaf = (needed & (1u << i)) != 0;
            xs.push_back(is_leaf ? variable(Array<T>(points[i])) : constant(Array<T>(points[i])));
            if (is_leaf)
                leaves.push_back(xs.back());
        }
        Tape fused;
        const auto found = fused.gradient(sum(elementwise("f", f, xs[0], xs[1], xs[2], xs[3])), leaves);
        Tape apart;
        const auto expected = apart.gradient(sum(f(xs[0], xs[1], xs[2], xs[3])), leaves);
        for (std::size_t i = 0; i < leaves.size(); ++i)
            check_close(found[i].value(), expected[i].value());
    }
}

TEST_CASE_TEMPLATE("kinks in a formula are those of the ops", T, float, double)
{
    const auto f = [](auto x) {
        return abs(x) + 3 * relu(x) + 5 * leaky_relu(x, 0.25) + 7 * clip(x, -1, 1) + 11 * maximum(x, 0) +
               13 * minimum(x, 0.5) + 17 * where(x > 0, x, 2 * x) + 19 * sign(x) * x + 23 * step(x) +
               29 * inside(x, -1, 1) + 31 * where(x <= -1, -x, 1) + 37 * maximum(0.5, x);
    };
    const std::vector<Array<T>> points = {list<T>({-2, -1, -0.0, 0, 0.5, 1, 2})};
    const Array<T> g({7}, T(1));
    const auto fused = [&](const auto& x) { return elementwise("f", f, x[0]); };
    const auto apart = [&](const auto& x) { return f(x[0]); };
    check_equal(gradients_of<T>(fused, points, g)[0], gradients_of<T>(apart, points, g)[0]);
    check_equal(elementwise("f", f, constant(Array<T>(points[0]))).value(), f(constant(Array<T>(points[0]))).value());
}

TEST_CASE_TEMPLATE("an infinite branch that is not taken leaves no trace in a gradient", T, float, double)
{
    const auto f = [](auto x) { return where(x > 0, sqrt(x), 0); };
    check_equal(slopes<T>([&](const auto& x) { return elementwise("f", f, x); }, {-1, 0, 4}), list<T>({0, 0, 0.25}));
    const auto choose = [](const auto& x) { return where(x > 0, x, T(infinity)) + where(x > 0, T(not_a_number), x); };
    check_equal(slopes<T>(choose, {-1, 4}), list<T>({1, 1}));
}

TEST_CASE("every function of one element can stand in a formula")
{
    const auto points = numbers<double>({9}, 0.2, 0.9);
    const auto check = [&](const char* name, const auto& f) {
        CAPTURE(name);
        const auto fused = [&](const auto& x) { return elementwise("f", f, x[0]); };
        const auto apart = [&](const auto& x) { return f(x[0]); };
        const Array<double> g = numbers<double>({9}, -2, 2, 2);
        check_close(gradients_of<double>(fused, {points}, g)[0], gradients_of<double>(apart, {points}, g)[0]);
        check_close(elementwise("f", f, constant(points)).value(), f(constant(points)).value());
    };
#define XGRAD_ROW(name, ...) check(#name, [](auto x) { return name(x); });
    XGRAD_FUNCTIONS(XGRAD_ROW)
#undef XGRAD_ROW
#define XGRAD_ROW(name, ...) check(#name, [](auto x) { return name(x, 0.5) + name(0.4, x) + name(x, x * x); });
    XGRAD_FUNCTIONS_OF_TWO(XGRAD_ROW)
#undef XGRAD_ROW
    check("pow", [](auto x) { return pow(x, 3) + pow(x, -0.5) + pow(x, x); });
    check("numbers on either side", [](auto x) { return (1 - x) * 2 / (3 + x) - 0.5f + 1 / x; });
}

TEST_CASE("a formula is one op on the tape, and its parts where they are wanted")
{
    const auto x = leaf<double>({4});
    Tape tape;
    const auto y = elementwise("wavelet", wavelet, x);
    CHECK(tape.size() == 1);
    Names names;
    {
        const Observing while_in_scope(names);
        tape.gradient(sum(y), x);
        elementwise("wavelet", wavelet, x);
    }
    std::string all;
    for (const std::string& name : names.names)
        all += name + " ";
    CHECK(all == "sum reshape broadcast_to wavelet ");

    const auto loss = [&] { return sum(elementwise("wavelet", wavelet, x)); };
    const std::string derivation = to_text(graph_of_gradient<double>(loss, {{"x", x}}));
    CHECK_MESSAGE(derivation.find("exp(") != std::string::npos, derivation);
    CHECK_MESSAGE(derivation.find("wavelet") == std::string::npos, derivation);
}

TEST_CASE("a formula may capture numbers and ignore an input")
{
    const double a = 3;
    const auto x = leaf<float>({5}), b = leaf<float>({5});
    Tape tape;
    const auto y = elementwise(
        "scaled", [a](auto u, auto) { return a * u; }, x, b);
    const auto gradients = tape.gradient(sum(y), {x, b});
    check_equal(gradients[0].value(), Array<float>({5}, 3.0f));
    check_equal(gradients[1].value(), Array<float>({5}, 0.0f));
}

TEST_CASE("shapes that cannot be broadcast are an error that names the op")
{
    const auto add = [](auto u, auto v) { return u + v; };
    check_shape_error([&] { elementwise("biased", add, leaf<float>({3}), leaf<float>({4})); },
                      {"[biased]", "(3)", "(4)"});
}

TEST_CASE_TEMPLATE("a formula of nine inputs has the gradients of the ops that it stands for", T, float, double)
{
    constexpr auto cell = [](auto c, auto x, auto h, auto wf, auto bf, auto wi, auto bi, auto wg, auto bg) {
        return c * sigmoid(x * wf + bf) + sigmoid(h * wi + bi) * tanh(h * wg + bg);
    };
    const auto call = [&](const auto& f, const Variables<T>& x) {
        return f(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8]);
    };
    const auto fused = [&](const auto& x) {
        return call([&](const auto&... inputs) { return elementwise("cell", cell, inputs...); }, x);
    };
    const auto apart = [&](const auto& x) { return call(cell, x); };
    std::vector<Array<T>> points;
    for (unsigned k = 0; k < 9; ++k)
        points.push_back(numbers<T>(k < 3 ? Shape{4, 7} : Shape{7}, -1, 1, k + 1)); // weights are broadcast
    const Array<T> g = numbers<T>({4, 7}, -1, 1, 10);
    const auto expected = gradients_of<T>(apart, points, g), found = gradients_of<T>(fused, points, g);
    for (std::size_t k = 0; k < points.size(); ++k)
        check_close(found[k], expected[k], 20 * few_roundings<T>);
}
