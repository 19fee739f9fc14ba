#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace bench
{

/** What is asked of a figure. */
struct Bar
{
    double at_least, aim;
    bool more_is_better;
};
inline Bar above(double at_least, double aim) { return {at_least, aim, true}; }
inline Bar below(double at_least, double aim) { return {at_least, aim, false}; }

/** A measured figure: "P1", "batch 64", 4.2, "×". */
struct Row
{
    std::string figure, part;
    double measured;
    std::string unit; // "yes" for what is so (1) or not (0)
    std::optional<Bar> bar;
    std::string medians; // what was measured, in words
};

/** How many times better than its bar, or 0 without one. */
double margin(const Row& row);

/** A number with three figures and its unit. */
std::string in_words(double value, const std::string& unit);

void write_markdown(std::ostream& out, const std::vector<Row>& rows);
/** One line: every row, and for each figure the row that is worst by its bar. */
std::string to_json(const std::vector<Row>& rows);

} // namespace bench
