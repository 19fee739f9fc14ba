#pragma once
// The search for wrong rules, and for missing paths, that explain how gradients differ.

#include <xgrad/inspect/comparison/rows.hpp>
#include <xgrad/inspect/comparison/trials.hpp>
#include <xgrad/inspect/comparison/wording.hpp>

#include <string>
#include <vector>

namespace xgrad::detail
{

/** A mistake that explains some of the rows that are open, and contradicts none that is fixed. */
struct Finding
{
    Trial trial = {};
    std::string words = {};
    const char* section = "";
    std::string what = {}; ///< the name of one of several similar mistakes
    std::size_t rank = 0;  ///< the place in the table of usual mistakes
    bool general = false;
    std::vector<std::size_t> explained = {};
    bool touches = false;     ///< it changes rows that are open, but does not explain them
    std::size_t evidence = 0; ///< the number of elements that differ and are explained
    bool is_path = false;     ///< a path counts `factor` times
    double factor = 0;
    bool is_whole = false; ///< the whole gradients of the rows that it explains come along the path
};

/** The mistakes that explain all open rows, if there are any; else those that explain some. */
std::vector<Finding> find_mistakes(const Trials& trials, const Wording& wording, const Rows& rows, const Taken& taken,
                                   Budget& budget);

/** The first two paths that explain all open rows if both are missing. */
std::vector<Finding> find_two_paths(const Trials& trials, const Wording& wording, const Rows& rows, const Taken& taken,
                                    Budget& budget);

/** Paths in words: those that are parts of one chain become one. */
std::vector<Finding> as_chains(std::vector<Finding> paths, const Trials& trials, const Wording& wording);

} // namespace xgrad::detail
