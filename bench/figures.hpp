#pragma once

#include "comparison.hpp"
#include "table.hpp"

namespace bench
{

/** The values from the command line. */
struct Surroundings
{
    std::string compile; ///< a command that compiles a user's file
    std::string library; ///< the stripped library
};

/** A figure of docs/performance.md, with the function that measures it. */
struct Figure
{
    const char* name;
    const char* what;
    std::vector<Row> (*measure)(Comparison& by, const Surroundings& surroundings);
};

const std::vector<Figure>& figures();
/** A figure that is measured on demand, as other libraries have to be installed. */
const Figure& peers();

} // namespace bench
