#pragma once

#include <xgrad/base/memory.hpp>

#include <cstddef>
#include <vector>

namespace xgrad::detail
{

/** Two ranks meet that are in the left and in the right subtree of a sum. Each has the blocks begin … end − 1 of its
 * own half. They add them: the left rank those before the middle, the right rank the others. */
struct Meeting
{
    std::size_t left, right; ///< ranks
    std::size_t begin, middle, end;
    bool adds; ///< true if both have a sum; else the right rank is idle, and the middle is the end
};

/** The leaves of a binary tree, shared out among ranks: each gets one whole subtree.
 *
 *  A tree of n leaves splits at the largest power of 2 below n. A subtree's ranks are split in proportion to its
 *  leaves. Ranks beyond the number of leaves get none. */
class Shares
{
  public:
    Shares(std::size_t leaves, std::size_t ranks);

    /** The first leaf of a rank; that of the next rank is the end of its leaves. */
    std::size_t begin(std::size_t rank) const { return begins_[rank]; }
    std::size_t end(std::size_t rank) const { return begins_[rank + 1]; }
    /** Returns whether a rank has no leaf. */
    bool is_idle(std::size_t rank) const { return begin(rank) == end(rank); }

    using Meetings = std::vector<Meeting, PooledAllocator<Meeting>>;
    /** The meetings of a rank, in the order in which they add up numbers that are cut into blocks. Afterwards one rank
     *  has the whole sum of a block. If the ranks then meet in the opposite order, they can give the sums to all.
     *
     *  If R is a power of 2 that divides the leaves, each rank adds 1/2 + 1/4 + … + 1/R of all blocks (recursive
     *  halving: Thakur, Rabenseifner and Gropp, "Optimization of collective communication operations in MPICH", 2005).
     *  All ranks have their meetings in one order, so none waits for another one in a circle.
     *  @param blocks  1 or more */
    Meetings meetings(std::size_t rank, std::size_t blocks) const;

  private:
    void share_out(std::size_t begin, std::size_t end, std::size_t first, std::size_t ranks);

    std::vector<std::size_t, PooledAllocator<std::size_t>> begins_; // one more than ranks
};

} // namespace xgrad::detail
