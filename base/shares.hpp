#pragma once

#include <xgrad/base/memory.hpp>

#include <cstddef>
#include <vector>

namespace xgrad::detail
{

/** The leaves of a binary tree, shared out among ranks: each gets one whole subtree. Then one partial sum of each rank
 *  but the first has to be sent.
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
    /** The rank that has a leaf. */
    std::size_t owner(std::size_t leaf) const;
    /** Returns whether a rank has no leaf. The ranks after one that has leaves may be such ones. */
    bool is_idle(std::size_t rank) const { return begin(rank) == end(rank); }

    /** The messages of a rank, so that those of all lead to rank 0 along the tree: it calls hear(from) for each rank
     *  that has the right half of a sum whose left half this rank has, lowest sum first, and then tell(to). An idle
     *  rank tells the one before it. */
    template <class Hear, class Tell>
    void join(std::size_t rank, Hear hear, Tell tell) const
    {
        if (rank + 2 < begins_.size() && is_idle(rank + 1))
            hear(rank + 1);
        if (is_idle(rank))
            return tell(rank - 1);
        const std::size_t first = begin(rank), leaves = begins_.back(), lowest_bit = first & (~first + 1);
        for (std::size_t distance = 1; distance < leaves && (first & distance) == 0; distance *= 2)
            if (const std::size_t right = first + distance; right >= end(rank) && right < leaves)
                hear(owner(right));
        if (rank > 0)
            tell(owner(first - lowest_bit));
    }

  private:
    void share_out(std::size_t begin, std::size_t end, std::size_t first, std::size_t ranks);

    std::vector<std::size_t, PooledAllocator<std::size_t>> begins_; // one more than ranks
};

} // namespace xgrad::detail
