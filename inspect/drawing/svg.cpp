#include <xgrad/base/escape.hpp>
#include <xgrad/inspect/drawing/drawing.hpp>
#include <xgrad/inspect/drawing/layout.hpp>

#include <fmt/format.h>

namespace xgrad
{

namespace
{

using detail::Figure;
using detail::Layout;
using detail::Point;

constexpr const char* head =
    R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0:.0f} {1:.0f}" width="{0:.0f}" height="{1:.0f}">
<style>
text {{ font: 12px sans-serif; text-anchor: middle; fill: #1f2933; }}
.shape {{ font-size: 11px; fill: #5b6773; }}
.layer {{ font-weight: bold; font-size: 13px; text-anchor: start; fill: #5b6773; }}
.layer {{ stroke: #f6f8fa; stroke-width: 4px; paint-order: stroke; }}
.cluster {{ fill: #f6f8fa; stroke: #d5dbe1; }}
.forward {{ fill: #eaf2fb; stroke: #3a6ea5; }}
.backward {{ fill: #fdf1e4; stroke: #b4662a; }}
.gradient {{ fill: #f8cf9c; stroke: #b4662a; stroke-width: 1.6; }}
.constant {{ fill: #ffffff; stroke: #b9c1c9; }}
path {{ fill: none; stroke-width: 1.2; }}
.to-forward {{ stroke: #3a6ea5; marker-end: url(#arrow-forward); }}
.to-backward {{ stroke: #b4662a; marker-end: url(#arrow-backward); }}
.across {{ stroke: #a9b4bf; stroke-dasharray: 4 3; marker-end: url(#arrow-across); }}
</style>
)";

std::string arrow_head(const char* name, const char* colour)
{
    return fmt::format("<marker id=\"arrow-{}\" viewBox=\"0 0 8 8\" refX=\"7.5\" refY=\"4\" markerWidth=\"7\" "
                       "markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0.5L8 4L0 7.5z\" style=\"fill: {}; stroke: "
                       "none\"/></marker>\n",
                       name, colour);
}

std::string rectangle(const char* kind, const Layout::Box& box, double radius)
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

} // namespace

std::string to_svg(const Graph& graph)
{
    const Figure figure = detail::figure_of(graph);
    const Layout layout = detail::layout_of(figure);
    std::string svg = fmt::format(head, layout.width, layout.height);
    svg += "<defs>\n" + arrow_head("forward", "#3a6ea5") + arrow_head("backward", "#b4662a") +
           arrow_head("across", "#a9b4bf") + "</defs>\n";
    svg += fmt::format("<rect width=\"{:.0f}\" height=\"{:.0f}\" fill=\"#ffffff\"/>\n", layout.width, layout.height);
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
    return svg + "</svg>\n";
}

} // namespace xgrad
