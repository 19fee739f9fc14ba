// A comparison as an HTML page.
#include <xgrad/base/escape.hpp>
#include <xgrad/base/installed.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/inspect/comparison/arrangement.hpp>
#include <xgrad/inspect/comparison/heat_map.hpp>
#include <xgrad/inspect/comparison/page.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace xgrad
{

namespace
{

using detail::in_html;

constexpr const char* style = R"(
:root { color-scheme: light dark; --ink: #1d2127; --soft: #56606b; --line: #d3d9e0; --paper: #fff; --card: #f4f6f8;
  --bad: #a8240f; --good: #1b6b2e; --link: #0b57a4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8eb; --soft: #a6afb9; --line: #3b444d; --paper: #14171b; --card: #1d2228;
    --bad: #ff9c7d; --good: #7ccf8f; --link: #8ec1ff; }
}
* { box-sizing: border-box; }
body { font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 80rem; margin: 0 auto;
  padding: 1.5rem clamp(.75rem, 2vw, 2rem); overflow-wrap: anywhere; }
h1, h2 { line-height: 1.25; margin: 0 0 .5rem; }
h1 { font-size: 1.6rem; }
h2 { font-size: 1.2rem; margin-top: 1.75rem; }
p { margin: .25rem 0; }
a { color: var(--link); }
.soft, figcaption, caption { color: var(--soft); font-size: .875rem; }
.verdict { font-size: 1.2rem; font-weight: bold; margin-top: 1rem; }
.bad { color: var(--bad); }
.good { color: var(--good); }
.why { padding: 0; list-style: none; }
.why li { border-left: 4px solid var(--bad); background: var(--card); padding: .6rem 1rem; margin: .5rem 0; }
summary { cursor: pointer; padding: .3rem .5rem; }
summary:hover { background: var(--card); }
.row { border-top: 1px solid var(--line); }
.row summary span { display: inline-block; min-width: 9.5rem; margin-right: .5rem; font-variant-numeric: tabular-nums; }
.row summary .name { font-weight: bold; }
.body { display: flex; flex-wrap: wrap; gap: .5rem 2rem; padding: .25rem .5rem 1rem 1.5rem; }
.numbers { flex: 1 1 17rem; max-width: 24rem; }
.maps { flex: 1 1 34rem; display: grid; align-content: start; gap: .75rem 1rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); }
table { border-collapse: collapse; margin: .5rem 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; }
th { text-align: left; font-weight: normal; padding: .1rem 1rem .1rem 0; color: var(--soft); }
sub, sup { white-space: nowrap; line-height: 0; }
td { text-align: right; padding: .1rem 0; }
figure { margin: 0; }
img { display: block; max-width: 100%; image-rendering: pixelated; border: 1px solid var(--line); }
figcaption b { color: var(--ink); margin-right: .4rem; }
.scale { display: block; font-variant-numeric: tabular-nums; }
.bar { display: inline-block; width: 7rem; height: .7em; border: 1px solid var(--line);
  background: linear-gradient(to right, #1a7fd4, transparent, #e0660a); print-color-adjust: exact; }
@media (max-width: 40rem) { .body { padding-left: .5rem; }
  .row summary span { min-width: 0; } .row .fact { font-size: .875rem; } }
@media print { :root { font-size: 11px; } body { max-width: none; padding: 0; } .row, li { break-inside: avoid; } }
)";

/** A text with the names of somebody else. */
std::string shown(const std::string& text) { return in_html(printable(text, std::string::npos)); }

/** A link to a document, or its name where it is not at hand. */
std::string see(const std::string& document)
{
    const std::string link = detail::link_to_document(document);
    return link.empty() ? in_html(document) : fmt::format("<a href=\"{}\">{}</a>", in_html(link), in_html(document));
}

std::string paragraph(const std::string& kind, const std::string& html)
{
    return fmt::format("<p class=\"{}\">{}</p>\n", kind, html);
}

std::string paragraphs(const std::vector<std::string>& texts)
{
    std::string html;
    for (const std::string& text : texts)
        html += text.empty() ? "" : paragraph("soft", in_html(text));
    return html;
}

/** An explanation, and the gradients that it stands for. */
struct Reason
{
    std::string words, page;
    std::vector<std::size_t> tensors;
};

/** The explanations of the wrong gradients, in the order of the backward pass. */
std::vector<Reason> reasons_of(const Comparison& comparison, const std::vector<std::size_t>& wrong)
{
    std::vector<Reason> reasons;
    for (const std::size_t i : wrong) {
        const TensorComparison& tensor = comparison.tensors[i];
        const std::string& words = tensor.explanation.empty() ? tensor.problem : tensor.explanation;
        auto reason =
            std::find_if(reasons.begin(), reasons.end(), [&](const Reason& each) { return each.words == words; });
        if (reason == reasons.end())
            reason = reasons.insert(reason, {words, tensor.page, {}});
        reason->tensors.push_back(i);
    }
    return reasons;
}

std::string reason_item(const Reason& reason, const Comparison& comparison)
{
    std::string names;
    for (const std::size_t i : reason.tensors)
        names +=
            fmt::format("{}<a href=\"#row{}\">{}</a>", names.empty() ? "" : ", ", i, shown(comparison.tensors[i].name));
    return fmt::format("<li><p><b>{}</b>{}</p>\n<p>{} gradient{}: {}</p></li>\n", shown(reason.words),
                       reason.page.empty() ? "" : " – see " + see(reason.page), reason.tensors.size(),
                       reason.tensors.size() == 1 ? "" : "s", names);
}

std::string verdict_of(const Comparison& comparison, std::size_t wrong)
{
    const std::size_t all = comparison.tensors.size();
    if (!comparison.problem.empty() || all == 0)
        return paragraph("verdict bad", "✗ Nothing was compared" +
                                            (comparison.problem.empty() ? "" : ": " + shown(comparison.problem)));
    if (wrong > 0)
        return paragraph("verdict bad",
                         fmt::format("✗ {} of {} gradients {} wrong", wrong, all, wrong == 1 ? "is" : "are"));
    return paragraph("verdict good", fmt::format("✓ All {} gradients agree", all));
}

std::string numbers_of(const TensorComparison& tensor)
{
    std::string lines;
    const auto add = [&](const char* name, const std::string& number) {
        lines += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", name, number);
    };
    const auto element = [](double x) { return std::isnan(x) ? "–" : fmt::format("{:#.6g}", x); };
    add("by hand", element(tensor.handwritten));
    add("autodiff", element(tensor.autodiff));
    add("finite difference", element(tensor.finite_difference));
    add("largest difference", fmt::format("{:.2g}", tensor.largest_absolute));
    if (tensor.seconds > 0)
        add("time by hand", detail::time_text(tensor.seconds));
    return fmt::format(
        "<table><caption>at {}, the {}</caption>\n{}</table>\n{}", detail::index_text(tensor.first, tensor.shape),
        tensor.agrees ? "largest element" : "first wrong element", lines,
        tensor.at_kink ? paragraph("soft", "At a kink the finite difference is the mean of the slopes on "
                                           "both sides – see " +
                                               see("docs/kinks.md"))
                       : "");
}

std::string maps_of(const TensorComparison& tensor)
{
    const Array<double>&mine = tensor.by_hand, &right = tensor.automatic;
    const double scale = std::max(detail::largest_finite(mine), detail::largest_finite(right));
    std::string html = detail::heat_map("by hand", mine, scale) + detail::heat_map("autodiff", right, scale);
    if (mine.shape() == right.shape()) {
        const Array<double> difference = mine - right;
        html += detail::heat_map("difference", difference, tensor.agrees ? scale : detail::largest_finite(difference));
    }
    return html + detail::heat_map("value", tensor.value, detail::largest_finite(tensor.value));
}

/** A line that opens to the formula, the numbers and the heat maps of a gradient. */
std::string row(std::size_t i, const TensorComparison& tensor, const PageWords& words, bool open)
{
    const bool is_compared = tensor.problem.empty();
    const std::string fact = is_compared
                                 ? fmt::format("relative difference {:.1e}</span> <span class=\"fact\">cosine {:.4f}",
                                               tensor.largest_relative, tensor.cosine)
                             : tensor.explanation.empty() ? "not compared"
                                                          : shown(tensor.problem);
    const auto formula = words.formulas.find(tensor.name);
    return fmt::format(R"(<details class="row"{}><summary><span class="name"><b class="{}">{}</b> {}</span>
<span>{}</span> <span class="fact">{}</span></summary>
<div class="body" id="row{}">
<div class="numbers">
{}{}</div>
<div class="maps">
{}</div>
</div></details>
)",
                       open ? " open" : "", tensor.agrees ? "good" : "bad", tensor.agrees ? "✓" : "✗",
                       shown(tensor.name), to_string(tensor.shape), fact, i,
                       formula == words.formulas.end() ? "" : formula->second,
                       is_compared && tensor.automatic.size() > 0 ? numbers_of(tensor) : "", maps_of(tensor));
}

constexpr const char* page = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{0}</title>
<style>{1}</style>
</head>
<body>
<h1>{0}</h1>
{2}</body>
</html>
)";

