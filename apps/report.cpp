#include "report.hpp"

#include <xgrad/base/escape.hpp>
#include <xgrad/inspect/comparison/page.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

namespace xgrad::command
{

namespace
{

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

/** The formulas of a row, such as "B15a, B17", each in its own paragraph. */
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
        html +=
            fmt::format("<p><b>{}</b> {}</p>", detail::in_html(id), formula == formulas.end() ? "" : formula->second);
        begin = end + 2;
    }
    return html;
}

constexpr const char* about_formulas =
    "The formulas are those of one sample. The loss is the mean over the samples, so the gradient of a parameter is "
    "the "
    "mean of the samples' gradients (B24), and the δ of each sample is divided by their number. A prime marks what "
    "belongs to the layer above (W′, δ′), but f′ is the derivative of f. x is what a layer reads.";

} // namespace

std::string html_page(const Report& report)
{
    PageWords words{report.title, {report.about, report.planted}, {report.note, report.times, about_formulas}, {}};
    for (std::size_t i = 0; i < report.rows.size(); ++i)
        words.formulas[report.comparison.tensors[i].name] = formula_lines(report.rows[i]);
    return to_html(report.comparison, words);
}

} // namespace xgrad::command
