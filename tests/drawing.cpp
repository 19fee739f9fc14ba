#include <xgrad/graph/drawing.hpp>
#include <xgrad/graph/error.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>

using namespace xgrad;

namespace
{

std::size_t count(const std::string& text, const std::string& part)
{
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
        ++found;
    return found;
}

bool contains(const std::string& text, const std::string& part) { return count(text, part) > 0; }

} // namespace

TEST_CASE("to_dot draws ops as boxes, leaves as ellipses and arrows in the direction of the computation")
{
    const auto x = variable<double>({{1, 2}, {3, 4}});
    Tape tape;
    const auto loss = sum(tanh(x) * x);
    CHECK(to_dot(tape, loss, Parameters<double>{{"x", x}}) ==
          "digraph xgrad {\n"
          "    node [shape=box, fontname=\"sans-serif\", fontsize=11];\n"
          "    leaf1 [shape=ellipse, label=\"x\\n(2,2)\"];\n"
          "    op1 [label=\"tanh\\n(2,2)\"];\n"
          "    op2 [label=\"multiply\\n(2,2)\"];\n"
          "    op3 [label=\"sum\\n()\"];\n"
          "    leaf1 -> op1;\n"
          "    op1 -> op2;\n"
          "    leaf1 -> op2;\n"
          "    op2 -> op3;\n"
          "}\n");
}

TEST_CASE("to_dot leaves out what the result does not depend on")
{
    const auto x = variable<double>({1, 2});
    Tape tape;
    const auto y = exp(x);
    const auto beside = sin(x);
    const auto later = cos(y);
    const std::string dot = to_dot(tape, y);
    CHECK(contains(dot, "exp"));
    CHECK_FALSE(contains(dot, "sin"));
    CHECK_FALSE(contains(dot, "cos"));
    CHECK(contains(to_dot(tape, later), "op1 -> op2;"));
}

TEST_CASE("to_dot numbers leaves without a name as they appear")
{
    const auto a = variable<double>({1, 2}), b = variable<double>({3, 4}), c = variable<double>({5, 6});
    Tape tape;
    const auto y = (a + b) * (a + c);
    const std::string dot = to_dot(tape, y, Parameters<double>{{"b", b}});
    CHECK(contains(dot, "leaf1 [shape=ellipse, label=\"leaf 1\"]"));
    CHECK(contains(dot, "leaf2 [shape=ellipse, label=\"b\\n(2)\"]"));
    CHECK(contains(dot, "leaf3 [shape=ellipse, label=\"leaf 3\"]"));
    CHECK(count(dot, "shape=ellipse") == 3);
    CHECK(count(dot, "leaf1 -> ") == 2);
}

TEST_CASE("to_dot draws no constants")
{
    const auto x = variable<float>({1, 2});
    Tape tape;
    const auto y = x * constant<float>({3, 4});
    CHECK(count(to_dot(tape, y), " -> ") == 1);
}

TEST_CASE("to_dot draws an operand that is read twice with two arrows")
{
    const auto x = variable<double>(3);
    Tape tape;
    const auto y = x * x;
    CHECK(count(to_dot(tape, y), "leaf1 -> op1;") == 2);
}

TEST_CASE("to_dot numbers ops by the graph, not by the order in which they ran")
{
    const auto a = variable<double>(1), b = variable<double>(2);
    std::string dots[2];
    for (const bool b_first : {false, true}) {
        Tape tape;
        auto u = b_first ? cos(b) : sin(a);
        auto v = b_first ? sin(a) : cos(b);
        if (b_first)
            std::swap(u, v);
        dots[b_first] = to_dot(tape, u * v, Parameters<double>{{"a", a}, {"b", b}});
    }
    CHECK(dots[0] == dots[1]);
}

TEST_CASE("to_dot goes through a long chain without recursion")
{
    Variable<double> y = variable<double>(1);
    Tape tape;
    for (int i = 0; i < 200000; ++i)
        y = -y;
    CHECK(count(to_dot(tape, y), " -> ") == 200000);
}

TEST_CASE("to_dot draws the backward pass of a recorded gradient")
{
    const auto x = variable<double>({1, 2});
    Tape tape;
    const auto y = sum(sin(x));
    const auto dx = tape.gradient(y, x, {.record = true});
    CHECK(contains(to_dot(tape, dx), "cos"));
}

TEST_CASE("to_dot escapes what a name must not contain")
{
    const auto x = variable<double>(1);
    Tape tape;
    const auto y = exp(x);
    CHECK(contains(to_dot(tape, y, Parameters<double>{{"a\"b\\c", x}}), "label=\"a\\\"b\\\\c\\n()\""));
}

TEST_CASE("to_dot refuses what was not recorded on the tape")
{
    const auto x = variable<double>({1, 2});
    Tape tape;
    CHECK_THROWS_WITH_AS(static_cast<void>(to_dot(tape, x)), doctest::Contains("[to_dot]"), GraphError);
    CHECK_THROWS_AS(static_cast<void>(to_dot(tape, constant<double>(1))), GraphError);
    const auto y = sum(x);
    static_cast<void>(tape.gradient(y, x));
    CHECK_THROWS_WITH_AS(static_cast<void>(to_dot(tape, y)), doctest::Contains("keep_tape"), GraphError);
}