constexpr const char* reading =
    R"(<p class="soft">The relative difference is the largest difference divided by autodiff's largest element, so 1e-15 is
rounding and 1 is as large as the gradient itself; the cosine is 1 if both point the same way.</p>
<p class="soft">Each line opens to its numbers and heat maps: blue below 0, orange above, up to the numbers beside the bar.
By hand and autodiff share one scale.</p>
)";

} // namespace

std::string to_html(const Comparison& comparison, const PageWords& words)
{
    const std::vector<TensorComparison>& tensors = comparison.tensors;
    std::vector<std::size_t> wrong;
    std::string right_rows;
    for (std::size_t i = 0; i < tensors.size(); ++i)
        if (tensors[i].agrees)
            right_rows += row(i, tensors[i], words, false);
        else
            wrong.push_back(i);
    std::stable_sort(wrong.begin(), wrong.end(),
                     [&](std::size_t a, std::size_t b) { return tensors[a].turn < tensors[b].turn; });
    const std::vector<Reason> reasons = reasons_of(comparison, wrong);

    std::string html = paragraphs(words.about) + verdict_of(comparison, wrong.size());
    if (!wrong.empty()) {
        html += "<ul class=\"why\">\n";
        for (const Reason& reason : reasons)
            html += reason_item(reason, comparison);
        html += "</ul>\n";
    }
    html += tensors.empty() ? "" : reading;
    if (!wrong.empty())
        html += tensors[wrong.back()].turn > 0 ? "<h2>Wrong gradients, from the loss backward</h2>\n"
                                               : "<h2>Wrong gradients</h2>\n";
    for (const std::size_t i : wrong)
        html += row(i, tensors[i], words, std::any_of(reasons.begin(), reasons.end(), [&](const Reason& each) {
                        return each.tensors.front() == i;
                    }));
    if (!right_rows.empty())
        html += "<h2>Right gradients</h2>\n" + right_rows;
    if (!words.notes.empty())
        html += "<h2>Notes</h2>\n" + paragraphs(words.notes);
    return fmt::format(page, in_html(words.title), style, html);
}

std::string detail::time_text(double seconds)
{
    return seconds < 1e-3 ? fmt::format("{:.3g} µs", 1e6 * seconds)
           : seconds < 1  ? fmt::format("{:.3g} ms", 1e3 * seconds)
                          : fmt::format("{:.3g} s", seconds);
}

} // namespace xgrad
