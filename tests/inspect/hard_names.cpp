// Names that users give, with signs that have a meaning in the formats.
#include "files.hpp"
#include <xgrad/graph/record.hpp>
#include <xgrad/inspect/derivation/derivation.hpp>
#include <xgrad/inspect/drawing/drawing.hpp>
#include <xgrad/inspect/profile.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

using namespace xgrad;
using xgrad::test::contains;

namespace
{

const char* const hard = "my \"op\"\\ <a&b> _%#{}$^~\n\x01\xff";

Variable<double> op(const char* name, const Variable<double>& x)
{
    return record(name, x.value() * 2.0, wrt(x, [](const auto& g) { return g * 2.0; }));
}

/** The graph of an op and of variables with this name, in a layer with this name. */
Graph graph_with(const char* name)
{
    const auto w = variable<double>({1, 2}), b = variable<double>({3, 4});
    return graph_of_gradient<double>([&] { return sum(op(name, w) * b); },
                                     {{std::string(name) + "." + name, w}, {name, b}});
}

/** The text without what is between a "<" and the next ">". */
std::string without_tags(const std::string& text)
{
    std::string rest;
    bool inside = false;
    for (const char c : text) {
        CHECK_FALSE((inside && c == '<'));
        inside = inside ? c != '>' : c == '<';
        if (!inside && c != '>')
            rest += c;
    }
    return rest;
}

} // namespace

TEST_CASE("names with any bytes: a trace is JSON")
{
    std::ostringstream trace;
    std::string table;
    {
        const Profile profile;
        (void)op(hard, variable<double>({1.0}));
        profile.write_trace(trace);
        table = to_string(profile);
    }
    const auto events = nlohmann::json::parse(trace.str()).at("traceEvents");
    CHECK(std::any_of(events.begin(), events.end(), [](const auto& event) {
        return event.at("name") == "my \"op\"\\ <a&b> _%#{}$^~\n\x01\xef\xbf\xbd";
    }));
    CHECK(contains(table, "my \"op\"\\ <a&b> _%#{}$^~\\n\\x01\\xff"));
    CHECK(std::count(table.begin(), table.end(), '\n') == 2); // the heading and the op
}

TEST_CASE("names with any bytes: an SVG drawing and an HTML page have only their own tags")
{
    const Graph graph = graph_with(hard);
    for (const std::string& page : {to_svg(graph), to_html(graph)}) {
        CHECK(contains(page, "&lt;a&amp;b&gt;"));
        CHECK_FALSE(contains(page, "<a"));
        CHECK_FALSE(contains(page, "\x01"));
        CHECK_FALSE(contains(page, "\xff"));
        const std::string text = without_tags(page.substr(page.find("</style>")));
        for (std::size_t at = text.find('&'); at != std::string::npos; at = text.find('&', at + 1))
            CHECK(text.find(';', at) < at + 6);
    }
}

TEST_CASE("names with any bytes: every label of a digraph ends where it should")
{
    const std::string dot = to_dot(graph_with(hard));
    CHECK(contains(dot, "my \\\"op\\\"\\\\ <a&amp;b> _%#{}$^~\\n"));
    bool quoted = false;
    for (std::size_t i = 0; i < dot.size(); ++i) {
        if (dot[i] == '\\')
            ++i;
        else if (dot[i] == '"')
            quoted = !quoted;
        else if (dot[i] == '\n')
            CHECK_FALSE(quoted);
    }
    CHECK_FALSE(quoted);
}

TEST_CASE("names with any bytes: each equation stays in its line of text")
{
    const std::string text = to_text(graph_with(hard)), plain = to_text(graph_with("op"));
    CHECK(std::count(text.begin(), text.end(), '\n') == std::count(plain.begin(), plain.end(), '\n'));
    CHECK(contains(text, "_%#{}$^~\\n\\x01"));
}

TEST_CASE("names with any bytes: LaTeX has balanced braces and no sign of its own in a name")
{
    const std::string latex = to_latex(graph_with(hard));
    CHECK(contains(latex, "\\_\\%\\#\\{\\}\\$\\text{\\textasciicircum}\\text{\\textasciitilde}"));
    int depth = 0;
    for (std::size_t i = 0; i < latex.size(); ++i) {
        if (latex[i] == '\\')
            ++i;
        else if (latex[i] == '{' || latex[i] == '}')
            depth += latex[i] == '{' ? 1 : -1;
        CHECK(depth >= 0);
    }
    CHECK(depth == 0);
    CHECK_FALSE(contains(latex, "\x01"));
    CHECK_FALSE(contains(latex, "\xff"));
}

TEST_CASE("an op of a user may have the name of a sign, with any number of inputs")
{
    for (const char* name : {"*", "/", "Σ", "·", "⋆", "ᵀ", "²", "∂", "#", "+", "∘", "squash", "apply", "f'", "?a", ""})
    {
        CAPTURE(name);
        const Graph graph = graph_with(name);
        for (const auto& format : {to_text, to_latex, to_html, to_dot, to_svg})
            CHECK_FALSE(format(graph).empty());
    }
    CHECK(contains(to_text(graph_with("*")), "'*'("));
}
