#pragma once
// A comparison as one HTML page.

#include "handwritten.hpp"
#include <xgrad/inspect/comparison/compare.hpp>

#include <string>
#include <vector>

namespace xgrad::command
{

/** A gradient of a handwritten pass, compared with the automatic one. */
struct Row
{
    std::string layer, of; ///< "C3", "u"
    std::string formula;   ///< "H-C1.1"
    TensorComparison tensor;
    Array<double> value; ///< the value that the gradient belongs to: a weight, a feature map
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

    bool agrees() const;
};

/** The self-contained page: each automatic gradient, the handwritten one and their difference as heat maps, and the
 *  kernels and feature maps. */
std::string html_page(const Report& report);

} // namespace xgrad::command
