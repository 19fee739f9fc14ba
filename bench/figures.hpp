#pragma once

#include "comparison.hpp"
#include "table.hpp"

namespace bench
{

/** What the command line gives. */
struct Surroundings
{
    std::string compile; ///< a command that compiles a user's file
    std::string library; ///< the stripped library
};

/** A figure of docs/performance.md and how it is measured. */
struct Figure
{
    const char* name;
    const char* what;
    std::vector<Row> (*measure)(Comparison& by, const Surroundings& surroundings);
};

const std::vector<Figure>& figures();

} // namespace bench
