#pragma once

#include "family.hpp"

#include <set>
#include <string>

namespace agree
{

/** The largest relative differences of one configuration that have no reason. */
struct Worst
{
    double values = 0, gradients = 0, second = 0;

    void include(const Worst& other);
};

/** The result of one configuration. */
struct Outcome
{
    Worst worst;
    bool has_second = false;       ///< false if libtorch has no second derivatives there, or none are asked for
    bool both_refused = false;     ///< both libraries throw
    std::string difference;        ///< the first difference above the bound that has no reason, in words
    std::set<std::string> reasons; ///< the reasons of other differences
    std::string text;              ///< all that was drawn, in words
};

/** Draws one configuration, computes it by both libraries and compares. */
Outcome run(const Family& family, std::uint64_t seed, std::uint64_t index);

} // namespace agree
