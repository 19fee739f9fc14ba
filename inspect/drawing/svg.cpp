#include <xgrad/base/escape.hpp>
#include <xgrad/inspect/drawing/drawing.hpp>
#include <xgrad/inspect/drawing/layout.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace xgrad
{

namespace
{

using detail::Figure;
using detail::Layout;
using detail::Point;

constexpr const char* head =
    R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0:.0f} {1:.0f}" width="{0:.0f}" height="{1:.0f}" role="img">
<title>{2}</title>
<style>
text {{ font: 12px sans-serif; text-anchor: middle; fill: #1f2933; }}
.shape {{ font-size: 11px; fill: #5b6773; }}
.layer {{ font-weight: bold; font-size: 13px; text-anchor: start; fill: #5b6773; }}
.layer {{ stroke: #f6f8fa; stroke-width: 4px; paint-order: stroke; }}
.legend text {{ text-anchor: start; }}
.legend .title {{ font-weight: bold; font-size: 15px; }}
.page {{ fill: #ffffff; }}
.cluster {{ fill: #f6f8fa; stroke: #d5dbe1; }}
.forward {{ fill: #eaf2fb; stroke: #3a6ea5; }}
.backward {{ fill: #fdf1e4; stroke: #b4662a; }}
.gradient {{ fill: #f8cf9c; stroke: #b4662a; stroke-width: 1.6; }}
.constant {{ fill: #ffffff; stroke: #b9c1c9; }}
path {{ fill: none; stroke-width: 1.2; }}
.to-forward {{ stroke: #3a6ea5; marker-end: url(#arrow-to-forward); }}
.to-backward {{ stroke: #b4662a; marker-end: url(#arrow-to-backward); }}
.across {{ stroke: #a9b4bf; stroke-dasharray: 4 3; marker-end: url(#arrow-across); }}
#arrow-to-forward {{ fill: #3a6ea5; }}
#arrow-to-backward {{ fill: #b4662a; }}
#arrow-across {{ fill: #a9b4bf; }}
marker path {{ fill: inherit; stroke: none; }}
@media (prefers-color-scheme: dark) {{
text {{ fill: #e6e8eb; }}
.shape, .layer {{ fill: #a6afb9; }}
.layer {{ stroke: #1d2228; }}
.page {{ fill: #14171b; }}
.cluster {{ fill: #1d2228; stroke: #3b444d; }}
.forward {{ fill: #1b3350; stroke: #6aa5e0; }}
.backward {{ fill: #3a2a1c; stroke: #dd9c6a; }}
.gradient {{ fill: #754a18; stroke: #f0ac68; }}
.constant {{ fill: #14171b; stroke: #7d8894; }}
.to-forward {{ stroke: #6aa5e0; }}
.to-backward {{ stroke: #dd9c6a; }}
.across {{ stroke: #7d8894; }}
#arrow-to-forward {{ fill: #6aa5e0; }}
#arrow-to-backward {{ fill: #dd9c6a; }}
#arrow-across {{ fill: #7d8894; }}
}}
</style>
<defs>
{3}</defs>
<rect class="page" width="{0:.0f}" height="{1:.0f}"/>
)";

std::string arrow_head(const char* kind)
{
    return fmt::format("<marker id=\"arrow-{}\" viewBox=\"0 0 8 8\" refX=\"7.5\" refY=\"4\" markerWidth=\"7\" "
                       "markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0.5L8 4L0 7.5z\"/></marker>\n",
                       kind);
}

std::string rectangle(std::string_view kind, const Layout::Box& box, double radius)
{
    return fmt::format("<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"{}\"/>\n",
                       kind, box.left, box.top, box.width, box.height, radius);
}

std::string curve(const Layout::Edge& edge, const char* kind)
{
    std::string path = fmt::format("<path class=\"{}\" d=\"M{:.1f} {:.1f}", kind, edge.points[0].x, edge.points[0].y);
    for (std::size_t i = 1; i < edge.points.size(); ++i) {
        const Point &a = edge.points[i - 1], &b = edge.points[i];
        const double x = (a.x + b.x) / 2, y = (a.y + b.y) / 2;
        path += edge.across ? fmt::format("C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}", x, a.y, x, b.y, b.x, b.y)
                            : fmt::format("C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}", a.x, y, b.x, y, b.x, b.y);
    }
    return path + "\"/>\n";
}

const char* kind_of(const Figure::Node& node)
{
    return node.is_gradient                      ? "gradient"
           : node.kind == Figure::Kind::constant ? "constant"
           : node.backward                       ? "backward"
                                                 : "forward";
}

std::string draw(const Figure::Node& node, const Layout::Box& box)
{
    const double x = box.left + box.width / 2, y = box.top + box.height / 2;
    std::string svg = rectangle(kind_of(node), box, node.kind == Figure::Kind::op ? 3 : box.height / 2);
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", x, node.shape.empty() ? y + 4 : y - 2,
                       detail::in_html(node.text));
    if (!node.shape.empty())
        svg += fmt::format("<text class=\"shape\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", x, y + 11, node.shape);
    return svg;
}

/** The meanings of the boxes. */
constexpr struct
{
    std::string_view kind;
    Figure::Kind shape;
    const char* meaning;
} meanings[] = {{"forward", Figure::Kind::leaf, "a leaf: a parameter or an input"},
                {"forward", Figure::Kind::op, "an op, with the shape of its result"},
                {"constant", Figure::Kind::constant, "a constant"},
                {"backward", Figure::Kind::op, "an op of the backward pass"},
                {"gradient", Figure::Kind::op, "the gradient of a leaf"}};

/** The lines below a drawing that ends at y, one for each kind of box and arrow in it. Moves y to their end. */
std::string legend(const Figure& figure, const Layout& layout, double& y)
{
    std::string svg;
    const auto add = [&](const std::string& sample, const char* meaning) {
        svg += fmt::format("{}<text x=\"70\" y=\"{:.1f}\">{}</text>\n", sample, y + 4, meaning);
        y += 22;
    };
    for (const auto& each : meanings)
        if (std::any_of(figure.nodes.begin(), figure.nodes.end(), [&](const Figure::Node& node) {
                return node.kind == each.shape && kind_of(node) == each.kind;
            }))
            add(rectangle(each.kind, {24, y - 7, 34, 14}, each.shape == Figure::Kind::op ? 3 : 7), each.meaning);
    if (std::any_of(layout.edges.begin(), layout.edges.end(), [](const Layout::Edge& edge) { return edge.across; }))
        add(curve({0, 0, {{24, y}, {58, y}}, true}, "across"), "a value that the backward pass reads");
    return svg;
}

} // namespace

std::string to_svg(const Graph& graph)
{
    constexpr double title_height = 28, least_width = 310;
    const Figure figure = detail::figure_of(graph);
    const Layout layout = detail::layout_of(figure);
    const bool backward =
        std::any_of(figure.nodes.begin(), figure.nodes.end(), [](const Figure::Node& node) { return node.backward; });
    const char* const title = backward ? "A loss and its gradients" : "A loss";
    const double width = std::max(layout.width, least_width);
    double height = title_height + layout.height + 8;
    const std::string lines = legend(figure, layout, height);

    std::string svg = fmt::format(head, width, height, title,
                                  arrow_head("to-forward") + arrow_head("to-backward") + arrow_head("across"));
    svg += fmt::format("<g transform=\"translate({:.0f} {:.0f})\">\n", (width - layout.width) / 2, title_height);
    for (const Layout::Cluster& cluster : layout.clusters)
        svg += rectangle("cluster", cluster.box, 8);
    for (const bool across : {true, false})
        for (const Layout::Edge& edge : layout.edges)
            if (edge.across == across)
                svg += curve(edge, across ? "across" : figure.nodes[edge.to].backward ? "to-backward" : "to-forward");
    for (const Layout::Cluster& cluster : layout.clusters)
        svg += fmt::format("<text class=\"layer\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", cluster.box.left + 10,
                           cluster.box.top + 18, detail::in_html(cluster.name));
    for (std::size_t i = 0; i < figure.nodes.size(); ++i)
        svg += draw(figure.nodes[i], layout.nodes[i]);
    return svg + fmt::format(
                     "</g>\n<g class=\"legend\">\n<text class=\"title\" x=\"24\" y=\"32\">{}</text>\n{}</g>\n</svg>\n",
                     title, lines);
}

} // namespace xgrad
