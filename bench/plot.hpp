#pragma once

#include <string>
#include <vector>

namespace bench
{

struct Line
{
    std::string name, colour;
    std::vector<double> ys; // one for each x
};

/** A plot with logarithmic axes. */
struct Plot
{
    std::string title, x_label, y_label;
    std::vector<double> xs;
    std::vector<Line> lines;
};

std::string to_svg(const Plot& plot);

} // namespace bench
