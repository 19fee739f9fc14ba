#pragma once
// A comparison with a handwritten pass, and its page.

#include <xgrad/inspect/comparison/compare.hpp>

#include <string>
#include <vector>

namespace xgrad::command
{

/** The name and the formula of a gradient in a handwritten pass. */
struct Row
{
    std::string layer, of; ///< "C3", "u"
    std::string formula;   ///< "H-C1.1"
};

struct Report
{
    std::string title;   ///< "xgrad compare lenet5"
    std::string about;   ///< the options, samples and data
    std::string planted; ///< the mistake, if there is one
    std::string note;    ///< a remark on rows that look odd
    std::string times;   ///< the times of both passes
    std::string verdict; ///< "all 23 rows agree"
    std::vector<Row> rows;
    Comparison comparison; ///< a tensor for each row
};

/** The page of the comparison, with the formulas. */
std::string html_page(const Report& report);

} // namespace xgrad::command
