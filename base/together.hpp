#pragma once
// What ranks do together outside of a sum. Each of them makes the same calls in the same order. Null stands for a
// process that is alone.

#include <xgrad/base/ranks.hpp>
#include <xgrad/base/workers.hpp>

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace xgrad::detail
{

/** Calls f on each rank, and waits for all. Throws on all if f threw on any: that rank what it caught, the others
 *  RankError. */
void together(Ranks* ranks, FunctionRef<void()> f);

/** The same, f on rank 0 only. */
void on_first(Ranks* ranks, FunctionRef<void()> f);

/** A text that rank 0 makes, on all ranks. Throws as `together` does. */
std::string from_first(Ranks* ranks, FunctionRef<std::string()> make);

/** The texts of all ranks, on each of them. */
std::vector<std::string> texts_of_all(Ranks& ranks, const std::string& own);

/** Adds up numbers over the ranks. The sum does not depend on the number of ranks if each number is 0 on all ranks but
 *  one, or whole. */
void add_up(Ranks* ranks, std::span<double> numbers);

/** Checks that all ranks have the same entries.
 *  @throws Error on rank 0 that names the first entry that differs with both ranks, RankError on the others */
void agree(Ranks& ranks, const std::map<std::string, std::string>& entries);

/** The ranks on the machine of a rank. */
struct Machine
{
    std::size_t first = 0, count = 1; ///< the lowest rank there, and the number of ranks
    std::size_t index = 0;            ///< the number of this rank among them, from 0
};

Machine machine_of(Ranks& ranks);

} // namespace xgrad::detail
