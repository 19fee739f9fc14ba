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

  private:
    void share_out(std::size_t begin, std::size_t end, std::size_t first, std::size_t ranks);

    std::vector<std::size_t, PooledAllocator<std::size_t>> begins_; // one more than ranks
};

} // namespace xgrad::detail
