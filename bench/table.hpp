#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace bench
{

/** The requirement for a figure. */
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
    std::string unit; // "yes" for a figure that is 1 (yes) or 0 (no)
    std::optional<Bar> bar;
    std::string medians; // the medians that were measured, in words
};

/** The factor by which a row is better than its bar; 0 without a bar. */
double margin(const Row& row);

/** A number with three figures and its unit. */
std::string in_words(double value, const std::string& unit);

void write_markdown(std::ostream& out, const std::vector<Row>& rows);
/** The results as one line of JSON: every row, and for each figure the row that is worst by its bar. */
std::string to_json(const std::vector<Row>& rows);

} // namespace bench
