#include "table.hpp"

#include <cmath>
#include <limits>
#include <map>
#include <ostream>
#include <sstream>

namespace bench
{

namespace
{

bool meets(double value, double bar, bool more_is_better) { return more_is_better ? value >= bar : value <= bar; }

std::string verdict(const Row& row)
{
    if (!row.bar)
        return "";
    if (meets(row.measured, row.bar->aim, row.bar->more_is_better))
        return "meets the aim";
    return meets(row.measured, row.bar->at_least, row.bar->more_is_better) ? "enough" : "**misses**";
}

std::string bar_in_words(const Row& row, double bar)
{
    return row.unit == "yes" ? "yes" : (row.bar->more_is_better ? "≥ " : "≤ ") + in_words(bar, row.unit);
}

std::string key(const Row& row) { return row.part.empty() ? row.figure : row.figure + " " + row.part; }

std::string json_value(const Row& row)
{
    if (row.unit == "yes")
        return row.measured == 1 ? "true" : "false";
    std::ostringstream text;
    text.precision(4);
    text << row.measured;
    return text.str();
}

} // namespace

double margin(const Row& row)
{
    if (!row.bar)
        return 0;
    if (row.measured == row.bar->at_least)
        return 1;
    return row.bar->more_is_better ? row.measured / row.bar->at_least : row.bar->at_least / row.measured;
}

std::string in_words(double value, const std::string& unit)
{
    if (unit == "yes")
        return value == 1 ? "yes" : "no";
    const int digits = value == 0 ? 0 : std::max(0, 2 - static_cast<int>(std::floor(std::log10(std::abs(value)))));
    std::ostringstream text;
    text.setf(std::ios::fixed);
    text.precision(std::min(digits, 3));
    text << value;
    std::string number = text.str();
    if (number.find('.') != std::string::npos)
        number.erase(number.find_last_not_of('0') + 1);
    if (number.back() == '.')
        number.pop_back();
    for (auto place = static_cast<std::ptrdiff_t>(std::min(number.find('.'), number.size())) - 3; place > 0; place -= 3)
        number.insert(static_cast<std::size_t>(place), ",");
    return number + (unit.empty() || unit == "×" ? "" : " ") + unit;
}

void write_markdown(std::ostream& out, const std::vector<Row>& rows)
{
    out << "| figure | at least | aim | measured | verdict | medians |\n|---|---|---|---|---|---|\n";
    for (const Row& row : rows)
        out << "| " << key(row) << " | " << (row.bar ? bar_in_words(row, row.bar->at_least) : "") << " | "
            << (row.bar && std::isfinite(row.bar->aim) ? bar_in_words(row, row.bar->aim) : "") << " | "
            << in_words(row.measured, row.unit) << " | " << verdict(row) << " | " << row.medians << " |\n";
}

std::string to_json(const std::vector<Row>& rows)
{
    std::map<std::string, const Row*> worst;
    for (const Row& row : rows) {
        const Row*& so_far = worst[row.figure];
        if (row.bar && (!so_far || margin(row) < margin(*so_far)))
            so_far = &row;
    }
    std::string text = "{";
    const auto add = [&](const std::string& name, const Row& row) {
        text += (text.size() > 1 ? ", \"" : "\"") + name + "\": " + json_value(row);
    };
    for (const Row& row : rows) {
        if (worst[row.figure] && row.figure != "N")
            add(row.figure, *worst[row.figure]);
        worst[row.figure] = nullptr; // so that it appears only once
        if (!row.part.empty())
            add(key(row), row);
    }
    return text + "}";
}

} // namespace bench
