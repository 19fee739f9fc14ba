#pragma once

#include <xgrad/base/ranks.hpp>
#include <xgrad/models/data/dataset.hpp>

#include <functional>

namespace xgrad
{

/** Loads a data set once on each machine. The ranks there share its memory, which stays until the program ends.
 *  @param ranks  null: this process loads it for itself
 *  @param load   called on the first rank of each machine, and where memory cannot be shared
 *  @throws what `load` throws, on the other ranks RankError; Error if machines have different data */
Dataset load_once(Ranks* ranks, const std::function<Dataset()>& load);

} // namespace xgrad
