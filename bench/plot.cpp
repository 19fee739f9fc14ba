#include "plot.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace bench
{

namespace
{

constexpr double width = 560, height = 340, left = 70, right = 100, top = 40, bottom = 50;

/** A logarithmic axis from `low` to `high`, laid out from `from` to `to`. */
struct Axis
{
    double low, high, from, to;

    double place(double value) const { return from + (to - from) * std::log(value / low) / std::log(high / low); }
    /** The ticks of the axis: those of 1, 2, 5, 10, … or 1, 10, 100, … that are inside. */
    std::vector<double> ticks() const
    {
        std::vector<double> all;
        const bool wide = high / low > 200;
        for (double decade = std::pow(10, std::floor(std::log10(low))); decade <= high; decade *= 10)
            for (const double step : {1.0, 2.0, 5.0})
                if ((step == 1 || !wide) && decade * step >= low && decade * step <= high)
                    all.push_back(decade * step);
        return all;
    }
};

std::string number(double value)
{
    std::ostringstream text;
    text << value;
    return value >= 1e6 ? std::to_string(static_cast<long>(value / 1e6)) + " M"
                        : (value >= 1e4 ? std::to_string(static_cast<long>(value / 1e3)) + " k" : text.str());
}

void text(std::ostream& out, double x, double y, const char* anchor, const std::string& what,
          const std::string& more = "")
{
    out << "<text x=\"" << x << "\" y=\"" << y << "\" text-anchor=\"" << anchor << "\"" << more << ">" << what
        << "</text>\n";
}

void rule(std::ostream& out, double x1, double y1, double x2, double y2)
{
    out << "<line x1=\"" << x1 << "\" y1=\"" << y1 << "\" x2=\"" << x2 << "\" y2=\"" << y2 << "\" stroke=\"#ddd\"/>\n";
}

} // namespace

std::string to_svg(const Plot& plot)
{
    double low = plot.lines.front().ys.front(), high = low;
    for (const Line& line : plot.lines)
        for (const double y : line.ys) {
            low = std::min(low, y);
            high = std::max(high, y);
        }
    const Axis x{plot.xs.front(), plot.xs.back(), left, width - right};
    const Axis y{low / 1.3, high * 1.3, height - bottom, top};
    std::ostringstream out;
    out.precision(4);
    out << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << width << " " << height
        << "\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#333\">\n"
        << "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
    text(out, left, 22, "start", plot.title, " font-size=\"15\"");
    for (const double tick : y.ticks()) {
        rule(out, left, y.place(tick), width - right, y.place(tick));
        text(out, left - 8, y.place(tick) + 4, "end", number(tick));
    }
    for (const double value : plot.xs) {
        rule(out, x.place(value), top, x.place(value), height - bottom);
        text(out, x.place(value), height - bottom + 18, "middle", number(value));
    }
    text(out, (left + width - right) / 2, height - 10, "middle", plot.x_label);
    text(out, 0, 0, "middle", plot.y_label,
         " transform=\"translate(16 " + std::to_string((top + height - bottom) / 2) + ") rotate(-90)\"");
    double legend = top + 10;
    for (const Line& line : plot.lines) {
        out << "<polyline fill=\"none\" stroke=\"" << line.colour << "\" stroke-width=\"2\" points=\"";
        for (std::size_t i = 0; i < plot.xs.size(); ++i)
            out << x.place(plot.xs[i]) << "," << y.place(line.ys[i]) << " ";
        out << "\"/>\n";
        for (std::size_t i = 0; i < plot.xs.size(); ++i)
            out << "<circle cx=\"" << x.place(plot.xs[i]) << "\" cy=\"" << y.place(line.ys[i]) << "\" r=\"3.5\" fill=\""
                << line.colour << "\"><title>" << line.name << ", " << number(plot.xs[i]) << ": " << line.ys[i]
                << "</title></circle>\n";
        text(out, width - right + 12, legend, "start", line.name, " font-weight=\"bold\" fill=\"" + line.colour + "\"");
        legend += 18;
    }
    out << "</svg>\n";
    return out.str();
}

} // namespace bench
