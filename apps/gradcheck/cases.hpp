#pragma once

#include <xgrad/inspect/check.hpp>

#include <string>
#include <vector>

namespace xgrad::test
{

/** A gradient check of one op at one point. `xgrad gradcheck` and the tests run all of them. */
struct GradientCase
{
    std::string op;      ///< the name that `xgrad gradcheck OP` takes
    std::string variant; ///< shapes and options, for the report
    std::vector<Array<double>> inputs;
    CheckedFunction function;
};

/** Every op over a sweep of shapes and options. A new op adds its line to the file of its family. */
std::vector<GradientCase> gradient_cases();

} // namespace xgrad::test
