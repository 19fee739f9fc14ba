// Graphs of many values: what is written about them grows with their number, and no faster. And arrays without
// elements.
#include "long.hpp"
#include <xgrad/base/print.hpp>
#include <xgrad/inspect/derivation/derivation.hpp>
#include <xgrad/inspect/drawing/drawing.hpp>
#include <xgrad/inspect/profile.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <sstream>

using namespace xgrad;

namespace
{

const std::pair<const char*, std::string (*)(const Graph&)> formats[] = {
    {"text", to_text}, {"latex", to_latex}, {"html", to_html}, {"dot", to_dot}, {"svg", to_svg}};

using Step = std::function<Variable<double>(const Variable<double>& y, const Variable<double>& w)>;

/** The graph of w after n steps, each of which may read w again. */
Graph chain(const Step& step, std::size_t n)
{
    const auto w = variable<double>({0.5, 0.25});
    const auto loss = [&] {
        Variable<double> y = w * 2.0;
        for (std::size_t i = 0; i < n; ++i)
            y = step(y, w);
        return sum(y);
    };
    return graph_of_gradient<double>(loss, {{"layer.weight", w}});
}

} // namespace

TEST_CASE("a chain twice as long takes twice the text, even if all of it reads one parameter" * test::is_long)
{
    const std::pair<const char*, Step> steps[] = {
        {"products", [](const auto& y, const auto& w) { return y * w; }},
        {"sums", [](const auto& y, const auto& w) { return y + w; }},
        {"functions", [](const auto& y, const auto&) { return tanh(y); }},
        {"layers", [](const auto& y, const auto& w) { return tanh(y * w); }},
        {"residuals", [](const auto& y, const auto& w) { return y + sin(y * w); }},
    };
    for (const auto& [kind_name, step] : steps) {
        const char* const kind = kind_name;
        CAPTURE(kind);
        const Graph once = chain(step, 500), twice = chain(step, 1000);
        for (const auto& [format_name, format] : formats) {
            const char* const name = format_name; // clang 14 captures no structured binding
            CAPTURE(name);
            CHECK(format(twice).size() < 2.2 * static_cast<double>(format(once).size()));
        }
    }
}

TEST_CASE("a node that reads a thousand others, or that a thousand others read, is drawn in proportion")
{
    const auto graph = [](std::size_t n) {
        const auto w = variable<double>({0.5, 0.25});
        const auto loss = [&] {
            std::vector<Variable<double>> parts;
            for (std::size_t i = 0; i < n; ++i)
                parts.push_back(sin(w * static_cast<double>(i + 2)));
            return sum(concatenate(parts, 0));
        };
        return graph_of_gradient<double>(loss, {{"layer.weight", w}});
    };
    const Graph once = graph(500), twice = graph(1000);
    for (const auto& [format_name, format] : formats) {
        const char* const name = format_name; // clang 14 captures no structured binding
        CAPTURE(name);
        CHECK(format(twice).size() < 2.2 * static_cast<double>(format(once).size()));
    }
}

TEST_CASE("a chain of twenty thousand functions is written without a formula for the whole chain inside each" *
          test::is_long)
{
    const Graph graph = chain([](const auto& y, const auto&) { return tanh(y); }, 20'000);
    for (const auto& [format_name, format] : formats) {
        const char* const name = format_name; // clang 14 captures no structured binding
        CAPTURE(name);
        CHECK(format(graph).size() < 100'000'000);
    }
}

TEST_CASE("a long edge is drawn as one curve")
{
    const std::string svg = to_svg(chain([](const auto& y, const auto& w) { return y * w; }, 200));
    std::size_t longest = 0;
    std::istringstream lines(svg);
    for (std::string line; std::getline(lines, line);)
        longest = std::max(longest, line.size());
    CHECK(longest < 2000);
}

TEST_CASE("arrays without elements are drawn, written and profiled")
{
    const auto w = variable(Array<double>({0, 3}, 0.0)), b = variable(Array<double>({3}, 1.0));
    const auto loss = [&] { return sum(tanh(w * b) + b); };
    std::ostringstream trace;
    {
        const Profile profile;
        CHECK(to_string(profile).find("direction") != std::string::npos);
        const Graph graph = graph_of_gradient<double>(loss, {{"l.weight", w}, {"l.bias", b}});
        for (const auto& [format_name, format] : formats) {
            const char* const name = format_name; // clang 14 captures no structured binding
            CAPTURE(name);
            CHECK_FALSE(format(graph).empty());
        }
        CHECK(to_dot(graph).find("(0,3)") != std::string::npos);
        profile.write_trace(trace);
    }
    CHECK(trace.str().find("(0,3)") != std::string::npos);
}

TEST_CASE("large and empty arrays are printed in a few lines")
{
    std::ostringstream large, empty;
    large << Array<double>({1000, 1000}, 1.0);
    CHECK(large.str().size() < 2000);
    CHECK(large.str().find("...") != std::string::npos);
    empty << Array<double>({0, 3}, 1.0) << variable(Array<float>({2, 0}, 1.0F));
    CHECK(empty.str().size() < 200);
}
