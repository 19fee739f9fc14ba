#include "report.hpp"

#include "report_picture.hpp"
#include <xgrad/base/escape.hpp>
#include <xgrad/base/installed.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/inspect/comparison/arrangement.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace xgrad::command
{

namespace
{

using detail::in_html;
using detail::largest_of;

/** The formulas by ID, in HTML; "B5 input" is the form of B5 in a row of inputs. */
const std::map<std::string_view, std::string_view> formulas = {
    {"B4", "∂E/∂b = δ"},
    {"B5", "δ = (W′)<sup>T</sup>δ′ ∘ f′(u)"},
    {"B5 input", "∂E/∂x = W<sup>T</sup>δ: the layer's own W and δ, and no f′, as x has no f"},
    {"B6", "δ = f′(u) ∘ (y − t)"},
    {"B7", "∂E/∂W = δ x<sup>T</sup>"},
    {"B10", "δ<sub>j</sub> = β′<sub>j</sub> (f′(u<sub>j</sub>) ∘ up(δ′<sub>j</sub>))"},
    {"B11", "∂E/∂b<sub>j</sub> = Σ<sub>u,v</sub> (δ<sub>j</sub>)<sub>uv</sub>"},
    {"B12", "∂E/∂k<sub>ij</sub> = Σ<sub>u,v</sub> (δ<sub>j</sub>)<sub>uv</sub> (p<sub>i</sub>)<sub>uv</sub>, "
            "(p<sub>i</sub>)<sub>uv</sub> the patch of x<sub>i</sub> that met k<sub>ij</sub> at u, v"},
    {"B12 kernels", "∂E/∂k<sub>i</sub> = Σ<sub>j</sub> α<sub>ij</sub> Σ<sub>u,v</sub> (δ<sub>j</sub>)<sub>uv</sub> "
                    "(p<sub>i</sub>)<sub>uv</sub>, (p<sub>i</sub>)<sub>uv</sub> the patch of x<sub>i</sub> that met "
                    "k<sub>i</sub> at u, v"},
    {"B13", "∂E/∂k<sub>ij</sub> = rot180(conv2(x<sub>i</sub>, rot180(δ<sub>j</sub>), valid))"},
    {"B14b beta", "∂E/∂β<sub>j</sub> = Σ<sub>u,v</sub> (δ<sub>j</sub> ∘ down(x<sub>j</sub>))<sub>uv</sub>"},
    {"B14b bias", "∂E/∂b<sub>j</sub> = Σ<sub>u,v</sub> (δ<sub>j</sub>)<sub>uv</sub>"},
    {"B14c", "u<sub>j</sub> = Σ<sub>i</sub> α<sub>ij</sub> (x<sub>i</sub> * k<sub>i</sub>) + b<sub>j</sub>, "
             "so k<sub>ij</sub> = α<sub>ij</sub> k<sub>i</sub>"},
    {"B14d", "δ<sub>j</sub> = f′(u<sub>j</sub>) ∘ Σ<sub>m</sub> conv2(δ′<sub>m</sub>, rot180(k′<sub>jm</sub>), full)"},
    {"B14d input", "∂E/∂x<sub>i</sub> = Σ<sub>j</sub> conv2(δ<sub>j</sub>, rot180(k<sub>ij</sub>), full): the layer's "
                   "own k and δ, and no f′, as x has no f"},
    {"B15a", "∂E/∂α<sub>ij</sub> = Σ<sub>u,v</sub> (δ<sub>j</sub> ∘ (x<sub>i</sub> * k<sub>i</sub>))<sub>uv</sub>"},
    {"B17", "for each map j: ∂E/∂c<sub>i</sub> = α<sub>i</sub> (∂E/∂α<sub>i</sub> − Σ<sub>k</sub> ∂E/∂α<sub>k</sub> "
            "α<sub>k</sub>)"},
    {"B20", "∂Ω/∂c<sub>i</sub> = Σ<sub>k</sub> ∂Ω/∂α<sub>k</sub> ∂α<sub>k</sub>/∂c<sub>i</sub>, added to ∂E/∂c"},
    {"H-S2", "δ(f7<sub>i</sub>) = −(z<sub>i</sub> − y<sub>i</sub>), z the target, y = softmax(f7)"},
    {"H-F.1", "δ(u<sub>i</sub>) = δ(f<sub>i</sub>) f′(u<sub>i</sub>)"},
    {"H-F.2", "δ(w<sub>ij</sub>) = δ(u<sub>i</sub>) x<sub>j</sub>"},
    {"H-F.3", "δ(b<sub>i</sub>) = δ(u<sub>i</sub>)"},
    {"H-F.4", "δ(x<sub>j</sub>) = Σ<sub>i</sub> δ(u<sub>i</sub>) w<sub>ij</sub>"},
    {"H-C5.1", "δ(u) = δ(c5) f′(u)"},
    {"H-C5.2", "δ(w5<sub>u,v</sub>) = δ(u) s4<sub>2+u,2+v</sub>"},
    {"H-C5.3", "δ(b5) = δ(u)"},
    {"H-C5.4", "δ(s4<sub>ij</sub>) = Σ<sub>l</sub> δ(u<sup>(l)</sup>) w5<sub>i−2,j−2</sub><sup>(l)</sup>"},
    {"H-S4", "δ(c3<sub>ij</sub>) = msk<sub>ij</sub> δ(s4<sub>⌊i/2⌋,⌊j/2⌋</sub>), msk 1 at the block's maximum, else 0"},
    {"H-S2p",
     "δ(c1<sub>ij</sub>) = msk<sub>ij</sub> δ(s2<sub>⌊i/2⌋,⌊j/2⌋</sub>), msk 1 at the block's maximum, else 0"},
    {"H-C3.2", "δ(w3<sub>u,v</sub>) = Σ<sub>i,j</sub> δ(u<sub>ij</sub>) s2<sub>i+2+u,j+2+v</sub>"},
    {"H-C3.3", "δ(b3) = Σ<sub>i,j</sub> δ(u<sub>ij</sub>)"},
    {"H-C3.4", "δ(x<sub>ij</sub>) = Σ<sub>m</sub> Σ<sub>u,v</sub> δ(u<sub>i−2+u,j−2+v</sub><sup>(m)</sup>) "
               "w<sub>−u,−v</sub><sup>(m)</sup>"},
    {"H-C1.1", "δ(u<sub>ij</sub>) = δ(c<sub>ij</sub>) f′(u<sub>ij</sub>), c = f(u)"},
    {"H-C1.2", "δ(w1<sub>u,v</sub>) = Σ<sub>i,j</sub> δ(u<sub>ij</sub>) x<sub>i+2+u,j+2+v</sub>"},
    {"H-C1.3", "δ(b1) = Σ<sub>i,j</sub> δ(u<sub>ij</sub>)"},
};

/** The formulas of a row, such as "B15a, B17", each on its own line. */
std::string formula_lines(const Row& row)
{
    const std::string& ids = row.formula;
    std::string html;
    for (std::size_t begin = 0; begin < ids.size();) {
        const std::size_t end = std::min(ids.find(", ", begin), ids.size());
        const std::string id = ids.substr(begin, end - begin);
        auto formula = formulas.find(id + " " + row.of);
        if (formula == formulas.end())
            formula = formulas.find(id);
        html += fmt::format("<div><b>{}</b> {}</div>", in_html(id), formula == formulas.end() ? "" : formula->second);
        begin = end + 2;
    }
    return html;
}

/** A heat map with the meaning of its colours below. */
std::string figure(const Array<double>& x, Colours colours, double scale, std::size_t rows)
{
    if (x.size() == 0)
        return "<td></td>";
    const auto [low, high] = std::minmax_element(x.begin(), x.end());
    const std::string legend = colours == Colours::grey
                                   ? fmt::format("black {:.2g}, white {:.2g}", *low, *high)
                                   : fmt::format("{:.2g} … {:.2g}, scale ±{:.2g}", *low, *high, scale);
    return fmt::format("<td>{}<div class=\"scale\">{}</div></td>", picture(x, colours, scale, rows), legend);
}

std::string numbers(const TensorComparison& tensor)
{
    if (!tensor.problem.empty())
        return fmt::format("<td class=\"bad\">{}</td>", in_html(tensor.problem));
    return fmt::format("<td><div>largest difference {:.1e}</div><div>relative {:.1e}</div><div>cosine {:.6f}</div>"
                       "<div>at {}:</div><div>autodiff {:.5e}</div><div>by hand {:.5e}</div>"
                       "<div>finite difference {:.5e}{}</div><div>{:.3g} ms by hand</div></td>",
                       tensor.largest_absolute, tensor.largest_relative, tensor.cosine,
                       detail::index_text(tensor.first, tensor.shape), tensor.autodiff, tensor.handwritten,
                       tensor.finite_difference, tensor.at_kink ? " (at a kink)" : "", 1e3 * tensor.seconds);
}

std::string verdict_of(const TensorComparison& tensor)
{
    if (tensor.agrees)
        return "<div class=\"good\">agrees</div>";
    return fmt::format("<div class=\"bad\">differs: {}{}</div>", in_html(tensor.explanation),
                       tensor.page.empty() ? "" : "; see " + in_html(detail::place_of_document(tensor.page)));
}

std::string table_row(const Row& row)
{
    const TensorComparison& tensor = row.tensor;
    const std::string name = row.layer + " " + row.of;
    const bool of_samples = !oracles::is_parameter("." + row.of);
    const std::size_t rows = of_samples ? 4 : static_cast<std::size_t>(-1);
    const double scale = largest_of(tensor.automatic);

    std::string html = fmt::format("<tr id=\"{}\" class=\"{}\"><td><div class=\"name\">{}</div><div>{}</div>{}{}</td>",
                                   row.layer + "." + row.of, tensor.agrees ? "agrees" : "differs", name,
                                   to_string(tensor.shape), formula_lines(row), verdict_of(tensor));
    html += figure(tensor.automatic, Colours::diverging, scale, rows);
    html += figure(tensor.by_hand, Colours::diverging, scale, rows);
    if (tensor.by_hand.shape() == tensor.automatic.shape()) {
        const Array<double> difference = tensor.by_hand - tensor.automatic;
        const double own = tensor.agrees ? scale : largest_of(difference); // so a difference that agrees is white
        html += figure(difference, Colours::diverging, own, rows);
    } else
        html += "<td>the shapes differ</td>";
    html += figure(row.value, of_samples ? Colours::grey : Colours::diverging, largest_of(row.value), rows);
    return html + numbers(tensor) + "</tr>\n";
}

const char* const style = R"(
body { font: 14px/1.45 sans-serif; color: #222; background: #fafafa; margin: 2em; }
h1 { font-size: 1.4em; margin: 0; }
table { border-collapse: collapse; background: #fff; margin-top: 1em; }
th, td { border: 1px solid #ddd; padding: .5em .7em; text-align: left; vertical-align: top; }
th { background: #f0f0f0; position: sticky; top: 0; }
tr.differs > td:first-child { border-left: 6px solid #b2182b; }
tr.agrees > td:first-child { border-left: 6px solid #4d9221; }
td:first-child { min-width: 15em; max-width: 24em; }
.name { font-weight: bold; font-size: 1.1em; }
.bad { color: #b2182b; }
.good { color: #37690f; }
.verdict { font-size: 1.2em; font-weight: bold; margin: .5em 0; }
.about { max-width: 70em; }
.scale { color: #666; font-size: .85em; }
.legend { display: inline-block; width: 12em; height: 1em; border: 1px solid #ccc; vertical-align: middle;
          background: linear-gradient(to right, rgb(33,102,172), #fff, rgb(178,24,43)); }
.legend.grey { background: linear-gradient(to right, #000, #fff); }
img { image-rendering: pixelated; display: block; border: 1px solid #d8d8d8; max-width: none; }
)";

const char* const about_formulas =
    "<div class=\"about\">The formulas are those of one sample. The loss is the mean over the samples, so the gradient "
    "of a parameter is the mean of the samples' gradients (B24), and the δ of each sample is divided by their number. "
    "A prime marks "
    "what belongs to the layer above (W′, δ′), but f′ is the derivative of f. x is what a layer reads.</div>\n";

const char* const about_pictures =
    "<div class=\"about\">Gradients, weights: −scale <span class=\"legend\"></span> +scale, blue below 0, white at 0, "
    "red above; feature maps: smallest <span class=\"legend grey\"></span> largest. Below each are its smallest and "
    "largest element and the scale. If the gradients agree, their difference is drawn on their scale, else on a scale "
    "of its own. Only the first four samples are shown.</div>\n";

} // namespace

bool Report::agrees() const
{
    return std::all_of(rows.begin(), rows.end(), [](const Row& row) { return row.tensor.agrees; });
}

std::string html_page(const Report& report)
{
    std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n";
    html += fmt::format("<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n", in_html(report.title), style);
    html += fmt::format("<h1>{}</h1>\n<div>{}</div>\n", in_html(report.title), in_html(report.about));
    if (!report.planted.empty())
        html += fmt::format("<div>{}</div>\n", in_html(report.planted));
    html += fmt::format("<div class=\"verdict {}\">{}</div>\n<div>{}</div>\n", report.agrees() ? "good" : "bad",
                        in_html(report.verdict), in_html(report.times));
    html += about_formulas;
    html += about_pictures;
    if (!report.note.empty())
        html += fmt::format("<div class=\"about\">{}.</div>\n", in_html(report.note));
    html += "<table>\n<tr><th>gradient</th><th>autodiff</th><th>by hand</th><th>difference</th>"
            "<th>kernels, feature maps</th><th>numbers</th></tr>\n";
    for (const Row& row : report.rows)
        html += table_row(row);
    return html + "</table>\n</body>\n</html>\n";
}

} // namespace xgrad::command
