#include <xgrad/inspect/derivation/derivation.hpp>
#include <xgrad/inspect/derivation/notation.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace xgrad
{

namespace
{

using detail::Equation;
using detail::Equations;
using detail::Expression;
using detail::Notation;
using detail::Section;
using detail::Sign;
using detail::written;

/** The meanings of the signs. A derivation explains those that appear in it. */
const struct
{
    const char *head, *sample, *meaning;
} signs[] = {
    {"·", "(· W x)",
     "the product of matrices; the samples of a batch are columns, a sample's maps one behind the other"},
    {"∘", "(∘ x y)", "the product of each element; the smaller array is repeated"},
    {"*", "(* x k)", "true convolution, the kernel turned and inside the image, summed over the input maps"},
    {"⋆", "(⋆ x w)",
     "cross-correlation, the kernel inside the image, summed over the input maps; x ⋆ δ over the samples, for each "
     "pair "
     "of maps"},
    {"conv2d", "(conv2d x k)",
     "true convolution; full: every overlap, summed over the maps of x; valid: inside, summed over the samples, for "
     "each pair of maps"},
    {"rot180", "(rot180 k)", "turned by 180°: both axes reversed"},
    {"down", "(down x)", "the sum of each block"},
    {"up", "(up x)", "each element repeated over its block"},
    {"max", "(max x)", "the largest element of each block; max(a, b): the larger of the two"},
    {"msk", "msk", "1 at the largest element of each block, the first of equal ones, else 0"},
    {"softmax", "(softmax u)", "exp(u) divided by its sum over the units; for α over the input maps i"},
    {"concatenate", "(concatenate x y)", "the maps of the one behind those of the other"},
    {"slice", "(slice x)", "a part of x"},
    {"correlate2d", "(correlate2d x w)", "x ⋆ w with steps, borders or groups, from one size to another"},
    {"correlate2d_input", "(correlate2d_input δ w)", "the gradient of that to x"},
    {"correlate2d_kernel", "(correlate2d_kernel x δ)", "the gradient of that to w"},
    {"log", "(log x)", "the natural logarithm"},
    {"σ", "(σ u)", "the logistic function"},
    {"softplus", "(softplus u)", "log(1 + exp(u))"},
    {"abs", "(abs x)", "the absolute value"},
    {"sign", "(sign x)", "1 above 0, 0 at 0, else minus 1"},
    {"step", "(step u)", "1 above 0, else 0"},
    {"Σ", "(Σ i x)",
     "n: samples; j, i: maps or units, or the places of a single plane; u, v: places in a map or a kernel"},
    {"δ", "δ", "∂E/∂u, the sensitivity of a layer's u"},
    {"t", "t", "the targets"},
    {"K", "K", "the kernels as the layer uses them"},
    {"M", "M", "1 where a weight exists, else 0"},
    {"C", "C", "a constant"},
    {"1/N", "N", "the number of samples"},
};

/** Calls f(title, sections) for the forward and the backward part, unless they are empty. */
template <class F>
void for_each_part(const Equations& equations, F&& f)
{
    if (!equations.forward.empty())
        f("Forward", equations.forward);
    if (!equations.backward.empty())
        f("Backward", equations.backward);
}

void add_heads(const Expression& e, std::unordered_set<std::string>& heads)
{
    heads.insert(e.head);
    for (const Expression& operand : e.operands)
        add_heads(operand, heads);
}

/** The operations and names that appear in some equations. */
std::unordered_set<std::string> heads_of(const Equations& equations)
{
    std::unordered_set<std::string> heads;
    const auto add = [&](const std::vector<Equation>& lines) {
        for (const Equation& each : lines)
            for (const Expression* side : {&each.left, &each.right})
                add_heads(*side, heads);
    };
    add(equations.functions);
    for_each_part(equations, [&](const char*, const std::vector<Section>& sections) {
        for (const Section& section : sections)
            add(section.equations);
    });
    return heads;
}

/** The number of characters of a UTF-8 text. */
std::size_t width(const std::string& text)
{
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t columns)
{
    return text + std::string(std::max(columns, width(text) + 2) - width(text), ' ');
}

/** The plain text of a meaning with its signs as LaTeX formulas. */
std::string in_latex(std::string text)
{
    const std::pair<std::string, std::string> formulas[] = {{"°", "$^\\circ$"},
                                                            {"∂E/∂u", "$\\partial E/\\partial u$"},
                                                            {"x ⋆ δ", "$x \\star \\delta$"},
                                                            {"x ⋆ w", "$x \\star w$"},
                                                            {"α", "$\\alpha$"}};
    for (const auto& [sign, formula] : formulas)
        if (const std::size_t at = text.find(sign); at != std::string::npos)
            text.replace(at, sign.size(), formula);
    return text;
}

/** The right side of an equation; a long sum gets a line for each term. */
std::string lines_in_latex(const Expression& right)
{
    constexpr std::size_t longest = 160;
    const std::string whole = written(right, detail::as_latex);
    if (right.head != "+" || whole.size() <= longest)
        return whole;
    std::string lines;
    for (const Expression& term : right.operands) {
        const std::string line = written(term, detail::as_latex);
        lines += (lines.empty() ? "" : line[0] == '-' ? " \\\\\n&\\quad " : " \\\\\n&\\quad + ") + line;
    }
    return lines;
}

std::string cell(const char* kind, const std::string& html)
{
    return fmt::format("<td class=\"{}\">{}</td>", kind, html);
}

const char* const html_begin = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Derivation</title>
<style>
body { font-family: Georgia, serif; max-width: 60em; margin: 2em auto; line-height: 1.6; }
h1, h2 { font-family: sans-serif; font-weight: normal; }
table { border-collapse: collapse; width: 100%; }
td { padding: 0.1em 1em 0.1em 0; vertical-align: top; }
td.layer, td.id { font-family: sans-serif; color: #666; white-space: nowrap; }
td.id { text-align: right; }
tr.first td { border-top: 1px solid #ddd; }
td.formula { font-style: italic; }
b { font-family: sans-serif; font-weight: normal; font-style: normal; font-size: 0.9em; }
sup, sub { line-height: 0; font-size: 0.7em; }
</style>
</head>
<body>
<h1>Derivation</h1>
<h2>Notation</h2>
<table>
)";

} // namespace

std::vector<Sign> detail::signs_of(const Equations& equations, const Notation& notation)
{
    const std::unordered_set<std::string> heads = heads_of(equations);
    std::vector<Sign> found;
    for (const auto& [head, sample, meaning] : signs)
        if (heads.contains(head))
            found.push_back({written(parse(sample), notation), meaning});
    return found;
}

std::string detail::text_of(const Equations& equations)
{
    std::string all = "Notation\n";
    for (const Sign& sign : detail::signs_of(equations, detail::as_text))
        all += "  " + padded(sign.sample, 14) + sign.meaning + "\n";
    for (const Equation& each : equations.functions)
        all += "  " + written(each, detail::as_text) + "\n";
    std::size_t margin = 8;
    for_each_part(equations, [&](const char*, const std::vector<Section>& sections) {
        for (const Section& section : sections)
            margin = std::max(margin, width(detail::as_text.plain(section.layer)) + 2);
    });
    for_each_part(equations, [&](const char* title, const std::vector<Section>& sections) {
        all += fmt::format("\n{}\n", title);
        for (const Section& section : sections)
            for (const Equation& each : section.equations) {
                const bool first = &each == &section.equations.front();
                const std::string line = "  " + padded(first ? detail::as_text.plain(section.layer) : "", margin) +
                                         written(each, detail::as_text);
                all += (each.formulas.empty() ? line : padded(line, 72) + "[" + ids_of(each) + "]") + "\n";
            }
    });
    return all;
}

std::string to_text(const Graph& graph) { return detail::text_of(detail::equations_of(graph)); }

std::string to_latex(const Graph& graph)
{
    const Equations equations = detail::equations_of(graph);
    std::string all =
        "\\documentclass{article}\n\\usepackage{amsmath}\n\\begin{document}\n\\section*{Notation}\n\\noindent\n";
    for (const Sign& sign : detail::signs_of(equations, detail::as_latex))
        all += fmt::format("${}$: {}\\\\\n", sign.sample, in_latex(sign.meaning));
    const auto write = [&](const std::string& heading, const std::vector<Equation>& lines) {
        all += heading + "\n\\begin{align*}\n";
        for (const Equation& each : lines)
            all += fmt::format("{} &= {}{}{}\n", written(each.left, detail::as_latex), lines_in_latex(each.right),
                               each.formulas.empty() ? "" : fmt::format(" \\tag*{{[{}]}}", ids_of(each)),
                               &each == &lines.back() ? "" : " \\\\");
        all += "\\end{align*}\n";
    };
    if (!equations.functions.empty())
        write("\\section*{Functions}", equations.functions);
    for_each_part(equations, [&](const char* title, const std::vector<Section>& sections) {
        all += fmt::format("\\section*{{{}}}\n", title);
        for (const Section& section : sections)
            write(fmt::format("\\paragraph{{{}}}", detail::as_latex.plain(section.layer)), section.equations);
    });
    return all + "\\end{document}\n";
}

std::string to_html(const Graph& graph)
{
    const Equations equations = detail::equations_of(graph);
    std::string all = html_begin;
    for (const Sign& sign : detail::signs_of(equations, detail::as_html))
        all += "<tr>" + cell("formula", sign.sample) + cell("meaning", sign.meaning) + "</tr>\n";
    for (const Equation& each : equations.functions)
        all += fmt::format("<tr><td class=\"formula\" colspan=\"2\">{}</td></tr>\n", written(each, detail::as_html));
    all += "</table>\n";
    for_each_part(equations, [&](const char* title, const std::vector<Section>& sections) {
        all += fmt::format("<h2>{}</h2>\n<table>\n", title);
        for (const Section& section : sections)
            for (const Equation& each : section.equations) {
                const bool first = &each == &section.equations.front();
                all += (first ? "<tr class=\"first\">" : "<tr>") +
                       cell("layer", first ? detail::as_html.plain(section.layer) : "") +
                       cell("formula", written(each, detail::as_html)) + cell("id", ids_of(each)) + "</tr>\n";
            }
        all += "</table>\n";
    });
    return all + "</body>\n</html>\n";
}

} // namespace xgrad
