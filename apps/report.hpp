#pragma once
// A comparison as one HTML page.

#include "handwritten.hpp"
#include <xgrad/inspect/comparison/compare.hpp>

#include <string>
#include <vector>

namespace xgrad::command
{

/** A gradient of a handwritten pass, held against the automatic one. */
struct Row
{
    std::string layer, of; ///< "C3", "u"
    std::string formula;   ///< "H-C1.1"
    TensorComparison tensor;
    Array<double> value; ///< of what the gradient is with respect to: a weight, a feature map
};

struct Report
{
    std::string title;   ///< "xgrad compare lenet5"
    std::string about;   ///< options, samples, data
    std::string planted; ///< the mistake, if there is one
    std::string note;    ///< on rows that look odd
    std::string times;   ///< of both
    std::string verdict; ///< "all 23 rows agree"
    std::vector<Row> rows;

    bool agrees() const;
};

/** "(0,1,4,4)" of a flat index. */
std::string index_text(std::size_t flat, const Shape& shape);

/** The page: self-contained, with each gradient, its handwritten twin and their difference as heat maps, and the
 * kernels and feature maps. */
std::string html_page(const Report& report);

} // namespace xgrad::command
