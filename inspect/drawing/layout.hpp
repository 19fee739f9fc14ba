#pragma once
// The places of the parts of a drawing: a band for each layer, forward in the left column, backward in the right one.

#include <xgrad/inspect/drawing/figure.hpp>

#include <string>
#include <vector>

namespace xgrad::detail
{

struct Point
{
    double x, y;
};

struct Layout
{
    static constexpr double node_height = 32;

    struct Box
    {
        double left, top, width, height;
    };
    struct Cluster
    {
        std::string name;
        Box box;
    };
    struct Edge
    {
        std::size_t from, to;
        std::vector<Point> points; // from one node to the other
        bool across;               // from one column to the other
    };

    std::vector<Box> nodes; // in the order of the figure's
    std::vector<Cluster> clusters;
    std::vector<Edge> edges;
    double width = 0, height = 0;
};

Layout layout_of(const Figure& figure);

} // namespace xgrad::detail
